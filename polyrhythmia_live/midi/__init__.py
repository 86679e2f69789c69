"""MIDI: messages, systems, port names, input ports. The only door to rtmidi."""
