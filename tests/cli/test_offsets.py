"""Which of what was calibrated is meant."""

import pytest

from polyrhythmia_live.cli.offsets import OutputOffsets, calibrated, find_calibrated
from polyrhythmia_live.errors import ConfigError

OFFSETS = {"TR-8S:TR-8S MIDI 1": -0.01, "Volca Beats": 0.0, "Volca Keys": 0.0, "synth": 0.0}


def test_a_name_means_the_port_that_it_would_open() -> None:
    assert calibrated("tr-8s", OFFSETS) == "TR-8S:TR-8S MIDI 1"
    assert calibrated("volca", OFFSETS) is None, "several"
    assert calibrated("Digitakt", OFFSETS) is None
    assert calibrated("Synth", OFFSETS) == "synth"
    assert calibrated("syn", OFFSETS) is None, "no port"


def test_an_output_that_was_not_calibrated_cannot_be_forgotten() -> None:
    assert find_calibrated("tr-8s", OFFSETS) == "TR-8S:TR-8S MIDI 1"
    with pytest.raises(ConfigError, match="no calibrated output is called 'volca': expected one"):
        find_calibrated("volca", OFFSETS)


def test_an_offset_belongs_to_a_machine_whatever_number_its_bridge_gives_it() -> None:
    then, now = (f"a2j:TR-8S [{n}] (playback): TR-8S MIDI 1" for n in (24, 28))
    assert calibrated(now, {then: -0.01}) == then
    shown = "a2j:TR-8S (playback): TR-8S MIDI 1"
    assert calibrated(now, {then: -0.01, shown: -0.02}) == shown, "the latest"


def test_an_offset_belongs_to_a_name_however_its_accents_are_encoded() -> None:
    assert calibrated("Pe\u0301dale", {"P\u00e9dale:in": -0.01}) == "P\u00e9dale:in"
    given = OutputOffsets(["Pe\u0301dale=-12"], None, {})
    assert given.seconds("P\u00e9dale") == -0.012
    given.refuse_others(["P\u00e9dale"])
