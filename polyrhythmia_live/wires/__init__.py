"""WHERE the notes go: MIDI ports, the embedded synth, files, memory. A wire knows no drum."""
