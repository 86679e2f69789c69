"""`polyrhythmia evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from polyrhythmia_live.cli.progress import progress_bars
from polyrhythmia_live.drummer.card import DEFAULT_MODEL

if TYPE_CHECKING:
    from polyrhythmia_live.training.data.dataset import Dataset
    from polyrhythmia_live.training.progress import ProgressCallback

TAKES = 200
TAKE_BARS = 16
LONG_TAKES = 20
SEED = 1


class Report(Protocol):
    """What every way of judging gives."""

    def table(self) -> str: ...

    def figures(self) -> dict[str, Any]: ...


@click.command()
@click.option(
    "--model", default=DEFAULT_MODEL, show_default=True, help="Name, or path of its .json."
)
@click.option(
    "--data",
    "root",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Folder of the unpacked Groove MIDI Dataset (the one with info.csv), or a prepared file.",
)
@click.option(
    "--split",
    type=click.Choice(["train", "validation", "test"]),
    default="validation",
    show_default=True,
)
@click.option(
    "--protocol",
    type=click.Choice(["clean", "bar16"]),
    default="clean",
    show_default=True,
    help="bar16 is the source project's own, for its published figures.",
)
@click.option("--generated", is_flag=True, help="Judge what the model plays by itself instead.")
@click.option(
    "--long",
    "long_takes",
    is_flag=True,
    help="With --generated: over 128 and 1,000 bars, not over 16.",
)
@click.option(
    "--takes",
    type=click.IntRange(min=1),
    help=f"With --generated: how many takes per genre.  [default: {TAKES}]  With --long: how many "
    f"of 128 bars, and a quarter as many of 1,000.  [default: {LONG_TAKES}]",
)
@click.option("--genre", "genres", multiple=True, help="With --generated: only this; repeatable.")
@click.option(
    "--cache",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to keep the parsed data in, for the next time.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(
    model: str,
    root: Path,
    split: str,
    protocol: str,
    generated: bool,
    long_takes: bool,
    takes: int | None,
    genres: tuple[str, ...],
    cache: Path | None,
    as_json: bool,
) -> None:
    """Measure how well a model predicts recorded drummers, through the runtime that plays live.

    Every step of every 4/4 file of the split, given all earlier steps of the file; beside it, what
    count tables from the training split and repeating the last bar reach.
    """
    if generated and protocol != "clean":
        raise click.UsageError("--generated has a protocol of its own: leave out --protocol")
    if not generated and (long_takes or takes is not None or genres):
        raise click.UsageError("--long, --takes and --genre are for --generated")
    from polyrhythmia_live.training.data.reading import read_dataset

    with progress_bars() as progress:
        dataset = read_dataset(root, sorted({"train", split}), cache, progress)
        if generated:
            usual = LONG_TAKES if long_takes else TAKES
            wishes = {
                "split": split,
                "takes": usual if takes is None else takes,
                "genres": genres or None,
                "seed": SEED,
                "progress": progress,
            }
            report = _generating(model, dataset, long_takes, wishes)
        else:
            report = _predicting(model, dataset, split, protocol, root, progress)
    click.echo(json.dumps(report.figures()) if as_json else report.table())


def _generating(model: str, dataset: Dataset, long_takes: bool, wishes: dict[str, Any]) -> Report:
    from polyrhythmia_live.engine import unattended

    if long_takes:
        from polyrhythmia_live.judging.long import judge_long

        return judge_long(model, dataset, unattended, **wishes)
    from polyrhythmia_live.judging.generation import judge_generated

    return judge_generated(model, dataset, unattended, bars=TAKE_BARS, **wishes)


def _predicting(
    model: str,
    dataset: Dataset,
    split: str,
    protocol: str,
    root: Path,
    progress: ProgressCallback,
) -> Report:
    from polyrhythmia_live.judging.bar16 import judge_bar16
    from polyrhythmia_live.judging.clean import judge
    from polyrhythmia_live.judging.listening import load_candidate

    candidate = load_candidate(model)
    if protocol == "bar16":
        return judge_bar16(candidate, dataset, split, root, progress)
    return judge(candidate, dataset, split, progress)
