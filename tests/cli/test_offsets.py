"""Which of what was calibrated is meant."""

import pytest

from polyrhythmia_live.cli.offsets import calibrated, find_calibrated
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
