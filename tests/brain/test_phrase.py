from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.brain.phrase import Phrase
from polyrhythmia_live.drummer.base import Accent
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap

meters = st.sampled_from([Meter(4, 4), Meter(3, 4), Meter(7, 8), Meter(12, 8), Meter(2, 16)])


def steps_of(phrase: Phrase, upto: int) -> list[int]:
    return [step for step in range(upto) if phrase.is_fill(step)]


def test_without_a_request_there_is_no_fill() -> None:
    assert steps_of(Phrase(MeterMap.of(Meter(4, 4))), 64) == []


def test_a_fill_runs_to_the_bar_line() -> None:
    assert steps_of(Phrase(MeterMap.of(Meter(4, 4))).with_fill(24), 64) == list(range(24, 32))


def test_a_fill_of_one_beat_is_long_enough() -> None:
    assert steps_of(Phrase(MeterMap.of(Meter(4, 4))).with_fill(12), 64) == [12, 13, 14, 15]


def test_a_fill_asked_for_on_the_last_sixteenths_goes_through_the_next_bar() -> None:
    assert steps_of(Phrase(MeterMap.of(Meter(4, 4))).with_fill(13), 64) == list(range(13, 32))


def test_a_fill_that_is_cut_short_arrives_there() -> None:
    phrase = Phrase(MeterMap.of(Meter(4, 4))).with_fill(20)
    cut = phrase.cut_short(26)
    assert steps_of(cut, 64) == list(range(20, 26))
    assert cut.place(26, 120.0).accent is Accent.ASKED
    assert phrase.cut_short(32) == phrase, "it is over there anyway"


def test_a_fill_in_seven_eight_ends_with_its_bar() -> None:
    assert steps_of(Phrase(MeterMap.of(Meter(7, 8))).with_fill(16), 64) == list(range(16, 28))


def test_pressing_fill_again_within_a_fill_changes_nothing() -> None:
    phrase = Phrase(MeterMap.of(Meter(4, 4))).with_fill(4)
    assert phrase.with_fill(8) is phrase


def test_pressing_fill_again_just_before_the_bar_line_goes_on_into_the_next_bar() -> None:
    assert steps_of(Phrase(MeterMap.of(Meter(4, 4))).with_fill(4).with_fill(14), 64) == list(
        range(4, 32)
    )


def test_the_bar_before_a_fill_leads_to_it_and_the_bar_after_comes_down_from_it() -> None:
    phrase = Phrase(MeterMap.of(Meter(4, 4))).with_fill(40)
    assert [step for step in range(96) if phrase.is_fill_soon(step)] == list(range(16, 32))
    assert [step for step in range(96) if phrase.is_after_fill(step)] == list(range(48, 64))


def test_the_begun_bar_before_a_fill_is_neither() -> None:
    phrase = Phrase(MeterMap.of(Meter(4, 4))).with_fill(40)
    flags = (phrase.is_fill_soon, phrase.is_fill, phrase.is_after_fill)
    assert not any(flag(step) for flag in flags for step in range(32, 40))


def test_after_a_fill_of_two_bars_one_bar_comes_down_from_it() -> None:
    phrase = Phrase(MeterMap.of(Meter(7, 8))).with_fill(13)
    assert steps_of(phrase, 60) == list(range(13, 28))
    assert [step for step in range(60) if phrase.is_after_fill(step)] == list(range(28, 42))


@given(meters, st.integers(0, 200))
def test_a_fill_begins_where_it_is_asked_for_and_lasts_at_least_a_beat_or_a_bar(
    meter: Meter, step: int
) -> None:
    filled = steps_of(Phrase(MeterMap.of(meter)).with_fill(step), step + 300)
    assert filled[0] == step
    assert filled == list(range(step, filled[-1] + 1))
    assert (filled[-1] + 1) % meter.bar_steps == 0
    assert len(filled) >= min(STEPS_PER_BEAT, meter.bar_steps)


