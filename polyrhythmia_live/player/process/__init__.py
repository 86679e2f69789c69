"""The player process: puts clock, dispatcher, wires and inputs together, and watches them.

Started by the supervisor as `python -m polyrhythmia_live.player.process PIPE LEDGER`, two file
descriptors; the first message on the pipe is a `PlayerConfig`. If the supervisor dies the pipe
closes; then, as on SIGTERM, every open note is ended and the process exits.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from multiprocessing.connection import Connection
from queue import SimpleQueue

from polyrhythmia_live.clock.base import TempoLeader
from polyrhythmia_live.clock.monotonic import MonotonicTimebase
from polyrhythmia_live.config import PlayerConfig
from polyrhythmia_live.drums.count_in import count_in
from polyrhythmia_live.drums.groove import kick_and_hat
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.errors import PolyrhythmiaError
from polyrhythmia_live.messages import DRUMS, Failed, PortStatus, Quit, Status, Unchanged
from polyrhythmia_live.player.brain_pipe import BrainPipe
from polyrhythmia_live.player.clock_out import START_LEAD_SECONDS, ClockOut
from polyrhythmia_live.player.conductor import Upbeat
from polyrhythmia_live.player.dispatcher import Dispatcher
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import LEDGER_BYTES, Ledger
from polyrhythmia_live.player.mixer import Mixer
from polyrhythmia_live.player.process.clocks import make_clock, make_link_outs, open_session
from polyrhythmia_live.player.process.ports import Ports
from polyrhythmia_live.player.realtime import BESIDE_PRIORITY, ask_for_real_time
from polyrhythmia_live.player.voice import Voice
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.system.pipes import end_without, send_if_room
from polyrhythmia_live.system.signals import leave_to_the_supervisor

STATUS_SECONDS = 0.1
WATCH_SECONDS = 0.25
QUIT_SECONDS = 0.5
ALONE_SECONDS = 3.0
"""How long the end may take where the supervisor is gone, which would have ended it after 0.7."""
LEAVE_SECONDS = 0.05
"""How long the last note-offs have to leave with JACK's next period (21 ms at most, as a rule). A
port that closes earlier takes them along."""

BACKLOG_MAX = 4096
"""Reports that a supervisor that stands still has not taken; then the oldest are lost."""

EXIT_STALE = 75
"""Exit status (EX_TEMPFAIL) of a player that wants to be started again at once."""

SWITCH_INTERVAL_SECONDS = 0.0005
"""At the interpreter's default of 5 ms, one busy thread delays the dispatcher by as much."""


