"""Files that are never half written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A draft beside `path`, which takes its place once the block has succeeded.

    A reader finds the old file or the new one, and no draft of a block that failed. Raises OSError
    where it cannot be put there.
    """
    draft = path.with_name(f"unfinished-{path.name}")
    try:
        yield draft
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
