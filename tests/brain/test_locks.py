"""Locks: lanes that are played as they were, while the rest is played to them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.brain.saved import SavedSong
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Committed,
    Fire,
    Locked,
    Rung,
    SetLevel,
    Unchanged,
)
from polyrhythmia_live.rhythm.bar import Hit, Hits, Step
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.drummers import SEED, DiceDrummer, Memory
from polyrhythmia_live.testing.stub_player import StubPlayer

BAR = 16
HATS = "closed-hat open-hat"
QUIET = ControlState((("rock", 1.0),), fills=0.0)
FILLING = ControlState((("rock", 1.0),), fills=1.0)

Bars = list[tuple[Hits, ...]]


def rolling(controls: ControlState = QUIET, meters: MeterMap | None = None) -> StubPlayer:
    meters = meters or MeterMap()
    player = StubPlayer(Horizon(DiceDrummer(), meters, controls, SEED), meters)
    player.move(0, Transport.ROLLING)
    return player


def ask(player: StubPlayer, name: str, word: str = "") -> Applied | None:
    answer = player.horizon.receive(Fire(name, word=word))
    assert not isinstance(answer, Unchanged)
    return answer


def lanes(word: str) -> set[int]:
    return {LANE[name] for name in word.split()}


def bars(steps: Sequence[Step], word: str) -> Bars:
    """What there is in some lanes, bar by bar."""
    only = [tuple(hit for hit in step.hits if hit.lane in lanes(word)) for step in steps]
    return [tuple(only[first : first + BAR]) for first in range(0, len(only), BAR)]


OTHERS = " ".join(name for name in LANE if name not in HATS.split())


def test_a_locked_lane_is_played_note_for_note_and_the_rest_goes_on() -> None:
    player = rolling()
    player.play(BAR + 5)
    applied = ask(player, "lock", HATS)
    assert applied is not None
    assert applied.step == 2 * BAR
    player.play(8 * BAR - 5)
    _, source, *later = bars(player.sounded, HATS)
    assert later == [source] * 7
    assert len(set(bars(player.sounded, OTHERS))) == 9


def test_until_the_bar_line_everything_is_played_as_it_would_have_been() -> None:
    locked, free = rolling(), rolling()
    for player in (locked, free):
        player.play(BAR + 5)
    ask(locked, "lock", HATS)
    assert locked.play(BAR - 5) == free.play(BAR - 5)


def test_what_sounded_is_locked_and_not_what_was_planned() -> None:
    player = rolling()
    player.play(4)
    ask(player, "lock", "kick")
    player.listen()
    sounded = Step(4, (Hit(0, 77, -33),))
    player.horizon.receive(Committed(DRUMS, player.epoch, sounded, Rung.LAST_BAR, 120.0))
    player.next_step = 5
    player.play(BAR - 5 + BAR)
    assert [hit for hit in player.sounded[-BAR + 4].hits if hit.lane == 0] == [Hit(0, 77, -33)]


def test_unlocked_it_is_the_drummers_again_at_once() -> None:
    player = rolling()
    player.play(5)
    ask(player, "lock")
    player.play(2 * BAR)
    assert player.horizon.locked() == Locked(DRUMS, tuple(LANE))
    applied = ask(player, "unlock")
    assert applied is not None
    assert applied.step == 2 * BAR + 5
    assert player.horizon.locked() == Locked(DRUMS, ())
    player.play(2 * BAR)
    assert len(set(bars(player.sounded[: 4 * BAR], " ".join(LANE)))) >= 3


def test_all_that_is_locked_is_a_loop() -> None:
    player = rolling()
    player.play(BAR)
    ask(player, "lock")
    player.play(6 * BAR)
    assert len(set(bars(player.sounded, " ".join(LANE)))) == 1


def test_these_only_are_drawn_anew_and_all_others_stay() -> None:
    player = rolling()
    player.play(5)
    ask(player, "lock")
    player.play(2 * BAR)
    applied = ask(player, "regenerate", "kick snare")
    assert applied is not None
    assert applied.step == 3 * BAR
    player.play(5 * BAR - 5)
    others = " ".join(name for name in LANE if name not in ("kick", "snare"))
    assert len(set(bars(player.sounded, others))) == 1
    anew = bars(player.sounded, "kick snare")
    assert len(set(anew[:3])) == 1
    assert len(set(anew[2:])) == 5


def test_a_fill_that_is_asked_for_goes_before_a_lock_and_the_drummers_own_do_not() -> None:
    player = rolling(FILLING)
    player.play(5)
    ask(player, "lock")
    player.play(8 * BAR)
    assert len(set(bars(player.sounded[: 8 * BAR], " ".join(LANE)))) == 1
    ask(player, "fill")
    player.play(2 * BAR - 5)
    whole = bars(player.sounded, " ".join(LANE))
    assert whole[8] != whole[0]
    assert whole[9][1:] == whole[0][1:], "it arrives on the one, and then the loop is there again"


def test_a_break_takes_the_lanes_that_it_names() -> None:
    player = rolling()
    player.play(BAR)
    ask(player, "lock", "kick open-hat")
    player.play(BAR)
    ask(player, "break")
    player.play(2 * BAR)
    in_break = player.horizon._drummer.played  # type: ignore[attr-defined]
    assert any(place.forbidden and place.locked == lanes("open-hat") for place in in_break)
    assert not any(place.locked & (place.required | place.forbidden) for place in in_break)


def test_at_a_start_from_the_top_the_lock_holds_from_the_first_step() -> None:
    player = rolling()
    player.play(5)
    ask(player, "lock", HATS)
    player.play(3 * BAR)
    player.listen()
    source = bars(player.sounded[:BAR], HATS)[0]
    player.move(0, Transport.ROLLING, from_top=True)
    played = player.play(2 * BAR)
    assert bars(played, HATS) == [source] * 2


def test_what_was_to_be_locked_is_not_where_the_song_goes_elsewhere_before() -> None:
    player = rolling()
    player.play(BAR + 5)
    ask(player, "lock", HATS)
    player.move(40 * BAR, Transport.ROLLING)
    assert player.horizon.locked() == Locked(DRUMS, ())


def test_nothing_is_locked_while_nothing_plays_or_twice() -> None:
    player = rolling()
    player.play(5)
    assert ask(player, "unlock") is None
    assert ask(player, "lock", "kick") is not None
    assert ask(player, "lock", "kick") is None
    player.move(5, Transport.STOPPED)
    assert ask(player, "lock", "snare") is None


def test_in_a_shorter_bar_the_lock_is_as_long_as_the_bar_and_in_a_longer_one_it_rests() -> None:
    meters = MeterMap(((0, Meter(4, 4)), (2, Meter(3, 4)), (4, Meter(5, 4))))
    player = rolling(meters=meters)
    player.play(BAR + 5)
    ask(player, "lock", "kick")
    player.play(meters.bar_line(6) - BAR - 5)
    kicks = [tuple(hit for hit in step.hits if hit.lane == 0) for step in player.sounded]
    source = kicks[BAR : 2 * BAR]
    three, five = meters.bar_line(2), meters.bar_line(4)
    assert kicks[three : three + 12] == source[:12]
    assert kicks[five : five + 20] == [*source, (), (), (), ()]


def test_the_locks_are_saved_with_the_song_and_hold_after_a_crash() -> None:
    player = rolling()
    player.play(5)
    ask(player, "lock", HATS)
    player.play(3 * BAR - 5)
    saved = player.horizon.save()
    assert set(saved.locks) == set(HATS.split())
    other = rolling()
    horizon: Horizon[Memory] = Horizon(DiceDrummer(), MeterMap(), QUIET, SEED)
    horizon.restore(saved, saved.uncommitted)
    other = StubPlayer(horizon)
    other.move(3 * BAR, Transport.ROLLING)
    assert bars(other.play(2 * BAR), HATS) == [bars(player.sounded, HATS)[0]] * 2


def test_what_was_mixed_anew_is_not_played_twice() -> None:
    player = rolling()
    player.play(BAR)
    memory = player.horizon.save().drummer
    again = Committed(DRUMS, player.epoch, Step(BAR - 2), Rung.PLAN, 120.0, played=(Hit(0, 1),))
    player.horizon.receive(again)
    assert str(player.horizon.save().drummer) == str(memory)


def test_what_the_mix_kept_silent_is_what_the_drummer_goes_on_from() -> None:
    heard, muted = rolling(), rolling()
    for _ in range(3 * BAR):
        heard.play(1)
        muted.listen()
        step, rung = muted.ladder.step(muted.next_step)
        muted.next_step += 1
        muted.sounded.append(step)
        silent = Committed(DRUMS, muted.epoch, Step(step.index), rung, 120.0, played=step.hits)
        muted.horizon.receive(silent)
    assert muted.sounded == heard.sounded


words = st.sets(st.sampled_from(sorted(LANE)), max_size=9).map(" ".join)
asks = st.one_of(
    st.builds(Fire, st.sampled_from(("lock", "unlock")), word=words),
    st.builds(Fire, st.just("regenerate"), word=words.filter(bool)),
    st.builds(SetLevel, st.just("density"), st.floats(0, 1)),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(asks, st.integers(0, 40)), max_size=8))
def test_whatever_is_asked_a_locked_lane_repeats_itself(
    story: list[tuple[Fire | SetLevel, int]],
) -> None:
    player = rolling()
    for command, steps in story:
        player.horizon.receive(command)
        player.play(steps)
    player.play(-player.next_step % BAR + BAR)
    locked = " ".join(player.horizon.locked().lanes)
    before = len(player.sounded)
    player.play(3 * BAR)
    assert len(set(bars(player.sounded[before - BAR :], locked))) == 1


def test_a_saved_song_has_its_locks_in_the_file() -> None:
    from polyrhythmia_live.brain.saved import pack, unpack, unpack_controls

    pattern = ((Hit(0, 100, -5, 0),), (), (Hit(0, 1, 7, 0, 12),))
    song = SavedSong(16, QUIET, {}, None, {"kick": pattern})
    saved = pack(song, "run", "network", MeterMap())
    run, found = unpack(saved, "network", ("rock",), MeterMap())
    assert run == "run"
    assert dict(found.locks) == {"kick": pattern}
    assert unpack_controls(saved, "network", ("rock",), MeterMap()) == QUIET
    assert io.BytesIO(saved).read(2) == b"PK"


@pytest.mark.parametrize("word", ["kick", HATS, " ".join(LANE)])
def test_a_lock_holds_while_the_knobs_are_turned(word: str) -> None:
    player = rolling()
    player.play(5)
    ask(player, "lock", word)
    player.play(BAR)
    for value in (0.0, 1.0, 0.2):
        player.horizon.receive(SetLevel("density", value))
        player.horizon.receive(SetLevel("humanise", value))
        player.play(BAR)
    assert len(set(bars(player.sounded[: 4 * BAR], word))) == 1
