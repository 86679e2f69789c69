"""WHAT to play: the trained network, its state, and the take that can be rewound."""
