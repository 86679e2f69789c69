"""A Link session that follows us, whatever we follow; what others do is done to the session."""

import pytest

from polyrhythmia_live.clock.link.base import LinkState, lag_ticks
from polyrhythmia_live.messages import ClockCondition, ClockState, Fire, NudgeLevel, Quit, SetLevel
from polyrhythmia_live.player.link_out import CALM_SECONDS, TRIES
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline
from polyrhythmia_live.testing.gear import START
from polyrhythmia_live.testing.link_session import VirtualSession
from polyrhythmia_live.testing.stage import ClockStage

BAR = Meter().bar_ticks
BAR_SECONDS = 2.0


class Lead:
    """A song of ours at 120 bpm, and a session that has a mind of its own until it starts."""

    def __init__(self, peers: int = 1, tempo_bpm: float = 120.0) -> None:
        self.session = VirtualSession(tempo_bpm, MeterMap(), peers)
        self.session.lead(tempo_bpm, 0.33)
        self.session.leads.clear()
        self.stage = ClockStage(session=self.session)
        self.run_until(0.02)

    def run_until(self, seconds: float) -> LinkState:
        """Let time pass; how the session then is."""
        self.stage.run_until(seconds)
        self.stage.timebase.advance_to(seconds)
        return self.session.state(seconds)

    @property
    def condition(self) -> ClockCondition:
        assert self.stage.link_out is not None
        return self.stage.link_out.condition

    def off_seconds(self) -> float:
        """How far the session's bars are from ours now."""
        return off_seconds(self.stage, self.session)


def off_seconds(stage: ClockStage, session: VirtualSession) -> float:
    timeline, now = stage.player.clock.timeline, stage.timebase.now()
    lag = lag_ticks(timeline, session.state(now).grid(MeterMap()), MeterMap(), now)
    return abs(lag) * timeline.seconds_per_tick


def test_opening_changes_nothing_in_a_session() -> None:
    lead = Lead(tempo_bpm=100.0)
    assert lead.run_until(5.0).tempo_bpm == 100.0
    assert lead.session.leads == []


def test_a_start_imposes_tempo_and_bars_on_the_session_and_then_leaves_it_alone() -> None:
    lead = Lead(tempo_bpm=100.0)
    lead.run_until(1.0)
    lead.stage.start()
    state = lead.run_until(1.5)
    assert state.tempo_bpm == 120.0
    assert lead.off_seconds() == 0.0
    (start,) = lead.stage.when(START)
    assert state.playing
    assert state.playing_seconds == pytest.approx(start + 0.002)
    lead.run_until(120.0)
    assert len(lead.session.leads) == 1


def test_the_session_is_told_of_a_stop_and_of_the_end() -> None:
    lead = Lead()
    lead.stage.start()
    lead.run_until(1.0)
    lead.stage.tell(Fire("stop"))
    assert lead.session.state(1.0).playing is False
    lead.stage.start()
    assert lead.run_until(2.0).playing is True
    lead.stage.player.inbox.put(Quit())
    lead.stage.player.run()
    assert lead.session.state(2.0).playing is False


def test_a_session_that_is_found_while_we_play_is_led_at_once() -> None:
    lead = Lead(peers=0)
    lead.stage.start()
    lead.run_until(1.0)
    lead.session.play(False, 0.0)
    lead.session.set_tempo(100.0, 1.0)
    lead.session.peers = 1
    state = lead.run_until(1.1)
    assert (state.playing, state.tempo_bpm, lead.off_seconds()) == (True, 120.0, 0.0)


def test_a_song_that_was_under_way_before_us_is_imposed_on_the_session() -> None:
    session = VirtualSession(100.0, MeterMap())
    stage = ClockStage(session=session, under_way=Timeline(120.0, 7 * BAR, -0.5))
    assert session.leads == [(120.0, -0.5)]
    assert session.state(0.0).playing
    assert off_seconds(stage, session) == 0.0


def test_while_the_song_stands_a_new_tempo_is_passed_on_and_theirs_is_left_alone() -> None:
    lead = Lead()
    lead.run_until(1.0)
    lead.stage.tell(SetLevel("tempo", 90.0))
    assert lead.run_until(2.0).tempo_bpm == 90.0
    lead.session.set_tempo(100.0, 2.0)
    assert lead.run_until(8.0).tempo_bpm == 100.0
    assert lead.session.leads == []


