"""Calls into C libraries that may never come back, and how long they are waited for."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")

_NO_START_SERVER = 0x01
JACK_SECONDS = 2.0
"""A JACK server that has not let us in by then stands still: it takes 20 ms, on a busy machine 1 s.
"""


def patiently(call: Callable[[], T], seconds: float, undo: Callable[[T], object]) -> T:
    """What a call gives, made in a thread of its own; TimeoutError where it takes too long.

    It cannot be broken off. Should it come back after all, what it gives is handed to `undo`.
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


def jack_client(jack: Any, name: str) -> int | None:
    """A client of the JACK server, opened through a libjack; None where none runs.

    Raises TimeoutError where a server stands still: it is knocked at for as long as it does.
    """
    client: int | None = patiently(
        lambda: jack.jack_client_open(name.encode(), _NO_START_SERVER, None),
        JACK_SECONDS,
        undo=lambda late: late and jack.jack_client_close(late),
    )
    return client
