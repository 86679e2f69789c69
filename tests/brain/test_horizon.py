from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.brain.horizon import FIRST_CHUNK_STEPS, Horizon
from polyrhythmia_live.brain.saved import SavedSong
from polyrhythmia_live.brain.standbys import CHUNK_STEPS
from polyrhythmia_live.control.base import DRUMMER_LEVELS, ControlState
from polyrhythmia_live.drummer.base import Accent, Place
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Choose,
    Command,
    Cue,
    Cues,
    Fire,
    Moved,
    NudgeLevel,
    Plan,
    Rung,
    SetLevel,
    Standby,
    Turn,
)
from polyrhythmia_live.rhythm.bar import Hits, Step
from polyrhythmia_live.rhythm.control import Weights
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.swing import Swing
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.drummers import FOUR_FOUR, ROCK, SEED, DiceDrummer, Memory
from polyrhythmia_live.testing.stub_player import StubPlayer

BAR = FOUR_FOUR.bar_steps
AHEAD = 2 * BAR


def horizon_of(
    drummer: DiceDrummer | None = None, controls: ControlState = ROCK, seed: int = SEED
) -> Horizon[Memory]:
    return Horizon(drummer or DiceDrummer(), MeterMap(), controls, seed)


def rolling(horizon: Horizon[Memory] | None = None) -> StubPlayer:
    player = StubPlayer(horizon or horizon_of())
    player.move(0, Transport.ROLLING)
    return player


def plans(messages: list[Plan | Standby]) -> list[Plan]:
    return [message for message in messages if isinstance(message, Plan)]


def planned(messages: list[Plan | Standby]) -> list[Step]:
    return [step for plan in plans(messages) for step in plan.steps]


def hits(steps: list[Step]) -> list[Hits]:
    return [step.hits for step in steps]


def memory(player: StubPlayer) -> Memory:
    """What the drummer has heard so far, by the song that would be saved now."""
    return DiceDrummer().recall(player.horizon.save().drummer)


def test_the_plan_is_two_bars_ahead_and_without_a_hole() -> None:
    steps = planned(rolling().listen())
    assert [step.index for step in steps] == list(range(AHEAD))


def test_when_all_is_planned_there_is_nothing_to_send() -> None:
    player = rolling()
    player.listen()
    assert player.horizon.next_plan() is None


def test_with_every_step_that_is_played_one_more_is_planned() -> None:
    player = rolling()
    player.listen()
    player.play(1, deaf=True)
    assert [step.index for step in planned(player.listen())] == [AHEAD]


def test_the_first_chunk_is_small_and_the_next_are_larger() -> None:
    sizes = [len(plan.steps) for plan in plans(rolling().listen())]
    assert sizes[:3] == [FIRST_CHUNK_STEPS, CHUNK_STEPS, CHUNK_STEPS]
    assert FIRST_CHUNK_STEPS <= 2


def test_before_the_player_has_spoken_only_a_standby_is_sent() -> None:
    messages = StubPlayer(horizon_of()).listen()
    assert messages
    assert all(isinstance(message, Standby) for message in messages)


def test_everything_is_played_as_planned() -> None:
    player = rolling()
    player.play(5 * BAR)
    assert set(player.rungs) == {Rung.PLAN}


def test_same_seed_and_controls_same_notes_whatever_the_timing() -> None:
    eager, late = rolling(), rolling()
    late.horizon.receive(SetLevel("density", 0.9))
    late.listen(3)
    late.horizon.receive(SetLevel("density", ROCK.density))
    assert hits(eager.play(64)) == hits(late.play(64))
    other = rolling(horizon_of(seed=SEED + 1))
    assert hits(other.play(64)) != hits(eager.sounded)


