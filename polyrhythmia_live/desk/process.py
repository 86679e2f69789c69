"""The desk process: everything for people and paper, and nothing that music waits for.

Started by the supervisor as `python -m polyrhythmia_live.desk.process PIPE`, a file descriptor; the
first message on the pipe is a `DeskConfig`. It is told what every screen is, and what sounded; what
its clients ask for goes back. It may crash: the next one takes its place, and goes on with the log.
"""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection

from polyrhythmia_live.system.signals import leave_to_the_supervisor

NICENESS = 10
"""Whatever plays comes first, also while the desk is still being loaded."""


def main() -> None:
    """Entry point: the file descriptor of the supervisor's pipe."""
    leave_to_the_supervisor()
    os.nice(NICENESS)
    from polyrhythmia_live.desk.serving import serve

    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()