@given(meters, st.lists(st.integers(0, 100), max_size=5), st.integers(0, 150))
def test_forgetting_the_past_leaves_the_future(meter: Meter, asked: list[int], now: int) -> None:
    phrase = Phrase(MeterMap.of(meter))
    for step in asked:
        phrase = phrase.with_fill(step)
    later = phrase.forget_before(now)
    for step in range(now, 250):
        assert later.is_fill(step) == phrase.is_fill(step)
        assert later.is_fill_soon(step) == phrase.is_fill_soon(step)
        assert later.is_after_fill(step) == phrase.is_after_fill(step)
    assert all(end + meter.bar_steps > now for end in (figure.end for figure in later.figures))


def test_a_fill_ends_at_the_bar_line_of_the_meter_it_is_in() -> None:
    phrase = Phrase(MeterMap(((0, Meter()), (1, Meter(7, 8)), (2, Meter())))).with_fill(14)
    assert steps_of(phrase, 64) == list(range(14, 30))
    assert [step for step in range(64) if phrase.is_after_fill(step)] == list(range(30, 46))
    assert phrase.forget_before(45) == phrase
    assert phrase.forget_before(46).figures == ()


def test_a_break_is_two_bars_of_hat_from_the_next_bar_line_and_a_crash_on_one() -> None:
    phrase = Phrase(MeterMap()).with_break(5, 2)
    places = [phrase.place(step, 120.0) for step in range(64)]
    assert [place.index for place in places if place.forbidden] == list(range(16, 48))
    assert {LANE["closed-hat"], LANE["open-hat"]} == set(LANE.values()) - places[16].forbidden
    assert [place.index for place in places if place.required == {LANE["crash"]}] == [48]


def test_in_a_break_the_hat_keeps_time_on_the_counts() -> None:
    phrase = Phrase(MeterMap.of(Meter.parse("7/8=2+2+3"))).with_break(0, 2)
    struck = [step for step in range(14) if phrase.place(step, 120.0).required]
    assert struck == [0, 4, 8]


def test_a_break_after_a_break_is_one_long_break_with_one_crash() -> None:
    phrase = Phrase(MeterMap()).with_break(5, 2).with_break(40, 2)
    places = [phrase.place(step, 120.0) for step in range(96)]
    assert [place.index for place in places if place.forbidden] == list(range(16, 80))
    assert [place.index for place in places if place.required == {LANE["crash"]}] == [80]
    assert not any(place.required & place.forbidden for place in places)


def test_a_drop_is_silence_and_then_crash_and_kick() -> None:
    phrase = Phrase(MeterMap()).with_drop(5, 1)
    places = [phrase.place(step, 120.0) for step in range(64)]
    silent = [place.index for place in places if place.forbidden == set(LANE.values())]
    assert silent == list(range(16, 32))
    assert places[32].required == {LANE["crash"], LANE["kick"]}
    assert phrase.with_break(20, 2) is not phrase
    assert phrase.with_break(10, 2) is phrase


def test_an_intro_is_hat_then_kick_too_then_a_fill_into_the_groove() -> None:
    phrase = Phrase(MeterMap()).with_intro(0, 4)
    places = [phrase.place(step, 120.0) for step in range(80)]
    kick, snare = LANE["kick"], LANE["snare"]
    assert [place.index for place in places if snare in place.forbidden] == list(range(48))
    assert [place.index for place in places if kick in place.forbidden] == list(range(32))
    assert [place.index for place in places if place.fill] == list(range(48, 64))
    assert places[64].accent is Accent.ASKED


def test_a_break_asked_for_again_changes_nothing_and_after_it_is_another() -> None:
    phrase = Phrase(MeterMap()).with_break(5, 2)
    assert phrase.with_break(9, 2) is phrase
    assert phrase.with_break(40, 2) != phrase


