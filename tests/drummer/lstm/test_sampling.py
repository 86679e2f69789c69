from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyrhythmia_live.drummer.lstm import sampling
from polyrhythmia_live.drummer.lstm.encoding import LANES, MASK_LANES, MASKS, mask_of
from polyrhythmia_live.drums.lanes import LANE

logits = arrays(np.float64, MASKS, elements=st.floats(-30, 30))
temperatures = st.floats(0.4, 2.5)
masks = st.integers(0, MASKS - 1)
uniforms = st.floats(0, 1, exclude_max=True)


def mask(*names: str) -> int:
    return mask_of(LANE[name] for name in names)


@given(logits, temperatures)
def test_probabilities_sum_to_one(odds: sampling.Numbers, temperature: float) -> None:
    assert sampling.probabilities(sampling.heated(odds, temperature)).sum() == pytest.approx(1)


@given(logits)
def test_at_temperature_one_without_limits_the_network_is_taken_at_its_word(
    odds: sampling.Numbers,
) -> None:
    untouched = sampling.shaped(sampling.heated(odds, 1.0), tilt=0.0)
    softmax = np.exp(odds) / np.exp(odds).sum()
    assert sampling.probabilities(untouched) == pytest.approx(softmax)


@given(logits, st.floats(0.4, 2.4))
def test_a_lower_temperature_makes_the_likeliest_likelier(
    odds: sampling.Numbers, temperature: float
) -> None:
    best = int(np.argmax(odds))
    cool = sampling.probabilities(sampling.heated(odds, temperature))[best]
    warm = sampling.probabilities(sampling.heated(odds, temperature + 0.1))[best]
    assert cool >= warm - 1e-12


lanes = st.frozensets(st.integers(0, LANES - 1))


@given(logits, lanes, lanes)
def test_a_required_lane_is_always_struck_and_a_forbidden_one_never(
    odds: sampling.Numbers, required: frozenset[int], forbidden: frozenset[int]
) -> None:
    allowed = sampling.masks_with(required, forbidden - required)
    given_lanes = sampling.probabilities(sampling.only(odds, allowed))
    free = sampling.probabilities(odds)
    assert given_lanes.sum() == pytest.approx(1)
    assert not given_lanes[~allowed].any()
    assert given_lanes[allowed] * free[allowed].sum() == pytest.approx(free[allowed], abs=1e-12)


def test_a_lane_cannot_be_required_and_forbidden() -> None:
    with pytest.raises(ValueError, match="both required and forbidden"):
        sampling.masks_with(frozenset({0, 1}), frozenset({1}))


def test_nothing_possible_is_an_error_and_no_nan() -> None:
    with pytest.raises(ValueError, match="at least one outcome"):
        sampling.probabilities(np.full(MASKS, -np.inf))


@given(logits, st.integers(1, MASKS))
def test_top_k_leaves_the_k_likeliest(odds: sampling.Numbers, count: int) -> None:
    kept = np.isfinite(sampling.top_k(odds, count))
    assert kept.sum() == count
    assert count == MASKS or odds[kept].min() >= odds[~kept].max()


@given(logits, st.floats(0.01, 0.999))
def test_top_p_leaves_the_fewest_that_hold_the_share(odds: sampling.Numbers, share: float) -> None:
    chances = sampling.probabilities(odds)
    kept = np.isfinite(sampling.top_p(odds, share))
    assert chances[kept].sum() >= share - 1e-9
    assert chances[kept].sum() - chances[kept].min() < share + 1e-9


@given(logits)
def test_top_k_of_zero_and_top_p_of_one_leave_everything(odds: sampling.Numbers) -> None:
    assert sampling.top_p(sampling.top_k(odds, 0), 1.0) is odds


@given(logits, st.floats(0.01, 8.99))
def test_a_tilted_step_expects_the_hits_that_are_asked_for(
    odds: sampling.Numbers, target: float
) -> None:
    tilted = sampling.tilted_to(odds, target)
    assert sampling.expected_hits(tilted) == pytest.approx(target, abs=1e-6)


@given(logits, st.floats(0, 4), st.floats(0, 4))
def test_more_tilt_never_means_fewer_hits(odds: sampling.Numbers, tilt: float, more: float) -> None:
    fewer = sampling.expected_hits(sampling.tilted(odds, tilt))
    assert sampling.expected_hits(sampling.tilted(odds, tilt + more)) >= fewer - 1e-9


@given(logits, st.floats(0.5, 8.5))
def test_a_tilt_keeps_the_odds_among_masks_with_as_many_hits(
    odds: sampling.Numbers, target: float
) -> None:
    change = sampling.tilted_to(odds, target) - odds
    for hits in range(LANES + 1):
        assert np.ptp(change[np.equal(sampling.MASK_HITS, hits)]) < 1e-6


