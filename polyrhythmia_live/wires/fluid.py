"""FluidSynth with a soundfont in it: what the live synth and the file renderer share.

The only door to pyfluidsynth, which is imported when a synth is made: its import fails where the
C library is missing. pyfluidsynth's own `start` is not used: it reports success without an audio
driver, opens a MIDI input that anything can play, and starts a command shell.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from ctypes import c_double, c_int, c_void_p
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.system import jack
from polyrhythmia_live.system.quiet import quiet_stderr
from polyrhythmia_live.wires.base import DEFAULT_SOUND, SynthSound
from polyrhythmia_live.wires.soundfont_balance import balance_of
from polyrhythmia_live.wires.soundfont_kits import find_drum_kit

JACK_CLIENT = "Polyrhythmia Synth"
PERIOD_FRAMES = 256
PERIODS = 3
BUFFER_FRAMES = PERIOD_FRAMES * PERIODS
BLOCK_FRAMES = 64
"""FluidSynth computes so many frames at once; a note begins at the start of a block."""

FRAME_BYTES = 4
"""Of 16-bit stereo."""

Chokes = Mapping[int, tuple[int, ...]]
"""The notes (0..127) that each note ends."""

NO_CHOKES: Chokes = MappingProxyType({})

_GAIN_MAX = 10.0
"""FluidSynth's own limit; what is above is taken for nothing."""

_DRIVER_THREADS = {"alsa": "alsa-audio", "oss": "oss-audio", "pulseaudio": "pulse-audio"}
"""What FluidSynth calls the threads of drivers, where they end with their card or server."""

_TASKS = Path("/proc/self/task")

_DRUM_CHANNEL = 9
_LOG_LEVELS = 5

_RELEASE, _ATTENUATION = 38, 48
"""Generators of the SoundFont specification, 8.1.2."""

_VELOCITY_CENTIBELS = 480
"""How much softer than the loudest a note of velocity 0 would be: a note is as loud, as an
amplitude, as its velocity. The specification's 960 makes it the square of that, upon what the
layers of a kit do already: a ghost note at 20 is then 32 to 43 dB under an accent. See
docs/measured.md."""

_SHORTEST = -20_000.0
_CHOKING = 64
"""A key's pressure says two things. Up to 63 it is an attenuation, in half decibels, and keeps the
key in balance with the others. 64 more leave that as it is and take 20,000 timecents off the
release of the key's notes, which leaves what FluidSynth allows at least: 16 ms."""
_CENTIBELS = 5.0
_FULL_PRESSURE = 127
_OVERWRITE, _ADD = 0, 1

if sys.platform == "darwin":
    _INSTALL = "`brew install fluid-synth`"
else:
    _INSTALL = "`sudo apt-get install libfluidsynth3`"


class Keyboard(Protocol):
    """What plays a synth: `AtOnce`, or a sequencer that knows when.

    Channels are 0..15, keys, velocities and pressures 0..127, a bend is 0..16383.
    Threads: dispatcher only. Real-time: yes.
    """

    def strike(self, channel: int, key: int, velocity: int) -> None: ...
    def release(self, channel: int, key: int) -> None: ...
    def press(self, channel: int, key: int, pressure: int) -> None: ...
    def control(self, channel: int, number: int, value: int) -> None: ...
    def bend(self, channel: int, value: int) -> None: ...


class AtOnce:
    """Plays a synth with the next block that it renders. Implements `Keyboard`.

    Threads: any one. Real-time: yes.
    """

    def __init__(self, library: Any, fluid: Any) -> None:
        self._fluid = fluid
        self._press = bound(library, "fluid_synth_key_pressure", c_void_p, c_int, c_int, c_int)

    def strike(self, channel: int, key: int, velocity: int) -> None:
        self._fluid.noteon(channel, key, velocity)

    def release(self, channel: int, key: int) -> None:
        self._fluid.noteoff(channel, key)

    def press(self, channel: int, key: int, pressure: int) -> None:
        self._press(self._fluid.synth, channel, key, pressure)

    def control(self, channel: int, number: int, value: int) -> None:
        self._fluid.cc(channel, number, value)

    def bend(self, channel: int, value: int) -> None:
        self._fluid.pitch_bend(channel, value - 8192)


