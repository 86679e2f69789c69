"""What became of a command, in the few words that a screen has for it."""

from __future__ import annotations

from collections.abc import Iterator

from polyrhythmia_live.control.base import (
    DRUMMER_LEVELS,
    ENDS,
    LEADING,
    LEVELS,
    LOCKING,
    MIXER,
    TRIGGERS,
    ControlState,
    consumer_of,
)
from polyrhythmia_live.control.mixed import answered, mix_of, unanswered
from polyrhythmia_live.messages import (
    Applied,
    ClockState,
    Command,
    Fire,
    LevelChange,
    SetLevel,
    Snapshot,
    Status,
    Unchanged,
)
from polyrhythmia_live.rhythm.control import Consumer, Level
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.timeline import Transport

SHOWN_LEVELS = ("genre", "morph", "tempo", "density")
"""The levels that are always on the line: they need no answer of their own."""

CUED = (
    *("fill", "break", "drop", "intro", "crash", "rise", *ENDS),
    *("again", "back", "keep", "recall"),
)
"""The triggers that are shown as what is to come until they are over."""

RATIOS = ("half time", "double time")
"""The triggers that change the ratio; from half time, double time leads to normal time."""

RAMPS = ("ritardando", "accelerando")
"""The triggers that take the tempo elsewhere."""

OF_A_SONG = ("stop", *ENDS, "push", "pull")
"""The triggers that mean nothing while no song plays."""

MORPHING = ("towards", "morph")
"""The levels that mix two genres."""

SWINGING_GENRES = ("bembe", "blues", "chacarera", "jazz", "shuffle", "swing")
"""Those whose eighths swing by themselves, which `swing8` adds to: see docs/measured.md."""

NOWHERE = "morph: say towards which genre first"

LEADERS = {"midi": "the MIDI clock", "link": "the Link session"}
"""Who leads, by the name of the clock that follows."""


def position(tick: int, meters: MeterMap) -> str:
    """bar.beat, as `bar_and_beat` has them."""
    bar, beat = bar_and_beat(tick, meters)
    return f"{bar}.{beat}"


def bar_and_beat(tick: int, meters: MeterMap) -> tuple[int, int]:
    """Both from 1; beats are the meter's own counts. A count-in comes before bar 1."""
    step = tick // TICKS_PER_STEP
    beat = meters.meter_at(step).count_at(meters.step_in_bar(step))
    return meters.bar_of(step) + 1, beat + 1


def answer(news: Applied | Unchanged, snapshot: Snapshot) -> str:
    """What a command did, or why it did nothing; empty where the rest of the line says it."""
    if isinstance(news, Unchanged):
        return news.words or _why_not(news.command, snapshot)
    if news.words:
        is_cued = any(cue.name == news.words for cue in snapshot.cues)
        return "" if is_cued else news.words
    command, name = news.command, news.command.name
    if name in (*MIXER, *LOCKING):
        return answered(command, snapshot)
    controls = ControlState.of(snapshot.levels)
    if name in RAMPS:
        return _ramp(TRIGGERS[name].takes_effect, snapshot)
    if isinstance(command, Fire):
        if name == "now":
            return f"{controls.genre_words} now"
        if name in RATIOS and snapshot.status is not None:
            ratio, sounding = snapshot.status.ratio, sounding_ratio(snapshot.status)
            return "normal time" if ratio == sounding == NORMAL_TIME else ""
        if name in ("play/stop", "start"):
            return "from the top" if _rolls(snapshot) else ""
        if name in LEADING:
            return _led_on(news, snapshot)
        if name == "voice":
            return command.word
        return "" if name in CUED else name
    if isinstance(command, LevelChange) and command.bars:
        if name != "tempo":  # a cue says so
            return ""
        return _ramp(f"over {command.bars} bar{'s' * (command.bars > 1)}", snapshot)
    if name == "towards":
        return f"towards {controls.genre[-1][0]}"
    return "" if name in SHOWN_LEVELS else level_in_words(name, controls)


