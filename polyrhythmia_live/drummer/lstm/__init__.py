"""A drummer that is a recurrent network: encoding, network, state, sampling, strokes."""
