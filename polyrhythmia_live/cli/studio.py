"""`polyrhythmia studio`: the page without a drummer that plays, for making and taking loops."""

from __future__ import annotations

import time
from pathlib import Path

import click

from polyrhythmia_live.cli.options import synth_options
from polyrhythmia_live.cli.page import web_bind_option, web_config
from polyrhythmia_live.config import WebConfig
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.errors import PolyrhythmiaError
from polyrhythmia_live.messages import AtWork, PageAt
from polyrhythmia_live.supervisor.child import Child
from polyrhythmia_live.supervisor.process import WEB_MODULE
from polyrhythmia_live.system.signals import Signals
from polyrhythmia_live.wires.base import SynthSound

STOP_SECONDS = 3.0
TURN_SECONDS = 0.2


@click.command()
@web_bind_option
@synth_options
def studio(
    web_bind: str | None, soundfont: Path | None, synth_kit: str | None, gain: float
) -> None:
    """Serve the page without clock and ports: loops to make and take, and what was played."""
    sound = SynthSound(soundfont, synth_kit, gain)
    _serve(web_config(web_bind, sound, load_card("medium")))
    click.echo("closed", err=True)


def _serve(config: WebConfig) -> None:
    """Until Ctrl-C or SIGTERM. Raises PolyrhythmiaError where no page can be served."""
    signals = Signals()
    page = Child(WEB_MODULE, lambda: config, None)
    with signals.heeded():
        page.start()
        try:
            while not signals.ending:
                connection = page.connection
                if connection is not None and connection.poll(TURN_SECONDS):
                    _hear(page.receive())
        except EOFError:
            raise PolyrhythmiaError("the page has crashed: start it again") from None
        finally:
            page.hang_up()
            page.stop(time.monotonic() + STOP_SECONDS)


def _hear(message: object) -> None:
    if isinstance(message, PageAt):
        click.echo("\n".join(message.lines))
        click.echo("Ctrl-C closes it")
    elif isinstance(message, AtWork) and message.trouble:
        raise PolyrhythmiaError(message.trouble)
