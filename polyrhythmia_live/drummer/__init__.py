"""WHAT to play: learned players of any kind, their cards, and the take that can be rewound."""
