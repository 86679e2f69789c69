"""A dispatcher on a virtual clock, with a recorder where the sound would be."""

from __future__ import annotations

from collections.abc import Sequence
from queue import SimpleQueue

from polyrhythmia_live.clock.base import Clock
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.link.base import LinkSession
from polyrhythmia_live.clock.virtual import VirtualTimebase
from polyrhythmia_live.control.base import CHOICES, consumer_of
from polyrhythmia_live.control.decoder import Decoder
from polyrhythmia_live.drums.groove import kick_and_hat, parse_groove
from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import DRUMS, Fire, Moved, Plan
from polyrhythmia_live.player.base import Route
from polyrhythmia_live.player.clock_out import ClockOut
from polyrhythmia_live.player.conductor import AT_ONCE, Upbeat
from polyrhythmia_live.player.dispatcher import Dispatcher
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import Ledger
from polyrhythmia_live.player.link_out import LinkOut
from polyrhythmia_live.player.mixer import Mixer
from polyrhythmia_live.player.voice import Voice
from polyrhythmia_live.rhythm.bar import Bar, Hit, Hits, Step
from polyrhythmia_live.rhythm.control import Consumer
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.testing.future_wire import FutureWire

KICK = (Hit(0, 100),)
SNARE = (Hit(1, 90),)
IN_FOUR = MeterMap()

ROCK_GROOVE = parse_groove(
    {
        "kick": "X... .... X.x. ....",
        "snare": ".... X... .... X...",
        "closed-hat": "x.o. x.o. x.o. x.o.",
    },
    Meter(4, 4),
)


class Stage:
    """Plays on virtual time; `reports` is what the brain would be told."""

    def __init__(
        self,
        meters: MeterMap = IN_FOUR,
        groove: Bar | None = ROCK_GROOVE,
        offsets: Sequence[float] = (0.0,),
        autostart: bool = False,
        under_way: Timeline | None = None,
        upbeat: Upbeat = AT_ONCE,
        lookahead: float = 0.0,
        period: float = 0.0,
    ) -> None:
        self.timebase = VirtualTimebase()
        self.wires = [FutureWire(self.timebase.now, lookahead, period) for _ in offsets]
        for wire, offset in zip(self.wires, offsets, strict=True):
            wire.offset_seconds = offset
        self.ledger = Ledger()
        self.ladder = Ladder(meters, groove, kick_and_hat(meters.meter_at(0)))
        self.reports: list[object] = []
        self.controller = Decoder(dict.fromkeys(CHOICES, 4))
        clock = InternalClock(120.0)
        if under_way is not None:
            clock.take_over(under_way)
        self._play_by(clock, upbeat, autostart=autostart)

    def _play_by(
        self,
        clock: Clock,
        upbeat: Upbeat,
        *,
        autostart: bool = False,
        clock_outs: Sequence[ClockOut] = (),
        link_outs: Sequence[LinkOut] = (),
    ) -> None:
        """Put one voice and its dispatcher on a clock."""
        self.voice = Voice(
            DRUMS,
            clock,
            self.ladder,
            [Route(wire, GENERAL_MIDI) for wire in self.wires],
            self.ledger,
            upbeat.count_in,
            mixer=Mixer(tuple(LANE)),
        )
        self.player = Dispatcher(
            SimpleQueue(),
            self.timebase,
            clock,
            self.ladder.meters,
            (self.voice,),
            self.reports.append,
            autostart,
            clock_outs,
            link_outs,
            upbeat,
        )

    def tell(self, *messages: object) -> None:
        """Hand messages over, without letting time pass."""
        for message in messages:
            self.player.inbox.put(message)
            self.player.turn()

    def touch(self, *messages: bytes) -> None:
        """Hand over what a controller sends: knobs, pedals and pads, as far as they are ours."""
        for message in messages:
            command = self.controller.command(message, self.timebase.now())
            if command is not None and consumer_of(command) is Consumer.PLAYER:
                self.tell(command)

    def plan(self, steps: dict[int, Hits]) -> None:
        plan = tuple(Step(index, hits) for index, hits in steps.items())
        self.tell(Plan(DRUMS, self.voice.epoch, plan))

    def start(self) -> None:
        self.tell(Fire("start"))

    def play_until(self, step_index: int) -> None:
        """Let time pass until a step is committed."""
        while self.voice.next_step <= step_index:
            assert self.player.clock.transport is Transport.ROLLING
            self.player.turn()

    def run_until(self, seconds: float) -> None:
        """Let time pass until nothing is due before a moment."""
        while (deadline := self.player.next_deadline()) is not None and deadline <= seconds:
            self.player.turn()

    def notes_on(self, wire: int = 0) -> list[tuple[float, int, int]]:
        """(seconds, note, velocity) of every note-on."""
        return [
            (seconds, message[1], message[2])
            for seconds, message in self.wires[wire].messages
            if message[0] & 0xF0 == 0x90
        ]

    def hanging(self, wire: int = 0) -> frozenset[tuple[int, int]]:
        """(channel, note) of every note that was begun and not ended."""
        return self.wires[wire].sounding()

    def moved(self) -> Moved:
        """The last report about the transport."""
        return [report for report in self.reports if isinstance(report, Moved)][-1]


class ClockStage(Stage):
    """A stage that also sends its clock: to a port of its own, or (`shared`) to that of the notes.

    And to a Link session, if there is one to lead.
    It starts as the player does: far enough ahead, and with its pulses even.
    """

    def __init__(
        self,
        nonstop: bool = True,
        shared: bool = False,
        offset: float = 0.0,
        under_way: Timeline | None = None,
        tempo_bpm: float = 120.0,
        clock: Clock | None = None,
        session: LinkSession | None = None,
        lookahead: float = 0.0,
    ) -> None:
        super().__init__(under_way=under_way, lookahead=lookahead)
        wire = self.wires[0] if shared else FutureWire(self.timebase.now, lookahead)
        wire.offset_seconds = offset
        self.wire = wire
        if clock is None:
            clock = InternalClock(tempo_bpm)
            if under_way is not None:
                clock.take_over(under_way)
        self.link_out = None if session is None else LinkOut(session, self.ladder.meters)
        self._play_by(
            clock,
            Upbeat(0.004 + max(0.0, lookahead - offset), even_pulses=True),
            clock_outs=[ClockOut(wire, nonstop)],
            link_outs=[] if self.link_out is None else [self.link_out],
        )

    def heard(self) -> list[tuple[float, bytes]]:
        """What followers receive."""
        return [it for it in self.wire.messages if it[1][0] >= 0xF0]

    def clock_messages(self) -> list[bytes]:
        return [message for _, message in self.heard()]

    def when(self, message: bytes) -> list[float]:
        """The moments at which a message was sent."""
        return [seconds for seconds, sent in self.heard() if sent == message]

    def pulses(self) -> list[float]:
        return self.when(b"\xf8")
