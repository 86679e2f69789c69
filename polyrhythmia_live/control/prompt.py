"""A line that the performer types, key by key, while the keys are no commands."""

from __future__ import annotations


class Prompt:
    """Closed until `open` is called, and again after Enter, Escape, or Backspace on nothing.

    Threads: supervisor's main only.
    """

    def __init__(self) -> None:
        self.typed: str | None = None
        """What was typed so far; None = closed."""

    def open(self) -> None:
        self.typed = ""

    def press(self, key: str) -> str | None:
        """One more key, by its name in `keys`; the whole line when it was Enter."""
        typed = self.typed or ""
        if key == "enter":
            self.typed = None
            return typed
        if key == "escape" or (key == "backspace" and not typed):
            self.typed = None
        elif key == "backspace":
            self.typed = typed[:-1]
        elif key == "space":
            self.typed = f"{typed} "
        elif len(key) == 1 and key.isprintable():
            self.typed = typed + key
        return None
