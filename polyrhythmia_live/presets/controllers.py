"""Controllers: presets/controllers/*.toml, and the performer's own beside them -> controller maps.

The comments in a file are its manual's; its keys are

    name = "KORG nanoKONTROL2"      as shown
    ports = ["nanoKONTROL2"]        parts of the names of its input: so it is found by itself
    channel = 1                     1..16, of what names none; absent = every channel
    table = false                   whether the control table's CCs and pads count beside it; true
    pickup = true                   a knob takes hold of a level that it passes; false = at once
    [controls]                      control = what moves it, or a list of such
    density = {cc = 0}
    tempo = {nrpn = 1032, channel = 2, pickup = false}
    intensity = {cc = 21, encoding = "twos-complement", clicks = 50}
    complexity = {cc = 22, encoding = "inc-dec", down = 23}
    fills = {bend = true, low = 8192}
    fill = [{note = 36, channel = 10}, {cc = 64}]
    genre = [{program = 0, value = "funk"}, {cc = 20}]

    lights_port = "DAW"             part of its output's name, where the input's is another
    opening = ["9F 0C 7F"]          sent before its lights are; `closing` after they are put out
    [lights]                        control = what shows it, or a list of such
    "play/stop" = {cc = 41}
    density = {sysex = "F0 00 20 29 02 11 78 08 00 vv F7", values = [12, 13, 15]}

See docs/controllers.md for each key. Nothing here is fatal: an entry that makes no sense is left
out, with a line that says why, and a file that cannot be read leaves the control table as it is. A
file of the performer's goes before one of ours of the same name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from polyrhythmia_live.control.base import CONTROLS, LEVELS, TRIGGERS
from polyrhythmia_live.control.controller.base import (
    NUMBERS_MAX,
    VALUES_MAX,
    ControllerMap,
    Encoding,
    Entry,
    Kind,
    Light,
    Source,
)
from polyrhythmia_live.control.word import read_word
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.midi.base import ALL_SOUND_OFF, CONTROL_CHANGE, DATA_MAX, NOTE_OFF, NOTE_ON
from polyrhythmia_live.presets.preset_file import PresetFile, preset_files
from polyrhythmia_live.rhythm.choice import choose
from polyrhythmia_live.rhythm.control import Curve

FOLDER = "controllers"
KEYS = ("name", "ports", "channel", "table", "pickup", "controls", "lights", "lights_port",
        "opening", "closing")  # fmt: skip
KINDS = tuple(kind.value for kind in Kind)
ENTRY_KEYS = (*KINDS, "channel", "encoding", "down", "low", "high", "pickup", "clicks", "value",
              "word")  # fmt: skip
LIGHT_KEYS = ("cc", "note", "sysex", "channel", "values", "off", "on")
ENCODINGS = tuple(encoding.value for encoding in Encoding)
NAMES = tuple(control.name for control in CONTROLS)
CLICKS, CLICKS_MAX = 100, 2000
LIT = 127

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}\s*)+")
_SYSEX = re.compile(r"F0\s*((?:[0-7][0-9A-F]\s*)*)vv\s*((?:[0-7][0-9A-F]\s*)*)F7", re.IGNORECASE)

NONE: tuple[str, ...] = ()

T = TypeVar("T")
P = ParamSpec("P")


def controller_names() -> tuple[str, ...]:
    """Every controller that `load_controller` knows by name."""
    return tuple(sorted(preset_files(FOLDER)))


def load_controller(name: str, genres: Sequence[str]) -> ControllerMap:
    """A controller by name, or from a file of one's own where `name` ends in `.toml`.

    `genres` are what a `value` of the genre may be. Raises PresetError only where there is no such
    controller: what is wrong with its file, the map says.
    """
    return read_controller(controller_file(name), genres)


def controller_file(name: str) -> Path:
    """The file of a controller, ours or the performer's.

    Raises PresetError as `load_controller` does.
    """
    if name.endswith(".toml"):
        path = Path(name).expanduser()
        if not path.exists():
            raise PresetError(f"there is no controller {path}; check the path")
        return path
    known = "a controller (`scripts/polyrhythmia controllers` lists them)"
    try:
        return preset_files(FOLDER)[choose(name, controller_names(), known)]
    except ValueError as error:
        raise PresetError(str(error)) from None


def read_controller(path: Path, genres: Sequence[str]) -> ControllerMap:
    """The map in a file, and a line for each thing in it that makes no sense."""
    try:
        file = PresetFile("controller", path, None, ())
    except PresetError as error:
        return ControllerMap(path.stem, faults=(str(error),))
    return _Reading(file, genres).map(path.stem)


class _Reading:
    """One file, as far as it makes sense."""

    def __init__(self, file: PresetFile, genres: Sequence[str]) -> None:
        self._file = file
        self._genres = genres
        self._faults: list[str] = []
        self._taken: dict[tuple[Kind, int, int | None], str] = {}
        """The control that each source moves."""

    def map(self, stem: str) -> ControllerMap:
        keys, file = self._file.keys, self._file
        for key in keys:
            self._or(None, file.allow, "top-level", (key,), KEYS)
        channel = self._or(None, self._channel, "channel", keys.get("channel"))
        pickup = self._or(True, self._flag, "pickup", keys.get("pickup", True))
        ports = self._or(NONE, self._texts, "ports", keys.get("ports", []))
        entries = tuple(self._all("controls", partial(self._entry, channel, pickup)))
        alone = not self._or(True, self._flag, "table", keys.get("table", True))
        return ControllerMap(
            name=self._or(stem, file.text, "name", keys.get("name", stem)),
            ports=tuple(port for port in ports if port.strip()),
            table=not (alone and entries),  # a file that is cut short leaves something in hand
            entries=entries,
            lights=tuple(self._all("lights", partial(self._light, channel))),
            lights_port=self._or("", self._text, "lights_port"),
            opening=self._or((), self._messages, "opening"),
            closing=self._or((), self._messages, "closing"),
            faults=tuple(self._faults),
        )

    def _or(self, otherwise: T, read: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """What is read, or a fault and what holds otherwise."""
        try:
            return read(*given, **named)
        except PresetError as error:
            self._faults.append(str(error))
            return otherwise

    def _all(self, key: str, read: Callable[[str, str, Any], T]) -> Iterator[T]:
        """Each entry of a table of control = entry, or = a list of them, that makes sense."""
        nothing: dict[str, Any] = {}
        table = self._or(nothing, self._file.table, key, "a table of control = what moves it")
        for name, value in table.items():
            several = value if isinstance(value, list) else [value]
            for place, one in enumerate(several, 1):
                where = f"{key}.{name}" + (f" ({place})" if len(several) > 1 else "")
                try:
                    yield read(where, name, one)
                except PresetError as error:
                    self._faults.append(str(error))

    def _entry(self, channel: int | None, pickup: bool, where: str, name: str, given: Any) -> Entry:
        file = self._file
        self._control(where, name)
        given = self._inline(
            where, given, ENTRY_KEYS, f"{{cc = 21}}, or another of {', '.join(KINDS)}"
        )
        source = self._source(where, given, KINDS, channel)
        modes = source.kind is Kind.CC and source.number >= ALL_SOUND_OFF
        if modes and (name, source.number) != ("panic", ALL_SOUND_OFF):
            raise file.wrong(f"{where}.cc", "0..119, or 120 for panic", source.number)
        word, value = self._word(where, name, given), self._value(where, name, given)
        encoding = given.get("encoding", Encoding.ABSOLUTE.value)
        if encoding not in ENCODINGS:
            raise file.wrong(f"{where}.encoding", f"one of {', '.join(ENCODINGS)}", encoding)
        entry = Entry(
            control=name,
            source=source,
            encoding=Encoding(encoding),
            pickup=self._flag(f"{where}.pickup", given.get("pickup", pickup)),
            clicks=self._clicks(where, given),
            value=value,
            word=word,
            **self._ends(where, given, source),
            **self._down(where, given, Encoding(encoding), source),
        )
        self._refuse_senseless(where, entry)
        self._take(where, entry)
        return entry

    def _clicks(self, where: str, given: dict[str, Any]) -> int:
        clicks = given.get("clicks", CLICKS)
        if clicks == 0:
            raise self._file.wrong(f"{where}.clicks", "what it takes from end to end", 0)
        return self._file.whole(f"{where}.clicks", clicks, -CLICKS_MAX, CLICKS_MAX)

    def _ends(self, where: str, given: dict[str, Any], source: Source) -> dict[str, int]:
        most = VALUES_MAX.get(source.kind, DATA_MAX)
        low = self._file.whole(f"{where}.low", given.get("low", 0), 0, most)
        high = self._file.whole(f"{where}.high", given.get("high", most), 0, most)
        if low == high:
            raise self._file.wrong(f"{where}.high", f"another value than low = {low}", high)
        return {"low": low, "high": high}

    def _down(
        self, where: str, given: dict[str, Any], encoding: Encoding, source: Source
    ) -> dict[str, int]:
        wanted = encoding is Encoding.INC_DEC and source.kind is Kind.CC
        if wanted != ("down" in given):
            expected = "the CC that counts down" if wanted else "it with encoding = 'inc-dec' only"
            raise self._file.wrong(f"{where}.down", expected, given.get("down"))
        if not wanted:
            return {}
        return {"down": self._file.whole(f"{where}.down", given["down"], 0, 127)}

    def _refuse_senseless(self, where: str, entry: Entry) -> None:
        kind = entry.source.kind
        moves = entry.control in LEVELS and entry.value is None
        if moves and kind not in VALUES_MAX:
            raise self._file.trouble(
                where, f"a {kind.value} is only pressed: say value = where it puts {entry.control}"
            )
        if entry.encoding is Encoding.ABSOLUTE:
            return
        if not moves or kind not in (Kind.CC, Kind.NRPN):
            raise self._file.wrong(
                f"{where}.encoding", "absolute, of what is no knob", entry.encoding.value
            )
        if entry.control == "towards":
            raise self._file.wrong(
                f"{where}.encoding", "absolute, of this choice", entry.encoding.value
            )
        if kind is Kind.NRPN and entry.encoding is not Encoding.INC_DEC:
            raise self._file.wrong(
                f"{where}.encoding", "absolute or inc-dec, of an NRPN", entry.encoding.value
            )

    def _take(self, where: str, entry: Entry) -> None:
        """One knob moves one control."""
        source = entry.source
        numbers = [source.number, *([] if entry.down is None else [entry.down])]
        for number in numbers:
            for (kind, other, channel), control in self._taken.items():
                same_channel = None in (channel, source.channel) or channel == source.channel
                if (kind, other) == (source.kind, number) and same_channel:
                    raise self._file.trouble(
                        where, f"{kind.value} {number} moves {control} already"
                    )
        for number in numbers:
            self._taken[source.kind, number, source.channel] = entry.control

    def _light(self, channel: int | None, where: str, name: str, given: Any) -> Light:
        file = self._file
        self._control(where, name)
        given = self._inline(where, given, LIGHT_KEYS, "{cc = 41}, {note = 41} or {sysex = ...}")
        values = self._shown(where, name, given)
        if "sysex" in given:
            text = file.text(f"{where}.sysex", given["sysex"])
            if {"cc", "note"} & given.keys() or not (found := _SYSEX.fullmatch(text.strip())):
                raise file.wrong(f"{where}.sysex", "F0 ... vv ... F7 alone, vv its value", text)
            before, after = map(bytes.fromhex, found.groups())
            return Light(name, b"\xf0" + before, values, after + b"\xf7")
        source = self._source(where, given, ("cc", "note"), channel)
        status = (CONTROL_CHANGE if source.kind is Kind.CC else NOTE_ON) | (source.channel or 0)
        return Light(name, bytes((status, source.number)), values)

    def _shown(self, where: str, name: str, given: dict[str, Any]) -> tuple[int, ...]:
        file = self._file
        if "values" not in given:
            if name in LEVELS and not {"on", "off"} & given.keys():
                return tuple(range(DATA_MAX + 1))
            return tuple(
                file.whole(f"{where}.{key}", given.get(key, value), 0, DATA_MAX)
                for key, value in (("off", 0), ("on", LIT))
            )
        values = given["values"]
        if {"on", "off"} & given.keys() or not isinstance(values, list) or len(values) < 2:
            raise file.wrong(f"{where}.values", "two numbers or more, without on and off", values)
        return tuple(file.whole(f"{where}.values", value, 0, DATA_MAX) for value in values)

    # what both have

    def _control(self, where: str, name: str) -> None:
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, 1) or ["density"]
            raise self._file.trouble(where, f"expected a control such as '{near[0]}'")

    def _inline(
        self, where: str, given: Any, known: Iterable[str], expected: str
    ) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise self._file.wrong(where, expected, given)
        self._file.allow(f"{where}:", given, known)
        return given

    def _source(
        self, where: str, given: dict[str, Any], kinds: Sequence[str], channel: int | None
    ) -> Source:
        said = [kind for kind in kinds if kind in given]
        if len(said) != 1:
            raise self._file.wrong(where, f"one of {', '.join(kinds)}", given)
        kind = Kind(said[0])
        if kind is Kind.BEND:
            if given["bend"] is not True:
                raise self._file.wrong(f"{where}.bend", "true", given["bend"])
            number = 0
        else:
            place = f"{where}.{kind.value}"
            number = self._file.whole(place, given[kind.value], 0, NUMBERS_MAX[kind])
        own = self._channel(f"{where}.channel", given["channel"]) if "channel" in given else channel
        return Source(kind, number, own)

    def _channel(self, where: str, given: object) -> int | None:
        return None if given is None else self._file.whole(where, given, 1, 16) - 1

    def _flag(self, where: str, given: object) -> bool:
        if not isinstance(given, bool):
            raise self._file.wrong(where, "true or false", given)
        return given

    def _texts(self, where: str, given: object) -> tuple[str, ...]:
        if not isinstance(given, list) or not all(isinstance(it, str) for it in given):
            raise self._file.wrong(where, "a list of texts", given)
        return tuple(given)

    def _text(self, key: str) -> str:
        return self._file.text(key, self._file.keys[key]) if key in self._file.keys else ""

    def _messages(self, key: str) -> tuple[bytes, ...]:
        texts = self._texts(key, self._file.keys.get(key, []))
        for text in texts:
            if not _HEX.fullmatch(text.strip()) or bytes.fromhex(text)[0] < NOTE_OFF:
                raise self._file.wrong(key, "messages such as '9F 0C 7F'", text)
        return tuple(map(bytes.fromhex, texts))

    def _word(self, where: str, name: str, given: dict[str, Any]) -> str:
        if name in LEVELS:
            if "word" in given:
                raise self._file.wrong(f"{where}.word", "value, of a level", given["word"])
            return ""
        try:
            return read_word(TRIGGERS[name], str(given.get("word", "")))
        except ValueError as error:
            raise self._file.trouble(f"{where}.word", str(error)) from None

    def _value(self, where: str, name: str, given: dict[str, Any]) -> float | None:
        if "value" not in given:
            return None
        text = str(given["value"])
        if name not in LEVELS:
            raise self._file.wrong(f"{where}.value", "none, of what only happens", text)
        try:
            if LEVELS[name].curve is Curve.CHOICE:
                return float(self._genres.index(choose(text, self._genres, f"a {name}")))
            return LEVELS[name].read(text)
        except ValueError as error:
            raise self._file.trouble(f"{where}.value", str(error)) from None
