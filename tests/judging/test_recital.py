from __future__ import annotations

from pathlib import Path

import pytest

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.judging.recital import Recital, Request
from polyrhythmia_live.testing.drummers import ROCK, ToyNetwork, toy_card

JAZZ = ControlState((("jazz", 1.0),))


@pytest.fixture
def recital(tmp_path: Path) -> Recital:
    toy_card(tmp_path)
    return Recital("toy", network=ToyNetwork(), folder=tmp_path)


def test_every_request_is_a_take_of_its_length_in_their_order(recital: Recital) -> None:
    requests = [Request(ROCK, 120.0, bars, seed) for bars, seed in ((1, 1), (3, 2), (2, 3))]
    assert [len(take) for take in recital.play(requests)] == [16, 48, 32]


def test_the_same_request_is_the_same_take_whatever_was_played_before(recital: Recital) -> None:
    rock, jazz = Request(ROCK, 120.0, 2, 1), Request(JAZZ, 90.0, 2, 1)
    alone = recital.play([rock])
    assert recital.play([jazz, rock, rock])[1:] == alone * 2
    assert recital.play([Request(ROCK, 120.0, 2, 2)]) != alone


def test_the_card_says_who_plays_and_what_can_be_asked_for(recital: Recital) -> None:
    assert recital.name == "toy"
    assert recital.genres[0] == "rock"
    assert recital.due_hits_per_step("jazz", 110.0) == 0.5
    assert recital.due_hits_per_step("jazz", 250.0) == 0.25


def test_progress_is_told_of_every_take(recital: Recital) -> None:
    told: list[tuple[str, int, int]] = []
    requests = [Request(ROCK, 120.0, 1, seed) for seed in range(4)]
    recital.play(requests, lambda *said: told.append(said))
    assert told == [("playing", done, 4) for done in range(5)]
    assert recital.play([]) == []


def test_a_model_that_is_not_there_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no model is called 'nobody'"):
        Recital("nobody", folder=tmp_path)


def test_several_processes_play_what_one_plays() -> None:
    requests = [Request(ROCK, 120.0, 1, seed) for seed in range(3)]
    assert Recital("medium", processes=2).play(requests) == Recital("medium", processes=1).play(
        requests
    )
