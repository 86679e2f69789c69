"""The source project's own protocol, so that its published figures can stand beside ours.

Bars are those between MIDI downbeats, whatever their metre, each cut into 16 steps; a trailing
part of a bar is dropped. A note goes to the nearest of the 16 steps of *its* bar, so that one just
before the bar line does not reach the next. Four of the dataset's pitches have no lane. For each of
a bar's 16 steps the next one is asked for, and the 16th target is the 16th input once more: of
16 targets 15 are honest, and a bar's first step is never asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pretty_midi
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.drums.pitches import PITCH_MAP
from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.judging.bar16_report import Bar16Figures, Bar16Report
from polyrhythmia_live.judging.clean import TRAIN, hear, judge_floors
from polyrhythmia_live.judging.grouping import ALL, Groups, grouped, of_group
from polyrhythmia_live.judging.listening import Candidate
from polyrhythmia_live.rhythm.bar import MICROTIMING_MAX_TICKS, MICROTIMING_MIN_TICKS
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, TICKS_PER_STEP, Meter
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.performance import Grid, Performance
from polyrhythmia_live.training.learn.step_scores import StepScores
from polyrhythmia_live.training.progress import ProgressCallback, counted, unwatched

BAR_STEPS = Meter().bar_steps

_LANE_PITCHES = (
    (35, 36),
    (37, 38, 39, 40),
    (42, 44),
    (46,),
    (41, 43),
    (45, 47),
    (48, 50),
    (49, 55, 57),
    (51, 53, 59),
)
SOURCE_LANES = {pitch: lane for lane, pitches in enumerate(_LANE_PITCHES) for pitch in pitches}
"""The source's map: it has our lanes, but not the pitches 22, 26, 52 and 58."""


def judge_bar16(
    candidate: Candidate,
    dataset: Dataset,
    split: str,
    root: Path,
    progress: ProgressCallback = unwatched,
) -> Bar16Report:
    """A network's figures and the floors' on the source's protocol.

    `root` is the dataset's folder, because the notes are read anew. `progress` is told of each file
    and each floor. Raises DatasetError when it is
    not one, and when the split has no whole bar.
    """
    if not root.is_dir():
        raise DatasetError(
            f"the protocol bar16 reads the MIDI files anew: expected their folder, got the file "
            f"{root}: give the folder that it was prepared from"
        )
    performances = in_sixteen(root, dataset.split(split), progress)
    if not performances:
        raise DatasetError(
            f"expected recordings of the split {split} with whole bars, found none: "
            "check --split, or give the folder of the whole dataset"
        )
    train = [] if split == TRAIN else in_sixteen(root, dataset.split(TRAIN), progress)
    of_network, _ = hear(candidate, performances, progress)
    of_floors = judge_floors(train, performances, progress) if train else {}
    groups = grouped(performances)
    return Bar16Report(
        model=candidate.name,
        split=split,
        bars=sum(p.bars for p in performances),
        train_bars=sum(p.bars for p in train),
        groups=_figures(of_network, groups),
        floors={
            name: _figures(scores, {ALL: groups[ALL]})[ALL] for name, scores in of_floors.items()
        },
    )


def in_sixteen(
    root: Path, performances: Sequence[Performance], progress: ProgressCallback = unwatched
) -> list[Performance]:
    """The performances on the source's grid, each file once, without those shorter than a bar."""
    whole = list({performance.file: performance for performance in performances}.values())
    read = [_in_sixteen(root, each) for each in counted(whole, "reading bars", progress)]
    return [performance for performance in read if performance is not None]


def _in_sixteen(root: Path, performance: Performance) -> Performance | None:
    """A step is a 16th of its bar, so a bar of 3/4 is a bar of 4/4 at a higher tempo."""
    midi = _read(root / performance.file)
    downbeats_seconds = midi.get_downbeats()
    if len(downbeats_seconds) < 2:
        return None
    velocities, microtimings_ticks, articulations = _grids(midi, downbeats_seconds)
    return Performance(
        name=performance.file,
        split=performance.split,
        genre=performance.genre,
        style=performance.style,
        tempo_bpm=60 * BAR_STEPS / STEPS_PER_BEAT / (downbeats_seconds[1] - downbeats_seconds[0]),
        meter=Meter(),
        fills=np.full(len(velocities), performance.fill),
        velocities=velocities,
        microtimings_ticks=microtimings_ticks,
        articulations=articulations,
    )


def _read(path: Path) -> pretty_midi.PrettyMIDI:
    try:
        return pretty_midi.PrettyMIDI(str(path))
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise DatasetError(
            f"expected a MIDI file that pretty_midi can read, got {path}: {error}; restore it"
        ) from error


def _grids(
    midi: pretty_midi.PrettyMIDI, downbeats_seconds: NDArray[np.float64]
) -> tuple[Grid, Grid, Grid]:
    """Velocities, microtimings and articulations of all whole bars, (steps, 9) each."""
    bars = len(downbeats_seconds) - 1
    shape = (bars * BAR_STEPS, LANES)
    velocities, microtimings_ticks, articulations = (np.zeros(shape, np.int16) for _ in range(3))
    for note in (note for instrument in midi.instruments for note in instrument.notes):
        bar = int(np.searchsorted(downbeats_seconds, note.start, side="right")) - 1
        if note.pitch not in SOURCE_LANES or not 0 <= bar < bars:
            continue
        start, stop = downbeats_seconds[bar : bar + 2]
        place = (note.start - start) / (stop - start) * BAR_STEPS
        in_bar = min(int(place + 0.5), BAR_STEPS - 1)
        cell = bar * BAR_STEPS + in_bar, SOURCE_LANES[note.pitch]
        if note.velocity > velocities[cell]:
            late_ticks = round((place - in_bar) * TICKS_PER_STEP)
            velocities[cell] = note.velocity
            microtimings_ticks[cell] = np.clip(
                late_ticks, MICROTIMING_MIN_TICKS, MICROTIMING_MAX_TICKS
            )
            articulations[cell] = PITCH_MAP.get(note.pitch, (0, 0))[1]
    return velocities, microtimings_ticks, articulations


def _figures(scores: Sequence[StepScores], groups: Groups) -> dict[str, Bar16Figures]:
    return {name: bar16_figures(of_group(scores, members)) for name, members in groups.items()}


def bar16_figures(scores: StepScores) -> Bar16Figures:
    """The figures of steps that are whole bars, in order."""
    right = scores.played == scores.likeliest
    asked = np.arange(len(right)) % BAR_STEPS > 0
    return Bar16Figures(
        bars=len(right) // BAR_STEPS,
        honest_accuracy=float(right[asked].mean()),
        honest_nll=float(scores.nats[asked].mean()),
        all_accuracy=float(right.mean()),
        all_nll=float(scores.nats.mean()),
    )
