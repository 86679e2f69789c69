from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.naming import meter_named, style_named, tempo_named


@pytest.mark.parametrize(
    ("path", "meter", "tempo_bpm"),
    [
        ("7-8 groove 140.mid", Meter(7, 8), 140),
        ("L10-7-8 groove 140.mid", Meter(7, 8), 140),
        ("1_rock_120_beat_4-4.mid", Meter(4, 4), 120),
        ("6_8/afro bembe 96bpm take 72.mid", Meter(6, 8), 96),
        ("BPM 174 break.mid", None, 174),
        ("12-8 blues 58.mid", Meter(12, 8), 58),
        ("rock bars 5-8.mid", None, None),
        ("take 2-4 rock.mid", None, None),
        ("2024-12-8 practice.mid", None, None),
        ("01.mid", None, None),
        ("fill 80 or 90.mid", None, None),
        ("rock 999.mid", None, None),
        ("ドラム.mid", None, None),
    ],
)
def test_a_name_may_say_meter_and_tempo(
    path: str, meter: Meter | None, tempo_bpm: float | None
) -> None:
    assert meter_named(PurePosixPath(path)) == meter
    assert tempo_named(PurePosixPath(path)) == tempo_bpm


@pytest.mark.parametrize("path", ["01.mid", "2024/7.mid", "ドラム.mid", "…/___.mid"])
def test_a_name_without_a_word_names_no_style(path: str) -> None:
    assert style_named(PurePosixPath(path)) == ""
