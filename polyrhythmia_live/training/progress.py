"""Long work tells a callback how far it has come; the command line draws bars of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

ProgressCallback = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is in all.

The thread that does the work calls it: first with 0 done or more, at last with all.
"""

ItemT = TypeVar("ItemT")


def unwatched(doing: str, done: int, in_all: int) -> None:
    """Tells no one."""


def counted(items: Sequence[ItemT], doing: str, progress: ProgressCallback) -> Iterator[ItemT]:
    """The items; `progress` is told before the first, and after each."""
    progress(doing, 0, len(items))
    for done, item in enumerate(items, start=1):
        yield item
        progress(doing, done, len(items))
