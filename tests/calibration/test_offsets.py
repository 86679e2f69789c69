from pathlib import Path

import pytest

from polyrhythmia_live.calibration.offsets import forget_offset, read_offsets, store_offset
from polyrhythmia_live.errors import ConfigError

TRICKY = 'Ünïcode "quoted" \\ [1]:Port.1'


def test_a_stored_offset_is_read_and_can_be_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "offsets.toml"
    assert read_offsets(file) == {}
    store_offset(file, "TR-8S:TR-8S MIDI 1", -0.01234)
    store_offset(file, TRICKY, 0.002)
    store_offset(file, "TR-8S:TR-8S MIDI 1", -0.011)
    assert read_offsets(file) == {"TR-8S:TR-8S MIDI 1": -0.011, TRICKY: 0.002}
    forget_offset(file, "TR-8S:TR-8S MIDI 1")
    assert read_offsets(file) == {TRICKY: 0.002}


@pytest.mark.parametrize("offset", ["'x'", "900", "nan", "[1]", "'", ""])
def test_a_file_that_makes_no_sense_is_named(offset: str, tmp_path: Path) -> None:
    file = tmp_path / "offsets.toml"
    file.write_text(f"[offsets_ms]\na = {offset}\n")
    with pytest.raises(ConfigError, match=r"offsets\.toml to hold a table .*calibrate again"):
        read_offsets(file)


def test_what_was_measured_last_is_what_counts(tmp_path: Path) -> None:
    file = tmp_path / "offsets.toml"
    for name, seconds in (("a:in", 0.01), ("b:in", 0.02), ("a:in", 0.03)):
        store_offset(file, name, seconds)
    assert list(read_offsets(file)) == ["b:in", "a:in"]
