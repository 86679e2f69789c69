"""The performer's controls: one table, from which every surface is derived.

CC numbers, keys, the README's table, `--help` and later surfaces all read `CONTROLS`; none of them
repeats it. A new control is its row here and its handler where it is obeyed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from polyrhythmia_live.messages import Command
from polyrhythmia_live.rhythm.control import (
    Consumer,
    Control,
    Curve,
    Level,
    Levels,
    Trigger,
    Weights,
    Word,
)
from polyrhythmia_live.rhythm.swing import STRAIGHT, SWING_MAX, SWING_MIN, Swing
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, TEMPO_MIN_BPM

MOST_BARS = 64
"""What lasts for a number of bars lasts for no more than this."""

CONTROLS: tuple[Control, ...] = (
    Level(
        "genre", 0, 1, 0, "", "next bar line, after a fill", Consumer.BRAIN,
        curve=Curve.CHOICE, cc=20, entry_keys="123456789",
        about="1-9: the first nine; the knob: all of them; chosen again: at once",
    ),
    Level(
        "towards", 0, 1, 0, "", "next bar line", Consumer.BRAIN,
        curve=Curve.CHOICE, cc=74,
        about="the genre that `morph` leads to; in words: `rock 60 jazz`",
    ),
    Level(
        "morph", 0.0, 1.0, 0.0, "%", "next bar line", Consumer.BRAIN,
        cc=73, about="from the genre to that one; a genre chosen anew begins at 0 %",
    ),
    Level(
        "density", 0.0, 1.0, 0.5, "%", "at once", Consumer.BRAIN,
        cc=21, keys=("right", "left"), key_step=0.05,
        about="50 % = as many hits as the genre's drummers play, 100 % = twice as many",
    ),
    Level(
        "temperature", 0.4, 2.5, 1.0, "", "at once", Consumer.BRAIN,
        curve=Curve.EXPONENTIAL, cc=22, keys=("]", "[", "page up", "page down"), key_step=1.1,
        about="below 1 = safer, above 1 = wilder",
    ),
    Level(
        "intensity", 0.0, 1.0, 0.5, "%", "at once", Consumer.BRAIN,
        cc=23, keys=("=", "-", "+", "_"), key_step=0.05,
        about="how hard the drummer hits, against the genre's usual; 50 % = left to the drummer",
    ),
    Level(
        "complexity", 0.0, 1.0, 0.5, "%", "at once", Consumer.BRAIN,
        cc=24, keys=(".", ","), key_step=0.05,
        about="syncopation, against the genre's usual; 50 % = left to the drummer",
    ),
    Level(
        "stability", 0.0, 1.0, 0.5, "%", "at once", Consumer.BRAIN,
        cc=26, about="more = bars come back as they were; less = every bar is new",
    ),
    Level(
        "guidance", 0.0, 3.0, 0.0, "", "at once", Consumer.BRAIN,
        cc=28, about="more = truer to the genre's name, less = truer to what was just played",
    ),
    Level(
        "fills", 0.0, 1.0, 0.5, "%", "at once", Consumer.BRAIN,
        cc=29, keys=(")", "("), key_step=0.05,
        about="by itself: 0 % = none, 50 % = as often as people, 100 % = every fourth bar",
    ),
    Level(
        "fullness", 0.0, 1.0, 0.5, "%", "at once", Consumer.BRAIN,
        cc=72, about="of a fill: 0 % = one stroke, 50 % = as many as people, 100 % = twice as many",
    ),
    Level(
        "energy", 0.0, 1.0, 0.5, "%", "at once", Consumer.BRAIN,
        cc=30, keys=("y", "r"), key_step=0.05, ramps=True,
        about="density, intensity and complexity together; 50 % = as they stand",
    ),
    Level(
        "humanise", 0.0, 1.0, 1.0, "%", "at once", Consumer.BRAIN,
        cc=25, about="share of the drummer's own microtiming; 0 % = on the grid",
    ),
    Level(
        "swing", SWING_MIN, SWING_MAX, STRAIGHT.sixteenths, "%", "next beat", Consumer.BRAIN,
        cc=70, about="of sixteenths, over the drummer's own timing; 50 % = straight",
    ),
    Level(
        "swing8", SWING_MIN, SWING_MAX, STRAIGHT.eighths, "%", "next beat", Consumer.BRAIN,
        cc=71,
        about="of eighths: 67 % = a shuffle; on top of what blues, shuffle, jazz swing themselves",
    ),
    Level(
        "tempo", TEMPO_MIN_BPM, TEMPO_MAX_BPM, 120.0, "bpm", "at once", Consumer.PLAYER,
        cc=27, knob=(60.0, 187.0), keys=("up", "down"), key_step=1.0, ramps=True,
        about="internal clock only; the knob: 60 to 187 bpm, one a click",
    ),
    Level(
        "level", 0.0, 2.0, 1.0, "%", "at once", Consumer.PLAYER, by_lane=True,
        about="how hard a lane sounds, 100 % = as played: `level kick 80%`; `level 80%`: all",
    ),
    Trigger(
        "fill", "at once, to the bar line", Consumer.BRAIN,
        ccs=(64,), keys=("f",), note=36, about="pedal or key",
    ),
    Trigger(
        "break", "next bar line, for two bars", Consumer.BRAIN,
        ccs=(65,), keys=("b",), note=49, word=Word.COUNT, most=MOST_BARS,
        about="only the hat, then a crash on one; `break 4`: for so many bars",
    ),
    Trigger(
        "drop", "next bar line, for two bars", Consumer.BRAIN,
        keys=("o",), word=Word.COUNT, most=MOST_BARS,
        about="nothing at all, then crash and kick on one; `drop 1`",
    ),
    Trigger(
        "intro", "next bar line, for four bars", Consumer.BRAIN,
        keys=("i",), word=Word.COUNT, most=MOST_BARS,
        about="hat, then hat and kick, then a fill into the groove; `intro 8`",
    ),
    Trigger(
        "rise", "over 16 bars", Consumer.BRAIN,
        keys=("w",), word=Word.COUNT, most=MOST_BARS,
        about="energy to 90 %, held for half as long, one bar of nothing, and as before; `rise 8`",
    ),
    Trigger("crash", "next beat", Consumer.BRAIN, ccs=(66,), keys=("x",), note=51,
            about="with the kick"),
    Trigger("now", "at once", Consumer.BRAIN, ccs=(67,), keys=("n",), note=50,
            about="brings a genre in that waits for its bar line"),
    Trigger(
        "again", "next bar line", Consumer.BRAIN, ccs=(102,), keys=("a",), note=53,
        about="the bar that sounds, once more, note for note; again: as often as pressed",
    ),
    Trigger(
        "back", "next bar line", Consumer.BRAIN, ccs=(103,), keys=("l",), note=54,
        word=Word.COUNT, most=8,
        about="the last bar but this one; `back 3`, or pressed again: from further back",
    ),
    Trigger(
        "keep", "next bar line", Consumer.BRAIN, ccs=(104,), keys=("k",), note=55,
        about="this bar until released, by the same key or `go on`; fills still come",
    ),
    Trigger("go on", "next bar line", Consumer.BRAIN,
            about="ends keep, and takes back what was to come again"),
    Trigger("fork", "at once", Consumer.BRAIN, about="another way on from here than planned"),
    Trigger(
        "veto", "next bar line", Consumer.BRAIN, ccs=(105,), keys=("v",), note=56,
        about="the next bar, as shown, makes way for another",
    ),
    Trigger(
        "undo", "at once", Consumer.BRAIN, ccs=(106,), keys=("z",), note=57, word=Word.NAME,
        about="takes the last thing back: level, genre, cue, bar or veto; tempo: untap; "
        "`undo fill`: that cue, whatever came since",
    ),
    Trigger("remember", "at once", Consumer.BRAIN, word=Word.NAME,
            about="the groove, its levels and this bar: `remember verse`; tomorrow too"),
    Trigger("recall", "next bar line, after a fill", Consumer.BRAIN, word=Word.NAME,
            about="begins with that bar; twice, or `now`: at once; no name: the latest"),
    Trigger("forget", "at once", Consumer.BRAIN, word=Word.NAME,
            about="a groove that is remembered"),
    Trigger("next", "next bar line", Consumer.BRAIN, ccs=(68,), keys=("tab",),
            about="section of the set list, after a fill; after the last one, the next song"),
    Trigger("previous", "next bar line", Consumer.BRAIN, ccs=(69,), keys=("g",),
            about="section, or song"),
    Trigger("section", "next bar line, after a fill", Consumer.BRAIN, word=Word.NAME, bare=False,
            about="`section chorus`, `chorus now`, `after 4`, `at the end`; without a set list "
            "the presets; program change on --control-channel: the n-th"),
    Trigger("song", "next bar line, after a fill", Consumer.BRAIN, word=Word.NAME, bare=False,
            about="`song blue moon`: its first section"),
    Trigger("vamp", "at once", Consumer.BRAIN, keys=("j",),
            about="this section goes on until `next`; again: it does not"),
    Trigger("start", "at once", Consumer.PLAYER, note=35,
            about="from the top, even while it plays; it and the next: internal clock only"),
    Trigger("play/stop", "at once", Consumer.PLAYER, ccs=(41,), keys=("space",), note=37,
            about="from the top"),
    Trigger("stop", "at once", Consumer.PLAYER, ccs=(42,), keys=("s",), note=38,
            about="only ever stops"),
    Trigger("continue", "at once", Consumer.PLAYER, ccs=(46,), keys=("c",), note=39,
            about="from where it stopped"),
    Trigger("end on one", "next bar line", Consumer.PLAYER, ccs=(45,), keys=("e",), note=40,
            about="a fill, a crash on one, and stop"),
    Trigger("outro", "after four bars", Consumer.PLAYER, word=Word.COUNT, most=MOST_BARS,
            about="the groove so many bars more (`outro 8`), and an end on one"),
    Trigger("half time", "next bar line", Consumer.PLAYER, ccs=(47,), keys=("h",), note=41,
            word=Word.COUNT, most=MOST_BARS,
            about="half as fast, on the same clock; in double time: back to normal time; "
            "`half time 4`: for so many bars of the clock"),
    Trigger("double time", "next bar line", Consumer.PLAYER, ccs=(48,), keys=("d",), note=42,
            word=Word.COUNT, most=MOST_BARS,
            about="twice as fast, on the same clock; in half time: back to normal time"),
    Trigger("tap", "at the third even tap", Consumer.PLAYER, ccs=(60,), keys=("t",), note=43,
            about="the mean of the last four; a stray one is left out"),
    Trigger("untap", "at once", Consumer.PLAYER, ccs=(63,), keys=("u",), note=52,
            about="the tempo from before the taps; again: theirs"),
    Trigger("ritardando", "over 8 bars", Consumer.PLAYER, ccs=(61,), keys=("<",), note=44,
            about="10 bpm slower; again: 10 more"),
    Trigger("accelerando", "over 8 bars", Consumer.PLAYER, ccs=(62,), keys=(">",), note=45,
            about="10 bpm faster; again: 10 more"),
    Trigger("pull", "next clock pulse", Consumer.PLAYER, held=True, ccs=(43,), keys=("{", "home"),
            note=46, about="5 ms back, smoothly; a pad: for as long as it is held"),
    Trigger("push", "next clock pulse", Consumer.PLAYER, held=True, ccs=(44,), keys=("}", "end"),
            note=47, about="5 ms ahead, smoothly; a pad: for as long as it is held"),
    Trigger("mute", "at once", Consumer.PLAYER, held=True, word=Word.LANE,
            about="of lanes, or all: played on unheard; again, or a held pad let go: heard"),
    Trigger("unmute", "at once", Consumer.PLAYER, word=Word.LANE, about="lanes, or all"),
    Trigger("solo", "at once", Consumer.PLAYER, held=True, word=Word.LANE,
            about="lanes beside those that are; again, or let go: no more; alone: no solo"),
    Trigger("lock", "next bar line", Consumer.BRAIN, word=Word.LANE,
            about="lanes, or all: the bar that sounds, note for note, and the rest played to it"),
    Trigger("unlock", "at once", Consumer.BRAIN, word=Word.LANE, about="lanes, or all"),
    Trigger("regenerate", "next bar line", Consumer.BRAIN, word=Word.LANE, bare=False,
            about="these lanes anew, and all others locked"),
    Trigger("voice", "next bar line", Consumer.PLAYER, word=Word.VOICE, bare=False,
            about="lanes on their own: `voice bell 7:4 ride` (seven in the time of four), "
            "`voice hats 5/4 hats`; `voice bell off`"),
    Trigger("panic", "at once", Consumer.PLAYER, ccs=(120,), keys=("p",), note=48,
            about="ends every note; the groove goes on"),
)  # fmt: skip

LEVELS = {control.name: control for control in CONTROLS if isinstance(control, Level)}
CHOICES = tuple(level.name for level in LEVELS.values() if level.curve is Curve.CHOICE)
"""The levels that choose one of the genres."""
MIXER = ("mute", "unmute", "solo", "level")
"""The controls that say what is heard of what is played."""
LOCKING = ("lock", "unlock", "regenerate")
"""The triggers that say what is played as it was."""
LEADING = ("section", "song", "next", "previous", "vamp")
"""The triggers that lead through the set list."""
ENDS = ("end on one", "outro")
"""The triggers after which the song ends by itself."""
TRIGGERS = {control.name: control for control in CONTROLS if isinstance(control, Trigger)}
_CONSUMERS = {control.name: control.consumer for control in CONTROLS}


def consumer_of(command: Command) -> Consumer:
    """The process that obeys a command. Threads: any. Real-time: yes."""
    return _CONSUMERS[command.name]


@dataclass(frozen=True, slots=True)
class ControlState:
    """All that shapes what the drummer plays next; swapped as one reference.

    `genre` is a weight vector over genre names: the genre, and the one that it morphs towards, if
    any. `top_k` 0 and `top_p` 1.0 leave the distribution as it is.
    """

    genre: Weights
    density: float = LEVELS["density"].default
    temperature: float = LEVELS["temperature"].default
    humanise: float = LEVELS["humanise"].default
    intensity: float = LEVELS["intensity"].default
    complexity: float = LEVELS["complexity"].default
    stability: float = LEVELS["stability"].default
    guidance: float = LEVELS["guidance"].default
    fills: float = LEVELS["fills"].default
    fullness: float = LEVELS["fullness"].default
    swing: float = LEVELS["swing"].default
    swing8: float = LEVELS["swing8"].default
    energy: float = LEVELS["energy"].default
    top_k: int = 0
    top_p: float = 1.0

    def with_level(self, name: str, value: float) -> ControlState:
        """This state with a level of `CONTROLS` (not the genre) set and clamped to its range."""
        change: dict[str, Any] = {name: LEVELS[name].clamp(value)}
        return replace(self, **change)

    def with_genre(self, name: str) -> ControlState:
        """This state with one genre, whole; the one to morph towards stays at hand."""
        others = self.genre[1:] if all(name != other for other, _ in self.genre[1:]) else ()
        return replace(self, genre=((name, 1.0), *((other, 0.0) for other, _ in others)))

    def with_towards(self, name: str) -> ControlState:
        """This state with another genre to morph towards, as far as it has come already."""
        (first, _), share = self.genre[0], self.morph
        if name == first:
            return replace(self, genre=((first, 1.0),))
        return replace(self, genre=((first, 1.0 - share), (name, share)))

    def with_morph(self, share: float) -> ControlState:
        """This state so far on the way to the second genre; where there is none, as it is."""
        if len(self.genre) < 2:
            return self
        share = LEVELS["morph"].clamp(share)
        (first, _), (second, _), *_ = self.genre
        return replace(self, genre=((first, 1.0 - share), (second, share)))

    @property
    def morph(self) -> float:
        """How far it is on the way to the second genre, in 0..1."""
        return self.genre[1][1] if len(self.genre) > 1 else 0.0

    @property
    def grid_swing(self) -> Swing:
        """How the grid swings."""
        return Swing(self.swing, self.swing8)

    @property
    def genre_name(self) -> str:
        """The heaviest genre."""
        return max(self.genre, key=lambda pair: pair[1])[0]

    @property
    def genre_words(self) -> str:
        """What is played, for display: `rock`, or `60% rock 40% jazz`."""
        share = LEVELS["morph"].written
        played = [(name, weight) for name, weight in self.genre if weight > 0]
        if len(played) < 2:
            return self.genre_name
        return " ".join(f"{share(weight)} {name}" for name, weight in played)

    @property
    def levels(self) -> Levels:
        """The same by name, as messages carry it."""
        return tuple((field.name, getattr(self, field.name)) for field in fields(self))

    @staticmethod
    def of(levels: Levels) -> ControlState:
        """The state that `levels` gave."""
        given: dict[str, Any] = dict(levels)
        return ControlState(**given)


DRUMMER_LEVELS = tuple(
    name
    for name, level in LEVELS.items()
    if name in {field.name for field in fields(ControlState)} and level.curve is not Curve.CHOICE
)
"""The levels that are numbers of a `ControlState`."""
