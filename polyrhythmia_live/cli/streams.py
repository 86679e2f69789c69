"""What is printed: where it cannot be shown or written, the work goes on all the same."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

STANDARD = (0, 1, 2)


@contextlib.contextmanager
def patient_streams() -> Iterator[None]:
    """Let nothing that becomes of standard output or error end what runs within.

    Signs that the other side's character set has not are written as escapes, and what cannot be
    written at all is lost; in the end that is said in a line and by the exit status, but for a
    reader who has had enough (`| head`). A stream that was closed before us stays so, and its
    number goes to nobody else.
    Raises SystemExit, 1, where a write to standard output has failed.
    """
    for number in STANDARD:
        with contextlib.suppress(OSError):
            os.fstat(number)
            continue
        os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    before = sys.stdout, sys.stderr
    output, error = _Output(sys.stdout), _Output(sys.stderr)
    sys.stdout, sys.stderr = output.text, error.text
    try:
        yield
    finally:
        output.flush()
        error.flush()
        sys.stdout, sys.stderr = before
    if output.failure is not None:
        if output.failure.errno != errno.EPIPE and sys.stderr is not None:
            with contextlib.suppress(OSError):
                print(f"polyrhythmia: cannot write: {output.failure.strerror}", file=sys.stderr)
        raise SystemExit(1)


class _Output:
    """A standard stream; `text` is what takes its place, the same where it has no descriptor."""

    def __init__(self, stream: TextIO | None) -> None:
        self.text = stream
        self._raw: _Forgiving | None = None
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(OSError):  # a double's
                self._raw = _Forgiving(stream.fileno())
        if self._raw is not None and stream is not None:
            stream.flush()
            self.text = io.TextIOWrapper(
                io.BufferedWriter(self._raw),
                encoding=stream.encoding,
                errors="backslashreplace",
                line_buffering=True,
            )

    @property
    def failure(self) -> OSError | None:
        return None if self._raw is None else self._raw.failure

    def flush(self) -> None:
        if self._raw is not None and self.text is not None:
            self.text.flush()


class _Forgiving(io.RawIOBase):
    """Bytes to a file descriptor, which stays open; `failure` is the first one of a write."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self.failure: OSError | None = None
        self._fd = fd

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return os.isatty(self._fd)

    def write(self, taken: object, /) -> int:
        view = memoryview(taken)  # type: ignore[arg-type]
        if self.failure is not None:
            return len(view)
        try:
            return os.write(self._fd, view)
        except OSError as error:
            self.failure = error
            return len(view)
