"""Calls into C libraries that may never come back, and how long they are waited for."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TypeVar

T = TypeVar("T")


def patiently(call: Callable[[], T], seconds: float, undo: Callable[[T], object]) -> T:
    """The result of a call that is made in a thread of its own; TimeoutError if it takes too long.

    The call cannot be broken off. If it returns after all, its result is handed to `undo`.
    """
    answer: SimpleQueue[T] = SimpleQueue()
    turn = Lock()
    waiting = True

    def ask() -> None:
        result = call()
        with turn:
            if waiting:
                answer.put(result)
                return
        undo(result)

    Thread(target=ask, name="patience", daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except Empty:
        with turn:
            waiting = False
            if answer.empty():
                raise TimeoutError(f"expected an answer in {seconds} s, got none") from None
        return answer.get()