@pytest.mark.parametrize(
    "change", [*(SetLevel(name, 0.7) for name in DRUMMER_LEVELS), Choose("genre", 1)]
)
def test_a_control_is_heard_at_the_first_uncommitted_step(change: object) -> None:
    touched, untouched = rolling(), rolling()
    for player in (touched, untouched):
        player.play(21)
        player.listen()
    touched.horizon.receive(change)
    first = touched.horizon.next_plan()
    assert isinstance(first, Plan)
    assert [step.index for step in first.steps] == [21, 22]
    touched.ladder.plan(first.steps, touched.next_step)
    assert hits(touched.play(11))[:2] == [step.hits for step in first.steps]
    untouched.play(11)
    assert hits(touched.sounded[:21]) == hits(untouched.sounded[:21])
    assert hits(touched.sounded[21:]) != hits(untouched.sounded[21:])


def test_density_down_to_zero_silences_the_very_next_step() -> None:
    player = rolling()
    player.play(10)
    player.horizon.receive(SetLevel("density", 0.0))
    assert not any(hits(player.play(32)))


def test_a_knob_put_where_it_is_changes_nothing() -> None:
    player = rolling()
    player.listen()
    player.horizon.receive(SetLevel("density", ROCK.density))
    assert player.horizon.next_plan() is None


@pytest.mark.parametrize(
    "nonsense",
    [
        SetLevel("tempo", 100.0),
        SetLevel("volume", 1.0),
        SetLevel("density", float("nan")),
        NudgeLevel("tempo", 1),
        Choose("genre", 17),
        Choose("genre", -1),
        NudgeLevel("genre", -1),
        "not a message",
    ],
)
def test_messages_for_others_and_nonsense_are_left_alone(nonsense: object) -> None:
    player = rolling()
    player.listen()
    player.horizon.receive(nonsense)
    assert player.horizon.controls == ROCK
    assert player.horizon.next_plan() is None


def test_the_controls_follow_knobs_and_keys_within_their_range() -> None:
    horizon = horizon_of()
    horizon.receive(SetLevel("density", 7.0))
    horizon.receive(NudgeLevel("intensity", -1))
    horizon.receive(NudgeLevel("temperature", 2))
    assert horizon.controls.density == 1.0
    assert horizon.controls.intensity == pytest.approx(0.45)
    assert horizon.controls.temperature == pytest.approx(1.21)
    for message, name in (
        (Choose("genre", 2), "funk"),
        (NudgeLevel("genre", -1), "jazz"),
        (NudgeLevel("genre", -2), "jazz"),
    ):
        horizon.receive(message)
        assert horizon.controls.genre_name == name


def test_a_fill_starts_at_the_first_uncommitted_step_and_ends_at_the_bar_line() -> None:
    drummer = DiceDrummer()
    player = rolling(horizon_of(drummer))
    player.play(20)
    player.horizon.receive(Fire("fill"))
    drummer.played.clear()
    player.play(BAR)
    asked = {place.index: place.fill for place in drummer.played}
    assert [index for index, fill in sorted(asked.items()) if fill] == list(range(20, 32))


def test_a_fill_is_to_be_seen_at_once_and_until_its_bar_line() -> None:
    player = rolling()
    player.play(20)
    player.horizon.receive(Fire("fill"))
    asked = Cues(DRUMS, (Cue("fill", 20, 32),))
    assert player.horizon.cues() == asked
    player.play(12)
    assert player.horizon.cues() == asked, "its last step sounds"
    player.play(1)
    assert player.horizon.cues() == Cues(DRUMS, ())


def test_a_fill_is_still_a_fill_after_a_knob_was_turned_in_it() -> None:
    drummer = DiceDrummer()
    player = rolling(horizon_of(drummer))
    player.play(20)
    player.horizon.receive(Fire("fill"))
    player.play(4)
    player.horizon.receive(SetLevel("density", 0.7))
    drummer.played.clear()
    player.listen()
    assert [place.index for place in drummer.played if place.fill] == list(range(24, 32))


