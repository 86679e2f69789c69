"""`polyrhythmia set-lists`: the songs to lead through."""

from __future__ import annotations

import click

from polyrhythmia_live.cli.listing import list_presets
from polyrhythmia_live.presets.set_lists import about_set_list, set_list_names


@click.command("set-lists")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def set_lists(as_json: bool) -> None:
    """List the set lists for `play --set-list`: songs and their sections, in order.

    Your own lie in the folder `set_lists` beside the configuration file.
    """
    list_presets(set_list_names(), about_set_list, str, lambda about: {"about": about}, as_json)
