"""Files, standard error, long calls, JACK's library: what the system and C libraries need of us."""
