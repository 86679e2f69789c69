"""A file, whatever is in it, becomes performances or has a reason."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polyrhythmia_live.training.data.dataset import NoteTally
from polyrhythmia_live.training.data.entry import Entry, read_entry
from polyrhythmia_live.training.data.midi_file import Unusable
from tests.training.conftest import Take, rock, write_take


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), changed=st.integers(0, 12), vouched=st.booleans())
def test_a_damaged_file_is_learnt_from_or_left_out(
    tmp_path: Path, seed: int, changed: int, vouched: bool
) -> None:
    rng = random.Random(seed)
    path = tmp_path / "take.mid"
    write_take(path, Take("take", rock(2)))
    content = bytearray(path.read_bytes())
    for _ in range(changed):
        at = rng.randrange(len(content))
        content[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
    path.write_bytes(content)
    tally = NoteTally()
    try:
        performances = read_entry(tmp_path, Entry("take.mid", vouched=vouched), tally, [])
    except Unusable:
        return
    assert {performance.file for performance in performances} == {"take.mid"}
    hits = sum(np.count_nonzero(performance.velocities) for performance in performances)
    assert 0 < hits <= tally.notes
