from polyrhythmia_live.drums.lanes import DRUM_LANES, LANE, places
from polyrhythmia_live.drums.limbs import BY_HAND, CLOSED_HAT, HAT_BY_FOOT, HAT_BY_HAND


def test_the_feet_have_the_kick_and_the_hats_pedal_and_the_hands_all_else() -> None:
    assert sorted((*BY_HAND, LANE["kick"], CLOSED_HAT)) == list(range(len(DRUM_LANES)))
    assert places()["closed-hat"] == (CLOSED_HAT, HAT_BY_HAND)
    assert places()["pedal-hat"] == (CLOSED_HAT, HAT_BY_FOOT)


def test_every_articulation_has_one_place() -> None:
    assert len(places()) == sum(len(lane.articulations) for lane in DRUM_LANES)
    assert places()["ride-bell"] == (LANE["ride"], 1)
