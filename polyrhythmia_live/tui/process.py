"""The process of the whole terminal: a client of the desk, and no more to it than any other.

`attach --tui` is one; `play --tui` starts one on its terminal, as `python -m
polyrhythmia_live.tui.process SOCKET`, whose exit status is 0 where the performer has left it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from pathlib import Path

from polyrhythmia_live.control.keys import is_in_foreground
from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.desk.watch import Watch
from polyrhythmia_live.errors import NothingPlays, PolyrhythmiaError
from polyrhythmia_live.system.signals import Signals

NICENESS = 10
"""Whatever plays comes first."""

STDIN = 0
COMING = "the whole terminal is coming ..."
GONE = "\r\x1b[K"
"""Back to where the line began, and the line away (ECMA-48: EL)."""


def run(client: DeskClient) -> bool:
    """Show and obey until it is left; False where a signal asked for the end.

    Raises PolyrhythmiaError where it ends otherwise.
    """
    os.nice(NICENESS)
    watch, signals = Watch(client), Signals()
    with signals.heeded():
        with _coming():
            from polyrhythmia_live.tui.app import Whole  # takes a second

            whole = Whole(watch, signals)
        # Of a terminal that has gone away nothing is to be restored, and Textual waits for it.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        whole.run()
    watch.close()
    if whole.fault is not None:
        raise whole.fault
    if whole.return_code:
        raise PolyrhythmiaError("the whole terminal broke: the lines above say why")
    return not signals.ending


@contextlib.contextmanager
def _coming() -> Iterator[None]:
    """Say that it comes, and keep what is typed meanwhile off the screen: it is obeyed then."""
    if not is_in_foreground(STDIN):
        yield
        return
    before = termios.tcgetattr(STDIN)
    tty.setcbreak(STDIN, termios.TCSANOW)
    print(COMING, end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print(GONE, end="", file=sys.stderr, flush=True)
        with contextlib.suppress(termios.error):  # the terminal has gone away
            termios.tcsetattr(STDIN, termios.TCSANOW, before)


def main() -> None:
    """Entry point: the path of the desk's socket."""
    try:
        sys.exit(not run(DeskClient(Path(sys.argv[1]))))
    except NothingPlays:
        sys.exit(1)  # who started it says so
    except PolyrhythmiaError as error:
        sys.exit(f"polyrhythmia: {error}")


if __name__ == "__main__":
    main()