@pytest.mark.parametrize(("target", "struck"), [(-1.0, 0), (0.0, 0), (9.0, 9), (12.0, 9)])
def test_a_target_out_of_reach_gives_silence_or_everything(target: float, struck: int) -> None:
    chances = sampling.probabilities(sampling.tilted_to(np.zeros(MASKS), target))
    assert chances[np.equal(sampling.MASK_HITS, struck)].sum() == pytest.approx(1)


@given(logits, st.integers(1, 40), st.floats(0, 9))
def test_after_a_cut_the_hits_are_those_asked_for_or_as_near_as_can_be(
    odds: sampling.Numbers, count: int, target: float
) -> None:
    tilt = sampling.solve_tilt(sampling.hit_classes(odds)[None], target)
    shaped = sampling.shaped(odds, tilt=tilt, count=count)
    possible = sampling.MASK_HITS[np.isfinite(shaped)]
    within = min(max(target, possible.min()), possible.max())
    assert len(possible) <= count
    assert sampling.expected_hits(shaped) == pytest.approx(within, abs=1e-5)


@given(arrays(np.float64, (4, MASKS), elements=st.floats(-20, 20)), st.floats(0.5, 35.5))
def test_one_tilt_gives_several_steps_the_hits_asked_for_together(
    steps: sampling.Numbers, total: float
) -> None:
    tilt = sampling.solve_tilt(np.stack([sampling.hit_classes(odds) for odds in steps]), total)
    hits = sum(sampling.expected_hits(sampling.tilted(odds, tilt)) for odds in steps)
    assert hits == pytest.approx(total, abs=1e-5)


def test_thinning_spares_the_sure_backbeat_and_takes_the_ornament() -> None:
    backbeat, ornament = np.full(MASKS, -20.0), np.full(MASKS, -20.0)
    backbeat[0], backbeat[mask("snare")] = -4.0, 4.0
    ornament[0], ornament[mask("closed-hat")] = 0.0, 0.0
    classes = np.stack([sampling.hit_classes(odds) for odds in (backbeat, ornament)])
    tilt = sampling.solve_tilt(classes, 1.1)
    assert sampling.expected_hits(sampling.tilted(backbeat, tilt)) > 0.97
    assert sampling.expected_hits(sampling.tilted(ornament, tilt)) < 0.14


def test_very_unlikely_hits_can_still_be_asked_for() -> None:
    silent = np.full(MASKS, -5000.0)
    silent[0] = 0.0
    assert sampling.expected_hits(sampling.tilted_to(silent, 2.5)) == pytest.approx(2.5)


@given(arrays(np.float64, 20, elements=st.sampled_from([0.0, 0.1, 1.0, 7.0])), uniforms)
def test_a_draw_is_the_inverse_of_the_cumulative_distribution(
    weights: sampling.Numbers, uniform: float
) -> None:
    assume(weights.any())
    drawn = sampling.draw(weights, uniform)
    assert weights[drawn] > 0
    level = uniform * weights.sum()
    assert weights[:drawn].sum() <= level + 1e-9
    assert weights[: drawn + 1].sum() >= level - 1e-9


@given(arrays(np.float64, 20, elements=st.floats(0.01, 5)), uniforms, uniforms)
def test_a_quantile_rises_with_its_number_and_stays_in_its_bin(
    weights: sampling.Numbers, one: float, other: float
) -> None:
    low, high = (sampling.quantile(weights, uniform) for uniform in sorted((one, other)))
    assert 0 <= low <= high < 20
    assert int(low) == sampling.draw(weights, min(one, other))


def test_the_draws_of_many_uniform_numbers_have_the_given_shares() -> None:
    weights = np.array([0.5, 0.0, 0.2, 0.3])
    drawn = [sampling.draw(weights, (i + 0.5) / 1000) for i in range(1000)]
    assert np.bincount(drawn) / 1000 == pytest.approx(weights)


def test_a_drummer_has_two_hands_and_two_feet() -> None:
    playable = {index for index in range(MASKS) if sampling.PLAYABLE[index]}
    assert max(index.bit_count() for index in playable) == 4
    assert mask("kick", "snare", "closed-hat", "ride") in playable
    assert mask("snare", "ride", "crash") not in playable
    assert 0 in playable


@pytest.mark.parametrize(
    ("names", "by_foot"),
    [
        (("closed-hat",), False),
        (("kick", "snare", "closed-hat"), False),
        (("snare", "ride", "closed-hat"), True),
        (("open-hat", "closed-hat"), True),
        (("snare", "ride"), False),
    ],
)
def test_with_both_hands_busy_the_hat_is_the_pedal(names: tuple[str, ...], by_foot: bool) -> None:
    assert sampling.hat_by_foot(mask(*names)) is by_foot


