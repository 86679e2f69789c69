"""`polyrhythmia train` and `polyrhythmia evaluate`."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from polyrhythmia_live.drummer.checkpoint import DEFAULT_MODEL
from polyrhythmia_live.rhythm.meter import Meter

if TYPE_CHECKING:
    from polyrhythmia_live.training.performance import Performance

_folder = click.Path(file_okay=False, path_type=Path)
_data = click.option(
    "--data",
    "root",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the unpacked Groove MIDI Dataset (the one with info.csv).",
)
_cache = click.option(
    "--cache",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to keep the parsed data in, for the next time.",
)


@click.command()
@_data
@click.option("--out", required=True, type=_folder, help="Folder for checkpoints and the export.")
@click.option("--size", type=click.Choice(["small", "medium", "large"]), default="medium")
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the data at most.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in --out.")
@_cache
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
def train(
    root: Path,
    out: Path,
    size: str,
    epochs: int | None,
    resume: bool,
    cache: Path | None,
    seed: int,
) -> None:
    """Train the drummer's network on human drumming, and export it.

    Writes SIZE.tflite, SIZE-details.tflite and SIZE.json to --out; put them into models/ to play
    with them. Interrupted, it goes on with --resume. Needs `pip install -e '.[train]'`.
    """
    from polyrhythmia_live.training import network as networks
    from polyrhythmia_live.training.checkpoint import load_network
    from polyrhythmia_live.training.dataset import read_dataset
    from polyrhythmia_live.training.export import export
    from polyrhythmia_live.training.fit import Hyperparameters, Trainer

    dataset = read_dataset(root, cache=cache)
    click.echo(dataset.summary(), err=True)
    hyper = Hyperparameters() if epochs is None else Hyperparameters(epochs=epochs)
    trainer = Trainer(networks.SIZES[size], hyper, out, seed)
    if resume:
        trainer.resume()
    heard = dataset.split("train")
    figures = trainer.run(heard, dataset.split("validation", meter=Meter()))
    done = trainer.progress
    reached = {"seed": seed, "last_epoch": done.epochs, "best_epoch": done.best_epoch}
    provenance = {
        "data": dataset.provenance("train"),
        "training": {**asdict(hyper), **reached},
        "validation": asdict(figures),
        "command": _command(root, out, size, epochs, seed),
    }
    card = export(load_network(trainer.best), size, out, train=heard, provenance=provenance)
    _prime(card, heard, seed)
    click.echo(f"{figures}\nexported to {card}")


def _prime(card: Path, heard: Sequence[Performance], seed: int) -> None:
    from polyrhythmia_live.priming import prime

    with click.progressbar(length=1, label="playing every genre", file=sys.stderr) as shown:

        def report(done: int, in_all: int) -> None:
            shown.length = in_all
            shown.update(done - shown.pos)

        prime(card, train=heard, seed=seed, progress=report)


def _command(root: Path, out: Path, size: str, epochs: int | None, seed: int) -> str:
    """The command line for the card, without what is only about this machine."""
    words = ["--data", root.name, "--out", out.name, "--size", size, "--seed", str(seed)]
    if epochs is not None:
        words += ["--epochs", str(epochs)]
    return shlex.join(["polyrhythmia", "train", *words])


@click.command()
@click.option(
    "--model", default=DEFAULT_MODEL, show_default=True, help="Name, or path of its .json."
)
@_data
@click.option("--split", type=click.Choice(["train", "validation", "test"]), default="validation")
@_cache
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(model: str, root: Path, split: str, cache: Path | None, as_json: bool) -> None:
    """Measure how well a model predicts recorded drummers, through the runtime that plays live.

    Every step of every 4/4 file of the split, given all earlier steps of the file.
    """
    from polyrhythmia_live.drummer.checkpoint import load_checkpoint
    from polyrhythmia_live.drummer.runtime import StepNetwork
    from polyrhythmia_live.training.dataset import read_dataset
    from polyrhythmia_live.training.metrics import judge

    checkpoint = load_checkpoint(model)
    network = StepNetwork(checkpoint)
    dataset = read_dataset(root, splits=[split], cache=cache)
    figures = judge(network, checkpoint.state_size, dataset.split(split, meter=Meter()))
    if as_json:
        click.echo(json.dumps({"model": checkpoint.name, "split": split, **asdict(figures)}))
    else:
        click.echo(f"{checkpoint.name} on {split}: {figures}")
