"""The web process: serves the page, and leads each one that is open to the desk.

Started by the supervisor as `python -m polyrhythmia_live.web.process PIPE`, a file descriptor; the
first message on the pipe is a `WebConfig`, and there is no other. It may crash or be flooded: what
plays does not notice, and the next one takes its place with the same links.
"""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection

from polyrhythmia_live.system.signals import leave_to_the_supervisor

NICENESS = 10
"""Whatever plays comes first."""


def main() -> None:
    """Entry point: the file descriptor of the supervisor's pipe."""
    leave_to_the_supervisor()
    os.nice(NICENESS)
    from polyrhythmia_live.web.serving import serve

    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()
