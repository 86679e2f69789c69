import json

import click
import pytest
from click.testing import CliRunner, Result

from polyrhythmia_live.cli.kits import genres, kits
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.kits import kit_names


def run(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_kits_lists_every_kit_once() -> None:
    result = run(kits)
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == list(kit_names())
    assert list(json.loads(run(kits, "--json").output)) == list(kit_names())


def test_show_says_which_note_plays_what() -> None:
    lines = run(kits, "show", "korg-volca-beats").output.splitlines()
    assert lines[0] == "Korg volca beats, channel 10, notes of 30 ms"
    assert "  snare       38" in lines
    assert "  rimshot     38" in lines, "played as the plain snare"
    assert "  crash       silent" in lines


def test_channels_count_from_one_as_on_the_machine() -> None:
    record = json.loads(run(kits, "show", "roland-tr-08", "--json").output)
    assert record["notes"]["ride"] == {"channel": 1, "note": 49}


def test_a_machine_with_a_channel_for_each_sound_shows_them() -> None:
    lines = run(kits, "show", "korg-volca-drum").output.splitlines()
    assert lines[0] == "Korg volca drum, channels 1, 2, 3, 4, 5, notes of 30 ms"
    assert "  snare       60 on channel 2" in lines


def test_an_unknown_kit_is_a_preset_error() -> None:
    result = run(kits, "show", "tr8s")
    assert isinstance(result.exception, PresetError)


def test_genres_come_from_the_models_card(monkeypatch: pytest.MonkeyPatch) -> None:
    tempos_bpm = {"rock": 105.0, "jazz": 124.0, "shuffle": 112.0, "halftime": 140.0}
    monkeypatch.setattr("polyrhythmia_live.drummer.card.usual_tempos", lambda model: tempos_bpm)
    rock, jazz = run(genres).output.splitlines()
    assert rock == "1  rock      105 bpm   shuffle 112, halftime 140"
    assert jazz == "2  jazz      124 bpm"
    told = json.loads(run(genres, "--json").output)
    assert told["shuffle"] == {"key": "3", "bpm": 112.0, "genre": "rock"}


def test_the_shipped_genres_fit_on_eighty_columns() -> None:
    lines = run(genres).output.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("samba 89" in line for line in lines)


def test_the_synths_own_drum_kits_are_listed_by_bank_and_program() -> None:
    lines = run(kits, "--synth").output.splitlines()
    assert lines[0].endswith((".sf2, bank:program", ".sf3, bank:program"))
    assert "   128:0  Standard" in lines
    assert "  128:32  Jazz, sounds as Standard" in lines
    records = json.loads(run(kits, "--synth", "--json").output)
    assert {"bank": 128, "program": 25, "name": "TR 808"} in [
        {key: record[key] for key in ("bank", "program", "name")} for record in records
    ]
