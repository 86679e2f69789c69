"""The player process as it is, but for the stamps: `python -m _stamped_player PIPE LEDGER`."""

import _stamps

_stamps.install()

from polyrhythmia_live.player.process import main  # noqa: E402 - it makes ports

main()
