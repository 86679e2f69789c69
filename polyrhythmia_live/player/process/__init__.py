"""The player process: puts clock, dispatcher, outputs and inputs together, and watches them.

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
from collections.abc import Iterator
from multiprocessing.connection import Connection

from polyrhythmia_live.clock.monotonic import MonotonicTimebase
from polyrhythmia_live.config import PlayerConfig
from polyrhythmia_live.drums.count_in import count_in
from polyrhythmia_live.drums.groove import kick_and_hat
from polyrhythmia_live.errors import PolyrhythmiaError
from polyrhythmia_live.messages import Failed, Quit, Status
from polyrhythmia_live.player.brain_pipe import BrainPipe
from polyrhythmia_live.player.clock_out import START_LEAD_SECONDS, ClockOut
from polyrhythmia_live.player.conductor import Upbeat
from polyrhythmia_live.player.dispatcher import Dispatcher
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import LEDGER_BYTES, Ledger
from polyrhythmia_live.player.process.clocks import make_clock, make_link_outs, open_session
from polyrhythmia_live.player.process.ports import Ports
from polyrhythmia_live.player.realtime import BESIDE_PRIORITY, ask_for_real_time
from polyrhythmia_live.rhythm.timeline import Transport

STATUS_SECONDS = 0.1
WATCH_SECONDS = 0.25
QUIT_SECONDS = 0.5
LEAVE_SECONDS = 0.05
"""The last note-offs leave with JACK's next period (21 ms at most, as a rule); a port that closes
before takes them along."""

EXIT_STALE = 75
"""Exit status (EX_TEMPFAIL) of a player that wants to be started again at once."""

SWITCH_INTERVAL_SECONDS = 0.0005
"""At the interpreter's default of 5 ms, one busy thread delays the dispatcher by as much."""


class Player:
    """The process, put together. Threads: main; starts the dispatcher and the brain's pipe."""

    def __init__(self, config: PlayerConfig, supervisor: Connection, ledger: Ledger) -> None:
        self._supervisor = supervisor
        self._ports = Ports(config)
        self._session = open_session(config)
        self._link_outs = make_link_outs(config, self._session)
        self._brain = BrainPipe(config.address, lambda message: inbox.put(message))
        self._dispatcher = Dispatcher(
            timebase=MonotonicTimebase(),
            clock=make_clock(config, self._session),
            outputs=self._ports.outputs,
            ledger=ledger,
            ladder=Ladder(config.meters, config.groove, kick_and_hat(config.meters.meter_at(0))),
            report=self._brain.send,
            autostart=config.autostart,
            clock_outs=[
                ClockOut(output, config.clock_nonstop) for output in self._ports.clock_outputs
            ],
            link_outs=self._link_outs,
            upbeat=make_upbeat(config, self._ports),
            ratio=config.ratio,
        )
        inbox = self._dispatcher.inbox
        self._ports.listen(inbox.put)
        self._thread = threading.Thread(target=self._dispatch, name="dispatcher", daemon=True)

    def run(self) -> None:
        """Play until the supervisor says Quit, dies, or a signal asks for the end."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
        signal.signal(signal.SIGTERM, lambda *_: self._dispatcher.inbox.put(Quit()))
        self._brain.start()
        self._thread.start()
        _settle_garbage_collector()
        try:
            self._serve()
        finally:
            self._end()

    def _end(self) -> None:
        self._dispatcher.inbox.put(Quit())
        self._thread.join(QUIT_SECONDS)
        if self._session is not None:
            self._session.close()
        self._ports.unplug()
        time.sleep(LEAVE_SECONDS)
        if self._ports.untouchable:
            os._exit(0)
        self._ports.close()

    def _dispatch(self) -> None:
        ask_for_real_time()  # `doctor` says what this machine gives
        self._dispatcher.run()

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
                status = self._status()
                self._supervisor.send(status)
                status_at = now_seconds + STATUS_SECONDS
                if rolling and status.transport is Transport.STOPPED:
                    gc.collect()  # automatic collection is off while playing
                rolling = status.transport is Transport.ROLLING
            if self._supervisor.poll(max(0.0, min(status_at, watch_at) - now_seconds)):
                self._dispatcher.inbox.put(self._supervisor.recv())

    def _status(self) -> Status:
        dispatcher = self._dispatcher
        clock = dispatcher.clock
        full, last_bar, groove, kick_and_hat = dispatcher.rung_steps
        return Status(
            clock=clock.name,
            clock_condition=clock.condition,
            link=next((link_out.condition for link_out in self._link_outs), None),
            transport=clock.transport,
            timeline=clock.timeline,
            tick=dispatcher.tick(),
            ratio=dispatcher.ratio,
            rung=dispatcher.rung,
            late=dispatcher.counters.late,
            dropped=dispatcher.counters.dropped,
            bad_input=sum(port.refused for port in self._ports.inputs),
            rung_steps=(full, last_bar, groove, kick_and_hat),
            outputs=tuple((output.name, output.condition) for output in self._ports.all_outputs),
            inputs=tuple((port.name, port.condition) for port in self._ports.inputs),
        )


def make_upbeat(config: PlayerConfig, ports: Ports) -> Upbeat:
    """What a start must wait for, for every output to be on time from the first tick."""
    lead_seconds = max(0.0, -min(output.offset_seconds for output in ports.all_outputs))
    if ports.clock_outputs:
        lead_seconds += 2 * START_LEAD_SECONDS  # once for Start itself, once for a late timer
    return Upbeat(
        lead_seconds=lead_seconds,
        even_pulses=bool(ports.clock_outputs),
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
