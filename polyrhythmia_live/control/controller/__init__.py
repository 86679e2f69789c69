"""What a performer has in hand: which of its knobs, pads and buttons moves which control."""