class FluidSynth:
    """A synth with a soundfont loaded, and one of its drum kits on channel 10.

    A note ends the others that `chokes_by_note` lists for it, whatever the soundfont does of
    itself. Drums that the kit lacks are played by the nearest that it has, and its levels are those
    of `soundfont_balance`. Raises SynthUnavailable, with what mends it, for the library, the
    soundfont and its drum kits.
    """

    def __init__(
        self,
        sound: SynthSound = DEFAULT_SOUND,
        chokes_by_note: Chokes = NO_CHOKES,
        rate_hz: int = 48_000,
    ) -> None:
        self.library = load_library()
        self.rate_hz = rate_hz
        self._chokes = chokes_by_note
        self._choked: set[int] = set()
        self._thread_name: str | None = None
        self._thread: Path | None = None
        """The driver's, as the system shows it."""
        self.kit = find_drum_kit(sound)
        """What is played, and the soundfont that it is in."""
        self._balance = balance_of(self.kit)
        loudest_db = max((0.0, *self._balance.levels_db.values()))
        self._pressures = [
            round((loudest_db - self._balance.levels_db.get(key, 0.0)) * 10 / _CENTIBELS)
            for key in range(128)
        ]
        """Only softer is possible, so the whole synth is as much louder."""
        settings = {
            "audio.period-size": PERIOD_FRAMES,
            "audio.periods": PERIODS,
            "audio.jack.autoconnect": 1,
            "audio.jack.id": JACK_CLIENT,
        }
        self.fluid: Any = self.library.Synth(
            gain=min(_GAIN_MAX, sound.gain * 10 ** (loudest_db / 20)),
            samplerate=float(rate_hz),
            channels=16,
            **settings,
        )
        try:
            self._load()
        except SynthUnavailable:
            self.close()
            raise
        self._at_once = AtOnce(self.library, self.fluid)
        self._add_modulators()
        self._tune()

    def _load(self) -> None:
        soundfont, preset = self.kit.soundfont, self.kit.preset
        with quiet_stderr():
            number = self.fluid.sfload(str(soundfont))
        # Asking a channel about its program before a font is loaded is a segmentation fault.
        if number < 0:
            raise SynthUnavailable(f"{soundfont} cannot be loaded: it is no whole soundfont")
        self.fluid.program_select(_DRUM_CHANNEL, number, preset.bank, preset.program)
        if self.fluid.program_info(_DRUM_CHANNEL) != (number, preset.bank, preset.program):
            raise SynthUnavailable(f"{soundfont} does not play its drum kit {self.kit.address}")

    def _add_modulators(self) -> None:
        """Most drums of a soundfont ring on through their note-off; pressure is to end them."""
        library = self.library
        pressure = library.FLUID_MOD_KEYPRESSURE, library.FLUID_MOD_GC
        chokes = library.FLUID_MOD_KEYPRESSURE, library.FLUID_MOD_GC | library.FLUID_MOD_SWITCH
        velocity = (
            library.FLUID_MOD_VELOCITY,
            library.FLUID_MOD_GC | library.FLUID_MOD_CONCAVE | library.FLUID_MOD_NEGATIVE,
        )
        self._add_modulator(chokes, _RELEASE, _SHORTEST, _ADD)
        self._add_modulator(pressure, _ATTENUATION, _FULL_PRESSURE * _CENTIBELS, _ADD)
        self._add_modulator(chokes, _ATTENUATION, -_CHOKING * _CENTIBELS, _ADD)
        self._add_modulator(velocity, _ATTENUATION, _VELOCITY_CENTIBELS, _OVERWRITE)
        for key, attenuation in enumerate(self._pressures):
            self._at_once.press(_DRUM_CHANNEL, key, attenuation)

    def _add_modulator(
        self, source: tuple[int, int], target: int, amount: float, mode: int
    ) -> None:
        modulator = self.library.Modulator()
        modulator.set_source1(*source)
        modulator.set_source2(self.library.FLUID_MOD_NONE, self.library.FLUID_MOD_GC)
        modulator.set_dest(target)
        modulator.set_amount(amount)
        add = bound(self.library, "fluid_synth_add_default_mod", c_void_p, c_void_p, c_int)
        add(self.fluid.synth, modulator.mod, mode)  # a copy
        self.library.delete_fluid_mod(modulator.mod)

    def _tune(self) -> None:
        """Give the keys their pitches: of a drum, one key's sample makes another."""
        semitones = self._balance.semitones
        if not semitones:
            return
        keys = (c_int * len(semitones))(*semitones)
        cents = (c_double * len(semitones))(*(100 * (key + up) for key, up in semitones.items()))
        types = (c_void_p, c_int, c_int, c_int, c_void_p, c_void_p, c_int)
        tune = bound(self.library, "fluid_synth_tune_notes", *types)
        tune(self.fluid.synth, 0, 0, len(keys), keys, cents, 0)
        activate = bound(self.library, "fluid_synth_activate_tuning", c_void_p, *[c_int] * 4)
        activate(self.fluid.synth, _DRUM_CHANNEL, 0, 0, 0)

    def play(self, message: bytes, keyboard: Keyboard | None = None) -> None:
        """Play one message, on `keyboard` or at once.

        Kinds that mean nothing here are ignored, a change of kit too.
        Threads: dispatcher only. Real-time: yes.
        """
        on = self._at_once if keyboard is None else keyboard
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == 0x90:
            self._strike(on, channel, message[1], message[2])
        elif kind == 0x80:
            on.release(channel, self._key(message[1]))
        elif kind == 0xB0:
            on.control(channel, message[1], message[2])
        elif kind == 0xE0:
            on.bend(channel, message[2] << 7 | message[1])

    def _key(self, note: int) -> int:
        return self._balance.keys.get(note, note)

    def _strike(self, on: Keyboard, channel: int, note: int, velocity: int) -> None:
        key = self._key(note)
        if velocity > 0:
            for other in map(self._key, self._chokes.get(note, ())):
                self._choked.add(other)
                on.press(channel, other, _CHOKING + self._pressures[other])
                on.release(channel, other)
            if key in self._choked:
                self._choked.remove(key)
                on.press(channel, key, self._pressures[key])
        on.strike(channel, key, velocity)

    def forget_chokes(self) -> None:
        """Of what was to be played some was taken back: any key may be choked, or none.

        Threads: dispatcher only. Real-time: yes.
        """
        for notes in self._chokes.values():
            self._choked.update(map(self._key, notes))

    def open_driver(self, names: Iterable[str]) -> str | None:
        """The first of the audio drivers that opens, and now plays; None when none does.

        Threads: player's main. Real-time: no.
        """
        # FluidSynth's JACK driver would start a server of its own accord, and wait for it.
        os.environ.setdefault("JACK_NO_START_SERVER", "1")
        for name in names:
            self.fluid.setting("audio.driver", name)
            if self.fluid.get_setting("audio.driver") != name:
                continue
            if name == "jack" and not jack.answers():
                continue
            with quiet_stderr():
                driver = self.library.new_fluid_audio_driver(self.fluid.settings, self.fluid.synth)
            if driver:
                self.fluid.audio_driver = driver
                self._thread_name, self._thread = _DRIVER_THREADS.get(name), None
                return name
        return None

    def driver_ended(self) -> bool:
        """Whether the driver is known to have given up, if this was asked before it did.

        Threads: any one. Real-time: no.
        """
        if self._thread is not None:
            return not self._thread.exists()
        if self._thread_name is not None:
            self._thread = _thread_called(self._thread_name)
        return False

    def close_driver(self) -> None:
        """Stop the driver, if one plays. It may wait for a sound server, for as long as that does.

        Threads: any one. Real-time: no.
        """
        driver, self.fluid.audio_driver = self.fluid.audio_driver, None
        if driver:
            self.library.delete_fluid_audio_driver(driver)

    def render(self, frames: int) -> bytes:
        """The next frames, 16-bit stereo; for a synth without a driver.

        Threads: any one. Real-time: no.
        """
        # Not `get_samples`, which goes through numpy.
        frame_buffer = ctypes.create_string_buffer(frames * FRAME_BYTES)
        self.library.fluid_synth_write_s16(
            self.fluid.synth, frames, frame_buffer, 0, 2, frame_buffer, 1, 2
        )
        return frame_buffer.raw

    def sounding_voices(self) -> int:
        """How many notes ring at the moment. Threads: any but the dispatcher. Real-time: no."""
        return int(self.fluid.get_active_voice_count())

    def close(self) -> None:
        """Stop the driver, if one plays, and free the synth.

        Threads: player's main. Real-time: no.
        """
        with quiet_stderr():
            self.close_driver()
            self.fluid.delete()


