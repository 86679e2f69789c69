import itertools
from multiprocessing.connection import Client
from pathlib import Path

from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.messages import Fire, SetLevel
from polyrhythmia_live.player.brain_pipe import BACKLOG_MAX, BrainPipe


def test_of_a_flood_of_knobs_the_last_word_counts(tmp_path: Path) -> None:
    address = str(tmp_path / "player.sock")
    pipe = BrainPipe(address, lambda _: None)
    pipe.start()
    with Client(address, family="AF_UNIX") as brain:
        while not brain.poll(0.01):
            pipe.send(Fire("fill"))
        turns = [SetLevel("density", turn / 30_000) for turn in range(30_000)]
        for turn in turns:  # and the brain hangs meanwhile
            pipe.send(turn)
        assert pipe.dropped > 0
        heard = 0
        while brain.recv() != turns[-1]:
            heard += 1
    pipe.close()
    assert heard < len(turns)


def test_what_is_said_before_a_brain_listens_is_no_burden(tmp_path: Path) -> None:
    pipe = BrainPipe(str(tmp_path / "player.sock"), lambda _: None)
    for _ in range(3 * BACKLOG_MAX):
        pipe.send(Fire("fill"))
    assert pipe.dropped == 2 * BACKLOG_MAX - 1
    pipe.close()


def test_a_knob_keeps_its_hold_through_a_flood(tmp_path: Path) -> None:
    address = str(tmp_path / "player.sock")
    pipe = BrainPipe(address, lambda _: None)
    pipe.start()
    places = [turn / 30_000 for turn in range(30_000)]
    with Client(address, family="AF_UNIX") as brain:
        while not brain.poll(0.01):
            pipe.send(Fire("fill"))
        for before, now in itertools.pairwise(places):  # and the brain hangs meanwhile
            pipe.send(SetLevel("density", now, passing=(before, now)))
        assert pipe.dropped > 0
        stands_at, heard = 0.0, None
        while not isinstance(heard, SetLevel) or heard.value != places[-1]:
            heard = brain.recv()
            if isinstance(heard, SetLevel):
                moved = heard.moved(LEVELS["density"], stands_at)
                assert moved is not None
                stands_at = moved
    pipe.close()
    assert stands_at == places[-1]
