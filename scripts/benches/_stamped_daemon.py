"""`polyrhythmia` as it is, but for the player that it starts: `python -m _stamped_daemon play`."""

import _stamps

from polyrhythmia_live import supervisor
from polyrhythmia_live.cli import main

supervisor.PLAYER_MODULE = _stamps.PLAYER
main()
