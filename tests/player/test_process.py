from dataclasses import replace

import pytest

from polyrhythmia_live.clock.base import Clock, Follow, OnClockLoss
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.clock.midi_transport import MidiTransport
from polyrhythmia_live.config import VIRTUAL_OUT, PlayerConfig, PortOutput, SynthConfig
from polyrhythmia_live.errors import PortError, SynthUnavailable
from polyrhythmia_live.player import process
from polyrhythmia_live.rhythm.groove import ROCK_GROOVE
from polyrhythmia_live.rhythm.kit import GENERAL_MIDI
from polyrhythmia_live.rhythm.meter import Meter

CONFIG = PlayerConfig(
    address="",
    ports=(PortOutput(VIRTUAL_OUT, GENERAL_MIDI, virtual=True),),
    synth=None,
    control_ports=(),
    midi_system="auto",
    clock_in=None,
    follow=Follow.BOTH,
    clock_offset_seconds=0.0,
    on_clock_loss=OnClockLoss.CONTINUE,
    tempo_bpm=120.0,
    meter=Meter(),
    groove=ROCK_GROOVE,
    autostart=True,
)


@pytest.mark.parametrize(
    ("clock_in", "follow", "kind"),
    [
        (None, Follow.BOTH, InternalClock),
        ("DAW", Follow.BOTH, MidiClock),
        ("DAW", Follow.CLOCK, MidiClock),
        ("DAW", Follow.TRANSPORT, MidiTransport),
    ],
)
def test_the_clock_is_the_one_that_was_asked_for(
    clock_in: str | None, follow: Follow, kind: type[Clock]
) -> None:
    clock = process._make_clock(replace(CONFIG, clock_in=clock_in, follow=follow))
    assert type(clock) is kind
    assert clock.timeline.tempo_bpm == 120.0


@pytest.fixture
def no_midi_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_setting: str) -> None:
        raise PortError("no MIDI system: start one")

    monkeypatch.setattr(process, "MidiSystem", missing)


@pytest.mark.usefixtures("no_midi_system")
def test_without_a_midi_system_the_virtual_port_says_why_it_is_silent() -> None:
    ports = process.Ports(CONFIG)
    (output,) = ports.outputs
    assert output.name == VIRTUAL_OUT
    assert "no MIDI system" in output.condition
    assert not ports.stale
    ports.listen(lambda _: None)
    assert ports.inputs == []


@pytest.mark.usefixtures("no_midi_system")
@pytest.mark.parametrize("wanted", [{"clock_in": "DAW"}, {"control_ports": ("knobs",)}])
def test_a_port_that_was_asked_for_by_name_needs_a_midi_system(wanted: dict[str, object]) -> None:
    with pytest.raises(PortError):
        process.Ports(replace(CONFIG, **wanted))  # type: ignore[arg-type]
    process.Ports(replace(CONFIG, patient=True, **wanted))  # type: ignore[arg-type]


@pytest.mark.usefixtures("no_midi_system")
def test_a_synth_that_cannot_sound_is_an_error_only_where_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def mute(**_: object) -> None:
        raise SynthUnavailable("no sound: plug in a sound card")

    monkeypatch.setattr("polyrhythmia_live.output.synth.SynthOutput", mute)
    outputs = process.Ports(replace(CONFIG, synth=SynthConfig())).outputs
    assert "no sound" in outputs[-1].condition
    with pytest.raises(SynthUnavailable):
        process.Ports(replace(CONFIG, synth=SynthConfig(required=True)))
