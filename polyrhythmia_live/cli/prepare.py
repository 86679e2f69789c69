"""`polyrhythmia prepare`."""

from __future__ import annotations

from pathlib import Path

import click

from polyrhythmia_live.cli.progress import progress_bars


@click.command()
@click.option(
    "--data",
    "root",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the unpacked Groove MIDI Dataset (the one with info.csv), or any of drum MIDI.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, .npz; give it to train and evaluate as --data.",
)
@click.option(
    "--people",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="File to write, .json: what their bars are like, by genre, as presets/people.json.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="File to write, .csv: what became of each file; beside it, .svg, what was learnt from.",
)
def prepare(root: Path, out: Path, people: Path | None, report: Path | None) -> None:
    """Read recordings once, into one file to train on, and say what was left out and why.

    In a folder of your own, a file's style is the one that its name or its folder's name says, or
    what styles.csv in the folder says: columns file, style and, if you like, split, tempo,
    beat_type (beat, fill) and meter. A file that cannot be read costs only itself.
    """
    from polyrhythmia_live.training.data import reading

    if report is not None and report.suffix.lower() == ".svg":
        raise click.BadParameter("expected a .csv: the picture is written beside it, as .svg")
    with progress_bars() as progress:
        dataset = reading.prepare(root, out, progress, report)
    click.echo(dataset.summary())
    told = sum(bool(verdict.told) for verdict in dataset.verdicts)
    if told:
        where = "see the report" if report is not None else "--report FILE says what"
        click.echo(f"files in which something was passed over or guessed: {told} ({where})")
    for split in reading.SPLITS:
        files = dataset.split(split)
        if files:
            bars = sum(performance.bars for performance in files)
            click.echo(f"{split}: {len({p.file for p in files})} files, {bars} bars")
        else:
            click.echo(f"{split}: not in {root}")
    click.echo(f"written to {out}")
    if people is not None:
        from polyrhythmia_live.training.data.people import write_people

        write_people(dataset, people)
        click.echo(f"written to {people}")
    if report is not None:
        from polyrhythmia_live.training.data.picture import write_picture

        drawing = report.with_suffix(".svg")
        write_picture(dataset, drawing)
        click.echo(f"written to {report} and {drawing}")
