from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.drums.pitches import PITCH_MAP

ROLAND_TD11_PITCHES = {22, 26, 36, 37, 38, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53} | {
    55,
    57,
    58,
    59,
}


def articulation_of(pitch: int) -> str:
    lane, articulation = PITCH_MAP[pitch]
    return DRUM_LANES[lane].articulations[articulation]


def test_no_hit_of_the_groove_dataset_is_lost() -> None:
    assert set(PITCH_MAP) == ROLAND_TD11_PITCHES


def test_edges_and_rims_go_to_the_drum_that_was_struck() -> None:
    assert articulation_of(22) == "closed-hat"
    assert articulation_of(26) == "open-hat"
    assert articulation_of(58) == "low-tom"
    assert articulation_of(52) == "crash"


def test_side_stick_rimshot_pedal_and_bell_keep_their_sound() -> None:
    sounds = [articulation_of(pitch) for pitch in (37, 40, 44, 53)]
    assert sounds == ["cross-stick", "rimshot", "pedal-hat", "ride-bell"]
