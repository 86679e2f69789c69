"""What is heard of each lane, and what is locked, in the few words or the one sign for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import DRUMS, Command, Fire, LevelChange, Snapshot
from polyrhythmia_live.rhythm.mix import AS_PLAYED, UNMIXED, Mix

MUTED, SOLOED, LOCKED = "M", "S", "L"
"""The signs of a lane; one that has several is shown by the first of them."""


def mix_of(snapshot: Snapshot) -> Mix:
    """How the drums are mixed, as far as it is known."""
    return UNMIXED if snapshot.status is None else snapshot.status.mix


def sign(lane: str, snapshot: Snapshot) -> str:
    """What there is to say of a lane in one column; a blank where nothing is."""
    mix = mix_of(snapshot)
    if mix.silent or lane in mix.muted:
        return MUTED
    if lane in mix.soloed:
        return SOLOED
    return LOCKED if lane in snapshot.locked else " "


def named(lanes: Iterable[str]) -> str:
    """Lanes in words, in their order; the voice where it is none or all."""
    found = [lane for lane in LANE if lane in set(lanes)]
    if len(found) in (0, len(LANE)):
        return DRUMS
    return ", ".join(lane.replace("-", " ") for lane in found)


def mix_in_words(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """All that is not as usual: the control's name, and the words for it."""
    mix = mix_of(snapshot)
    if mix.muted and not mix.silent:
        yield "mute", f"{named(mix.muted)} muted"
    if mix.soloed:
        yield "solo", f"solo {named(mix.soloed)}"
    for lane, level in (("", mix.level), *mix.lane_levels):
        if level != AS_PLAYED:
            yield "level", _level(lane, mix)
    if snapshot.locked:
        yield "lock", f"{named(snapshot.locked)} locked"


def answered(command: Command, snapshot: Snapshot) -> str:
    """What a control of the mixer, or a lock, did."""
    mix = mix_of(snapshot)
    if isinstance(command, LevelChange):
        return _level(command.lane, mix)
    lanes = _lanes(command)
    who = named(lanes)
    if command.name == "mute":
        return f"{who} muted" if mix.is_muted(lanes) else f"{who} unmuted{_and_yet(lanes, mix)}"
    if command.name == "unmute":
        return f"{who} unmuted{_and_yet(lanes, mix)}"
    if command.name == "solo":
        return f"solo {named(mix.soloed)}" if mix.soloed else "no solo"
    if command.name == "regenerate":
        return f"{who} anew, the others locked"
    return f"{who} {command.name}ed"


def unanswered(command: Command, rolling: bool, snapshot: Snapshot) -> str:
    """Why a control of the mixer, or a lock, changed nothing."""
    mix = mix_of(snapshot)
    if isinstance(command, LevelChange):
        return f"{_level(command.lane, mix)} already"
    who = named(_lanes(command))
    if command.name == "mute":
        return f"{who} {'muted' if mix.is_muted(_lanes(command)) else 'unmuted'} already"
    if command.name == "unmute":
        return f"{who} unmuted already"
    if command.name == "solo":
        return f"solo {named(mix.soloed)} already" if mix.soloed else "no solo already"
    if command.name == "unlock":
        return f"unlock: {who} not locked"
    if not rolling:
        return f"{command.name}: nothing plays"
    return f"{who} locked already" if command.name == "lock" else "the others are locked already"


def _and_yet(lanes: list[str], mix: Mix) -> str:
    """Why lanes that are unmuted are not heard."""
    if mix.silent:
        return ", but all drums are muted"
    if mix.soloed and not set(lanes or LANE) & mix.soloed:
        return ", but others are soloed"
    return ""


def _level(lane: str, mix: Mix) -> str:
    level = f"level {LEVELS['level'].written(mix.level_of(lane))}"
    return f"{named([lane])} {level}" if lane else level


def _lanes(command: Command) -> list[str]:
    return command.word.split() if isinstance(command, Fire) else []