def load_library() -> Any:
    """The pyfluidsynth module, kept off the terminal. Raises SynthUnavailable."""
    _point_at_homebrew()
    try:
        # Where $CI is set, pyfluidsynth prints while it is imported.
        with contextlib.redirect_stdout(io.StringIO()):
            import fluidsynth
    except ModuleNotFoundError:
        raise SynthUnavailable("pyfluidsynth is not installed: run `scripts/setup`") from None
    except Exception as error:
        # ImportError without the library, OSError for another architecture, others for versions.
        raise SynthUnavailable(f"no libfluidsynth ({error}): {_INSTALL}") from error
    silence = bound(fluidsynth, "fluid_set_log_function", c_int, c_void_p, c_void_p)
    for level in range(_LOG_LEVELS):
        silence(level, None, None)
    # The first synth of a process draws the dither of all of them from C's random numbers, whose
    # place in their series depends on what was loaded before: the same bytes need the same place.
    ctypes.CDLL(None).srand(1)
    return fluidsynth


def bound(library: Any, name: str, *types: type) -> Callable[..., Any]:
    """A C function that pyfluidsynth leaves out; its result is a status or nothing."""
    arguments = ((f"argument {place}", kind, 1) for place, kind in enumerate(types))
    function: Callable[..., Any] = library.cfunc(name, c_int, *arguments)
    return function


def _thread_called(name: str) -> Path | None:
    """A thread of this process; None where there is none, or the system does not tell."""
    for task in _TASKS.iterdir() if _TASKS.exists() else ():
        with contextlib.suppress(OSError):
            if (task / "comm").read_text().strip() == name:
                return task
    return None


def library_version() -> str:
    """The version of libfluidsynth, as `2.3.1`. Raises SynthUnavailable."""
    parts = (c_int(), c_int(), c_int())
    load_library().fluid_version(*parts)
    return ".".join(str(part.value) for part in parts)


def _point_at_homebrew() -> None:
    """Pythons that are not Homebrew's do not look where Homebrew puts libraries."""
    if sys.platform == "darwin" and "HOMEBREW_PREFIX" not in os.environ:
        for prefix in ("/opt/homebrew", "/usr/local"):
            if Path(prefix, "lib", "libfluidsynth.dylib").exists():
                os.environ["HOMEBREW_PREFIX"] = prefix
                return
