"""`polyrhythmia train`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from polyrhythmia_live.cli.progress import progress_bars
from polyrhythmia_live.rhythm.meter import Meter

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
    from polyrhythmia_live.training.export.finish import export_best
    from polyrhythmia_live.training.learn.cluster import Cluster
    from polyrhythmia_live.training.learn.fit import Trainer
    from polyrhythmia_live.training.learn.hyperparameters import DROPOUT, Hyperparameters
    from polyrhythmia_live.training.learn.network import SIZES

    cluster = Cluster(strategy)
    with progress_bars() as progress:
        dataset = read_dataset(root, cache=cache, progress=progress)
        _say(dataset.summary())
        hyper = Hyperparameters(dropout=DROPOUT[size]).for_epochs(epochs)
        trainer = Trainer(SIZES[size], hyper, out, seed, cluster, progress=progress, say=_say)
        if resume:
            trainer.resume()
        try:
            trainer.run(dataset.split("train"), dataset.split("validation", meter=Meter()))
        except KeyboardInterrupt:
            _say(f"\n{_how_to_resume(trainer.progress.epochs, out)}")
            sys.exit(_INTERRUPTED)
        if cluster.chief:
            command = _command(root, out, epochs, seed, "--size", size)
            card, figures = export_best(trainer, dataset, size, command=command, progress=progress)
            click.echo(f"{figures}\nexported to {card}")
    cluster.wait()


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
    from polyrhythmia_live.training.export.exported import read_start
    from polyrhythmia_live.training.export.finish import export_adopted
    from polyrhythmia_live.training.learn.finetune import FINE_TUNING, fine_tune

    start, hyper = read_start(init), FINE_TUNING.for_epochs(epochs)
    beside = [] if base_root is None else ["--base-data", base_root.name]
    command = _command(root, out, epochs, seed, "--init", Path(init).name, *beside)
    with progress_bars() as progress:
        own = read_dataset(root, cache=cache, progress=progress)
        _say(own.summary())
        base = None if base_root is None else read_dataset(base_root, progress=progress)
        outcome = fine_tune(
            start.network, own, base, out, seed=seed, hyper=hyper, progress=progress, say=_say
        )
        if not outcome.adopted:
            click.echo(f"{start.name} stays as it was: {outcome}")
            sys.exit(1)
        card = export_adopted(
            outcome, start, out, own, base,
            hyper=hyper, seed=seed, command=command, progress=progress,
        )  # fmt: skip
    click.echo(f"adopted: {outcome}\nexported to {card}")


def _say(line: str) -> None:
    click.echo(line, err=True)


def _how_to_resume(epochs: int, out: Path) -> str:
    if not epochs:
        return "stopped before the end of the first epoch: there is nothing to resume"
    return f"stopped; {out} has all up to epoch {epochs}: go on with the same command and --resume"


def _command(root: Path, out: Path, epochs: int | None, seed: int, *kind: str) -> str:
    """The command line for the card, without what is only about this machine."""
    words = ["--data", root.name, "--out", out.name, *kind, "--seed", str(seed)]
    if epochs is not None:
        words += ["--epochs", str(epochs)]
    return shlex.join(["polyrhythmia", "train", *words])
