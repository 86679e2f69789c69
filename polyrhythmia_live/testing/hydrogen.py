"""Hydrogen without a screen: a drum machine that leads.

Debian's 1.2 sends no MIDI clock (hydrogen-music/hydrogen pull request 2187 is for the next one),
but as JACK's timebase master it rules tempo and transport, and `jack_midi_clock` passes them on.
Notes go out over JACK MIDI, of instruments that have a channel: of `sixteenths`, not of its default
song.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path
from typing import Self

MIDI_PORT = "Hydrogen-midi:TX"
SETTINGS = """<?xml version="1.0"?>
<hydrogen_preferences>
  <version>1.2.0-beta</version>
  <restoreLastSong>false</restoreLastSong>
  <showDevelWarning>false</showDevelWarning>
  <audio_engine>
    <audio_driver>JACK</audio_driver>
    <jack_driver>
      <jack_transport_mode>USE_JACK_TRANSPORT</jack_transport_mode>
      <jack_timebase_enabled>true</jack_timebase_enabled>
      <jack_transport_mode_master>USE_JACK_TIME_MASTER</jack_transport_mode_master>
      <jack_connect_defaults>false</jack_connect_defaults>
    </jack_driver>
    <midi_driver>
      <driverName>JACK-MIDI</driverName>
      <port_name>None</port_name>
      <output_port_name>None</output_port_name>
      <channel_filter>-1</channel_filter>
      <ignore_note_off>true</ignore_note_off>
    </midi_driver>
    <osc_configuration>
      <oscEnabled>true</oscEnabled>
      <oscFeedbackEnabled>false</oscFeedbackEnabled>
      <oscServerPort>{port}</oscServerPort>
    </osc_configuration>
  </audio_engine>
</hydrogen_preferences>
"""
SONG = """<?xml version="1.0"?>
<song>
  <version>1.2.0</version>
  <bpm>{bpm}</bpm>
  <volume>0.5</volume>
  <name>Sixteenths</name>
  <author/><notes/><license/>
  <loopEnabled>true</loopEnabled>
  <patternModeMode>true</patternModeMode>
  <mode>song</mode>
  <humanize_time>0</humanize_time>
  <humanize_velocity>0</humanize_velocity>
  <swing_factor>0</swing_factor>
  <componentList>
    <drumkitComponent><id>0</id><name>Main</name><volume>1</volume></drumkitComponent>
  </componentList>
  <instrumentList>
    <instrument>
      <id>0</id>
      <name>Cowbell</name>
      <drumkit>TR808EmulationKit</drumkit>
      <drumkitLookup>2</drumkitLookup>
      <volume>1</volume>
      <gain>1</gain>
      <Attack>0</Attack><Decay>0</Decay><Sustain>1</Sustain><Release>1000</Release>
      <midiOutChannel>9</midiOutChannel>
      <midiOutNote>42</midiOutNote>
      <instrumentComponent>
        <component_id>0</component_id>
        <gain>1</gain>
        <layer>
          <filename>808_Cowbell.flac</filename>
          <min>0</min><max>1</max><gain>1</gain><pitch>0</pitch>
        </layer>
      </instrumentComponent>
    </instrument>
  </instrumentList>
  <patternList>
    <pattern>
      <name>Sixteenths</name>
      <category/>
      <size>192</size>
      <denominator>4</denominator>
      <noteList>{notes}</noteList>
    </pattern>
  </patternList>
  <virtualPatternList/>
  <patternSequence><group><patternID>Sixteenths</patternID></group></patternSequence>
</song>
"""
NOTE = (
    "<note><position>{position}</position><leadlag>0</leadlag><velocity>0.8</velocity>"
    "<probability>1</probability><key>C0</key><length>-1</length><instrument>0</instrument></note>"
)


def is_installed() -> bool:
    """Whether the program is there."""
    return shutil.which("hydrogen") is not None


def sixteenths(file: Path, bpm: float) -> Path:
    """Write a song of nothing else, for ever, that also goes out as MIDI."""
    notes = "".join(NOTE.format(position=position) for position in range(0, 192, 12))
    file.write_text(SONG.format(bpm=bpm, notes=notes))
    return file


class Hydrogen:
    """The program on its own settings, with its default song or another; told by OSC what to do."""

    def __init__(self, folder: Path, environment: dict[str, str], song: Path | None = None) -> None:
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._wire.connect(("127.0.0.1", port))
        settings = folder / ".hydrogen" / "hydrogen.conf"
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS.format(port=port))
        self._process = subprocess.Popen(
            ["hydrogen", "--nosplash", "--driver", "jack", *(["-s", str(song)] if song else [])],
            env={**os.environ, **environment, "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def play(self) -> None:
        self._send("/Hydrogen/PLAY", 1.0)

    def stop(self) -> None:
        self._send("/Hydrogen/STOP", 1.0)

    def set_tempo(self, bpm: float) -> None:
        self._send("/Hydrogen/BPM", bpm)

    def _send(self, address: str, value: float) -> None:
        """One OSC message: words are padded with zeros to whole fours of bytes, at least one."""
        words = (address, ",f")
        padded = b"".join(word.encode().ljust(len(word) // 4 * 4 + 4, b"\0") for word in words)
        self._wire.send(padded + struct.pack(">f", value))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.close()
        self._process.terminate()
        self._process.wait(timeout=20)
