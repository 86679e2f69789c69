from __future__ import annotations

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import LANES, MASKS, VELOCITY_BINS
from polyrhythmia_live.judging.listening import listen
from tests.judging.listeners import BACKBEAT, Indifferent, LaneTeller, candidate, take


def test_every_step_is_foretold_and_every_hit() -> None:
    heard = listen(candidate(Indifferent()), take(BACKBEAT))
    assert heard.logits.shape == (16, MASKS)
    hits = sum(mask.bit_count() for mask in BACKBEAT)
    assert {name: len(logits) for name, logits in heard.details.items()} == {
        "velocity": hits,
        "microtiming": hits,
        "articulation": hits,
    }


def test_the_state_is_carried_through_a_take_and_no_further() -> None:
    network = Indifferent()
    for _ in range(2):
        listen(candidate(network), take(BACKBEAT))
    assert network.states == [*range(16), *range(16)]


def test_hits_are_in_the_order_of_steps_then_lanes() -> None:
    heard = listen(candidate(LaneTeller()), take([0b101, 0, 0b110000000]))
    assert heard.details["velocity"].shape == (4, VELOCITY_BINS)
    assert heard.details["velocity"].argmax(axis=1).tolist() == [0, 2, 7, 8]
    assert np.argwhere(heard.performance.velocities)[:, 1].tolist() == [0, 2, 7, 8]


def test_a_silent_take_has_steps_but_no_hits() -> None:
    heard = listen(candidate(Indifferent(), LANES), take([0] * 32))
    assert len(heard.logits) == 32
    assert all(len(logits) == 0 for logits in heard.details.values())


def test_a_step_remembers_only_whole_bars_before_it_by_the_keys_they_were_given() -> None:
    network = Indifferent()
    listen(candidate(network), take(BACKBEAT * 3))
    played = [recollection.played.sum() for recollection in network.remembered]
    assert played == [0] * 16 + [1] * 16 + [2] * 16
    last = network.remembered[-1]
    assert last.keys[:2, 0].tolist() == [32, 16]


def test_nothing_that_comes_later_is_heard() -> None:
    shared = 40
    one, other = Indifferent(), Indifferent()
    listen(candidate(one), take(BACKBEAT * 4))
    listen(candidate(other), take((BACKBEAT * 4)[:shared] + [511] * (64 - shared), velocity=100))
    for mine, theirs in zip(one.inputs[: shared + 1], other.inputs[: shared + 1], strict=True):
        assert (mine == theirs).all()
    assert any((one.inputs[step] != other.inputs[step]).any() for step in range(shared + 1, 64))
