"""Which ports get notes, and by which kit: `--out NAME` and `--out NAME=KIT`."""

from __future__ import annotations

from collections.abc import Sequence

from polyrhythmia_live.drums.kit import Kit
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.midi.names import folded
from polyrhythmia_live.presets.kits import kit_names, load_kit


def kits_by_port(outs: Sequence[str], kit: str) -> dict[str, Kit]:
    """The kit of each port that is named, in their order; `kit` for those that say none.

    Names that differ only in case are one port, and the first of them is kept. Raises ConfigError
    for what is no NAME=KIT and for two kits on one port, and PresetError as `load_kit` does.
    """
    names: dict[str, str] = {}
    chosen: dict[str, str] = {}
    for text in outs:
        name, own_kit = _parsed(text, kit)
        key = folded(name)
        names.setdefault(key, name)
        if own_kit is not None and chosen.setdefault(key, own_kit) != own_kit:
            raise ConfigError(
                f"expected one kit for the port '{name}', got '{chosen[key]}' and '{own_kit}': "
                "leave one of these --out away"
            )
    return {name: load_kit(chosen.get(key, kit)) for key, name in names.items()}


def _parsed(text: str, kit: str) -> tuple[str, str | None]:
    """`NAME=KIT` as both; a port's name may have a `=` of its own, where its kit follows it."""
    if "=" not in text:
        return text, None
    name, _, own_kit = text.rpartition("=")
    if not name:
        raise ConfigError(f"expected --out NAME or --out NAME=KIT, got {text!r}")
    if own_kit not in kit_names() and not own_kit.endswith(".toml"):
        raise ConfigError(
            f"expected a kit after the last '=' of --out, got {own_kit!r}: give one of "
            f"{', '.join(kit_names())} or the path of a .toml file; for the port '{text}', "
            f"write '{text}={kit}'"
        )
    return name, own_kit
