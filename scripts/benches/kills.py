"""A performance led by random commands from every surface, whose processes are killed at random.

The real daemon at 320 bpm on a private JACK server, to a drum machine that is a process of its own.
Keys, a controller, the desk's socket, `ctl` and OSC give commands, four a second. Brain, desk,
player, the supervisor, and all of them at once are killed with SIGKILL; where the whole is gone, it
is started again and goes on. What a log says is held against what the machine heard.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np
from _load import memory_folder, private_jack

from polyrhythmia_live.testing.kills import (
    ALL,
    BAR_SECONDS,
    BRAIN,
    DESK,
    PLAYER,
    SUPERVISOR,
    TOLD_TO_END,
    Findings,
    Kill,
    Ordeal,
)

OPTIONS = [
    click.Option(["--bars"], type=click.IntRange(8), default=1000, help="To play [1000]."),
    click.Option(["--seed"], type=click.IntRange(0), default=1, help="Of hands and kills [1]."),
    click.Option(["--kill-bars"], type=click.FloatRange(4.0), default=10.0,
                 help="From kill to kill, on average [10]."),
    click.Option(["--keep"], type=click.Path(path_type=Path, file_okay=False),
                 help="Leave logs, terminals and what was heard there."),
]  # fmt: skip

KINDS = (BRAIN, BRAIN, BRAIN, DESK, DESK, DESK, PLAYER, PLAYER, SUPERVISOR, ALL)
GOAL_NOTE_SECONDS = 0.5


def measure(
    bars: int = 1000, seed: int = 1, kill_bars: float = 10.0, keep: Path | None = None
) -> tuple[dict[str, Any], str]:
    """The figures and a table of them."""
    with private_jack(), memory_folder() as folder:
        ordeal = Ordeal(folder, seed, bars, KINDS, kill_bars)
        try:
            findings = ordeal.run()
        finally:
            if keep is not None:
                shutil.copytree(folder, keep, dirs_exist_ok=True,
                                ignore=shutil.ignore_patterns("*.sock", "*.address"))  # fmt: skip
    figures = _figures(findings)
    return figures, _table(figures, seed)


def _figures(findings: Findings) -> dict[str, Any]:
    jitter = np.abs(findings.jitter_seconds) if findings.jitter_seconds else np.zeros(1)
    return {
        "bars": findings.bars,
        "performances": findings.lives,
        "strikes": findings.strikes,
        "commands": dict(findings.commands),
        "kills": {kind: _of_kind([it for it in findings.kills if it.what == kind])
                  for kind in dict.fromkeys((*KINDS, TOLD_TO_END))},
        "logs replayed to the same bytes": findings.alike,
        "at moves of the song": findings.at_moves,
        "elsewhere": findings.elsewhere,
        "jitter p99 ms": float(np.percentile(jitter, 99)) * 1000,
        "longest note ms": findings.longest_note_seconds * 1000,
        "remembered": findings.recalls.remembered,
        "recalled": findings.recalls.recalled,
        "recalled after a whole kill": findings.recalls.after_a_whole_kill,
        "missed": [asdict(it) for it in findings.recalls.missed],
        "unanswered": findings.recalls.unanswered,
        "not settled": findings.recalls.not_settled,
    }  # fmt: skip


def _of_kind(kills: list[Kill]) -> dict[str, Any]:
    late = [it.late_seconds for it in kills if it.late_seconds is not None]
    return {
        "kills": len(kills),
        "with a difference": sum(bool(it.unheard or it.unwritten) for it in kills),
        "only heard": sum(it.unwritten for it in kills),
        "only in the log": sum(it.unheard for it in kills),
        "first bars": min([0.0, *(it.reach_seconds for it in kills)]) / BAR_SECONDS,
        "last bars": max([0.0, *(it.reach_seconds for it in kills)]) / BAR_SECONDS,
        "late ms": max(late) * 1000 if late else None,
    }


def _table(figures: dict[str, Any], seed: int) -> str:
    kills: Mapping[str, Mapping[str, Any]] = figures["kills"]
    total = sum(it["kills"] for kind, it in kills.items() if kind != TOLD_TO_END)
    lines = [
        f"{figures['bars']} bars in {figures['performances']} performances, "
        f"{figures['strikes']} strikes, {total} kills, seed {seed}",
        "commands: " + ", ".join(f"{count} {name}" for name, count in figures["commands"].items()),
        "differences between log and receiver, in strikes; where they lie, in bars from the kill",
        f"{'killed':14}{'times':>7}{'differ':>8}{'heard':>7}{'logged':>8}{'from':>8}{'to':>7}"
        f"{'late ms':>9}",
    ]
    for kind, it in kills.items():
        late = "" if it["late ms"] is None else f"{it['late ms']:.1f}"
        lines.append(
            f"{kind:14}{it['kills']:7}{it['with a difference']:8}{it['only heard']:7}"
            f"{it['only in the log']:8}{it['first bars']:8.2f}{it['last bars']:7.2f}{late:>9}"
        )
    missed = figures["missed"]
    too_late = sum(it["ahead_steps"] == 0 for it in missed)
    replayed = figures["logs replayed to the same bytes"]
    rows = (
        ("differences at moves of the song", figures["at moves of the song"], ""),
        ("... anywhere else", len(figures["elsewhere"]), "goal 0"),
        ("logs replayed twice to the same bytes", replayed, f"goal {figures['performances']}"),
        ("grooves remembered", figures["remembered"], ""),
        ("... recalled", figures["recalled"],
         f"after a whole kill: {figures['recalled after a whole kill']}"),
        ("... not as remembered", len(missed) - too_late, "goal 0"),
        ("... the same, asked for in the last step", too_late, ""),
        ("... nobody answered", figures["unanswered"], ""),
        ("longest note, ms", figures["longest note ms"],
         f"goal below {GOAL_NOTE_SECONDS * 1000:.0f}"),
        ("from strike to strike, p99, ms", figures["jitter p99 ms"], ""),
    )  # fmt: skip
    for name, figure, goal in rows:
        number = f"{figure:.1f}" if isinstance(figure, float) else str(figure)
        lines.append(f"{name:44}{number:>8}   {goal}".rstrip())
    lines += [f"{it['ahead_steps']} steps ahead: {it['words']}" for it in missed]
    return "\n".join([*lines, *map(str, figures["elsewhere"][:20])])
