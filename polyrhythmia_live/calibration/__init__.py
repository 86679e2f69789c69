"""HOW LATE an output sounds: hits are sent, heard and compared. Needs the extra `calibrate`."""
