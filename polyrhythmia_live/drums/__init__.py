"""THE DRUM KIT'S WORDS: lanes and articulations, MIDI maps, written grooves, the count-in."""
