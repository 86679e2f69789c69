"""The wires: MIDI systems, port names, input and output ports. The only door to rtmidi."""
