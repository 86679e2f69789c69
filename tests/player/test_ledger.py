from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.midi.base import note_off, note_on
from polyrhythmia_live.player.ledger import CHANNELS, MAX_SLOTS, NOTES, Ledger

places = st.tuples(
    st.integers(0, MAX_SLOTS - 1), st.integers(0, CHANNELS - 1), st.integers(0, NOTES - 1)
)


@given(st.lists(st.tuples(places, st.booleans())))
def test_the_ledger_has_just_the_notes_that_were_begun_and_not_ended(
    script: list[tuple[tuple[int, int, int], bool]],
) -> None:
    ledger = Ledger()
    sounding: set[tuple[int, int, int]] = set()
    for (slot, channel, note), begins in script:
        if begins:
            ledger.enter(slot, note_on(channel, note, 100))
            sounding.add((slot, channel, note))
        else:
            ledger.strike(slot, note_off(channel, note))
            sounding.discard((slot, channel, note))
    read = {
        (slot, channel, note)
        for slot in range(MAX_SLOTS)
        for channel, note in ledger.open_notes(slot)
    }
    assert read == sounding
    assert all(ledger.is_open(*place) for place in sounding)


def test_a_note_on_of_velocity_zero_is_an_end() -> None:
    ledger = Ledger()
    ledger.enter(0, note_on(9, 36, 100))
    ledger.enter(0, note_on(9, 38, 0))
    ledger.strike(0, note_on(9, 36, 0))
    assert ledger.offs(0) == []
