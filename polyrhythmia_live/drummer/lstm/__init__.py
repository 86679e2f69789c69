"""A drummer that is a recurrent network: encoding, past, state, runtime, sampling, strokes."""
