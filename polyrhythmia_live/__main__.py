"""`python -m polyrhythmia_live`."""

from polyrhythmia_live.cli import main

main()
