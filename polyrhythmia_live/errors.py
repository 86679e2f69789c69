"""What can go wrong, as a tree.

PolyrhythmiaError           one line for the performer: what was expected, what came, what to do
├── ConfigError             a flag, a variable, the configuration file or a command in words
├── NothingPlays            there is no daemon to ask, or none any more
├── PresetError             a file in presets/: performance, kit
├── CheckpointError         a file in models/
├── PortError               a MIDI port or MIDI system
│   └── PortMissing         a MIDI port that may still be plugged in
├── SynthUnavailable        libfluidsynth, a soundfont or an audio device
├── CalibrationError        an audio input, or what was heard of an output
├── LinkUnavailable         the Ableton Link library
└── DatasetError            training data

A programmer's mistake stays a ValueError or TypeError.
"""

from __future__ import annotations


class PolyrhythmiaError(Exception):
    """The performer can mend this; the message says how."""


class ConfigError(PolyrhythmiaError):
    """A setting is wrong."""


class NothingPlays(PolyrhythmiaError):
    """There is no daemon to ask."""


class PresetError(PolyrhythmiaError):
    """A preset cannot be read or does not make sense."""


class CheckpointError(PolyrhythmiaError):
    """A trained network is missing, corrupt or from another encoding."""


class PortError(PolyrhythmiaError):
    """No such MIDI port, or the MIDI system is not there."""


class PortMissing(PortError):
    """No MIDI port has that name; one that is plugged in later may."""


class SynthUnavailable(PolyrhythmiaError):
    """The embedded synthesiser cannot make sound here."""


class CalibrationError(PolyrhythmiaError):
    """How late an output sounds cannot be measured."""


class LinkUnavailable(PolyrhythmiaError):
    """The library of Ableton Link is not installed."""


class DatasetError(PolyrhythmiaError):
    """Training data cannot be read."""
