from multiprocessing.connection import Client
from pathlib import Path

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