def test_the_drummer_is_told_of_the_bars_before_and_after_a_fill() -> None:
    drummer = DiceDrummer()
    player = rolling(horizon_of(drummer))
    player.play(36)
    player.horizon.receive(Fire("fill"))
    player.play(2 * BAR)
    player.move(0, Transport.ROLLING)
    drummer.played.clear()
    player.play(5 * BAR)
    asked = {place.index: place for place in drummer.played}
    assert [index for index in range(5 * BAR) if asked[index].fill_soon] == list(range(16, 32))
    assert [index for index in range(5 * BAR) if asked[index].fill] == list(range(36, 48))
    assert [index for index in range(5 * BAR) if asked[index].after_fill] == list(range(48, 64))


def test_the_bar_after_a_fill_still_knows_of_it_when_a_knob_is_turned_there() -> None:
    drummer = DiceDrummer()
    player = rolling(horizon_of(drummer))
    player.play(20)
    player.horizon.receive(Fire("fill"))
    player.play(BAR)
    player.horizon.receive(SetLevel("density", 0.7))
    drummer.played.clear()
    player.listen()
    told = [place.index for place in drummer.played if place.after_fill and place.index >= 36]
    assert told == list(range(36, 48))


def test_the_drummer_goes_on_from_what_the_player_really_played() -> None:
    player, undisturbed = rolling(), rolling()
    undisturbed.play(40)
    player.play(20)
    player.ladder.plan((Step(20, ()),), 20)
    player.play(20)
    assert undisturbed.sounded[20].hits
    assert hits(player.sounded[:20]) == hits(undisturbed.sounded[:20])
    assert hits(player.sounded[21:]) != hits(undisturbed.sounded[21:])
    assert set(player.rungs) == {Rung.PLAN}


def test_a_late_brain_takes_up_what_was_played_without_it() -> None:
    player = StubPlayer(horizon_of())
    player.move(0, Transport.ROLLING)
    player.play(5, deaf=True)
    assert Rung.PLAN not in player.rungs
    assert [step.index for step in planned(player.listen())] == list(range(5, 5 + AHEAD))
    player.play(10)
    assert set(player.rungs[5:]) == {Rung.PLAN}


def test_a_brain_far_behind_starts_a_new_take_and_does_not_catch_up_step_by_step() -> None:
    drummer = DiceDrummer()
    player = rolling(horizon_of(drummer))
    player.next_step = 100_000
    drummer.played.clear()
    player.play(1, deaf=True)
    assert len(drummer.played) == 1
    assert planned(player.listen())[0].index == 100_001


def test_a_stop_and_continue_goes_on_with_the_same_plan() -> None:
    stopped, straight = rolling(), rolling()
    straight.play(60)
    stopped.play(37)
    stopped.move(37, Transport.STOPPED)
    stopped.listen()
    stopped.move(37, Transport.ROLLING)
    stopped.play(23)
    assert hits(stopped.sounded) == hits(straight.sounded)


def test_a_new_epoch_has_its_plan_sent_again() -> None:
    player = rolling()
    player.play(4)
    player.listen()
    player.move(4, Transport.STOPPED)
    messages = plans(player.listen())
    assert {plan.epoch for plan in messages} == {player.epoch}
    assert [step.index for step in planned(list(messages))] == list(range(4, 4 + AHEAD))


def test_going_back_within_the_take_plays_the_same_notes_again() -> None:
    player = rolling()
    first = player.play(48)
    player.move(16, Transport.ROLLING)
    assert hits(player.play(32)) == hits(first[16:])


def test_going_back_after_a_change_of_controls_plays_with_the_new_ones() -> None:
    player = rolling()
    player.play(48)
    player.horizon.receive(SetLevel("density", 0.0))
    player.move(16, Transport.ROLLING)
    assert not any(hits(player.play(32)))


def test_a_relocation_elsewhere_goes_on_from_what_was_heard_last() -> None:
    drummer = DiceDrummer()
    player = rolling(horizon_of(drummer))
    player.play(20)
    player.listen()
    state = memory(player)
    player.move(1024, Transport.ROLLING)
    assert memory(player) == state
    assert player.play(4)[0].index == 1024


