"""What was asked for, as frozen values.

`cli` turns flags, `POLYRHYTHMIA_*` variables and the configuration file into one `Config`; the
supervisor hands each child its part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from polyrhythmia_live.clock.base import ClockSwing, Follow, OnClockLoss, Smoothing
from polyrhythmia_live.clock.link.base import LinkRole
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.control.controller.base import NO_CONTROLLERS, Controllers
from polyrhythmia_live.drums.kit import RINGING, Kit
from polyrhythmia_live.rhythm.bar import Bar
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.mix import UNMIXED, Mix
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.timeline import Timeline
from polyrhythmia_live.wires.base import DEFAULT_SOUND, SynthSound


@dataclass(frozen=True, slots=True)
class PortOutput:
    """A MIDI port: a named one, or (`virtual`) one of our own; and what it is sent."""

    name: str
    kit: Kit
    offset_seconds: float = 0.0
    virtual: bool = False
    notes: bool = True
    clock: bool = False


@dataclass(frozen=True, slots=True)
class SynthConfig:
    """The embedded synth. `driver`: of audio, None = the first that opens; `kit`: its MIDI map.

    `required`: it was asked for by name, so that playing without it is an error.
    """

    sound: SynthSound = DEFAULT_SOUND
    driver: str | None = None
    kit: Kit = RINGING
    offset_seconds: float = 0.0
    required: bool = False


@dataclass(frozen=True, slots=True)
class PlayerConfig:
    """What the player process needs. `clock_in` None = the internal clock, or the Link session's;
    our own control port's name = what others send there.

    `link` None = no Link at all; `link_start_stop`: start and stop are shared with the session.
    `clock_nonstop`: ports that get the clock get its pulses also while the song stands.
    `patient`: nothing that MIDI lacks is an error, neither its system nor a name that means several
    ports. `resume`: the song is under way on this timeline, and is joined at the next bar line.
    `address` is the UNIX socket at which the brain will knock. `control_channel` (0..15) is the one
    that knobs and pedals are heard on, None = all; what `controllers` say of theirs goes before it.
    `mix` is how the drums are mixed at first, and `parts` are what voices beside them play.
    """

    address: str

    ports: tuple[PortOutput, ...]
    synth: SynthConfig | None
    control_ports: tuple[str, ...]
    midi_system: str
    clock_in: str | None
    follow: Follow
    clock_offset_seconds: float
    on_clock_loss: OnClockLoss
    clock_smoothing: Smoothing
    tempo_bpm: float
    meters: MeterMap
    groove: Bar
    autostart: bool
    genres: tuple[str, ...]
    clock_swing: ClockSwing = ClockSwing.EVEN
    link: LinkRole | None = None
    link_start_stop: bool = False
    clock_nonstop: bool = True
    count_in_bars: int = 0
    patient: bool = False
    resume: Timeline | None = None
    ratio: Ratio = NORMAL_TIME
    control_channel: int | None = None
    controllers: Controllers = NO_CONTROLLERS
    mix: Mix = UNMIXED
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a song: where it puts every level, and for how many `bars`.

    `bars` None = until the performer leads on. `tempo_bpm` None = as it was before. `groove` is one
    that was remembered: it comes in with its own levels, but for those that the section itself
    names in `levels`. Where it is not remembered (yet), the levels of `controls` hold.
    """

    name: str
    controls: ControlState
    bars: int | None = None
    tempo_bpm: float | None = None
    groove: str = ""
    levels: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Song:
    """Its sections in the order in which they are played; where it `ends`, it does so on one."""

    name: str
    sections: tuple[Section, ...]
    ends: bool = False


@dataclass(frozen=True, slots=True)
class SetList:
    """What is played tonight. Without `begins`, a song waits for nobody: it is led into by name."""

    name: str
    songs: tuple[Song, ...]
    begins: bool = True


NO_SET_LIST = SetList("", (), begins=False)


@dataclass(frozen=True, slots=True)
class BrainConfig:
    """What the brain process needs. `address` is the UNIX socket of the player.

    `model` is a name in models/ or the path of a card. At each bar line the state goes to
    `state_file`, under the name of this `run` of the daemon. `remembers`: a state that an earlier
    run left there is what the drummer begins with.
    """

    address: str
    model: str
    controls: ControlState
    meters: MeterMap
    seed: int
    run: str
    state_file: Path
    remembers: bool = False
    set_list: SetList = NO_SET_LIST


@dataclass(frozen=True, slots=True)
class Head:
    """What a performance begins with: the same seed, commands and network play it again.

    `began` is the time of day, as ISO 8601 writes it. `remembers`: the drummer goes on from an
    earlier performance, so that seed and commands alone do not give the same notes. `tempo_bpm` is
    the clock's, `kit` that of our own port.
    """

    began: str
    run: str
    preset: str
    model: str
    digest: str
    seed: int
    remembers: bool
    controls: ControlState
    meters: MeterMap
    tempo_bpm: float
    kit: Kit


@dataclass(frozen=True, slots=True)
class OscConfig:
    """Where OSC is heard: an address of this machine, in numbers, and a UDP port."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """What the desk process needs. `socket`: where its clients come in; `log`: the file of this
    performance, which begins with the `head`. `osc` None = OSC is not heard. `set_list` is told to
    clients: its songs, and their sections, by name.
    """

    socket: Path
    log: Path
    genres: tuple[str, ...]
    head: Head
    osc: OscConfig | None = None
    set_list: SetList = NO_SET_LIST


@dataclass(frozen=True, slots=True)
class WebConfig:
    """What the process of the page needs. `desk`: the socket of the desk, None = nothing plays;
    `address` is one of this machine, in numbers; `port_asked`: where that port is taken, no other
    one will do; who has the `token` may lead. `sound` is what pages play, `cache` a folder whose
    files may be lost. `log` is that of this performance, `performances` the folder of all;
    `tempos_bpm` the genres, and the tempo that each is usually played at; `people` by genre the
    quartiles of the figures of people's bars.
    """

    desk: Path | None
    address: str
    port: int
    token: str
    sound: SynthSound
    cache: Path
    log: Path | None
    performances: Path
    tempos_bpm: Mapping[str, float]
    people: Mapping[str, Mapping[str, Sequence[float]]]
    port_asked: bool = False


@dataclass(frozen=True, slots=True)
class LightsConfig:
    """What the process of the LEDs and rings needs."""

    controllers: Controllers
    midi_system: str
    genres: tuple[str, ...]
    meters: MeterMap


@dataclass(frozen=True, slots=True)
class Config:
    """One performance: the children's parts, and what the supervisor shows and where it writes.

    `web` None = there is no page. `log` None = standard error. `notes`: what else to tell the
    performer, a line each.
    """

    player: PlayerConfig
    brain: BrainConfig
    desk: DeskConfig
    lights: LightsConfig
    web: WebConfig | None
    genres: tuple[str, ...]
    lock: Path
    log: Path | None
    notes: tuple[str, ...] = ()
