import os
import signal
import subprocess
import sys
from multiprocessing import Pipe

import pytest

from polyrhythmia_live.system.pipes import WAITING_BYTES, StallableOutput, send_if_room

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


STUCK = """
import atexit, ctypes, sys, threading
from multiprocessing.connection import Connection
from polyrhythmia_live.system.pipes import end_without

def get_stuck():
    ctypes.PyDLL(None).pause()  # for ever, and with the interpreter lock

hung_up = threading.Event()
end_without(Connection(int(sys.argv[1])), 0.2, hung_up.set)
hung_up.wait()
{how}
"""


@pytest.mark.parametrize("how", ["get_stuck()", "atexit.register(get_stuck)"])
def test_a_process_that_nobody_holds_any_more_ends_whatever_it_is_stuck_in(how: str) -> None:
    ours, theirs = Pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK.format(how=how), str(theirs.fileno())],
        pass_fds=(theirs.fileno(),),
    )
    theirs.close()
    ours.close()
    try:
        assert process.wait(timeout=20) == -signal.SIGALRM
    finally:
        process.kill()
        process.wait()


def test_output_that_nobody_reads_is_not_waited_for_and_goes_on_where_it_stopped() -> None:
    read, write = os.pipe()
    output = StallableOutput(write)
    lines = [b"%d\n" % number for number in range(100_000)]
    for line in lines:
        output.write(line)
    assert not output.push()
    heard = b""
    while not output.push():
        heard += os.read(read, 1 << 16)
    os.close(write)
    while more := os.read(read, 1 << 16):
        heard += more
    assert heard == b"".join(lines)[: len(heard)]
    assert len(heard) > WAITING_BYTES
    os.close(read)


def test_output_whose_reader_is_gone_is_lost_without_a_word() -> None:
    read, write = os.pipe()
    os.close(read)
    output = StallableOutput(write)
    output.write(b"hello")
    assert output.push()
    output.write(b"hello")
    os.close(write)
