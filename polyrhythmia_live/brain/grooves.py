"""The grooves that were remembered by name: tonight's verse, tomorrow too.

A groove is a `SavedSong`: the drummer's state before a bar, its levels and genre, and that bar,
which is the last of its `bars` and began with the step `uncommitted`. Each lies in a file of its
own, `verse-HASH.groove`; the hash is that of network and meters, so that no groove takes the place
of one that only another network or another meter can play. A name may be typed loosely.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from polyrhythmia_live.brain.saved import SavedSong, name_of, pack, unpack
from polyrhythmia_live.errors import PolyrhythmiaError
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.system.runtime import FOLDER_MODE, PRIVATE_MODE

SUFFIX = ".groove"
GROOVES_MAX = 100
HASH_LETTERS = 8

NAMED = 5
"""So many of the latest are named to who asks for one that is not there."""


class GrooveError(PolyrhythmiaError):
    """A groove cannot be remembered, recalled or forgotten: why, in one line."""


class Grooves:
    """The grooves of one network in its meters, by name; the latest remembered is the last.

    Without a `folder` they are kept for tonight only. A disk that is full, or a folder that cannot
    be written, is said (`trouble`) and costs no groove of tonight.
    Threads: one at a time. Real-time: no.
    """

    def __init__(
        self, folder: Path | None, network: str, genres: Sequence[str], meters: MeterMap
    ) -> None:
        self.trouble = ""
        """Why the last groove is not on disk, in one line; empty where it is."""
        self.changed: tuple[str, bytes | None] = ("", None)
        """The name that was remembered or forgotten last, and what it meant before: for
        `put_back`."""
        self._folder = folder
        self._network = network
        self._genres = tuple(genres)
        self._meters = meters
        ours = hashlib.sha256(f"{network} {meters}".encode()).hexdigest()
        self._ending = f"-{ours[:HASH_LETTERS]}{SUFFIX}"
        self._packed: dict[str, bytes] = {}
        self._read_all()

    @property
    def names(self) -> tuple[str, ...]:
        """What can be recalled, the latest remembered last."""
        return tuple(self._packed)

    def remember(self, name: str, groove: SavedSong) -> None:
        """Keep a groove under a name, in the place of the one of that name.

        Raises GrooveError where there are too many.
        """
        name = choice.exactly(name, self._packed) or name
        if name not in self._packed and len(self._packed) >= GROOVES_MAX:
            raise GrooveError(f"{GROOVES_MAX} grooves are remembered: forget one first")
        self.put_back(name, pack(groove, name, self._network, self._meters))

    def recall(self, typed: str) -> tuple[str, SavedSong]:
        """The groove that was remembered under a name, and the name in full; none typed, the last.

        Raises GrooveError for a name that there is none of, or more than one.
        """
        name = self._found(typed)
        try:
            _, groove = unpack(self._packed[name], self._network, self._genres, self._meters)
        except Exception as error:  # a damaged file can fail anywhere between zip and music
            raise GrooveError(f"{name} cannot be read: {error}") from error
        if not groove.bars:
            raise GrooveError(f"{name} cannot be read: it has no bar")
        return name, groove

    def forget(self, typed: str) -> str:
        """Forget the groove of a name, which is given in full. Raises as `recall`."""
        name = self._found(typed)
        self.put_back(name, None)
        return name

    def put_back(self, name: str, packed: bytes | None) -> None:
        """Let a name mean what it meant; None = nothing."""
        self.changed = name, self._packed.pop(name, None)
        if packed is not None:
            self._packed[name] = packed
        self.trouble = ""
        if self._folder is None:
            return
        try:
            self._write(self._file(self._folder, name), packed)
        except OSError as error:
            self.trouble = f"for tonight only: {error.strerror}"

    def new_name(self, genre: str) -> str:
        """A name that nothing is remembered under yet: rock, rock 2, rock 3."""
        names = (genre, *(f"{genre} {number}" for number in range(2, GROOVES_MAX + 2)))
        return next(name for name in names if choice.exactly(name, self._packed) is None)

    def _found(self, typed: str) -> str:
        if not self._packed and not typed:
            raise GrooveError("nothing is remembered yet")
        if not typed:
            return self.names[-1]
        try:
            expected = ", ".join(self.names[-NAMED:]) or "a groove that is remembered"
            return choice.choose(typed, self._packed, expected)
        except ValueError as error:
            raise GrooveError(self._elsewhere(typed) or str(error)) from None

    def _elsewhere(self, typed: str) -> str:
        """What to say of a name that only others can play, empty where there is none such."""
        if self._folder is None:
            return ""
        for file in sorted(self._folder.glob(f"*{SUFFIX}")):
            if file.name.rpartition("-")[0] == choice.key(typed):
                with contextlib.suppress(OSError):
                    return self._refusal(file, typed)
        return ""

    def _refusal(self, file: Path, typed: str) -> str:
        try:
            name_of(file.read_bytes(), self._network, self._meters)
        except OSError:
            raise
        except Exception as error:
            return f"{typed} cannot be played: {error}"
        return ""

    def _read_all(self) -> None:
        """What earlier evenings remembered; a file that cannot be read is left where it is."""
        if self._folder is None:
            return
        found = self._folder.glob(f"*{self._ending}")
        files = [(_moment(file), file) for file in found if file.name.count("-") == 1]  # no draft
        for _, file in sorted(files)[-GROOVES_MAX:]:
            with contextlib.suppress(Exception):
                packed = file.read_bytes()
                self._packed[name_of(packed, self._network, self._meters)] = packed

    def _file(self, folder: Path, name: str) -> Path:
        return folder / f"{choice.key(name)}{self._ending}"

    @staticmethod
    def _write(file: Path, packed: bytes | None) -> None:
        if packed is None:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        with replacing(file) as draft:
            draft.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(draft, flags, PRIVATE_MODE), "wb") as opened:
                opened.write(packed)


def _moment(file: Path) -> float:
    """When a file was written last."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
