"""A wire that could not be opened: it keeps its place and says why it is silent."""

from __future__ import annotations

from polyrhythmia_live.messages import PortCondition, PortState
from polyrhythmia_live.wires.base import PromptWire


class SilentWire(PromptWire):
    """Takes everything, plays nothing. Implements `Wire`; `reason` is for the performer."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.offset_seconds = 0.0
        self.dropped = 0
        self.refused = 0
        self._condition = PortCondition(PortState.FAILED, reason)

    def send(self, message: bytes) -> None:
        """Count it. Threads: dispatcher only. Real-time: yes."""
        self.dropped += 1

    def watch(self) -> bool:
        """Always False: it does not come back. Threads: any. Real-time: yes."""
        return False

    @property
    def condition(self) -> PortCondition:
        """The reason. Threads: any. Real-time: yes."""
        return self._condition

    def close(self) -> None:
        """There is nothing to give back. Threads: any. Real-time: yes."""