@pytest.mark.parametrize("share", [0.25, 1.0, 1.5])
def test_a_window_holds_the_share_of_hits_that_is_asked_for(share: float) -> None:
    dice = np.random.default_rng(3)
    window = sampling.ordinary_window()
    steps = [dice.normal(0, 3, MASKS) - 2 * MASK_LANES.sum(1) for _ in range(sampling.WINDOW_STEPS)]
    for step, odds in enumerate(steps):
        window = sampling.slid(window, odds, 1.0 + step % 2)
    tilt = sampling.window_tilt(window, share)
    hits = sum(sampling.expected_hits(sampling.tilted(odds, tilt)) for odds in steps)
    assert hits == pytest.approx(share * 1.5 * sampling.WINDOW_STEPS, abs=1e-3)


def test_a_drummer_who_plays_what_is_due_is_left_alone() -> None:
    assert sampling.window_tilt(sampling.ordinary_window(), 1.0) == pytest.approx(0, abs=1e-6)
    assert sampling.window_tilt(sampling.ordinary_window(), 0.0) == -math.inf


def test_what_is_owed_is_paid_back_bit_by_bit() -> None:
    dice = np.random.default_rng(3)
    window = sampling.ordinary_window()
    steps = [dice.normal(0, 3, MASKS) - 2 * MASK_LANES.sum(1) for _ in range(sampling.WINDOW_STEPS)]
    for odds in steps:
        window = sampling.slid(window, odds, 1.5)

    def hits(owed_hits: float) -> float:
        tilt = sampling.window_tilt(window, 1.0, owed_hits)
        return sum(sampling.expected_hits(sampling.tilted(odds, tilt)) for odds in steps)

    due = 1.5 * sampling.WINDOW_STEPS
    repaid = 4.0 * sampling.WINDOW_STEPS / sampling.REPAID_STEPS
    assert hits(4.0) - due == pytest.approx(repaid, abs=1e-3)
    assert hits(-4.0) - due == pytest.approx(-repaid, abs=1e-3)
    assert hits(-math.inf) == pytest.approx((1 - sampling.REPAID_MAX) * due, abs=1e-3)


@given(st.lists(st.tuples(st.floats(0, 4), st.integers(0, 4)), max_size=200))
def test_no_more_is_owed_than_can_be_paid(steps: list[tuple[float, int]]) -> None:
    owed_hits = 0.0
    for due_hits, hits in steps:
        owed_hits = sampling.still_owed(owed_hits, due_hits, hits)
        assert abs(owed_hits) <= sampling.OWED_HITS_MAX


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan])
def test_a_temperature_is_positive(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature"):
        sampling.heated(np.zeros(MASKS), temperature)


def test_limits_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="top-k"):
        sampling.top_k(np.zeros(MASKS), -1)
    with pytest.raises(ValueError, match="top-p"):
        sampling.top_p(np.zeros(MASKS), 0.0)


@given(logits, lanes, lanes, st.booleans())
def test_what_is_locked_is_given_and_the_rest_keeps_its_odds_to_each_other(
    odds: sampling.Numbers, locked: frozenset[int], struck: frozenset[int], by_stick: bool
) -> None:
    struck &= locked
    by_stick = by_stick and LANE["closed-hat"] in struck
    allowed = sampling.masks_of_locked(locked, struck, by_stick)
    assume(allowed.any())
    given_lanes = sampling.probabilities(sampling.only(odds, allowed))
    free = sampling.probabilities(odds)
    assert given_lanes.sum() == pytest.approx(1)
    assert given_lanes[allowed] * free[allowed].sum() == pytest.approx(free[allowed], abs=1e-12)
    of_locked = MASK_LANES[given_lanes > 0][:, sorted(locked)]
    assert (of_locked == [lane in struck for lane in sorted(locked)]).all()
    if by_stick:
        assert not any(sampling.hat_by_foot(found) for found in np.flatnonzero(allowed).tolist())


@given(logits, st.frozensets(st.integers(0, LANES - 1), min_size=1, max_size=4))
def test_hits_that_are_given_do_not_count_where_the_density_is_solved(
    odds: sampling.Numbers, struck: frozenset[int]
) -> None:
    possible = sampling.only(odds, sampling.masks_of_locked(struck, struck, False))
    window = sampling.slid(sampling.ordinary_window(), possible, 1.0, len(struck))
    hits = sampling.probabilities(window[-1, : LANES + 1]) @ np.arange(LANES + 1)
    assert hits == pytest.approx(sampling.expected_hits(possible) - len(struck), abs=1e-3)