def test_stopped_a_standby_for_the_top_is_kept_ready() -> None:
    player = rolling()
    player.play(21)
    player.move(21, Transport.STOPPED)
    player.listen()
    state = memory(player)
    player.move(0, Transport.ROLLING, from_top=True)
    assert memory(player) == state
    player.play(BAR, deaf=True)
    assert set(player.rungs[21:]) == {Rung.PLAN}
    player.play(BAR)
    assert set(player.rungs[21:]) == {Rung.PLAN}


def test_a_start_from_the_top_is_a_new_bar_one() -> None:
    player = rolling()
    first = player.play(BAR + 5)
    player.move(BAR + 5, Transport.STOPPED)
    player.listen()
    player.move(0, Transport.ROLLING, from_top=True)
    assert hits(player.play(BAR)) != hits(first[:BAR])


def test_a_start_while_rolling_finds_a_standby_that_is_not_the_last_start() -> None:
    player = rolling()
    player.play(BAR + 3)
    player.move(0, Transport.ROLLING, from_top=True)
    second = player.play(BAR + 3)
    player.move(0, Transport.ROLLING, from_top=True)
    third = player.play(BAR)
    assert hits(third) != hits(second[:BAR])
    assert set(player.rungs) == {Rung.PLAN}


def test_a_standby_follows_the_controls() -> None:
    player = rolling()
    player.play(21)
    player.move(21, Transport.STOPPED)
    player.listen()
    player.horizon.receive(SetLevel("density", 0.0))
    player.listen()
    player.move(0, Transport.ROLLING, from_top=True)
    assert not any(hits(player.play(BAR)))


def test_a_start_that_crosses_a_knob_on_the_way_goes_on_from_what_it_took_over() -> None:
    player = rolling()
    player.play(21)
    player.move(21, Transport.STOPPED)
    player.listen()
    taken = player.ladder.take_standby()
    player.horizon.receive(SetLevel("density", 0.9))
    while player.horizon.next_plan() is not None:
        pass
    player.epoch, player.next_step = player.epoch + 1, 0
    player.horizon.receive(Moved(DRUMS, player.epoch, 0, Transport.ROLLING, 120.0, taken))
    replanned = planned(player.listen())
    sounded = player.play(BAR)
    assert [step.index for step in replanned[:AHEAD]] == list(range(AHEAD))
    assert set(player.rungs[21:]) == {Rung.PLAN}
    assert hits(sounded) == hits(replanned[:BAR])


def test_the_plan_comes_before_the_standby() -> None:
    player = rolling()
    player.play(21)
    player.listen()
    player.horizon.receive(SetLevel("density", 0.7))
    kinds = [type(message) for message in player.listen()]
    assert kinds[0] is Plan
    assert Plan not in kinds[kinds.index(Standby) :]


def test_the_tempo_of_the_player_is_what_the_drummer_is_told() -> None:
    drummer = DiceDrummer()
    horizon = horizon_of(drummer)
    horizon.receive(Moved(DRUMS, 1, 0, Transport.ROLLING, 93.0))
    horizon.next_plan()
    assert drummer.played[-1] == Place(1, FOUR_FOUR, 93.0)


def test_half_time_is_thought_over_at_the_next_step_and_a_breath_of_tempo_is_not() -> None:
    player = rolling()
    player.play(4)
    player.listen()
    player.tempo_bpm = 124.0
    player.play(1, deaf=True)
    assert [step.index for step in planned(player.listen())] == [AHEAD + 4]
    player.tempo_bpm = 62.0
    player.play(1, deaf=True)
    assert [step.index for step in planned(player.listen())] == list(range(6, AHEAD + 6))


def test_memory_stays_bounded() -> None:
    player = rolling()
    heard = player.play(50 * BAR)
    player.move(41 * BAR, Transport.ROLLING)
    assert hits(player.play(BAR)) != hits(heard[41 * BAR : 42 * BAR]), "more than 8 bars ago"


