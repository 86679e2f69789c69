"""The flags of `play` as one Config: what exists, what goes together, and what was calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import platformdirs

from polyrhythmia_live.calibration.offsets import SYNTH, read_offsets
from polyrhythmia_live.cli.controllers import all_controllers
from polyrhythmia_live.cli.last_song import remembered_controls, state_file
from polyrhythmia_live.cli.offsets import OutputOffsets
from polyrhythmia_live.cli.options import Score, offsets_file, resolve_score, resolve_sound
from polyrhythmia_live.cli.page import LOOPBACK, web_config
from polyrhythmia_live.cli.performances import desk_socket, lock_file, new_performance
from polyrhythmia_live.cli.routes import kits_by_port
from polyrhythmia_live.clock.base import ClockSwing, Follow, OnClockLoss, Smoothing
from polyrhythmia_live.clock.link.base import LinkRole
from polyrhythmia_live.config import (
    BrainConfig,
    Config,
    DeskConfig,
    Head,
    LightsConfig,
    OscConfig,
    PlayerConfig,
    PortOutput,
    SetList,
    SynthConfig,
    WebConfig,
)
from polyrhythmia_live.control.base import DRUMMER_LEVELS
from polyrhythmia_live.control.controller.base import Controllers
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.midi.names import VIRTUAL_CONTROL, VIRTUAL_OUT, folded
from polyrhythmia_live.presets.kits import load_kit
from polyrhythmia_live.presets.performances import full_name
from polyrhythmia_live.presets.set_lists import load_set_list, presets_as_sections
from polyrhythmia_live.wires.base import SynthSound

CONTROL = "control"
"""What --clock-in calls our own control port for short."""

_SCORE_FLAGS = (
    "preset", "model", "genre", "bpm", *DRUMMER_LEVELS, "top_k", "top_p", "meter", "seed",
)  # fmt: skip


def make_config(flags: dict[str, Any], session: Path, debug: bool) -> Config:
    """The flags of `play` as a Config. Raises a PolyrhythmiaError for what does not exist."""
    score = resolve_score(**{name: flags[name] for name in _SCORE_FLAGS})
    address = str(session / "player.sock")
    stored = read_offsets(offsets_file())
    offsets = OutputOffsets(flags["offsets"], flags["offset_ms"], stored)
    is_path = flags["preset"].endswith(".toml")
    preset = flags["preset"] if is_path else full_name(score.preset.name)
    file = state_file(preset, otherwise=session)
    remembered, notes = remembered_controls(file, score, flags)
    if remembered is not None:
        score = replace(score, controls=remembered)
    controllers, faults = all_controllers(flags["controllers"], score.card.genres)
    if flags["set_list"] is None:
        set_list = presets_as_sections(score.card.genres)
    else:
        set_list = _set_list(flags, score)
        first = set_list.songs[0].sections[0]
        score = replace(score, controls=first.controls, given_bpm=first.tempo_bpm)
    player = _player(flags, score, address, offsets, controllers)
    osc = _osc(flags)
    head = Head(
        began=datetime.now().astimezone().isoformat(timespec="seconds"),
        run=session.name,
        preset=score.preset.name,
        model=score.card.name,
        digest=score.card.digest,
        seed=score.seed,
        remembers=remembered is not None,
        controls=score.controls,
        meters=score.meters,
        tempo_bpm=score.tempo_bpm,
        kit=next(port.kit for port in player.ports if port.virtual),
    )
    log = new_performance(head.began)
    return Config(
        player=player,
        brain=BrainConfig(
            address=address,
            model=flags["model"],
            controls=score.controls,
            meters=score.meters,
            seed=score.seed,
            run=session.name,
            state_file=file,
            remembers=remembered is not None,
            set_list=set_list,
        ),
        desk=DeskConfig(
            socket=desk_socket(),
            log=log,
            genres=score.card.genres,
            head=head,
            osc=osc,
            set_list=set_list,
        ),
        lights=LightsConfig(controllers, flags["midi_system"], score.card.genres, score.meters),
        web=_web(flags, score, log),
        genres=score.card.genres,
        lock=lock_file(),
        log=None if debug else platformdirs.user_log_path("polyrhythmia") / "polyrhythmia.log",
        notes=(
            *notes,
            *faults,
            *([] if osc is None else [_osc_note(osc)]),
            *(["--gain 0: the synth is silent"] if flags["gain"] == 0 else []),
            *(
                f"{name} plays {abs(1000 * seconds):.0f} ms "
                f"{'ahead' if seconds < 0 else 'behind'}, as calibrated"
                for name, seconds in offsets.as_calibrated.items()
            ),
        ),
    )


def _set_list(flags: dict[str, Any], score: Score) -> SetList:
    """Raises ConfigError for a flag that says what is the set list's to say."""
    for name in ("genre", "bpm", *DRUMMER_LEVELS):
        if flags[name] is not None:
            raise ConfigError(f"--set-list says this for each section: leave out --{name}")
    return load_set_list(flags["set_list"], score.card.tempos_bpm)


