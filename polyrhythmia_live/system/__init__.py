"""What the operating system and C libraries need of us: files, standard error, long calls."""
