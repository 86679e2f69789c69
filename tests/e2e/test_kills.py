"""Hands on every surface, while processes are killed: `scripts/bench kills` for a minute's half.

How far log and ears differ around a kill, and how late what goes on is, the bench measures.
"""

from pathlib import Path

import pytest

pytest.importorskip("pythonosc", reason="needs the extra `osc`")

from polyrhythmia_live.testing.kills import ALL, BRAIN, DESK, PLAYER, Ordeal

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]

BARS = 24
HANGING_SECONDS = 3.0
"""A note of a drum that lasts so long hangs."""


def test_whoever_is_killed_no_note_hangs_and_the_log_replays_to_the_same_bytes(
    tmp_path: Path,
) -> None:
    findings = Ordeal(tmp_path, 5, BARS, (DESK, BRAIN, PLAYER, ALL), kill_bars=5.0).run()
    assert findings.bars >= BARS
    assert findings.strikes > BARS
    assert len(findings.kills) >= 2
    assert findings.alike == findings.lives
    assert findings.longest_note_seconds < HANGING_SECONDS
