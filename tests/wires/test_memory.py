from polyrhythmia_live.messages import CLOSED, OPEN
from polyrhythmia_live.wires.base import Wire
from polyrhythmia_live.wires.memory import MemoryWire

KICK, KICK_ENDS = b"\x99\x24\x40", b"\x89\x24\x00"


def test_messages_are_kept_with_their_time() -> None:
    ticks = iter((0, 1680))
    memory = MemoryWire(lambda: next(ticks))
    out: Wire = memory
    out.send(KICK)
    out.send(KICK_ENDS)
    assert memory.messages == [(0, KICK), (1680, KICK_ENDS)]


def test_a_note_without_its_end_is_still_sounding() -> None:
    memory = MemoryWire(lambda: 0.0)
    memory.send(KICK)
    memory.send(b"\x99\x26\x40")
    memory.send(b"\x99\x26\x00")
    assert memory.sounding() == {(9, 36)}
    memory.send(KICK_ENDS)
    assert memory.sounding() == frozenset()


def test_nothing_is_kept_after_close() -> None:
    memory = MemoryWire(lambda: 0.0)
    assert memory.condition == OPEN
    memory.close()
    memory.send(KICK)
    assert (memory.messages, memory.condition, memory.watch()) == ([], CLOSED, False)
    assert memory.dropped == 1
