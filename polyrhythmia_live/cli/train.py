"""`polyrhythmia train`."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polyrhythmia_live.rhythm.meter import Meter

if TYPE_CHECKING:
    from polyrhythmia_live.training.data.dataset import Dataset
    from polyrhythmia_live.training.data.performance import Performance
    from polyrhythmia_live.training.learn.fit import Trainer
    from polyrhythmia_live.training.learn.network import KerasNetwork

_INTERRUPTED = 130
"""The exit status of what Ctrl-C ended."""


@click.command()
@click.option(
    "--data",
    "root",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Folder of the unpacked Groove MIDI Dataset (the one with info.csv) or any of drum MIDI, "
    "or a file that `prepare` has written.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for checkpoints, curves and the export.",
)
@click.option(
    "--size",
    type=click.Choice(["small", "medium", "large"]),
    help="Of a new network.  [default: medium]",
)
@click.option(
    "--init",
    help="Go on with a trained network instead: a model's name or the path of its .json, or the "
    "best.npz of a run.",
)
@click.option(
    "--base-data",
    "base_root",
    type=click.Path(exists=True, path_type=Path),
    help="With --init: what the network was trained on, to be mixed in so that it is not unlearnt.",
)
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the data at most.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in --out.")
@click.option(
    "--strategy",
    type=click.Choice(["none", "mirrored", "multiworker"]),
    default="none",
    show_default=True,
    help="mirrored: on all GPUs here; multiworker: on the machines that TF_CONFIG lists.",
)
@click.option(
    "--cache",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to keep the parsed --data in, for the next time.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
def train(
    root: Path,
    out: Path,
    size: str | None,
    init: str | None,
    base_root: Path | None,
    epochs: int | None,
    resume: bool,
    strategy: str,
    cache: Path | None,
    seed: int,
) -> None:
    """Train the drummer's network on human drumming, and export it.

    Writes SIZE.tflite, SIZE-details.tflite and SIZE.json to --out; put them into models/ to play
    with them. Beside them: log.csv, curves.png and tensorboard/. Interrupted, it goes on with
    --resume. Needs `pip install -e '.[train]'`.

    With --init, a trained network learns from your own playing in minutes. A tenth of your files is
    held out, and the result is only exported if it predicts those better than before, and those of
    --base-data not worse; otherwise the exit status is 1.
    """
    if init is not None:
        if size is not None or resume or strategy != "none":
            raise click.UsageError("--init goes without --size, --resume and --strategy")
        _fine_tune(init, root, base_root, out, epochs, cache, seed)
        return
    if base_root is not None:
        raise click.UsageError("--base-data is for --init")
    _train(size or "medium", root, out, epochs, resume, strategy, cache, seed)


def _train(
    size: str,
    root: Path,
    out: Path,
    epochs: int | None,
    resume: bool,
    strategy: str,
    cache: Path | None,
    seed: int,
) -> None:
    from polyrhythmia_live.training.data.reading import read_dataset
    from polyrhythmia_live.training.learn import network as networks
    from polyrhythmia_live.training.learn.cluster import Cluster
    from polyrhythmia_live.training.learn.fit import Trainer
    from polyrhythmia_live.training.learn.hyperparameters import DROPOUT, Hyperparameters

    cluster = Cluster(strategy)
    dataset = read_dataset(root, cache=cache)
    click.echo(dataset.summary(), err=True)
    hyper = Hyperparameters(dropout=DROPOUT[size])
    if epochs is not None:
        hyper = replace(hyper, epochs=epochs)
    trainer = Trainer(networks.SIZES[size], hyper, out, seed, cluster)
    if resume:
        trainer.resume()
    try:
        trainer.run(dataset.split("train"), dataset.split("validation", meter=Meter()))
    except KeyboardInterrupt:
        _say_how_to_resume(trainer.progress.epochs, out)
    if cluster.chief:
        command = _command(root, out, epochs, seed, "--size", size)
        _export_best(trainer, dataset, size, out, {**asdict(hyper), "seed": seed}, command)
    cluster.wait()


def _export_best(
    trainer: Trainer,
    dataset: Dataset,
    size: str,
    out: Path,
    training: dict[str, Any],
    command: str,
) -> None:
    from polyrhythmia_live.training.export.export import export
    from polyrhythmia_live.training.learn.checkpoint import load_network
    from polyrhythmia_live.training.learn.objective import evaluate

    network, done, heard = load_network(trainer.best), trainer.progress, dataset.split("train")
    figures = evaluate(network, dataset.split("validation", meter=Meter()))
    reached = {"last_epoch": done.epochs, "best_epoch": done.best_epoch}
    provenance = {
        "data": dataset.provenance("train"),
        "training": training | reached,
        "validation": asdict(figures),
        "command": command,
    }
    card = export(network, size, out, train=heard, provenance=provenance)
    _prime(card, heard, training["seed"])
    click.echo(f"{figures}\nexported to {card}")


def _say_how_to_resume(epochs: int, out: Path) -> None:
    click.echo("", err=True)
    if epochs:
        click.echo(
            f"stopped; {out} has all up to epoch {epochs}: go on with the same command and "
            "--resume",
            err=True,
        )
    else:
        click.echo(
            "stopped before the end of the first epoch: there is nothing to resume", err=True
        )
    sys.exit(_INTERRUPTED)


def _fine_tune(
    init: str,
    root: Path,
    base_root: Path | None,
    out: Path,
    epochs: int | None,
    cache: Path | None,
    seed: int,
) -> None:
    from polyrhythmia_live.training.data.reading import read_dataset
    from polyrhythmia_live.training.export.finish import export_adopted
    from polyrhythmia_live.training.learn.finetune import FINE_TUNING, fine_tune

    start, name, earlier = _trained(init)
    own = read_dataset(root, cache=cache)
    click.echo(own.summary(), err=True)
    base = read_dataset(base_root) if base_root is not None else None
    hyper = FINE_TUNING if epochs is None else replace(FINE_TUNING, epochs=epochs)
    outcome = fine_tune(start, own, base, out, seed=seed, hyper=hyper)
    if not outcome.adopted:
        click.echo(f"{name} stays as it was: {outcome}")
        sys.exit(1)
    beside = ["--base-data", base_root.name] if base_root is not None else []
    provenance = {
        "training": {**asdict(hyper), "seed": seed},
        "command": _command(root, out, epochs, seed, "--init", Path(init).name, *beside),
    }
    card = export_adopted(outcome, name, earlier, out, own, base, provenance)
    heard = [*own.split("train"), *(base.split("train") if base else ())]
    _prime(card, heard, seed, {style for take in own.performances for style in take.styles})
    click.echo(f"adopted: {outcome}\nexported to {card}")


def _trained(source: str) -> tuple[KerasNetwork, str, dict[str, Any]]:
    """A network, its name, and what its card says; that is empty for a run's weights."""
    from polyrhythmia_live.drummer.open import load_card
    from polyrhythmia_live.training.export.exported import read_network
    from polyrhythmia_live.training.learn.checkpoint import load_network

    path = Path(source)
    if path.suffix == ".npz":
        return load_network(path), path.resolve().parent.name, {}
    card = load_card(source)
    return read_network(card.path), card.name, json.loads(card.path.read_text())


def _prime(
    card: Path, heard: Sequence[Performance], seed: int, styles: set[str] | None = None
) -> None:
    from polyrhythmia_live.training.export.priming import prime

    with click.progressbar(length=1, label="playing every genre", file=sys.stderr) as shown:

        def report(done: int, in_all: int) -> None:
            shown.length = in_all
            shown.update(done - shown.pos)

        prime(card, train=heard, styles=styles, seed=seed, progress=report)


def _command(root: Path, out: Path, epochs: int | None, seed: int, *kind: str) -> str:
    """The command line for the card, without what is only about this machine."""
    words = ["--data", root.name, "--out", out.name, *kind, "--seed", str(seed)]
    if epochs is not None:
        words += ["--epochs", str(epochs)]
    return shlex.join(["polyrhythmia", "train", *words])
