"""What a check says."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from polyrhythmia_live.errors import PolyrhythmiaError

SET_UP = "scripts/setup"

_COMMAND = re.compile(r"`([^`]+)`")


class Verdict(enum.Enum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `mend` says what to do, or is empty."""

    name: str
    verdict: Verdict
    found: str
    mend: str = ""


def complaint(name: str, verdict: Verdict, error: PolyrhythmiaError) -> Check:
    """An error as a check: the commands in it are what mends it."""
    return Check(name, verdict, str(error), ", or ".join(_COMMAND.findall(str(error))))
