"""The show: where in the set list a voice is, and where it goes next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from polyrhythmia_live.config import Section, SetList, Song
from polyrhythmia_live.messages import Fire, SectionNow
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.meter_map import MeterMap

_WHEN = re.compile(r"(.+?)(?: +(now|at the end|at end)| +after +(\d{1,3})(?: +bars?)?)?")
"""A section's name, and when it is to come; unless said, with the next bar line."""

NAMED = 8
"""So many are named to who calls for one that is not there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The n-th section of the n-th song, from the step `line` on."""

    song: int
    section: int
    line: int


class Show:
    """Walks through a set list; pure. `now` is None while it is in none of its sections.

    A section that has bars leads to the next one by itself, unless it vamps; one that was called
    for by hand comes before that. Steps are the voice's.
    Threads: one at a time. Real-time: no.
    """

    def __init__(self, set_list: SetList, meters: MeterMap) -> None:
        self.vamps = False
        """Whether the section that sounds goes on until the performer leads on."""
        self.now: Entry | None = Entry(0, 0, 0) if set_list.begins else None
        self._called: Entry | None = None
        self._set_list = set_list
        self._meters = meters
        self._calls: dict[str, Callable[[str, int], Entry | None]] = {
            "section": self._section_named,
            "song": self._song_named,
            "next": lambda _, step: self._beside(1, step),
            "previous": lambda _, step: self._beside(-1, step),
        }

    # what it says

    def section(self, entry: Entry) -> Section:
        """What is played from an entry on."""
        return self._set_list.songs[entry.song].sections[entry.section]

    def coming(self) -> Entry | None:
        """What follows the section that sounds, as far as that is settled."""
        return next(self._ahead(), None)

    def at(self, step: int) -> Section | None:
        """The section that comes before `step` or with it, if one is to come."""
        found = None
        for entry in self._ahead():
            if entry.line > step:
                break
            found = self.section(entry)
        return found

    def lines(self, count: int) -> list[int]:
        """The next bar lines on which a section begins, so many at the most."""
        return [entry.line for entry in islice(self._ahead(), count)]

    def from_the_top(self) -> Section | None:
        """What a start begins with; None = with what sounds."""
        if self.now is None or not self._set_list.begins:
            return None
        return self.section(replace(self.now, section=0))

    def ends_at(self) -> int | None:
        """The step on which the song ends by itself, if it does, in the section that sounds."""
        now = self.now
        if now is None or self.coming() is not None or not self._song(now).ends:
            return None
        return self._end(now)

    def groove_to_come(self) -> tuple[int, Section] | None:
        """The line and the section that comes next, where that has a groove of its own."""
        coming = self.coming()
        section = None if coming is None else self.section(coming)
        return (coming.line, section) if coming and section and section.groove else None

    def section_now(self) -> SectionNow | None:
        """The same for screens."""
        now, coming = self.now, self.coming()
        if now is None and coming is None:
            return None
        then = "" if coming is None else self.section(coming).name
        if now is None:
            return SectionNow("", "", 0, coming.line if coming else None, then)
        end = self._end(now) if coming is None else coming.line
        song = self._song(now).name if self._set_list.name else ""
        return SectionNow(song, self.section(now).name, now.line, end, then)

    # what is asked, and what becomes of the song

    def obey(self, fire: Fire, step: int, rolling: bool) -> int | None:
        """Take a command in; the step from which it holds, None where it changes nothing."""
        if fire.name == "vamp":
            if self.now is None:
                return None
            self.vamps = not self.vamps
            return step
        call = self._calls.get(fire.name)
        entry = None if call is None or not self._set_list.songs else call(fire.word, step)
        if entry is None or entry in (self._called, self.now):
            return None
        if not rolling:
            entry = replace(entry, line=step)
        self._called = entry
        return entry.line

    def why_not(self, fire: Fire) -> str:
        """Why `obey` did not find what was called for by name; empty where that is not it."""
        songs, last = self._set_list.songs, self._called or self.now
        told = _WHEN.fullmatch(fire.word)
        if not songs or fire.name not in ("section", "song") or told is None:
            return ""
        song = songs[0 if last is None else last.song]
        if fire.name == "song" and not self._set_list.begins:
            return "song: there is no set list"
        if fire.name == "song":
            where, word, names = "this set list has", fire.word, [it.name for it in songs]
        else:
            where = "this song has" if self._set_list.begins else "there are"
            word, names = str(told[1]), [it.name for it in song.sections]
        if _found(word, names, None) is not None:
            return f"{fire.name}: {word} is to come already"
        meant = choice.near(word, names)
        if meant and len(names) > NAMED:
            return f"{fire.name}: did you mean {' or '.join(meant)}?"
        named = list(dict.fromkeys(names))
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        return f"{fire.name}: {where} {', '.join(named[:NAMED])}{more}"

    def bring_in(self, step: int) -> bool:
        """Let what was called for come at once; False where nothing was."""
        if self._called is None or self._called.line <= step:
            return False
        self._called = replace(self._called, line=step)
        return True

    def heard(self, step: int) -> bool:
        """All before a step has sounded; whether another section has begun with that."""
        begun = False
        while (coming := self.coming()) is not None and coming.line < step:
            if coming == self._called:
                self._called = None
            self.now, self.vamps, begun = coming, False, True
        return begun

    def begin(self) -> Section | None:
        """The song starts from the top."""
        self._called, self.vamps = None, False
        first = self.from_the_top()
        if first is not None and self.now is not None:
            self.now = replace(self.now, section=0, line=0)
        return first

    def jump(self, step: int) -> Section | None:
        """The song goes on elsewhere: in the section that lies there, if it is another one.

        Beyond a section that has no bars nobody knows: the song stays in the one that it is in.
        """
        self._called = None
        if self.now is None or not self._set_list.begins:
            return None
        entry, end = self._lying_at(step, replace(self.now, section=0, line=0))
        if end is None and entry.section < self.now.section:
            entry = replace(self.now, line=min(self.now.line, self._meters.bar_line_at(step)))
        changed, self.now = entry.section != self.now.section, entry
        return self.section(entry) if changed else None

    def ended(self) -> Section | None:
        """The song has ended by itself: the next one stands ready."""
        if self.now is None or self.now.song + 1 == len(self._set_list.songs):
            return None
        self.now = Entry(self.now.song + 1, 0, 0)
        return self.section(self.now)

    def kept(self) -> tuple[int, int, int] | None:
        """Where it is, for `recall`."""
        now = self.now
        return None if now is None else (now.song, now.section, now.line)

    def recall(self, kept: tuple[int, int, int] | None) -> None:
        """Be where it was; a set list that has been changed meanwhile begins as it is."""
        if kept is not None:
            song, section, line = kept
            songs = self._set_list.songs
            if 0 <= song < len(songs) and 0 <= section < len(songs[song].sections):
                self.now = Entry(song, section, line)

    # where it goes

    def _ahead(self) -> Iterator[Entry]:
        """The entries to come, in order."""
        called = self._called
        entry, vamps = self.now, self.vamps
        while True:
            entry = None if entry is None or vamps else self._after(entry)
            if called is not None and (entry is None or called.line <= entry.line):
                entry, called, vamps = called, None, False
            if entry is None:
                return
            yield entry

    def _after(self, entry: Entry) -> Entry | None:
        """What follows an entry by itself."""
        end = self._end(entry)
        if end is None or entry.section + 1 == len(self._song(entry).sections):
            return None
        return Entry(entry.song, entry.section + 1, end)

    def _end(self, entry: Entry) -> int | None:
        """The line on which an entry's section ends by itself."""
        bars = self.section(entry).bars
        if bars is None:
            return None
        return self._meters.bars_later(self._meters.bar_line_at(entry.line), bars)

    def _lying_at(self, step: int, entry: Entry) -> tuple[Entry, int | None]:
        """The section that a song would be in at a step, and where that one ends."""
        last = len(self._song(entry).sections) - 1
        while (end := self._end(entry)) is not None and end <= step and entry.section < last:
            entry = Entry(entry.song, entry.section + 1, end)
        return entry, end

    def _song(self, entry: Entry) -> Song:
        return self._set_list.songs[entry.song]

    def _line(self, step: int) -> int:
        return self._meters.first_bar_line_from(step)

    def _beside(self, by: int, step: int) -> Entry | None:
        """The next section, or the one before, of what was called for last; then of the songs."""
        songs, last = self._set_list.songs, self._called or self.now
        if last is None:
            return Entry(0, 0 if by > 0 else len(songs[0].sections) - 1, self._line(step))
        section = last.section + by
        if 0 <= section < len(songs[last.song].sections):
            return Entry(last.song, section, self._line(step))
        song = last.song + by
        return Entry(song, 0, self._line(step)) if 0 <= song < len(songs) else None

    def _song_named(self, word: str, step: int) -> Entry | None:
        song = _found(word, [song.name for song in self._set_list.songs], None)
        return None if song is None else Entry(song, 0, self._line(step))

    def _section_named(self, word: str, step: int) -> Entry | None:
        told = _WHEN.fullmatch(word)
        last = self._called or self.now
        if told is None:
            return None
        name, when, bars = told.groups()
        song = 0 if last is None else last.song
        names = [section.name for section in self._set_list.songs[song].sections]
        section = _found(name, names, None if last is None else last.section)
        if section is None:
            return None
        return Entry(song, section, self._when(when, bars, step))

    def _when(self, when: str | None, bars: str | None, step: int) -> int:
        line = self._line(step)
        if when == "now":
            return step
        if bars is not None:
            return self._meters.bars_later(line, max(0, int(bars) - 1))
        end = self._end(self.now) if when and self.now is not None else None
        return line if end is None else max(line, end)


def _found(word: str, names: list[str], last: int | None) -> int | None:
    """The place of a name, as people type it, or of the n-th; the next one after the `last`."""
    if word.isdecimal() and word not in names:
        return int(word) - 1 if 1 <= int(word) <= len(names) else None
    try:
        name = choice.choose(word, dict.fromkeys(names), "a name")
    except ValueError:
        return None
    places = [place for place, each in enumerate(names) if each == name]
    return next((it for it in places if last is not None and it > last), places[0])