def to_come(snapshot: Snapshot, meters: MeterMap) -> Iterator[tuple[str, str]]:
    """What was asked for and is not over: the control's name, and the words for it."""
    tick, status = snapshot.tick, snapshot.status
    if status is None or not _rolls(snapshot):
        return
    ahead = {news.command.name: news.tick for news in reversed(list(_ahead(snapshot)))}
    turned = next((it for it in _ahead(snapshot) if it.command.name in RATIOS), None)
    if turned is not None and status.ratio != sounding_ratio(status):
        yield turned.command.name, f"{status.ratio.in_words} at {position(turned.tick, meters)}"
    elif status.ratio != sounding_ratio(status):
        yield "", f"then {status.ratio.in_words}"
    for cue in snapshot.cues:
        if cue.end is None or tick < cue.end * TICKS_PER_STEP:
            yield cue.name, _cue_in_words(cue.name, cue.first, cue.end, tick, meters)
    for name in ENDS:
        if name in ahead:
            yield name, f"end on one at {position(ahead[name], meters)}"


def genre_in_words(snapshot: Snapshot, meters: MeterMap) -> str:
    """The genre that sounds; and the one that is to come, and where."""
    wanted, turn = ControlState.of(snapshot.levels).genre_words, snapshot.turn
    if turn is None or snapshot.tick >= turn.line * TICKS_PER_STEP:
        return wanted
    return f"{turn.genre} → {wanted} at {position(turn.line * TICKS_PER_STEP, meters)}"


def song_in_words(snapshot: Snapshot) -> str:
    """The song of the set list, by its name."""
    return "" if snapshot.section is None else snapshot.section.song


