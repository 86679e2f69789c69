"""The real-time path: wait for the next deadline, send, count. Nothing else.

One thread. Everything that others want of it comes through one inbox, which is also what it waits
on; everything it has to say goes out through `report`, which must not block.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from polyrhythmia_live.clock.base import Clock, Moves, Timebase
from polyrhythmia_live.control.base import MIXER
from polyrhythmia_live.messages import (
    VOICES_MAX,
    Applied,
    Command,
    Fire,
    Hello,
    Joined,
    Lead,
    Left,
    Plan,
    Quit,
    Resume,
    SetLevel,
    Standby,
    Suspend,
    Unchanged,
)
from polyrhythmia_live.player.clock_out import ClockOut
from polyrhythmia_live.player.conductor import AT_ONCE, Conductor, Upbeat
from polyrhythmia_live.player.inbox import ClockIn, WireBack
from polyrhythmia_live.player.link_out import LinkOut
from polyrhythmia_live.player.voice import Voice
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, first_step_from
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.part import OFF, Part
from polyrhythmia_live.rhythm.ratio import Ratio
from polyrhythmia_live.rhythm.timeline import Transport

OUTRO_BARS = 4


class Dispatcher:
    """Plays the voices' plans on the clock.

    `inbox` is what it waits on; any thread may put a message there. With `autostart`, the song
    starts by itself when the first plan has come. A clock that rolls already is joined at the next
    bar line. `clock_outs` and `link_outs` pass the clock on; `upbeat` is what comes before a song's
    first tick. The first of the voices leads, and is never without; others come in beside it, to
    play the `parts` and those that are asked for, and leave.
    Threads: its own. Real-time: yes.
    """

    def __init__(
        self,
        inbox: SimpleQueue[object],
        timebase: Timebase,
        clock: Clock,
        meters: MeterMap,
        voices: Sequence[Voice],
        report: Callable[[object], None],
        autostart: bool = False,
        clock_outs: Sequence[ClockOut] = (),
        link_outs: Sequence[LinkOut] = (),
        upbeat: Upbeat = AT_ONCE,
        parts: Sequence[Part] = (),
    ) -> None:
        self.inbox = inbox
        self.clock = clock
        self.voices = tuple(voices)
        self._timebase = timebase
        self._report = report
        self._autostart = autostart
        self._clock_outs = clock_outs
        self._link_outs = link_outs
        self._followers: tuple[ClockOut | LinkOut, ...] = (*clock_outs, *link_outs)
        self._conductor = Conductor(clock, meters, upbeat)
        self._running = True
        self._suspended = False
        self._actions: dict[type, Callable[..., None]] = {
            Hello: self._hello,
            Plan: self._plan,
            Standby: self._standby,
            Lead: self._lead,
            ClockIn: lambda it: self._move(self.clock.receive(it.message, it.arrival_seconds)),
            WireBack: self._wire_back,
            Suspend: self._suspend,
            Resume: self._resume,
            Quit: self._quit,
        }
        self._voice_triggers: dict[str, Callable[[Voice, str], int | None]] = {
            "end on one": lambda voice, _: self._end_on_one(voice, 0),
            "outro": lambda voice, bars: self._end_on_one(voice, int(bars or OUTRO_BARS)),
            "half time": lambda voice, bars: self._turn(voice, voice.ratio.halved, bars),
            "double time": lambda voice, bars: self._turn(voice, voice.ratio.doubled, bars),
            "panic": lambda voice, _: voice.panic(),
        }
        for part in parts:
            self._join(part)
        self._begin()

    def run(self) -> None:
        """Play until told to quit. Every open note is ended on the way out.

        And on the way in: notes that a process before this one left open are in the ledger.
        Threads: the dispatcher's, which it is. Real-time: yes.
        """
        try:
            self._clear()
            while self._running:
                self.turn()
        finally:
            for follower in self._followers:
                follower.stop(self._timebase.now())
            self._clear()

    def turn(self) -> None:
        """Wait for the next deadline or message, and do what is due.

        Threads: dispatcher only. Real-time: yes.
        """
        message = self._timebase.wait(self.inbox, self.next_deadline())
        if message is not None:
            self._act(message)
        now_seconds = self._timebase.now()
        poll_at_seconds = self.clock.poll_at_seconds
        if poll_at_seconds is not None and poll_at_seconds <= now_seconds:
            self._move(self.clock.poll(now_seconds))
        if not self._suspended:
            self._play(now_seconds)
        end_seconds = self._end_deadline()
        if end_seconds is not None and end_seconds <= now_seconds:
            self._move(self.clock.end(now_seconds))

    def _play(self, now_seconds: float) -> None:
        """Commit and send what is due."""
        for voice in self.voices:
            for committed in voice.commit_due(now_seconds):
                self._report(committed)
            if voice.has_left:
                self._part_with(voice)
        for clock_out in self._clock_outs:  # before the notes of the same tick
            clock_out.send_due(self.clock.timeline, self._timebase.now())
        for voice in self.voices:
            voice.send_due(self._timebase.now)
        for link_out in self._link_outs:  # a network can wait
            link_out.send_due(self.clock.timeline, self._timebase.now())

    def next_deadline(self) -> float | None:
        """When something is due next, in seconds; None while nothing is.

        Threads: dispatcher only. Real-time: yes.
        """
        timeline = self.clock.timeline
        deadlines = [self.clock.poll_at_seconds, self._end_deadline()]
        if not self._suspended:
            deadlines += [follower.deadline(timeline) for follower in self._followers]
            for voice in self.voices:
                deadlines += voice.deadlines()
        due = (deadline for deadline in deadlines if deadline is not None)
        earliest = min(due, default=math.inf)
        return earliest if earliest < math.inf else None  # inf: of a place that the song leaves

    def tick(self) -> int:
        """Where the song is now, for display. Threads: any. Real-time: yes."""
        return self.voices[0].tick(self._timebase.now()) if self.voices else 0

    @property
    def parts(self) -> tuple[Part, ...]:
        """What voices beside the first one play. Threads: any. Real-time: yes."""
        staying = (voice.part for voice in self.voices if not voice.leaves)
        return tuple(part for part in staying if part is not None)

    def _begin(self) -> None:
        now_seconds = self._timebase.now()
        if self.clock.transport is Transport.ROLLING:
            for voice in self.voices:
                voice.join(now_seconds)
        for follower in self._followers:
            follower.begin(self.clock.timeline, self.clock.transport, now_seconds)

    def _end_deadline(self) -> float | None:
        """When the song ends, where the performer has asked for its end."""
        ends = [voice.end_deadline() for voice in self.voices]
        return max((end for end in ends if end is not None), default=None)

    def _move(self, moves: Moves) -> None:
        """Tell everyone what became of the transport."""
        for move in moves:
            self._autostart = False
            self._conductor.moved(move)
            for voice in self.voices:
                if voice.leaves:
                    self._part_with(voice)
            for voice in self.voices:
                self._report(voice.moved(move, self._timebase.now()))
            for follower in self._followers:
                follower.move(move, self.clock.timeline, self._timebase.now())

    def _clear(self) -> None:
        for voice in self.voices:
            voice.clear()

    # what the inbox may ask for

    def _act(self, message: object) -> None:
        if isinstance(message, Command):
            self._obey(message)
            return
        action = self._actions.get(type(message))
        if action is not None:
            action(message)

    def _obey(self, command: Command) -> None:
        if command.name in MIXER:
            self._mix(command)
            return
        if command.name == "voice" and isinstance(command, Fire):
            self._change_voices(command)
            return
        of_voice = self._voice_triggers.get(command.name)
        if of_voice is None:
            self._conduct(command)
            return
        word = command.word if isinstance(command, Fire) else ""
        for voice in self.voices:
            step = of_voice(voice, word)
            if voice is not self.voices[0]:
                continue  # what the first one says is said of the song
            if step is None:
                self._report(Unchanged(command))
            else:
                tick = step * TICKS_PER_STEP
                self._report(Applied(command, voice.name, step, tick, voice.epoch))

    def _mix(self, command: Command) -> None:
        """Let the voices obey; what was said of steps that sound otherwise now is said anew."""
        now_seconds = self._timebase.now()
        for voice in self.voices:
            changed = voice.mix_by(command, now_seconds)
            first = voice is self.voices[0]
            if changed is None:
                if first:
                    self._report(Unchanged(command))
                continue
            if first:
                step, tick = max(0, voice.next_step), voice.tick(now_seconds)
                self._report(Applied(command, voice.name, step, tick, voice.epoch))
            for committed in changed:
                self._report(committed)

    def _conduct(self, command: Command) -> None:
        """Let the clock obey, as far as it does."""
        moves = self._conductor.obey(command, self._timebase.now())
        if moves is None:
            self._report(Unchanged(command))
            return
        self._move(moves)
        step, epoch = 0, 0
        if self.voices:  # the song's place is its first voice's
            step, epoch = max(0, self.voices[0].next_step), self.voices[0].epoch
        self._report(Applied(command, None, step, self.tick(), epoch))

    def _end_on_one(self, voice: Voice, bars: int) -> int | None:
        """The first voice says where the song ends; the others, wherever they are by then, too."""
        if not self.clock.may_stop or self.clock.transport is not Transport.ROLLING:
            return None
        first = self.voices[0]
        if voice is first:
            return first.end_on_one(bars)
        end_tick = first.clock_tick((first.last_step or 0) * TICKS_PER_STEP)
        return voice.end_at(voice.step_from(end_tick))

    def _turn(self, voice: Voice, ratio: Ratio, bars: str) -> int | None:
        """The step from which a ratio holds; None where it is the song's already.

        All voices turn on one line, however far each of them is committed.
        """
        if ratio == voice.ratio:
            return None
        from_tick = max(it.uncommitted_tick for it in self.voices)
        return voice.turn_to(ratio, from_tick, int(bars or 0))

    def _change_voices(self, command: Fire) -> None:
        """Let a voice come in, change or leave at the song's next bar line."""
        first, line = self.voices[0], self._line_tick()
        name, _, rest = command.word.partition(" ")
        try:
            changed = self._dismiss(name, line) if rest == OFF else self._join_as(command.word)
            why_not = "" if rest == OFF else f"there are {VOICES_MAX} voices already"
        except ValueError as error:
            changed, why_not = False, str(error)
        if changed:
            step = first_step_from(line)
            self._report(Applied(command, first.name, step, line, first.epoch))
        else:
            self._report(Unchanged(command, why_not))

    def _line_tick(self) -> int:
        """Where voices come and go: the song's next bar line, or its top where it stands."""
        rolling = self.clock.transport is Transport.ROLLING
        return self.voices[0].next_line_tick if rolling else 0

    def _join_as(self, word: str) -> bool:
        """Let a voice in to play what is written. Raises ValueError for what is no part."""
        part = Part.parse(word)
        if unknown := set(part.lanes) - set(self.voices[0].lanes):
            raise ValueError(f"unknown lanes: {', '.join(sorted(unknown))}")
        return self._join(part)

    def _join(self, part: Part) -> bool:
        """Let a voice in, in place of one of its name; False where there is no room."""
        staying = [voice for voice in self.voices if not voice.leaves and voice.name != part.name]
        if len(staying) >= VOICES_MAX:
            return False
        first, line = self.voices[0], self._line_tick()
        self._dismiss(part.name, line)
        self._report(Joined(part, line))
        epoch = 1 + max(voice.epoch for voice in self.voices)
        rolling = self.clock.transport is Transport.ROLLING
        from_tick = line if rolling else max(0, first.next_step) * TICKS_PER_STEP
        voice = first.beside(part, epoch, first.clock_tick(from_tick))
        self.voices = (*self.voices, voice)
        self._report(voice.position())
        return True

    def _dismiss(self, name: str, line: int) -> bool:
        """Let the voice of a name leave at a line of the song; whether there is one."""
        first, found = self.voices[0], False
        for voice in self.voices[1:]:
            if voice.name == name and not voice.leaves:
                voice.leave(first.clock_tick(line))
                self._report(Left(name, line))
                found = True
        return found

    def _part_with(self, voice: Voice) -> None:
        self.voices = tuple(it for it in self.voices if it is not voice)

    def _hello(self, _: Hello) -> None:
        for voice in self.voices:
            if voice.part is not None and not voice.leaves:
                self._report(Joined(voice.part, 0))
            if not voice.leaves:
                self._report(voice.position())

    def _plan(self, plan: Plan) -> None:
        for voice in self.voices:
            if voice.name == plan.voice:
                voice.plan(plan)
        if self._autostart and plan.voice == self.voices[0].name:
            self._obey(Fire("start"))

    def _standby(self, standby: Standby) -> None:
        for voice in self.voices:
            if voice.name == standby.voice:
                voice.prepare(standby)

    def _lead(self, lead: Lead) -> None:
        """What the set list wants, as far as the clock is ours."""
        for voice in self.voices:
            if voice.name != lead.voice or voice.epoch != lead.epoch:
                continue
            tick = lead.step * TICKS_PER_STEP
            if lead.tempo_bpm is None:
                if self.clock.may_stop and self.clock.transport is Transport.ROLLING:
                    voice.end_at(lead.step)
                    for other in self.voices:
                        if other is not voice:
                            other.end_at(other.step_from(voice.clock_tick(tick)))
                    ending = Fire("end on one")
                    self._report(Applied(ending, voice.name, lead.step, tick, voice.epoch))
            elif self._conductor.turn_at(
                voice.clock_tick(tick), lead.tempo_bpm, self._timebase.now()
            ):
                change = SetLevel("tempo", lead.tempo_bpm)
                self._report(Applied(change, None, lead.step, tick, voice.epoch))

    def _wire_back(self, back: WireBack) -> None:
        """It comes in at the next bar line; nobody else notices."""
        for voice in self.voices:
            voice.rejoin(back.wire)
        for clock_out in self._clock_outs:
            if clock_out.wire is back.wire:
                clock_out.rejoin(self.clock.timeline, self._timebase.now())

    def _suspend(self, _: Suspend) -> None:
        """The song goes on unheard, so that it is where it would have been."""
        self._suspended = True
        for follower in self._followers:
            follower.stop(self._timebase.now())
        self._clear()

    def _resume(self, _: Resume) -> None:
        if self._suspended:
            self._suspended = False
            self._begin()
            self._hello(Hello())

    def _quit(self, _: Quit) -> None:
        self._running = False
