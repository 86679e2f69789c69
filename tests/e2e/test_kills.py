"""Hands on every surface, while processes are killed: `scripts/bench kills` for a minute's half."""

from pathlib import Path

import pytest

pytest.importorskip("pythonosc", reason="needs the extra `osc`")

from polyrhythmia_live.testing.kills import (
    ALL,
    BAR_SECONDS,
    BRAIN,
    DESK,
    PLAYER,
    STEP_SECONDS,
    Ordeal,
)

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]

BARS = 24
MOST_KILLED_BARS = 1.0
"""So far from a kill, log and receiver may differ."""


def test_whoever_is_killed_the_log_says_what_was_heard(tmp_path: Path) -> None:
    findings = Ordeal(tmp_path, 5, BARS, (DESK, BRAIN, PLAYER, ALL), kill_bars=5.0).run()
    assert findings.bars >= BARS
    assert findings.strikes > BARS
    assert len(findings.kills) >= 2
    assert findings.alike == findings.lives
    assert findings.elsewhere == []
    for kill in findings.kills:
        assert abs(kill.reach_seconds) <= MOST_KILLED_BARS * BAR_SECONDS, kill
        if kill.late_seconds is not None:  # of a brain or a desk
            assert kill.late_seconds <= STEP_SECONDS, kill
    assert findings.longest_note_seconds < 0.5