@pytest.mark.parametrize(
    "command",
    [
        SetLevel("tempo", 90.0),
        SetLevel("tempo", 120.3),
        NudgeLevel("tempo", 20, bars=4),
        Fire("pull"),
    ],
    ids=["leap", "hair", "ramp", "nudge"],
)
def test_whatever_the_performer_does_to_the_tempo_the_session_stays_within_3_ms(
    command: object,
) -> None:
    lead = Lead()
    lead.stage.start()
    lead.run_until(1.0)
    lead.stage.tell(command)
    off = []
    for centiseconds in range(103, 1500):
        lead.run_until(centiseconds / 100)
        off.append(lead.off_seconds())
    assert max(off) < 0.003
    tempo_bpm = lead.stage.player.clock.timeline.tempo_bpm
    assert lead.session.state(15.0).tempo_bpm == pytest.approx(tempo_bpm, rel=1e-4)


def test_a_session_that_drifts_a_little_is_put_right_gently() -> None:
    lead = Lead()
    lead.stage.start()
    lead.run_until(1.0)
    for second in range(1, 20):
        lead.session.set_tempo(120.0 * 1.0005, float(second))
        lead.run_until(second + 0.99)
        assert lead.off_seconds() < 0.003
    assert len(lead.session.leads) <= 1 + 2 * 20


# others


def test_a_tempo_that_somebody_else_sets_is_taken_back_at_our_next_bar_line() -> None:
    lead = Lead()
    lead.stage.start()
    lead.run_until(3.0)
    bar_line = lead.stage.player.clock.timeline.time_at(2 * BAR)
    lead.session.set_tempo(133.0, 3.0)
    assert lead.run_until(bar_line - 0.02).tempo_bpm == 133.0
    assert lead.run_until(bar_line + 0.02).tempo_bpm == 120.0
    assert lead.off_seconds() == 0.0
    assert lead.stage.player.clock.timeline.tempo_bpm == 120.0


def test_bars_that_somebody_else_moves_are_taken_back_too() -> None:
    lead = Lead()
    lead.stage.start()
    lead.run_until(3.0)
    lead.session.lead(120.0, 3.3)
    lead.run_until(5.0)
    assert lead.off_seconds() == 0.0


def insist(lead: Lead, bpm: float, bars: int) -> None:
    """Somebody sets this tempo again whenever it was taken back."""
    until = lead.stage.timebase.now() + bars * BAR_SECONDS
    while (now := lead.stage.timebase.now()) < until:
        if lead.session.state(now).tempo_bpm != bpm:
            lead.session.set_tempo(bpm, now)
        lead.run_until(now + 0.1)


def test_a_peer_that_insists_keeps_its_tempo_until_the_performer_changes_ours() -> None:
    lead = Lead()
    lead.stage.start()
    lead.run_until(1.0)
    insist(lead, 133.0, bars=12)
    assert len(lead.session.leads) == 1 + TRIES
    assert lead.condition == ClockCondition(ClockState.CONTESTED, "1 peer, theirs")
    now = lead.stage.timebase.now()
    assert lead.run_until(now + 30.0).tempo_bpm == 133.0
    assert len(lead.session.leads) == 1 + TRIES
    lead.stage.tell(SetLevel("tempo", 100.0))
    assert lead.run_until(now + 30.1).tempo_bpm == 100.0
    assert lead.condition.words == "1 peer"


def test_a_peer_that_insisted_and_comes_round_is_led_again() -> None:
    lead = Lead()
    lead.stage.start()
    lead.run_until(1.0)
    insist(lead, 133.0, bars=12)
    now = lead.stage.timebase.now()
    lead.session.lead(120.0, lead.stage.player.clock.timeline.time_at(0))
    lead.run_until(now + 1.0)
    assert lead.condition.words == "1 peer"


def test_after_a_calm_a_session_is_taken_back_as_many_times_again() -> None:
    lead = Lead()
    lead.stage.start()
    lead.run_until(1.0)
    for _ in range(TRIES + 2):
        now = lead.stage.timebase.now()
        lead.session.set_tempo(133.0, now)
        assert lead.run_until(now + CALM_SECONDS + 3.0).tempo_bpm == 120.0
