from polyrhythmia_live.drums.kit import GENERAL_MIDI, Kit, on_channel
from polyrhythmia_live.drums.lanes import DRUM_LANES

KICK, SNARE, CLOSED_HAT, OPEN_HAT = range(4)


def test_general_midi_has_every_sound() -> None:
    for lane_index, lane in enumerate(DRUM_LANES):
        for articulation, name in enumerate(lane.articulations):
            assert GENERAL_MIDI.key(lane_index, articulation) == GENERAL_MIDI.keys[name]


def test_a_missing_articulation_is_played_as_the_plain_one() -> None:
    machine = Kit("small", on_channel(9, {"snare": 40}))
    assert machine.key(SNARE, 2) == (9, 40)


def test_a_machine_without_a_sound_is_sent_nothing_for_it() -> None:
    machine = Kit("small", on_channel(9, {"snare": 40}))
    assert machine.key(KICK, 0) is None


def test_a_closed_hat_ends_the_open_one() -> None:
    assert GENERAL_MIDI.keys["open-hat"] in GENERAL_MIDI.choked_by(CLOSED_HAT, 0)
    assert GENERAL_MIDI.choked_by(KICK, 0) == ()


def test_by_note_a_choke_is_the_same() -> None:
    chokes = GENERAL_MIDI.chokes_by_note()
    assert chokes[42] == (44, 46)
    assert chokes[36] == ()
