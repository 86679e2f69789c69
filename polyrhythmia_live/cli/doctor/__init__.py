"""`polyrhythmia doctor`: is this machine ready to play?"""

from __future__ import annotations

import json
import sys
from itertools import chain
from typing import Any

import click

from polyrhythmia_live.cli.doctor.check import Check, Verdict
from polyrhythmia_live.cli.doctor.examine import examine, examine_timing

_NAME_WIDTH = 20
_VERDICT_WIDTH = 9


@click.command()
@click.option("--timing", is_flag=True, help="Measure timing too: under load, and of MIDI ports.")
@click.option("--json", "as_json", is_flag=True, help="For programs, and for reports of faults.")
def doctor(timing: bool, as_json: bool) -> None:
    """Check this machine, and say how to mend it: 3 seconds, 18 with --timing.

    Exits with 1 when something is wrong without which nothing can be played.
    """
    checks = []
    for check in chain(examine(), examine_timing() if timing else ()):
        checks.append(check)
        if not as_json:
            _print(check)
    healthy = all(check.verdict is not Verdict.FAILED for check in checks)
    if as_json:
        report: dict[str, Any] = {"ok": healthy, "checks": [_record(check) for check in checks]}
        click.echo(json.dumps(report, indent=2))
    sys.exit(0 if healthy else 1)


def _print(check: Check) -> None:
    verdict = check.verdict.value.ljust(_VERDICT_WIDTH)
    click.echo(f"{verdict}{check.name.ljust(_NAME_WIDTH)}{check.found}")
    if check.mend:
        click.echo(f"{'':{_VERDICT_WIDTH}}{'':{_NAME_WIDTH}}mend it: {check.mend}")


def _record(check: Check) -> dict[str, str]:
    return {
        "name": check.name,
        "verdict": check.verdict.value,
        "found": check.found,
        "mend": check.mend,
    }
