"""How wide a text stands on a terminal: some signs take two columns, and some none."""

from __future__ import annotations

import unicodedata

CUT = "…"


def columns_of(text: str) -> int:
    """The columns that a text takes."""
    return len(text) if text.isascii() else sum(map(_columns_of_sign, text))


def cut_to(text: str, columns: int) -> str:
    """The text, its end cut off visibly where it takes more columns."""
    if columns_of(text) <= columns:
        return text
    while text and columns_of(text) > columns - len(CUT):
        text = text[:-1]
    return text + CUT if columns > 0 else ""


def end_within(text: str, columns: int) -> str:
    """The end of a text, as much of it as takes no more columns."""
    while columns_of(text) > columns:
        text = text[1:]
    return text


def on_one_line(text: str) -> str:
    """The text with a question mark for each sign that would move the cursor."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _columns_of_sign(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