class Player:
    """The process, put together. Threads: main; starts the dispatcher and the brain's pipe."""

    def __init__(self, config: PlayerConfig, supervisor: Connection, ledger: Ledger) -> None:
        inbox: SimpleQueue[object] = SimpleQueue()
        self._supervisor = supervisor
        # Already a port that opens may wait for a server for ever.
        end_without(supervisor, ALONE_SECONDS, lambda: inbox.put(Quit()))
        self._reports: deque[object] = deque(maxlen=BACKLOG_MAX)
        """What the supervisor is still to be told."""
        self._ports = Ports(config)
        self._session = open_session(config)
        self._link_outs = make_link_outs(config, self._session)
        self._brain = BrainPipe(config.address, inbox.put)
        clock, upbeat = make_clock(config, self._session), make_upbeat(config, self._ports)
        self._voice = Voice(
            DRUMS,
            clock,
            Ladder(config.meters, config.groove, kick_and_hat(config.meters.meter_at(0))),
            self._ports.routes,
            ledger,
            upbeat.count_in,
            config.ratio,
            Mixer(tuple(LANE), config.mix),
        )
        self._dispatcher = Dispatcher(
            inbox=inbox,
            timebase=MonotonicTimebase(),
            clock=clock,
            meters=config.meters,
            voices=(self._voice,),
            report=self._report,
            autostart=config.autostart,
            clock_outs=[ClockOut(wire, config.clock_nonstop) for wire in self._ports.clock_wires],
            link_outs=self._link_outs,
            upbeat=upbeat,
            parts=config.parts,
        )
        self._thread = threading.Thread(target=self._dispatch, name="dispatcher", daemon=True)

    def run(self) -> None:
        """Play until the supervisor says Quit, dies, or a signal asks for the end.

        What was begun is ended in reverse: the song, the inputs, the brain's pipe, the session, the
        ports. Raises PortError for an input's name that means several.
        """
        leave_to_the_supervisor()
        signal.signal(signal.SIGTERM, lambda *_: self._ask_to_quit())
        with contextlib.ExitStack() as stack:
            stack.callback(self._close_ports)
            if self._session is not None:
                stack.callback(self._session.close)
            self._brain.start()
            stack.callback(self._brain.close)
            self._ports.listen(self._dispatcher.inbox.put, self._brain.send)
            stack.callback(self._ports.unplug)
            self._thread.start()
            stack.callback(self._end_song)
            _settle_garbage_collector()
            self._serve()

    def _ask_to_quit(self) -> None:
        self._dispatcher.inbox.put(Quit())

    def _end_song(self) -> None:
        self._ask_to_quit()
        self._thread.join(QUIT_SECONDS)

    def _close_ports(self) -> None:
        time.sleep(LEAVE_SECONDS)
        if self._ports.untouchable:
            os._exit(0)
        self._ports.close()

    def _dispatch(self) -> None:
        ask_for_real_time()  # `doctor` says what this machine gives
        self._dispatcher.run()

    def _report(self, message: object) -> None:
        """Pass a report on: all to the supervisor, and to the brain what changes something.

        Threads: dispatcher only. Real-time: yes.
        """
        self._reports.append(message)
        if not isinstance(message, Unchanged):
            self._brain.send(message)

    def _serve(self) -> None:
        """Pass the performer's commands on, report, and watch the ports, at their intervals."""
        status_at = watch_at = time.monotonic()
        rolling = False
        while self._thread.is_alive():
            now_seconds = time.monotonic()
            if now_seconds >= watch_at:
                if self._ports.stale:
                    os._exit(EXIT_STALE)  # without a word to the ports; see `Ports.untouchable`
                self._ports.unstick(self._dispatcher.clock.condition.state)
                self._ports.watch(self._dispatcher.inbox.put)
                watch_at = now_seconds + WATCH_SECONDS
            if now_seconds >= status_at:
                reports = len(self._reports)
                status = self._status()
                send_if_room(self._supervisor, status)
                self._brain.send(status)
                self._pass_reports_on(reports)
                status_at = now_seconds + STATUS_SECONDS
                if rolling and status.transport is Transport.STOPPED:
                    gc.collect()  # automatic collection is off while playing
                rolling = status.transport is Transport.ROLLING
            if self._supervisor.poll(max(0.0, min(status_at, watch_at) - now_seconds)):
                self._dispatcher.inbox.put(self._supervisor.recv())
        self._pass_reports_on(len(self._reports))

    def _pass_reports_on(self, reports: int) -> None:
        """Tell the supervisor so many of what has come since, as far as it listens.

        Said after the status that they changed: a screen answers the one by the other.
        """
        for _ in range(reports):
            if not (self._reports and send_if_room(self._supervisor, self._reports[0])):
                return
            self._reports.popleft()

    def _status(self) -> Status:
        clock, voice, tick = self._dispatcher.clock, self._voice, self._dispatcher.tick()
        full, last_bar, groove, last_resort = voice.rung_steps
        timeline = clock.timeline
        return Status(
            clock=clock.name,
            clock_condition=clock.condition,
            link=next((link_out.condition for link_out in self._link_outs), None),
            transport=clock.transport,
            timeline=timeline,
            target_bpm=clock.target_bpm if isinstance(clock, TempoLeader) else timeline.tempo_bpm,
            song=voice.timeline_at(tick),
            tick=tick,
            epoch=voice.epoch,
            ratio=voice.ratio,
            rung=voice.rung,
            late=voice.counters.late,
            dropped=voice.counters.dropped,
            unknown=self._ports.unknown,
            clock_ignored=clock.ignored,
            brain_dropped=self._brain.dropped,
            rung_steps=(full, last_bar, groove, last_resort),
            outputs=tuple(
                PortStatus(
                    wire.name,
                    wire.condition,
                    wire.dropped,
                    wire.refused,
                    self._ports.output_notice,
                )
                for wire in self._ports.wires
            ),
            inputs=tuple(
                PortStatus(port.name, port.condition, 0, port.refused, self._ports.notice(port))
                for port in self._ports.inputs
            ),
            mix=voice.mix,
            parts=self._dispatcher.parts,
        )


def make_upbeat(config: PlayerConfig, ports: Ports) -> Upbeat:
    """What a start must wait for, for every wire to be on time from the first tick."""
    ahead_seconds = (wire.lookahead_seconds - wire.offset_seconds for wire in ports.wires)
    lead_seconds = max(0.0, *ahead_seconds)
    if ports.clock_wires:
        lead_seconds += 2 * START_LEAD_SECONDS  # once for Start itself, once for a late timer
    return Upbeat(
        lead_seconds=lead_seconds,
        even_pulses=bool(ports.clock_wires),
        count_in=count_in(config.meters.meter_at(0), config.count_in_bars),
    )


def _settle_garbage_collector() -> None:
    """All that is alive now stays; a collection while playing would stop the dispatcher."""
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    gc.collect()
    gc.freeze()
    gc.disable()


@contextlib.contextmanager
def _failing_aloud(supervisor: Connection) -> Iterator[None]:
    """Tell the supervisor in one line why this process cannot go on."""
    try:
        yield
    except PolyrhythmiaError as error:
        supervisor.send(Failed(str(error)))
        sys.exit(1)
    except (EOFError, BrokenPipeError):
        sys.exit(0)  # the supervisor is gone; nothing left to serve


def main() -> None:
    """Entry point: file descriptors of the supervisor's pipe and of the ledger's memory."""
    supervisor = Connection(int(sys.argv[1]))
    memory = mmap.mmap(int(sys.argv[2]), LEDGER_BYTES)
    ask_for_real_time(BESIDE_PRIORITY)
    with _failing_aloud(supervisor):
        Player(supervisor.recv(), supervisor, Ledger(memory)).run()
