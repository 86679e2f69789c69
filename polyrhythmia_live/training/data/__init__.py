"""The first floor: recordings become numbers that a network can hear. It needs no TensorFlow.

drum_track (a MIDI file) -> grids -> performance (one file on the grid) -> entry (what is said of
it) -> folder -> dataset -> labels (by measures and references) -> cache -> reading (all of that)

splice, metres, variation (what else people could have played) -> features (what the network reads)
-> windows (batches)
"""
