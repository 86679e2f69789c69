"""The first floor: recordings become numbers that a network can hear. It needs no TensorFlow.

midi_file (its bytes) -> percussion (which notes are drums) -> drum_track -> parts (cut at odd bars)
-> grids -> performance (one part on the grid) -> entry (a file, and what naming and tables say of
it) -> folder -> dataset -> labels (by measures and references) -> cache -> reading (all of that)
(verdicts: what became of each file) -> picture (what was learnt from)

splice, metres, variation (what else people could have played) -> features (what the network reads)
-> windows (batches)
"""