def section_in_words(snapshot: Snapshot, meters: MeterMap) -> str:
    """Where the set list is: `verse 3/8 → chorus`, its third bar of eight."""
    section = snapshot.section
    if section is None:
        return ""
    then = f" → {section.then}" if section.then else ""
    if not section.name:
        end = "" if section.end is None else f" at {position(section.end * TICKS_PER_STEP, meters)}"
        return f"{then.strip()}{end}"
    first, now = (meters.bar_of(max(0, step)) for step in
                  (section.first, snapshot.tick // TICKS_PER_STEP))  # fmt: skip
    bars = "" if section.end is None else f"/{meters.bar_of(section.end) - first}"
    return f"{section.name} {max(0, now - first) + 1}{bars}{then}"


def level_in_words(name: str, controls: ControlState) -> str:
    """A level of the drummer as it stands: `stability 60%`."""
    words = f"{name} {LEVELS[name].written(getattr(controls, name))}"
    doubled = name == "swing8" and controls.swing8 > LEVELS[name].default
    if doubled and controls.genre_name in SWINGING_GENRES:
        return f"{words} over {controls.genre_name}'s own"
    return words


def value_of(level: Level, snapshot: Snapshot) -> float:
    """Where a level that is a number stands; at its default while nobody says where."""
    if level.name == "tempo":
        status = snapshot.status
        return level.default if status is None else status.timeline.tempo_bpm
    if level.by_lane:
        return mix_of(snapshot).level
    value: float = getattr(ControlState.of(snapshot.levels), level.name, level.default)
    return value


def sounding_ratio(status: Status) -> Ratio:
    """How the song goes through the clock's bars now: what was asked for may still be to come."""
    if status.transport is Transport.STOPPED:
        return status.ratio
    share = status.song.tempo_bpm / status.timeline.tempo_bpm
    return Ratio(*_fraction(share))


def _rolls(snapshot: Snapshot) -> bool:
    status = snapshot.status
    return status is not None and status.transport is Transport.ROLLING


def _fraction(share: float) -> tuple[int, int]:
    """The simplest ratio that is near a share."""
    denominator = next((it for it in range(1, 17) if abs(share * it - round(share * it)) < 0.01), 1)
    return max(1, round(share * denominator)), denominator


def _ahead(snapshot: Snapshot) -> Iterator[Applied]:
    """What was obeyed and holds from a later place of this very song, the newest first."""
    epoch = 0 if snapshot.status is None else snapshot.status.epoch
    for news in snapshot.answers:
        if isinstance(news, Applied) and news.epoch >= epoch and news.tick > snapshot.tick:
            yield news


def _cue_in_words(name: str, first: int, end: int | None, tick: int, meters: MeterMap) -> str:
    """From where on something holds that was asked for, or until where: `fill to 9.1`."""
    if tick < first * TICKS_PER_STEP:
        return f"{name} at {position(first * TICKS_PER_STEP, meters)}"
    if end is None or end - first == 1:
        return name
    return f"{name} to {position(end * TICKS_PER_STEP, meters)}"


def _ramp(over: str, snapshot: Snapshot) -> str:
    """Where the tempo is on its way to."""
    status = snapshot.status
    if status is None:
        return ""
    start = ", from the start on" if status.transport is Transport.STOPPED else ""
    return f"to {LEVELS['tempo'].written(status.target_bpm)} {over}{start}"


def _why_not(command: Command, snapshot: Snapshot) -> str:
    """Why a command changed nothing: it is the leader's to give, or it is so already."""
    name, status = command.name, snapshot.status
    controls = ControlState.of(snapshot.levels)
    rolling = _rolls(snapshot)
    if name in (*MIXER, *LOCKING):
        return unanswered(command, rolling, snapshot)
    if name == "genre":
        return f"{controls.genre_words} already"
    if name in MORPHING and len(controls.genre) < 2:
        return f"{name}: {controls.genre_name} already" if name == "towards" else NOWHERE
    if name in MORPHING:
        return f"{controls.genre_words} already"
    if name in DRUMMER_LEVELS:
        return _as_it_was(command, getattr(controls, name), level_in_words(name, controls))
    if name == "now":
        return "now: no genre or section waits"
    if name in LEADING:
        return _not_led_on(name, command.word if isinstance(command, Fire) else "", snapshot)
    if name in OF_A_SONG and not rolling:
        return f"{name}: nothing plays"
    if consumer_of(command) is Consumer.BRAIN:
        return f"{name} already" if rolling else f"{name}: nothing plays"
    if status is None:
        return f"{name}: nothing to do"
    if name in RATIOS:
        return f"{status.ratio.in_words} already"
    if name == "continue" and rolling:
        return "continue: it plays already"
    if leader := _leader(status):
        return f"{name}: {leader}"
    if name == "untap":
        return "untap: nothing was tapped"
    if name == "tempo":
        tempo_bpm = status.timeline.tempo_bpm
        return _as_it_was(command, tempo_bpm, f"tempo {LEVELS[name].written(tempo_bpm)}")
    return f"{name}: nothing to do"


def _led_on(news: Applied, snapshot: Snapshot) -> str:
    """What becomes of the set list; where it goes to, the section's own words say."""
    section = snapshot.section
    if news.command.name == "vamp" and section is not None:
        return f"{section.name} goes on" if section.end is None else "vamp off"
    return ""


def _not_led_on(name: str, word: str, snapshot: Snapshot) -> str:
    if word:
        return f"{name}: no {word} here"
    if snapshot.section is None:
        return f"{name}: no section yet"
    return f"{name}: there is no other"


def _as_it_was(command: Command, value: float, words: str) -> str:
    """A level at the end of its travel, or a knob that has not come to where the level is."""
    if isinstance(command, SetLevel):
        there = abs(LEVELS[command.name].clamp(command.value) - value) < 1e-6
        return words if there else f"{words}: turn the knob there to take hold"
    return f"{words}: no further"


def _leader(status: Status) -> str:
    """Why it is not ours to say: who leads. Nobody leads a clock that is free or an echo."""
    state = status.clock_condition.state
    if state in (ClockState.FREE, ClockState.ECHO):
        return ""
    leader = LEADERS.get(status.clock, status.clock)
    if state is ClockState.WAITING:
        return f"waiting for {leader}"
    return f"{leader} is gone; s stops" if state is ClockState.HOLDOVER else f"{leader} leads"
