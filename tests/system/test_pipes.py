from multiprocessing import Pipe

import pytest

from polyrhythmia_live.system.pipes import send_if_room

NEWS = b"x" * 8192


def test_nobody_waits_for_a_process_that_does_not_read() -> None:
    ours, theirs = Pipe()
    with ours, theirs:
        sent = 0
        while send_if_room(ours, NEWS):
            sent += 1
            assert sent < 1000
        assert sent > 1
        for _ in range(sent):
            assert theirs.recv() == NEWS
        assert send_if_room(ours, NEWS)


def test_a_process_that_is_gone_is_noticed() -> None:
    ours, theirs = Pipe()
    theirs.close()
    with ours, pytest.raises(OSError, match=r"."):
        send_if_room(ours, NEWS)