@given(
    st.lists(
        st.one_of(
            st.builds(SetLevel, st.sampled_from(DRUMMER_LEVELS), st.floats(0, 1)),
            st.builds(Choose, st.just("genre"), st.integers(0, 2)),
            st.just(Fire("fill")),
            st.integers(1, 20),
            st.tuples(st.integers(0, 80), st.sampled_from(Transport)),
            st.just("top"),
        ),
        max_size=25,
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_performer_does_every_step_is_played_from_the_plan(orders: list[Any]) -> None:
    player = rolling()
    for order in orders:
        match order:
            case int():
                player.play(order)
            case (step, transport):
                player.move(step, transport)
            case "top":
                player.listen()
                player.move(0, Transport.ROLLING, from_top=True)
            case message:
                player.horizon.receive(message)
    player.play(3)
    assert set(player.rungs) == {Rung.PLAN}


def interrupted(steps: int) -> tuple[StubPlayer, SavedSong]:
    player = rolling()
    for name in DRUMMER_LEVELS:
        player.horizon.receive(SetLevel(name, 0.6))
    player.horizon.receive(Choose("genre", 1))
    player.play(steps)
    return player, player.horizon.save()


@pytest.mark.parametrize("steps", [1, 16, 37])
def test_after_a_crash_the_next_brain_plays_what_this_one_would_have(steps: int) -> None:
    player, saved = interrupted(steps)
    restored = horizon_of(controls=saved.controls)
    restored.restore(saved, saved.uncommitted)
    assert {getattr(saved.controls, name) for name in DRUMMER_LEVELS} == {0.6}
    successor = StubPlayer(restored)
    successor.move(steps, Transport.ROLLING)
    assert hits(successor.play(32)) == hits(player.play(32))


def test_what_was_turned_since_the_state_was_saved_stays_turned() -> None:
    _, saved = interrupted(16)
    restored = horizon_of(controls=saved.controls.with_level("density", 0.9))
    restored.restore(saved, saved.uncommitted)
    assert restored.controls.density == 0.9


def test_after_a_restart_bar_1_follows_from_what_was_played_last() -> None:
    _, saved = interrupted(2 * BAR)
    restarted = []
    for _ in range(2):
        horizon = horizon_of()
        horizon.restore(saved, 0)
        player = StubPlayer(horizon)
        player.move(0, Transport.STOPPED)
        player.listen()
        player.move(0, Transport.ROLLING)
        restarted.append(player)
    one, other = (player.play(BAR) for player in restarted)
    assert [step.index for step in one] == list(range(BAR))
    assert hits(one) == hits(other) != hits(rolling().play(BAR))
    assert restarted[0].horizon.controls == ROCK
    assert restarted[0].horizon.save().drummer["numbers"][-1] == 3 * BAR


def test_a_drummer_that_fails_once_is_asked_again_and_nothing_is_lost() -> None:
    class Stumbling(DiceDrummer):
        stumbles = 0

        def play(self, state: Memory, place: Place, controls: ControlState) -> tuple[Hits, Memory]:
            if place.index == 12 and self.stumbles < 3:
                self.stumbles += 1
                raise FloatingPointError("not finite")
            return super().play(state, place, controls)

    player, steady = rolling(horizon_of(Stumbling())), rolling()
    for _ in range(3):
        with pytest.raises(FloatingPointError):
            player.listen()
    assert hits(player.play(40)) == hits(steady.play(40))


def test_a_bar_of_seven_eight_is_planned_in_bars_of_fourteen() -> None:
    meters = MeterMap.of(Meter(7, 8))
    player = StubPlayer(Horizon(DiceDrummer(), meters, ROCK, SEED), meters)
    player.move(0, Transport.ROLLING)
    assert len(planned(player.listen())) == 28


def genres_by_step(drummer: ListeningDrummer) -> dict[int, str]:
    return {place.index: controls.genre_name for place, controls in drummer.asked}


class ListeningDrummer(DiceDrummer):
    """Keeps what it was asked, with the levels as they then stood."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Place, ControlState]] = []

    def play(self, state: Memory, place: Place, controls: ControlState) -> tuple[Hits, Memory]:
        self.asked.append((place, controls))
        return super().play(state, place, controls)


def changing(at: int, *commands: Command) -> tuple[ListeningDrummer, list[Applied | None]]:
    """What a drummer of rock is asked after a change of genre at a step, and the answers."""
    drummer = ListeningDrummer()
    player = rolling(horizon_of(drummer))
    player.play(at)
    answers = [player.horizon.receive(command) for command in commands]
    drummer.asked.clear()
    player.play(2 * BAR)
    return drummer, [it for it in answers if it is None or isinstance(it, Applied)]


def test_another_genre_comes_in_at_the_bar_line_after_a_fill_in_the_old_one() -> None:
    drummer, answers = changing(20, Choose("genre", 1))
    genres = genres_by_step(drummer)
    assert [genres[step] for step in range(20, 32)] == ["rock"] * 12
    assert [genres[step] for step in range(32, 48)] == ["jazz"] * 16
    places = {place.index: place for place, _ in drummer.asked}
    assert [step for step in range(20, 50) if places[step].fill] == list(range(20, 32))
    assert places[32].accent is Accent.ASKED
    assert [answer and answer.step for answer in answers] == [32]


def test_on_the_last_sixteenths_of_a_bar_it_comes_in_without_a_fill() -> None:
    drummer, _ = changing(30, Choose("genre", 1))
    places = {place.index: place for place, _ in drummer.asked}
    assert not any(places[step].fill for step in range(30, 48))
    assert places[32].accent is Accent.ASKED


@pytest.mark.parametrize("again", [Choose("genre", 1), Fire("now")])
def test_chosen_again_or_now_it_comes_in_at_once(again: Choose | Fire) -> None:
    drummer, answers = changing(20, Choose("genre", 1), again)
    assert set(genres_by_step(drummer).values()) == {"jazz"}
    assert [answer and answer.step for answer in answers][1] == 20
    places = {place.index: place for place, _ in drummer.asked}
    assert not any(places[step].fill for step in range(20, 32)), "the groove, and no fill into it"


def test_a_genre_knob_swept_on_its_way_plays_none_that_it_passes() -> None:
    drummer, answers = changing(20, Choose("genre", 1), Choose("genre", 2))
    assert set(genres_by_step(drummer).values()) == {"rock", "funk"}
    assert [answer and answer.step for answer in answers][1] == 32


def test_now_means_nothing_where_nothing_waits() -> None:
    assert rolling().horizon.receive(Fire("now")) is None


def weights_by_step(drummer: ListeningDrummer) -> dict[int, Weights]:
    return {place.index: controls.genre for place, controls in drummer.asked}


def test_a_morph_comes_in_at_the_bar_line_and_without_a_fill() -> None:
    drummer, answers = changing(20, Choose("towards", 1), SetLevel("morph", 0.4))
    weights = weights_by_step(drummer)
    assert {weights[step] for step in range(20, 32)} == {(("rock", 1.0),)}
    assert {weights[step] for step in range(32, 48)} == {(("rock", 0.6), ("jazz", 0.4))}
    assert not any(place.fill for place, _ in drummer.asked)
    assert [answer.step for answer in answers if answer is not None] == [32, 32]


def test_a_morph_needs_somewhere_to_go() -> None:
    assert changing(20, SetLevel("morph", 0.4))[1] == [None]
    assert changing(20, Choose("towards", 0))[1] == [None]


def test_a_genre_chosen_anew_is_played_whole_and_the_way_to_the_other_stays_open() -> None:
    horizon = horizon_of()
    for command in (Choose("towards", 1), SetLevel("morph", 0.4), Choose("genre", 2)):
        horizon.receive(command)
    assert horizon.controls.genre == (("funk", 1.0), ("jazz", 0.0))
    horizon.receive(SetLevel("morph", 1.0))
    assert horizon.controls.genre_words == "jazz"


def test_swing_is_told_with_the_plan_and_holds_from_the_next_beat_on() -> None:
    player = rolling()
    player.play(5)
    answer = player.horizon.receive(SetLevel("swing8", 0.66))
    assert isinstance(answer, Applied)
    assert answer.step == 8
    swings = {step.swing for step in planned(player.listen())}
    assert swings == {Swing(0.5, 0.66)}


def test_a_song_that_stands_takes_another_genre_at_once() -> None:
    drummer = ListeningDrummer()
    player = StubPlayer(horizon_of(drummer))
    player.move(20, Transport.STOPPED)
    player.listen()
    drummer.asked.clear()
    player.horizon.receive(Choose("genre", 1))
    player.listen()
    assert set(genres_by_step(drummer).values()) == {"jazz"}


def test_a_start_after_a_change_of_genre_begins_in_the_new_one() -> None:
    drummer = ListeningDrummer()
    player = rolling(horizon_of(drummer))
    player.play(20)
    player.listen()
    drummer.asked.clear()
    player.horizon.receive(Choose("genre", 1))
    player.listen()
    assert {genre for step, genre in genres_by_step(drummer).items() if step < BAR} == {"jazz"}
    player.move(0, Transport.ROLLING)
    drummer.asked.clear()
    player.play(BAR)
    assert set(genres_by_step(drummer).values()) == {"jazz"}


def test_the_end_on_one_is_a_fill_and_a_crash_where_the_player_says() -> None:
    drummer = ListeningDrummer()
    player = rolling(horizon_of(drummer))
    player.play(20)
    drummer.asked.clear()
    assert player.horizon.receive(Applied(Fire("end on one"), DRUMS, 32, 32 * 1680)) is None
    player.listen()
    places = {place.index: place for place, _ in drummer.asked}
    assert [step for step in range(20, 34) if places[step].fill] == list(range(20, 32))
    assert places[32].required == {LANE["crash"], LANE["kick"]}


def test_after_the_last_crash_nothing_is_shown_to_come() -> None:
    player = rolling()
    player.play(20)
    player.horizon.receive(Applied(Fire("end on one"), DRUMS, 32, 32 * 1680))
    player.listen()
    outlook = player.horizon.outlook()
    assert [step.index for step in outlook.coming] == [32]
    player.play(13)
    player.move(33, Transport.STOPPED)
    player.move(33, Transport.ROLLING)
    player.listen()
    assert len(player.horizon.outlook().coming) == BAR, "the next song has another end"


@pytest.mark.parametrize("name", ["fill", "break", "crash"])
def test_a_song_that_stands_is_asked_for_no_fill(name: str) -> None:
    player = StubPlayer(horizon_of())
    player.move(20, Transport.STOPPED)
    assert player.horizon.receive(Fire(name)) is None
    assert player.horizon.cues() == Cues(DRUMS, ())
    player.move(20, Transport.ROLLING)
    assert player.horizon.receive(Fire(name)) is not None


def test_until_its_bar_line_a_new_genre_is_to_come_and_the_old_one_is_played() -> None:
    player = rolling()
    player.play(20)
    player.horizon.receive(Choose("genre", 1))
    turn = Turn("rock", 32)
    assert player.horizon.cues().turn == turn
    player.play(12)
    assert player.horizon.cues().turn == turn, "the step before the line sounds"
    player.play(2)
    assert player.horizon.cues().turn is None


def test_the_drummers_own_fills_are_the_same_after_a_rewind() -> None:
    drummer = ListeningDrummer()
    player = rolling(horizon_of(drummer, ROCK.with_level("fills", 1.0)))
    player.play(3 * BAR)
    before = {place.index: place.fill for place, _ in drummer.asked if place.index >= 3 * BAR}
    player.horizon.receive(SetLevel("density", 0.7))
    drummer.asked.clear()
    player.listen()
    after = {place.index: place.fill for place, _ in drummer.asked if place.index >= 3 * BAR}
    assert any(before.values())
    assert {step: after[step] for step in before} == before


def test_fills_turned_down_to_nothing_are_gone_at_once() -> None:
    drummer = ListeningDrummer()
    player = rolling(horizon_of(drummer, ROCK.with_level("fills", 1.0)))
    player.play(3 * BAR)
    player.horizon.receive(SetLevel("fills", 0.0))
    drummer.asked.clear()
    player.listen()
    assert not any(place.fill or place.accent for place, _ in drummer.asked)