def own(level: float, seed: int = 1, meter: Meter | None = None) -> Phrase:
    return Phrase(MeterMap.of(meter or Meter()), seed=seed, fills=level)


def bars_filled(phrase: Phrase, bars: int) -> list[int]:
    line = phrase.meters.bar_line
    return [bar for bar in range(bars) if phrase.is_fill(line(bar + 1) - 1)]


def test_by_itself_the_drummer_fills_at_the_ends_of_phrases_as_often_as_people() -> None:
    filled = [bar for seed in range(20) for bar in bars_filled(own(0.5, seed), 64)]
    assert {bar % 8 for bar in filled} == {3, 7}
    assert 0.07 < len(filled) / (20 * 64) < 0.11


def test_at_zero_there_are_no_fills_and_at_the_end_of_the_knob_one_in_every_fourth_bar() -> None:
    assert bars_filled(own(0.0), 64) == []
    assert bars_filled(own(1.0), 64) == list(range(3, 64, 4))


def test_with_more_of_the_level_fills_are_added_and_none_moves() -> None:
    levels = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
    filled = [set(bars_filled(own(level), 256)) for level in levels]
    assert all(fewer <= more for fewer, more in pairwise(filled))
    assert len(filled[0]) < len(filled[2]) < len(filled[4])


def test_its_fills_are_a_beat_half_a_bar_or_a_bar_long() -> None:
    phrase = own(1.0)
    sizes = {sum(phrase.is_fill(16 * bar + step) for step in range(16)) for bar in range(3, 256, 4)}
    assert sizes == {4, 8, 12, 16}


def test_a_fill_of_its_own_is_known_ahead_and_arrives() -> None:
    phrase = own(1.0)
    assert phrase.is_fill_soon(2 * 16)
    assert phrase.is_after_fill(4 * 16)
    assert phrase.place(4 * 16, 120.0).accent is Accent.USUAL
    assert phrase.place(4 * 16 + 1, 120.0).accent is None


@given(meters, st.integers(0, 99), st.floats(0, 1), st.integers(0, 400), st.integers(0, 200))
def test_no_fill_passes_a_bar_line_unasked(
    meter: Meter, seed: int, level: float, step: int, now: int
) -> None:
    fill = own(level, seed, meter).fill_at(step)
    if fill is not None:
        line = step // meter.bar_steps * meter.bar_steps
        assert line <= fill.first < fill.end == line + meter.bar_steps


def test_the_drummer_does_not_fill_by_itself_in_a_break() -> None:
    phrase = own(1.0).with_break(2 * 16, 2)
    assert not any(phrase.is_fill(step) for step in range(5 * 16))


def test_a_fill_that_was_asked_for_is_waited_for_on_one() -> None:
    assert Phrase(MeterMap()).with_fill(8).place(16, 120.0).accent is Accent.ASKED


def test_a_crash_comes_with_the_kick_on_the_next_beat() -> None:
    for asked, beat in ((4, 4), (5, 8), (15, 16)):
        places = [Phrase(MeterMap()).with_crash(asked).place(step, 120.0) for step in range(32)]
        struck = [place.index for place in places if place.required]
        assert struck == [beat]
        assert places[beat].required == {LANE["crash"], LANE["kick"]}


def test_something_new_comes_after_a_fill_where_there_is_a_beat_for_it() -> None:
    phrase = Phrase(MeterMap()).with_turn(8, 16)
    assert steps_of(phrase, 64) == list(range(8, 16))
    late = Phrase(MeterMap()).with_turn(14, 16)
    assert steps_of(late, 64) == []
    assert phrase.place(16, 120.0).accent is late.place(16, 120.0).accent is Accent.ASKED
    assert not late.is_after_fill(16)


def test_an_ending_is_a_fill_and_a_crash_on_one() -> None:
    last = Phrase(MeterMap()).with_ending(4, 16).place(16, 120.0)
    assert last.required == {LANE["crash"], LANE["kick"]}
    assert last.accent is Accent.SURE
