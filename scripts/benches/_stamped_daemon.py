"""`polyrhythmia` as it is, but for the player that it starts: `python -m _stamped_daemon play`."""

import _stamps

from polyrhythmia_live.cli import main
from polyrhythmia_live.supervisor import process as supervisor

supervisor.PLAYER_MODULE = _stamps.PLAYER
main()
