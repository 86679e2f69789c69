"""What a performer asks of the drummer's memory, as it is heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.brain.horizon import Horizon, confidence_of
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Choose,
    Command,
    Cue,
    Fire,
    NudgeLevel,
    SetLevel,
    Unchanged,
)
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.drummers import FOUR_FOUR, ROCK, SEED, DiceDrummer
from polyrhythmia_live.testing.stub_player import StubPlayer

BAR = FOUR_FOUR.bar_steps
NO_FILLS = ROCK.with_level("fills", 0.0)


def rolling(controls: ControlState = ROCK, meters: MeterMap | None = None) -> StubPlayer:
    meters = meters or MeterMap()
    player = StubPlayer(Horizon(DiceDrummer(), meters, controls, SEED), meters)
    player.move(0, Transport.ROLLING)
    return player


def ask(player: StubPlayer, name: str, word: str = "") -> Applied | Unchanged | None:
    player.listen()
    return player.horizon.receive(Fire(name, word=word))


def holds_from(answer: Applied | Unchanged | None) -> int:
    assert isinstance(answer, Applied), answer
    return answer.step


def why_not(answer: Applied | Unchanged | None) -> str:
    assert isinstance(answer, Unchanged), answer
    return answer.words


def bar(player: StubPlayer, number: int) -> list[Hits]:
    """What sounded in a bar, counted from 0."""
    sounded = {step.index: step.hits for step in player.sounded}
    return [sounded[step] for step in range(number * BAR, (number + 1) * BAR)]


def names(player: StubPlayer) -> list[str]:
    return [cue.name for cue in player.horizon.cues().cues]


# again, back


def test_again_plays_the_bar_that_sounds_once_more_note_for_note() -> None:
    player = rolling()
    player.play(2 * BAR + 5)
    assert holds_from(ask(player, "again")) == 3 * BAR
    player.play(3 * BAR)
    assert bar(player, 3) == bar(player, 2) != bar(player, 4)
    assert len(player.rungs) == player.rungs.count(player.rungs[0])


def test_after_again_the_drummer_goes_on_from_what_sounded() -> None:
    player, other = rolling(), rolling()
    for each in (player, other):
        each.play(BAR + 3)
    ask(player, "again")
    for each in (player, other):
        each.play(2 * BAR)
    heard, unheard = (
        DiceDrummer().recall(it.horizon.save().drummer).checksum for it in (player, other)
    )
    assert heard != unheard


def test_again_and_again_is_twice_more() -> None:
    player = rolling()
    player.play(BAR + 5)
    assert [holds_from(ask(player, "again")) for _ in range(2)] == [2 * BAR, 3 * BAR]
    player.play(4 * BAR)
    assert bar(player, 1) == bar(player, 2) == bar(player, 3) != bar(player, 4)


def test_what_comes_again_is_shown_until_it_is_over() -> None:
    player = rolling()
    player.play(BAR + 5)
    ask(player, "again")
    assert player.horizon.cues().cues == (Cue("again", 2 * BAR, 3 * BAR),)
    player.play(2 * BAR)
    assert player.horizon.cues().cues == ()


@pytest.mark.parametrize("bars", range(1, 9))
def test_back_brings_the_bar_of_so_many_bars_ago(bars: int) -> None:
    player = rolling()
    player.play(9 * BAR + 7)
    assert holds_from(ask(player, "back", str(bars))) == 10 * BAR
    player.play(3 * BAR)
    assert bar(player, 10) == bar(player, 9 - bars) != bar(player, 11)


def test_back_pressed_again_goes_one_bar_further_back() -> None:
    player = rolling()
    player.play(5 * BAR + 2)
    for _ in range(3):
        ask(player, "back")
    assert names(player) == ["back 3"]
    player.play(2 * BAR)
    assert bar(player, 6) == bar(player, 2)


def test_nobody_can_go_back_to_before_the_song() -> None:
    player = rolling()
    player.play(2 * BAR + 2)
    assert why_not(ask(player, "back", "3")) == "back 3: so far back no whole bar has sounded"
    assert why_not(ask(rolling(), "again")) == "again: no whole bar has sounded yet"


def test_on_the_last_sixteenth_of_a_bar_that_bar_still_is_the_one_that_sounds() -> None:
    player = rolling()
    player.play(3 * BAR)
    assert holds_from(ask(player, "again")) == 3 * BAR
    player.play(BAR)
    assert bar(player, 3) == bar(player, 2)
    assert holds_from(ask(player, "back")) == 4 * BAR
    player.play(BAR)
    assert bar(player, 4) == bar(player, 2)


def test_a_bar_that_comes_again_has_no_fill_of_the_drummers_own() -> None:
    player = rolling(ROCK.with_level("fills", 1.0))
    player.play(2 * BAR + 5)
    ask(player, "again")  # in the fourth bar, where it would fill
    player.play(3 * BAR)
    assert bar(player, 3) == bar(player, 2)


@pytest.mark.parametrize("name", ["again", "back", "keep", "go on", "veto"])
def test_a_song_that_stands_is_asked_for_no_bar(name: str) -> None:
    player = rolling()
    player.play(2 * BAR)
    player.move(2 * BAR, Transport.STOPPED)
    assert why_not(ask(player, name)) == f"{name}: nothing plays"


# keep


def test_a_bar_that_is_kept_comes_until_it_is_released() -> None:
    player = rolling()
    player.play(BAR + 9)
    assert holds_from(ask(player, "keep")) == 2 * BAR
    player.play(12 * BAR)
    assert all(bar(player, number) == bar(player, 1) for number in range(2, 13))
    assert holds_from(ask(player, "keep")) == 14 * BAR
    player.play(2 * BAR)
    assert bar(player, 13) == bar(player, 1) != bar(player, 14)
    assert names(player) == []


def test_go_on_releases_it_too_and_means_nothing_where_nothing_is_kept() -> None:
    player = rolling()
    player.play(BAR + 9)
    ask(player, "keep")
    player.play(BAR)
    assert holds_from(ask(player, "go on")) == 3 * BAR
    player.play(2 * BAR)
    assert bar(player, 3) != bar(player, 1)
    assert why_not(ask(player, "go on")) == "go on: nothing is kept, and nothing to come again"


def test_a_fill_is_played_in_a_kept_bar_which_then_returns() -> None:
    player = rolling()
    player.play(BAR + 4)
    ask(player, "keep")
    player.play(BAR + 4)
    ask(player, "fill")
    player.play(3 * BAR)
    kept, filled = bar(player, 1), bar(player, 2)
    assert filled[:8] == kept[:8]
    assert filled[8:] != kept[8:]
    assert bar(player, 3)[1:] == kept[1:], "but for the crash on one"


def test_a_crash_is_struck_in_a_kept_bar() -> None:
    drummer = DiceDrummer()
    player = StubPlayer(Horizon(drummer, MeterMap(), NO_FILLS, SEED))
    player.move(0, Transport.ROLLING)
    player.play(BAR + 4)
    ask(player, "keep")
    player.play(BAR + 2)
    drummer.played.clear()
    ask(player, "crash")
    player.play(BAR)
    assert {LANE["crash"], LANE["kick"]} in [place.required for place in drummer.played]
    assert bar(player, 2)[9:] == bar(player, 1)[9:]


def test_levels_do_not_change_a_kept_bar_but_silence_is_silence() -> None:
    player = rolling()
    player.play(BAR + 4)
    ask(player, "keep")
    player.play(BAR)
    player.horizon.receive(SetLevel("intensity", 1.0))
    player.play(BAR)
    assert bar(player, 2) == bar(player, 1)
    player.horizon.receive(SetLevel("density", 0.0))
    player.play(BAR)
    assert not any(bar(player, 3)[4:])


def test_a_kept_bar_gives_way_to_another_genre() -> None:
    player = rolling()
    player.play(BAR + 4)
    ask(player, "keep")
    player.play(BAR)
    player.horizon.receive(Choose("genre", 1))
    player.play(3 * BAR)
    assert bar(player, 3) != bar(player, 1)
    assert names(player) == []


def test_stop_and_continue_and_start_keep_a_kept_bar() -> None:
    player = rolling()
    player.play(BAR + 4)
    ask(player, "keep")
    player.play(2 * BAR)
    here = player.next_step
    player.move(here, Transport.STOPPED)
    player.listen()
    player.move(here, Transport.ROLLING)
    player.play(BAR)
    assert bar(player, 2) == bar(player, 1) == bar(player, 3)
    kept = bar(player, 1)
    player.move(player.next_step, Transport.STOPPED)
    player.listen()
    player.move(0, Transport.ROLLING, from_top=True)
    assert [step.hits for step in player.play(2 * BAR)] == 2 * kept
    player.move(1024, Transport.ROLLING)
    assert [step.hits for step in player.play(BAR)] == kept


def test_in_another_meter_the_drummer_plays_its_own() -> None:
    meters = MeterMap(((0, FOUR_FOUR), (3, Meter(7, 8)), (4, FOUR_FOUR)))
    player = rolling(meters=meters)
    player.play(BAR + 4)
    ask(player, "keep")
    player.play(3 * BAR)
    sounded = [step.hits for step in player.play(14 + BAR)]
    assert set(player.rungs) == {player.rungs[0]}
    assert bar(player, 1) == bar(player, 2)
    assert sounded


@settings(max_examples=10)
@given(at=st.integers(BAR, 4 * BAR), later=st.integers(0, 3 * BAR))
def test_a_brain_that_is_lost_while_a_bar_is_kept_goes_on_keeping(at: int, later: int) -> None:
    player = rolling()
    player.play(at)
    ask(player, "keep")
    player.play(later)
    saved = player.horizon.save()
    restored = Horizon(DiceDrummer(), MeterMap(), saved.controls, SEED)
    restored.restore(saved, saved.uncommitted)
    successor = StubPlayer(restored)
    player.play(3)  # the player plays on meanwhile
    successor.move(at + later + 3, Transport.ROLLING)
    line = MeterMap().first_bar_line_from(at + later + 3)
    successor.play(line - successor.next_step)
    kept = bar(player, (at - 1) // BAR) if later >= BAR else None
    one, other = (successor.play(BAR) for _ in range(2))
    assert [step.hits for step in one] == [step.hits for step in other]
    assert kept in (None, [step.hits for step in one])
    assert names(successor) == ["keep"]


def test_a_bar_of_another_meter_is_not_given_back() -> None:
    player = rolling(meters=MeterMap(((0, FOUR_FOUR), (3, Meter(7, 8)))))
    player.play(2 * BAR + 4)
    assert why_not(ask(player, "again")) == "again: that bar is in 4/4, and the next one in 7/8"


# fork, veto


def test_a_fork_goes_on_otherwise_from_the_next_step() -> None:
    player, planned = rolling(), rolling()
    for each in (player, planned):
        each.play(BAR + 5)
    assert holds_from(ask(player, "fork")) == BAR + 5
    for each in (player, planned):
        each.play(BAR)
    ours, theirs = ([step.hits for step in it.sounded] for it in (player, planned))
    assert ours[: BAR + 5] == theirs[: BAR + 5]
    assert ours[BAR + 5 :] != theirs[BAR + 5 :]


def test_a_veto_puts_another_bar_in_the_place_of_the_next_one() -> None:
    player = rolling()
    player.play(BAR + 5)
    seen = []
    for _ in range(4):
        player.listen()
        seen.append([step.hits for step in player.horizon.outlook().coming])
        assert holds_from(ask(player, "veto")) == 2 * BAR
    player.play(2 * BAR)
    assert all(it not in seen[:number] for number, it in enumerate(seen))
    assert bar(player, 2) not in seen


def test_a_veto_of_a_kept_bar_is_for_that_bar_alone() -> None:
    player = rolling()
    player.play(BAR + 5)
    ask(player, "keep")
    ask(player, "veto")
    player.play(3 * BAR)
    assert bar(player, 2) != bar(player, 1) == bar(player, 3)


def test_where_no_other_bar_can_come_a_veto_says_so() -> None:
    player = rolling(ROCK.with_level("density", 0.0))
    player.play(BAR + 5)
    assert why_not(ask(player, "veto")) == "veto: the drummer has no other bar"
    player.play(BAR)


# undo


def level(player: StubPlayer, name: str) -> float:
    value: float = getattr(player.horizon.controls, name)
    return value


def test_undo_takes_a_turned_level_back_the_whole_gesture_at_once() -> None:
    player = rolling()
    player.play(BAR)
    for at_seconds, value in ((10.0, 0.6), (10.1, 0.7), (20.0, 0.9)):
        player.horizon.receive(SetLevel("density", value, at_seconds))
    answer = ask(player, "undo")
    assert isinstance(answer, Applied)
    assert (answer.words, level(player, "density")) == ("undone: density 70% again", 0.7)
    ask(player, "undo")
    assert level(player, "density") == ROCK.density
    assert why_not(ask(player, "undo")) == "undo: nothing to take back"


def test_undo_takes_back_what_has_not_sounded() -> None:
    plain, player = rolling(), rolling()
    for each in (plain, player):
        each.play(BAR + 5)
    for name in ("fill", "crash", "again", "keep", "veto", "break"):
        ask(player, name)
    for name in ("break", "veto", "keep", "again", "crash", "fill"):
        answer = ask(player, "undo")
        assert isinstance(answer, Applied)
        assert answer.words == f"undone: {name}"
    for each in (plain, player):
        each.play(3 * BAR)
    assert [step.hits for step in player.sounded] == [step.hits for step in plain.sounded]


def test_a_cue_is_taken_back_by_its_name_whatever_was_asked_for_since() -> None:
    plain, player = rolling(), rolling()
    for each in (plain, player):
        each.play(BAR + 5)
    ask(player, "break")
    for each in (plain, player):
        ask(each, "crash")
    answer = ask(player, "undo", "break")
    assert isinstance(answer, Applied)
    assert answer.words == "undone: break"
    assert why_not(ask(player, "undo", "break")) == "undo: no break is to come"
    for each in (plain, player):
        ask(each, "undo")  # the crash; with it, no break comes back
        each.play(3 * BAR)
    assert [step.hits for step in player.sounded] == [step.hits for step in plain.sounded]


def test_an_intro_that_is_taken_back_takes_its_fill_along() -> None:
    plain, player = rolling(), rolling()
    for each in (plain, player):
        each.play(BAR + 5)
    ask(player, "intro")
    ask(player, "undo", "intro")
    for each in (plain, player):
        each.play(6 * BAR)
    assert [step.hits for step in player.sounded] == [step.hits for step in plain.sounded]


def test_undo_passes_over_a_fill_that_has_sounded() -> None:
    player = rolling()
    player.play(BAR)
    player.horizon.receive(NudgeLevel("density", 1))
    ask(player, "fill")
    player.play(BAR + 1)
    ask(player, "undo")
    assert level(player, "density") == ROCK.density


def test_undo_before_its_line_leaves_the_genre_as_it_was() -> None:
    plain, player = rolling(), rolling()
    for each in (plain, player):
        each.play(BAR + 5)
        each.listen()
    player.horizon.receive(Choose("genre", 1))
    ask(player, "undo")
    for each in (plain, player):
        each.play(2 * BAR)
    assert [step.hits for step in player.sounded] == [step.hits for step in plain.sounded]
    assert player.horizon.controls == ROCK


def test_undo_of_a_genre_that_sounds_brings_the_old_one_at_the_next_line() -> None:
    player = rolling()
    player.play(BAR + 5)
    player.horizon.receive(Choose("genre", 1))
    player.play(2 * BAR)
    assert holds_from(ask(player, "undo")) == 4 * BAR
    assert player.horizon.controls.genre_name == "jazz"
    assert "back to rock" in names(player)
    player.play(BAR)
    assert player.horizon.controls.genre_name == "rock"
    player.play(BAR)
    assert names(player) == []


def test_elsewhere_in_the_song_only_levels_can_be_taken_back() -> None:
    player = rolling()
    player.play(BAR + 5)
    player.horizon.receive(SetLevel("density", 0.9))
    ask(player, "fill")
    player.move(1024, Transport.ROLLING)
    ask(player, "undo")
    assert level(player, "density") == ROCK.density
    assert why_not(ask(player, "undo")) == "undo: nothing to take back"


def obeyed(player: StubPlayer, command: Command, voice: str | None = DRUMS) -> None:
    """The player has obeyed a command, and tells the brain."""
    step = player.next_step
    player.horizon.receive(Applied(command, voice, step + 4 * BAR, step * 6, player.epoch))


@pytest.mark.parametrize(
    ("command", "voice"),
    [
        (Fire("outro", at_seconds=9.0), DRUMS),
        (Fire("end on one", at_seconds=9.0), DRUMS),
        (Fire("half time", at_seconds=9.0), DRUMS),
        (Fire("mute", word="kick", at_seconds=9.0), DRUMS),
        (SetLevel("level", 0.5, at_seconds=9.0), DRUMS),
        (SetLevel("tempo", 90.0, at_seconds=9.0), None),
        (Fire("tap", at_seconds=9.0), None),
        (Fire("stop", at_seconds=9.0), None),
    ],
)
def test_what_the_player_did_is_not_undone_and_nothing_older_in_its_place(
    command: Command, voice: str | None
) -> None:
    player = rolling()
    player.play(BAR)
    player.horizon.receive(SetLevel("density", 0.9, 1.0))
    obeyed(player, command, voice)
    obeyed(player, command, voice)
    assert (
        why_not(ask(player, "undo"))
        == f"undo: {command.name} cannot be taken back; again: what was before it"
    )
    assert level(player, "density") == 0.9
    ask(player, "undo")
    assert level(player, "density") == ROCK.density


@pytest.mark.parametrize(
    ("command", "voice"),
    [(SetLevel("tempo", 90.0), None), (Fire("panic", at_seconds=9.0), DRUMS)],
)
def test_the_set_lists_tempo_and_a_panic_are_nothing_to_take_back(
    command: Command, voice: str | None
) -> None:
    player = rolling()
    player.play(BAR)
    player.horizon.receive(SetLevel("density", 0.9, 1.0))
    obeyed(player, command, voice)
    ask(player, "undo")
    assert level(player, "density") == ROCK.density


def test_a_mixture_of_one_line_is_taken_back_at_once() -> None:
    player = rolling()
    player.play(BAR + 5)
    player.horizon.receive(SetLevel("density", 0.9, 1.0))
    for command in (
        Choose("genre", 1, 9.0), Choose("towards", 0, 9.0), SetLevel("morph", 0.4, 9.0),
    ):  # fmt: skip
        assert isinstance(player.horizon.receive(command), Applied)
    answer = ask(player, "undo")
    assert isinstance(answer, Applied)
    assert answer.words == "undone: rock again"
    assert player.horizon.controls == ROCK.with_level("density", 0.9)


def test_to_undo_the_end_of_keep_is_to_keep() -> None:
    player = rolling()
    player.play(BAR + 5)
    ask(player, "keep")
    player.play(BAR)
    ask(player, "keep")
    answer = ask(player, "undo")
    assert isinstance(answer, Applied)
    assert answer.words == "undone: keep is on again"
    assert "keep" in names(player)


# remember, recall


@pytest.mark.parametrize("at", [BAR + 5, 2 * BAR])
def test_the_first_bar_recalled_is_the_bar_remembered(at: int) -> None:
    player = rolling()
    player.play(at)
    answer = ask(player, "remember", "verse")
    assert isinstance(answer, Applied)
    assert answer.words == "remembered as verse"
    player.play(2 * BAR - at)
    player.horizon.receive(Choose("genre", 1))
    player.horizon.receive(SetLevel("density", 0.9))
    player.play(4 * BAR)
    line = MeterMap().first_bar_line_from(player.next_step)
    assert holds_from(ask(player, "recall", "verse")) == line
    assert "recall verse" in names(player)
    assert player.horizon.controls.genre_name == "jazz", "until its line"
    player.play(3 * BAR)
    assert bar(player, line // BAR) == bar(player, 1)
    assert player.horizon.controls == ROCK


def test_recalled_again_or_now_it_comes_at_once_at_its_place_in_the_bar() -> None:
    for words in ([("recall", "verse"), ("recall", "verse")], [("recall", ""), ("now", "")],
                  [("recall", "verse now")]):  # fmt: skip
        player = rolling()
        player.play(BAR + 5)
        ask(player, "remember", "verse")
        player.play(2 * BAR)
        answers = [ask(player, *each) for each in words]
        assert holds_from(answers[-1]) == 3 * BAR + 5
        player.play(BAR)
        assert bar(player, 3)[5:] == bar(player, 1)[5:]
        assert not {"fill"} & set(names(player))


def test_a_song_that_stands_begins_with_what_is_recalled() -> None:
    player = rolling()
    player.play(BAR + 5)
    ask(player, "remember", "verse")
    player.play(BAR)
    player.horizon.receive(Choose("genre", 1))
    player.play(3 * BAR)
    player.move(player.next_step, Transport.STOPPED)
    ask(player, "recall", "verse")
    assert player.horizon.controls == ROCK
    player.listen()
    player.move(0, Transport.ROLLING, from_top=True)
    assert [step.hits for step in player.play(BAR)] == bar(player, 1)


def test_without_a_name_each_is_remembered_under_another_and_the_latest_recalled() -> None:
    player = rolling()
    player.play(BAR + 5)
    for expected in ("rock", "rock 2"):
        answer = ask(player, "remember")
        assert isinstance(answer, Applied)
        assert answer.words == f"remembered as {expected}"
        player.play(BAR)
    ask(player, "recall")
    assert "recall rock 2" in names(player)
    player.play(2 * BAR)
    assert bar(player, 4) == bar(player, 2)
    assert player.horizon.remembered == ("rock", "rock 2")


def test_what_is_not_remembered_cannot_be_recalled_and_the_line_says_so() -> None:
    player = rolling()
    player.play(BAR + 5)
    assert why_not(ask(player, "recall")) == "recall: nothing is remembered yet"
    ask(player, "remember", "verse")
    assert why_not(ask(player, "recall", "chorus")) == "recall: expected verse; got 'chorus'"
    assert why_not(ask(player, "forget")) == "forget: which? verse"
    ask(player, "forget", "ver")
    assert not player.horizon.remembered
    ask(player, "undo")
    assert list(player.horizon.remembered) == ["verse"]


def test_undo_gives_a_name_its_old_groove_back() -> None:
    player = rolling()
    player.play(BAR + 5)
    ask(player, "remember", "verse")
    player.play(BAR)
    ask(player, "remember", "verse")
    ask(player, "undo")
    ask(player, "recall", "verse")
    player.play(2 * BAR)
    assert bar(player, 3) == bar(player, 1)


def test_a_groove_that_was_remembered_with_energy_comes_back_with_the_same_levels() -> None:
    player = rolling()
    player.play(5)
    player.horizon.receive(SetLevel("energy", 0.9))
    player.play(BAR)
    controls = player.horizon.controls
    for _ in range(2):
        ask(player, "remember", "verse")
        ask(player, "recall", "verse")
        player.play(2 * BAR)
        assert player.horizon.controls == controls


def test_another_genre_takes_the_place_of_a_groove_that_waits() -> None:
    player = rolling()
    player.play(BAR + 5)
    ask(player, "remember", "verse")
    ask(player, "recall", "verse")
    player.horizon.receive(Choose("genre", 1))
    player.play(2 * BAR)
    assert player.horizon.controls.genre_name == "jazz"


# all of it


memory_commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(Fire, st.sampled_from(["again", "keep", "go on", "fork", "veto", "undo", "now"])),
    st.builds(lambda bars: Fire("back", word=bars), st.sampled_from(["", "1", "2", "8"])),
    st.builds(
        lambda name, word: Fire(name, word=word),
        st.sampled_from(["remember", "recall", "forget"]),
        st.sampled_from(["", "verse", "chorus"]),
    ),
    st.builds(Fire, st.sampled_from(["fill", "break", "crash"])),
    st.builds(Choose, st.just("genre"), st.integers(0, 2)),
    st.builds(SetLevel, st.sampled_from(["density", "fills"]), st.floats(0, 1)),
)
moves = st.builds(lambda step, stop: (step, stop), st.integers(0, 80), st.booleans())
performance = st.lists(
    st.tuples(st.one_of(memory_commands, moves), st.integers(0, 30)), max_size=20
)


def played(acts: Sequence[tuple[Any, int]], *, hasty: bool) -> StubPlayer:
    """A performance; a hasty brain is asked while it still plans."""
    player = rolling()
    for act, steps in acts:
        player.listen(1 if hasty else 1000)
        if isinstance(act, tuple):
            step, stop = act
            if stop:
                player.move(player.next_step, Transport.STOPPED)
            player.listen()
            player.move(step, Transport.ROLLING, from_top=step == 0)
        else:
            player.horizon.receive(act)
        player.play(steps)
    player.play(BAR)
    return player


@settings(max_examples=30)
@given(performance)
def test_the_same_commands_at_the_same_steps_give_the_same_notes(
    acts: list[tuple[Any, int]],
) -> None:
    one, other = played(acts, hasty=False), played(acts, hasty=True)
    assert one.sounded == other.sounded
    assert set(one.rungs) == {one.rungs[0]}
    assert one.horizon.controls == other.horizon.controls


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=16))
def test_the_confidence_is_a_share_or_nothing(likelihoods: list[float | None]) -> None:
    confidence = confidence_of(likelihoods)
    if any(each is not None for each in likelihoods):
        assert confidence is not None
        assert 0 <= confidence <= 1
    else:
        assert confidence is None


def test_a_bar_that_is_given_needs_no_confidence() -> None:
    player = rolling()
    player.play(BAR + 5)
    player.listen()
    assert player.horizon.outlook().confidence == 0.5
    ask(player, "keep")
    player.listen()
    assert player.horizon.outlook().confidence is None
