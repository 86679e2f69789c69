"""THE DRUM KIT'S WORDS: lanes, hands and feet, pitches, MIDI maps, grooves, the count-in."""
