from dataclasses import replace

import pytest

from polyrhythmia_live.clock.base import Clock, Follow, OnClockLoss, Smoothing
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.link.base import LinkRole
from polyrhythmia_live.clock.link.clock import LinkClock
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.clock.midi_transport import MidiTransport
from polyrhythmia_live.config import PlayerConfig, PortOutput, SynthConfig
from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.errors import PortError, SynthUnavailable
from polyrhythmia_live.messages import PortState
from polyrhythmia_live.midi.names import VIRTUAL_OUT
from polyrhythmia_live.player.process import make_upbeat, ports
from polyrhythmia_live.player.process.clocks import make_clock, make_link_outs, open_session
from polyrhythmia_live.player.process.ports import Ports
from polyrhythmia_live.rhythm.meter import PPQN
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.testing.link_session import VirtualSession
from polyrhythmia_live.testing.stage import ROCK_GROOVE
from polyrhythmia_live.wires.silent import SilentWire

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
    clock_smoothing=Smoothing.NORMAL,
    tempo_bpm=120.0,
    meters=MeterMap(),
    groove=ROCK_GROOVE,
    autostart=True,
    genres=("rock", "jazz"),
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
    clock = make_clock(replace(CONFIG, clock_in=clock_in, follow=follow), None)
    assert type(clock) is kind
    assert clock.timeline.tempo_bpm == 120.0


def test_a_session_is_followed_or_led_and_joined_again_after_a_crash() -> None:
    session = VirtualSession(120.0, MeterMap())
    follower = replace(CONFIG, link=LinkRole.FOLLOW, resume=Timeline(90.0, 5 * PPQN, 1.0))
    clock = make_clock(follower, session)
    assert (type(clock), clock.transport) == (LinkClock, Transport.ROLLING)
    assert clock.timeline.tick_at(1.0) == 5 * PPQN
    assert session.state(1.0).tempo_bpm == 90.0
    assert make_link_outs(follower, session) == ()
    leader = replace(CONFIG, link=LinkRole.LEAD)
    assert type(make_clock(leader, session)) is InternalClock
    assert len(make_link_outs(leader, session)) == 1


def test_without_link_no_session_is_opened() -> None:
    assert open_session(CONFIG) is None
    assert make_link_outs(CONFIG, None) == ()


def test_the_smoother_a_clock_is_followed_the_less_one_late_pulse_moves_it() -> None:
    lead_seconds = []
    for smoothing in Smoothing:
        config = replace(CONFIG, clock_in="DAW", clock_smoothing=smoothing)
        clock = make_clock(config, None)
        for number in range(24 * 80):
            late_seconds = 0.001 if number == 24 * 80 - 1 else 0.0
            clock.receive(b"\xf8", number * 60 / 120 / 24 + late_seconds)
        lead_seconds.append(clock.timeline.time_origin_seconds)
    assert lead_seconds == sorted(lead_seconds, reverse=True)
    assert lead_seconds[0] > lead_seconds[2]


@pytest.fixture
def no_midi_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_setting: str) -> None:
        raise PortError("no MIDI system: start one")

    monkeypatch.setattr(ports, "MidiSystem", missing)


@pytest.mark.usefixtures("no_midi_system")
def test_without_a_midi_system_the_virtual_port_says_why_it_is_silent() -> None:
    wires = Ports(CONFIG)
    (wire,) = wires.wires
    assert wire.name == VIRTUAL_OUT
    assert wire.condition.state is PortState.FAILED
    assert "no MIDI system" in wire.condition.words
    assert not wires.stale
    wires.listen(lambda _: None, lambda _: None)
    assert wires.inputs == []


@pytest.mark.usefixtures("no_midi_system")
def test_a_clock_is_not_sent_to_the_port_it_comes_in_from() -> None:
    looped = PortOutput("DAW", GENERAL_MIDI, notes=False, clock=True)
    config = replace(CONFIG, ports=(*CONFIG.ports, looped), clock_in="daw", patient=True)
    with pytest.raises(PortError, match="another port than it comes in from, got 'DAW' for both"):
        Ports(config)
    Ports(replace(config, clock_in="other"))


def test_a_loop_is_found_under_two_names_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class OneDevice:
        def __init__(self, _setting: str) -> None:
            pass

        def find_output(self, _wanted: str) -> str:
            return "USB MIDI 20:0"

        find_input = find_output

    monkeypatch.setattr(ports, "MidiSystem", OneDevice)
    looped = PortOutput("usb", GENERAL_MIDI, notes=False, clock=True)
    with pytest.raises(PortError, match="for both"):
        Ports(replace(CONFIG, ports=(looped,), clock_in="USB MIDI"))


@pytest.mark.usefixtures("no_midi_system")
def test_notes_and_clock_for_one_port_go_through_one_wire() -> None:
    both = PortOutput("TR-8S", GENERAL_MIDI, clock=True)
    clock_only = PortOutput("Circuit", GENERAL_MIDI, notes=False, clock=True)
    wires = Ports(replace(CONFIG, ports=(*CONFIG.ports, both, clock_only), patient=True))
    assert [route.wire.name for route in wires.routes] == [VIRTUAL_OUT, "TR-8S"]
    assert [wire.name for wire in wires.clock_wires] == ["TR-8S", "Circuit"]
    assert wires.clock_wires[0] is wires.routes[1].wire


@pytest.mark.usefixtures("no_midi_system")
def test_a_synth_plays_ahead_by_what_its_buffer_holds_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Synth(SilentWire):
        latency_seconds = 0.016

        def __init__(self, *_: object, patient: bool) -> None:
            super().__init__("synth", "open")

    monkeypatch.setattr("polyrhythmia_live.wires.synth.SynthWire", Synth)
    wires = Ports(replace(CONFIG, synth=SynthConfig(offset_seconds=0.003)))
    assert wires.wires[-1].offset_seconds == pytest.approx(-0.013)
    assert make_upbeat(CONFIG, wires).lead_seconds == pytest.approx(0.013)


@pytest.mark.usefixtures("no_midi_system")
@pytest.mark.parametrize("wanted", [{"clock_in": "DAW"}, {"control_ports": ("knobs",)}])
def test_a_port_that_was_asked_for_by_name_needs_a_midi_system(wanted: dict[str, object]) -> None:
    with pytest.raises(PortError):
        Ports(replace(CONFIG, **wanted))  # type: ignore[arg-type]
    Ports(replace(CONFIG, patient=True, **wanted))  # type: ignore[arg-type]


@pytest.mark.usefixtures("no_midi_system")
def test_a_synth_that_cannot_sound_is_an_error_only_where_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def mute(*_: object, patient: bool) -> None:
        raise SynthUnavailable("no sound: plug in a sound card")

    monkeypatch.setattr("polyrhythmia_live.wires.synth.SynthWire", mute)
    wires = Ports(replace(CONFIG, synth=SynthConfig())).wires
    assert "no sound" in wires[-1].condition.words
    with pytest.raises(SynthUnavailable):
        Ports(replace(CONFIG, synth=SynthConfig(required=True)))