def _player(
    flags: dict[str, Any],
    score: Score,
    address: str,
    offsets: OutputOffsets,
    controllers: Controllers,
) -> PlayerConfig:
    ports, synth = _ports(flags, offsets), _synth(flags, offsets)
    offsets.refuse_others(port.name for port in ports)
    clock_in, link = _clock_in(flags), _link(flags)
    shared = link is LinkRole.FOLLOW and flags["link_start_stop"]
    return PlayerConfig(
        address=address,
        ports=ports,
        synth=synth,
        control_ports=_control_ports(flags["ins"], controllers),
        midi_system=flags["midi_system"],
        clock_in=clock_in,
        follow=Follow(flags["follow"]),
        clock_offset_seconds=flags["clock_offset_ms"] / 1000,
        on_clock_loss=OnClockLoss(flags["on_clock_loss"]),
        clock_smoothing=Smoothing(flags["clock_smoothing"]),
        clock_swing=ClockSwing(flags["clock_swing"]),
        tempo_bpm=score.tempo_bpm,
        meters=score.meters,
        groove=score.preset.groove,
        genres=score.card.genres,
        autostart=flags["start"] and clock_in is None and not shared,
        link=link,
        link_start_stop=flags["link_start_stop"],
        clock_nonstop=flags["clock_out_when"] == "always",
        count_in_bars=flags["count_in"] if clock_in is None else 0,
        control_channel=None if flags["control_channel"] is None else flags["control_channel"] - 1,
        controllers=controllers,
        parts=score.parts,
    )


def _control_ports(ins: Sequence[str], controllers: Controllers) -> tuple[str, ...]:
    """The inputs that were named, and those of the controllers that were, each once."""
    named = [folded(name) for name in ins]
    parts = (part for controller in controllers.asked for part in controller.ports[:1])
    others = [
        part
        for part in dict.fromkeys(parts)
        if not any(folded(part) in name or name in folded(part) for name in named)
        and folded(part) != folded(VIRTUAL_CONTROL)
    ]
    return (*ins, *others)


def _clock_in(flags: dict[str, Any]) -> str | None:
    """The port whose clock is followed; our own control port under its one name."""
    name: str | None = flags["clock_in"]
    ours = name is not None and name.casefold() in (CONTROL, VIRTUAL_CONTROL.casefold())
    return VIRTUAL_CONTROL if ours else name


def _link(flags: dict[str, Any]) -> LinkRole | None:
    """Raises ConfigError for two clocks to follow, and for what means nothing without Link."""
    if flags["link"] is None:
        if flags["link_start_stop"]:
            raise ConfigError("--link-start-stop needs a session: add --link follow or --link lead")
        return None
    if flags["link"] == "follow" and flags["clock_in"] is not None:
        raise ConfigError(
            "expected one clock to follow, got --clock-in and --link follow: leave one out, or "
            "say --link lead to put the clock of --clock-in upon the session"
        )
    return LinkRole(flags["link"])


def _web(flags: dict[str, Any], score: Score, log: Path) -> WebConfig | None:
    """Raises ConfigError for what it lacks, before anything plays."""
    if not flags["web"] and flags["web_bind"] is None:
        return None
    sound = SynthSound(flags["soundfont"], flags["synth_kit"], flags["gain"])
    return web_config(flags["web_bind"], sound, score.card, desk_socket(), log)


def _osc(flags: dict[str, Any]) -> OscConfig | None:
    """Raises ConfigError for what it lacks, before anything plays."""
    address, port = flags["osc_bind"], flags["osc"]
    if port is None:
        if address is not None:
            raise ConfigError("--osc-bind needs a port to be heard at: add --osc")
        return None
    if find_spec("pythonosc") is None:
        raise ConfigError("OSC needs python-osc, which is not installed: `pip install -e '.[osc]'`")
    return OscConfig(LOOPBACK if address is None else _numeric(address), port)


def _osc_note(osc: OscConfig) -> str:
    whose = "" if ip_address(osc.address).is_loopback else ", for everybody on that network"
    return f"OSC at {osc.address}, port {osc.port}{whose}"


def _numeric(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError:
        raise ConfigError(
            "expected --osc-bind with an address of this machine, such as 192.168.1.20, or 0.0.0.0 "
            f"for all of them; got {address!r}"
        ) from None


def _ports(flags: dict[str, Any], offsets: OutputOffsets) -> tuple[PortOutput, ...]:
    """Our own port, and each named port once, whatever it is sent."""
    kit, clock_outs = load_kit(flags["kit"]), flags["clock_outs"]
    kits = {VIRTUAL_OUT: kit} | kits_by_port(flags["outs"], flags["kit"])
    by_key = {folded(name): own_kit for name, own_kit in kits.items()}
    # Our own port comes once more: whatever its case in a flag, others know it by this name.
    names = {folded(name): name for name in (*clock_outs, *kits, VIRTUAL_OUT)}
    clock = {folded(name) for name in clock_outs}
    return tuple(
        PortOutput(
            name,
            by_key.get(key, kit),
            offsets.seconds(name),
            virtual=name == VIRTUAL_OUT,
            notes=key in by_key,
            clock=key in clock,
        )
        for key, name in names.items()
    )


def _synth(flags: dict[str, Any], offsets: OutputOffsets) -> SynthConfig | None:
    """Wanted if asked for; else where nothing else sounds. Asked for by name, it must work."""
    named = any(flags[flag] is not None for flag in ("soundfont", "synth_kit", "audio_driver"))
    wanted = flags["synth"] if flags["synth"] is not None else named or not flags["outs"]
    if not wanted:
        return None
    return SynthConfig(
        sound=(resolve_sound if named else SynthSound)(
            flags["soundfont"], flags["synth_kit"], flags["gain"]
        ),
        driver=flags["audio_driver"],
        offset_seconds=offsets.seconds(SYNTH),
        required=named or flags["synth"] is True,
    )
