"""WHERE the notes go: MIDI ports, the embedded synth, files, memory."""
