"""How much each sender may ask for: who sends faster is not heard for a while."""

from __future__ import annotations

import math


class Budget:
    """So many a second, and those of one second at once. Threads: one."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._free_seconds = -math.inf
        """When the next one is free to come."""

    def has_room(self, now_seconds: float) -> bool:
        """Whether one more may come now."""
        return self._free_seconds <= now_seconds

    def is_untouched(self, now_seconds: float) -> bool:
        """Whether nothing came for so long that nothing is left to be remembered."""
        return self._free_seconds <= now_seconds - 1.0

    def spend(self, count: int, now_seconds: float) -> None:
        """They have come; more than there was room for is made up for by silence."""
        begun_seconds = max(self._free_seconds, now_seconds - 1.0)
        self._free_seconds = begun_seconds + count / self._per_second


class Budgets:
    """One for each of so many that send at the same time. Threads: one."""

    def __init__(self, most: int, per_second: int) -> None:
        self._most = most
        self._per_second = per_second
        self._of: dict[object, Budget] = {}

    def of(self, sender: object, now_seconds: float) -> Budget | None:
        """The budget of a sender; None where too many others send."""
        found = self._of.get(sender)
        if found is None:
            if len(self._of) >= self._most:
                self._of = {it: budget for it, budget in self._of.items()
                            if not budget.is_untouched(now_seconds)}  # fmt: skip
            if len(self._of) >= self._most:
                return None
            found = self._of[sender] = Budget(self._per_second)
        return found
