"""The page of the real daemon, in a real browser."""

import os
import re
import signal
import statistics
import time
from bisect import bisect_right
from itertools import pairwise
from pathlib import Path
from typing import Any

import mido
import pytest
from playwright.sync_api import Page, expect

from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.supervisor.process import DESK_MODULE, WEB_MODULE
from polyrhythmia_live.testing.browser import CHROMIUM, PHONE, a_browser, a_page
from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.testing.recorder import Recorder
from tests.e2e.test_desk import ctl, log_of
from tests.e2e.test_performing import (
    BAR_SECONDS,
    DAEMON_PORT,
    STEP_SECONDS,
    a_daemon,
    until_it_plays,
)

pytestmark = [
    pytest.mark.jack,
    pytest.mark.usefixtures("jack_server"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]

RECORDING = Path(__file__).with_name("page_recording.js").read_text()
CONNECTED = "body:not(.lost)[data-role={}]"


def link_of(daemon: Daemon, which: str = "page") -> str:
    """What the terminal says."""
    said = wait_for("a link", lambda: re.search(rf"^{which}: (\S+)$", daemon.terminal, re.M))
    return said[1]


def until_connected(page: Page, role: str = "lead") -> None:
    page.wait_for_selector(CONNECTED.format(role), state="attached")


def slide(page: Page, level: str, share: float) -> float:
    """Move a slider as the keyboard does; the moment."""
    slider = page.locator(f"#level-{level}")
    before = time.monotonic()
    slider.evaluate(
        "(it, share) => { it.value = 1000 * share; it.dispatchEvent(new Event('input')); }", share
    )
    return before


def hits_a_bar(recorder: Recorder, since: float) -> float:
    """From two steps after a moment, over three bars."""
    time.sleep(max(0.0, since + 3 * STEP_SECONDS + 3 * BAR_SECONDS - time.monotonic()))
    begin = since + 3 * STEP_SECONDS
    end = begin + 3 * BAR_SECONDS
    return sum(it.seconds < end for it in recorder.notes_on(begin)) / 3


def test_what_is_led_on_the_page_is_heard_at_a_drum_machine(tmp_path: Path) -> None:
    flags = ("--web", "--genre", "samba")
    with (
        a_daemon(tmp_path, *flags) as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        until_it_plays(recorder)
        lead_and_look_on(daemon, recorder)
        assert daemon.end()[0] == 0


def lead_and_look_on(daemon: Daemon, recorder: Recorder) -> None:
    with (
        a_browser() as browser,
        a_page(browser, link_of(daemon)) as page,
        a_page(browser, link_of(daemon, "to look on only"), PHONE) as phone,
    ):
        until_connected(page)
        until_connected(phone, "look")
        assert "token" not in page.url
        for shown in (page, phone):
            assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not phone.locator("#level-density").is_visible()

        tick = page.locator("#grid-picture")
        first = int(tick.get_attribute("data-tick") or 0)
        picture = page.locator(".grid-base").screenshot()
        sparse = hits_a_bar(recorder, slide(page, "density", 0.1))
        assert int(tick.get_attribute("data-tick") or 0) > first
        assert page.locator(".grid-base").screenshot() != picture
        dense = hits_a_bar(recorder, slide(page, "density", 0.9))
        assert dense > 2 * sparse, (sparse, dense)

        page.select_option("select[aria-label=Genre]", "funk")
        expect(page.locator(".looks").first).to_contain_text("funk")
        expect(phone.locator("header")).to_contain_text("funk")

        page.click(".lane[data-lane=kick]")
        page.click(".lane-panel >> text=Mute")
        expect(phone.locator(".lane[data-lane=kick]")).to_have_class(re.compile("muted"))
        muted = time.monotonic() + 2 * STEP_SECONDS
        time.sleep(2 * STEP_SECONDS + BAR_SECONDS)
        kick = GENERAL_MIDI.notes["kick"]
        assert kick not in {it.message[1] for it in recorder.notes_on(muted)}
        page.click(".lane-panel >> text=Mute")

        page.click(".lane[data-lane=snare]")
        page.click(".lane-panel >> text=Lock")
        expect(phone.locator(".lane[data-lane=snare]")).to_have_attribute(
            "aria-label", "snare, locked"
        )
        time.sleep(BAR_SECONDS)
        bars = snares(recorder, time.monotonic(), 3)
        assert all(close(one, other) for one, other in pairwise(bars)), bars

        page.locator("#level-density").focus()
        page.keyboard.press("f")  # a slider that was touched leaves the keys as they are
        expect(page.locator(".queued")).to_contain_text("fill")
        page.keyboard.press(":")
        page.keyboard.type("density 42%")
        page.keyboard.press("Enter")
        expect(page.locator(".answer")).to_contain_text("density 42%")
        expect(page.locator(".level", has_text="density").locator(".value")).to_have_text("42 %")


def snares(recorder: Recorder, since: float, bars: int) -> list[list[float]]:
    """Where in its bar each snare fell, bar by bar from a moment on."""
    time.sleep((bars + 0.5) * BAR_SECONDS)
    notes = {GENERAL_MIDI.notes[name] for name in ("snare", "rimshot", "cross-stick")}
    times = [it.seconds for it in recorder.notes_on(since) if it.message[1] in notes]
    ends = [since + bar * BAR_SECONDS for bar in range(bars + 1)]
    return [[it - begin for it in times if begin <= it < end] for begin, end in pairwise(ends)]


def close(one: list[float], other: list[float]) -> bool:
    return len(one) == len(other) and all(
        abs(a - b) < 0.01 for a, b in zip(one, other, strict=True)
    )


def test_a_page_that_lost_the_daemon_finds_it_again(tmp_path: Path) -> None:
    with (
        a_daemon(tmp_path, "--web") as daemon,
        a_browser() as browser,
        browser.new_context().new_page() as page,
    ):
        page.goto(link_of(daemon))
        until_connected(page)
        for module in (WEB_MODULE, DESK_MODULE):
            victim = daemon.child(module)
            os.kill(victim, signal.SIGKILL)
            page.wait_for_selector("body.lost", state="attached")
            daemon.wait_for_another(module, victim)
            until_connected(page)
        page.wait_for_function("polyrhythmia.song.rolls")
        assert daemon.end()[0] == 0
        expect(page.get_by_role("alert")).to_contain_text("lost")


def test_the_page_sounds_when_the_plan_says_and_its_playhead_stands_where_it_sounds(
    tmp_path: Path,
) -> None:
    flags = ("--web", "--bpm", "100", "--humanise", "0")
    with (
        a_daemon(tmp_path, *flags) as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        until_it_plays(recorder)
        with a_browser() as browser, a_page(browser, link_of(daemon)) as page:
            until_connected(page)
            ahead = playhead_ahead_ms(page, recorder, seconds=4)
            assert abs(statistics.median(ahead)) < 20, ahead

            page.evaluate("polyrhythmia.net.send({fire: 'solo', word: 'snare'})")
            page.click(".listen")
            expect(page.locator(".listen")).to_have_text("Stop listening")
            late: list[float] = []
            for _ in range(5):  # a busy browser misses pieces, and with them strikes
                late += late_ms(page.evaluate(RECORDING, 6))
                if len(late) >= 4:
                    break
            assert len(late) >= 4, page.inner_text("#sound")
            assert abs(statistics.median(late)) < 5, late
        assert daemon.end()[0] == 0


def playhead_ahead_ms(page: Page, recorder: Recorder, seconds: float) -> list[float]:
    """How far the playhead is past each note's step at the moment when the note is received."""
    begun = time.monotonic()
    drawn = page.evaluate(
        """async (seconds) => {
            const picture = document.getElementById("grid-picture");
            const drawn = [];
            const end = performance.now() + 1000 * seconds;
            while (performance.now() < end) {
                await new Promise(requestAnimationFrame);
                drawn.push([polyrhythmia.net.now(), Number(picture.dataset.tick)]);
            }
            return drawn;
        }""",
        seconds,
    )
    times = [at for at, _ in drawn]
    step_ms = 60_000 / 100 / 4
    found = []
    for note in recorder.notes_on(begun + 0.5):
        at = bisect_right(times, note.seconds) - 1
        if 0 <= at < len(times) - 1:
            steps = drawn[at][1] / TICKS_PER_STEP
            found.append(step_ms * (steps - round(steps)))
    assert len(found) > 8
    return found


def late_ms(recording: dict[str, Any]) -> list[float]:
    """How late each strike sounds that none came shortly before, against what it was due at."""
    rate = recording["rate"]
    sound: dict[int, float] = {}
    for at, piece in recording["pieces"]:
        first = round(at * rate)
        sound.update((first + n, abs(it)) for n, it in enumerate(piece))
    own = dict(recording["own"])
    found = []
    last = 0.0
    for at, note in sorted(recording["due"]):
        alone, last = at - last > 0.2, at
        frames = range(round((at - 0.02) * rate), round((at + 0.04) * rate))
        loudest = max(sound.get(frame, 0.0) for frame in frames)
        if alone and loudest > 1e-3 and all(frame in sound for frame in frames):
            onset = next(frame for frame in frames if sound[frame] > 0.1 * loudest)
            found.append(1000 * (onset / rate - at - own[note]))
    return found


def test_what_was_played_is_taken_home_and_a_loop_is_made(tmp_path: Path) -> None:
    with (
        a_daemon(tmp_path, "--web") as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        until_it_plays(recorder)
        with a_browser() as browser, a_page(browser, link_of(daemon)) as page:
            until_connected(page)
            page.click(".bar[data-bar='2']")
            page.click(".bar[data-bar='4']", modifiers=["Shift"])
            with page.expect_download() as download:
                page.click(".tools >> text=MIDI")
            taken = mido.MidiFile(download.value.path())
            page.fill("input[aria-label='Mark the bar']", "the one")
            page.keyboard.press("Enter")
            expect(page.locator(".bar[data-bar='2']")).to_have_class(re.compile("marked"))

            page.fill(".field >> text=seconds >> input", "4")
            page.fill(".field >> text=seed >> input", "7")
            page.click("text=Make a loop")
            player = page.locator("#loops audio")
            expect(player).to_be_visible(timeout=30_000)
            link = page.evaluate("document.querySelector('#loops audio').src")
            wav = page.request.get(link).body()
        assert daemon.end()[0] == 0
    log = log_of(tmp_path)
    whole = written(tmp_path, "replay", str(log), "bars.mid", "--from-bar", "2", "--to-bar", "4")
    assert notes_of(taken) == notes_of(mido.MidiFile(whole))
    assert log.with_suffix(".marks.json").read_text() == '{"2": "the one"}'
    flags = ("--seed", "7", "--bars", "2", "--density", "50%")
    assert wav == written(tmp_path, "render", "loop.wav", "--genre", "rock", *flags).read_bytes()


def notes_of(file: mido.MidiFile) -> list[Any]:
    return [message for track in file.tracks for message in track if message.type == "note_on"]


def written(folder: Path, command: str, *arguments: str) -> Path:
    code, said = ctl(folder, command, *arguments, "--force")
    assert code == 0, said
    name = next(it for it in arguments if it.endswith((".mid", ".wav")))
    return folder / name
