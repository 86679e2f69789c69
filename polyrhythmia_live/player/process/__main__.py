"""What the supervisor runs: `python -m polyrhythmia_live.player.process PIPE LEDGER`."""

from polyrhythmia_live.player.process import main

main()
