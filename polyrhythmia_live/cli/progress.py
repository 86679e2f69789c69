"""Bars on stderr for what takes long."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from polyrhythmia_live.training.progress import ProgressCallback


@contextmanager
def progress_bars() -> Iterator[ProgressCallback]:
    """A progress callback that draws a bar for each task, one bar after another."""
    with ExitStack() as shown:
        bar: Any = None  # click's class of bars is private

        def show(doing: str, done: int, in_all: int) -> None:
            nonlocal bar
            if bar is None or bar.label != doing:
                shown.close()
                bar = click.progressbar(length=in_all, label=doing, file=sys.stderr)
                shown.enter_context(bar)
            bar.update(done - bar.pos)
            if done == in_all:
                shown.close()
                bar = None

        yield show
