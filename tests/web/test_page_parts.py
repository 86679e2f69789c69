"""The parts of the page in a real browser, shown what a desk would say."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any

import mido
import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from polyrhythmia_live.desk.plain import PROTOCOL_VERSION, plain
from polyrhythmia_live.desk.requests import table
from polyrhythmia_live.desk.words import words
from polyrhythmia_live.drums.lanes import DRUM_LANES, LANE
from polyrhythmia_live.messages import Applied, Cue, Outlook, SectionNow, SetLevel, Snapshot
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.browser import CHROMIUM, PHONE, WIDE, a_browser
from tests.control.test_status_line import PLAYING, SNAPSHOT
from tests.desk.doubles import moved, sounded, written
from tests.web.conftest import Site

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

GREETING = {
    "polyrhythmia": PROTOCOL_VERSION,
    "product": "test",
    "genres": ["rock", "jazz", "funk"],
    "meters": plain(MeterMap()),
    "lanes": plain(DRUM_LANES),
    "songs": [
        {"name": "Blue Moon", "sections": ["verse", "chorus"]},
        {"name": "So What", "sections": ["head", "solo"]},
    ],
    **table(),
}
STEP = 20
"""Where the song stands still: the second beat of the second bar."""

WAYS = [(n % 9, 100, 0, n % len(DRUM_LANES[n % 9].articulations)) for n in range(16)]
BARS = Outlook(
    "drums",
    tuple(
        Step(16 + n, (Hit(LANE["kick"], 100), Hit(LANE["snare"], 90, 0, n % 3))) for n in range(16)
    ),
    tuple(Step(32 + n, (Hit(*WAYS[n]),)) for n in range(16)),
    0.6,
    tuple(None if n % 5 == 4 else n / 16 for n in range(16)),
)
BELL = Part.parse("bell 7:4 3/4 ride")
BELLS = Outlook("bell", tuple(Step(n, (Hit(LANE["ride"], 100, 0, 1),)) for n in range(24, 36)), ())
STANDING = replace(PLAYING, tick=STEP * TICKS_PER_STEP, transport=Transport.STOPPED, parts=(BELL,))
SHOWN = replace(
    SNAPSHOT,
    status=STANDING,
    outlooks=(BARS, BELLS),
    cues=(
        Cue("fill", 18, 32),
        Cue("break", 32, 64),
        Cue("back 2", 32, 48),
        Cue("no groove x", 48, 64),
    ),
    section=SectionNow("Blue Moon", "verse", 0, None, "chorus"),
)


class Desk:
    """What the page is told, and what it has asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self._socket: WebSocketRoute | None = None

    def answer(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.on_message(self._hear)
        self.tell(**GREETING)
        self.tell(role="lead")
        self.show(SHOWN)

    def tell(self, **message: Any) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps(message))

    def show(self, snapshot: Snapshot) -> None:
        self.tell(snapshot={**plain(snapshot), "words": words(snapshot, MeterMap())})

    def _hear(self, text: str | bytes) -> None:
        asked = json.loads(text)
        if "ping" in asked:
            self.tell(pong=asked["ping"], seconds=asked["ping"])
        elif not {"subscribe", "hear"} & asked.keys():
            self.asked.append(asked)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def site_with_a_log(site: Site) -> Site:
    """Bars were played, one of them at another density and tempo."""
    site.log.parent.mkdir(exist_ok=True)
    turned = Applied(SetLevel("density", 0.8), "drums", 16, 16 * TICKS_PER_STEP)
    first = [sounded(n, 93.0) for n in range(16)]
    written(site.log, [moved(0), *first, turned, *map(sounded, range(16, 96))])
    return site


@contextmanager
def shown(
    browser: Browser,
    site: Site,
    size: tuple[int, int] = WIDE,
    scheme: Any = "dark",
    script: str = "",
) -> Iterator[tuple[Page, Desk]]:
    """The page, and the desk that it believes to talk to. Errors in it fail the test in the end."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=size == PHONE
    )
    page, desk = context.new_page(), Desk()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route_web_socket("**/ws", desk.answer)
    if script:
        page.add_init_script(script)
    try:
        page.goto(site.lead)
        until(page, "Boolean(globalThis.polyrhythmia?.song.snapshot)")
        yield page, desk
    finally:
        context.close()
    assert not errors, errors


def until(page: Page, expression: str) -> None:
    """Until it is true; the page's own policy forbids what Playwright waits with."""
    for _ in range(250):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    raise AssertionError(expression)


def until_asked(page: Page, desk: Desk, request: dict[str, Any]) -> None:
    for _ in range(50):
        if request in desk.asked:
            return
        page.wait_for_timeout(20)
    raise AssertionError((request, desk.asked))


def test_what_is_to_come_has_its_place_and_is_taken_back(browser: Browser, site: Site) -> None:
    with shown(browser, site) as (page, desk):
        queued = page.locator(".queued li")
        assert [it.removesuffix("×").strip() for it in queued.all_inner_texts()] == [
            "fill to 3.1", "break at 3.1", "back 2 at 3.1", "no groove x at 4.1",
        ]  # fmt: skip
        page.click("[aria-label='take back break']")
        until_asked(page, desk, {"fire": "undo", "word": "break"})
        page.click("[aria-label='take back back 2']")
        until_asked(page, desk, {"fire": "go on"})
        assert queued.nth(3).locator("button").count() == 0


def test_songs_sections_and_bars_further_back_are_called_for_by_name(
    browser: Browser, site: Site
) -> None:
    with shown(browser, site) as (page, desk):
        expect(page.locator("[aria-label='section verse']")).to_have_attribute(
            "aria-pressed", "true"
        )
        page.click("[aria-label='section chorus']")
        until_asked(page, desk, {"fire": "section", "word": "chorus"})
        page.click("[aria-label=Songs] >> text=So What")
        until_asked(page, desk, {"fire": "song", "word": "So What"})
        page.select_option("[aria-label='Back by so many bars']", "3")
        until_asked(page, desk, {"fire": "back", "word": "3"})


def test_a_voice_of_its_own_is_a_ring_that_turns_at_its_own_rate(
    browser: Browser, site: Site
) -> None:
    with shown(browser, site) as (page, desk):
        rings = page.locator(".ring-list li")
        expect(rings).to_have_text(["drums 4/4", "bell 7:4 3/4 ride"])
        expect(rings.nth(0)).to_have_attribute("data-turn", "0.250")
        expect(rings.nth(1)).to_have_attribute("data-turn", f"{(STEP * 7 / 4 % 12) / 12:.3f}")
        kicks = page.evaluate("polyrhythmia.song.hits(24).map((hit) => hit[0])")
        assert LANE["kick"] in kicks  # the bell's step of that number is another one
        desk.show(replace(SHOWN, status=replace(STANDING, parts=())))
        expect(page.locator("#rings")).to_be_hidden()


def test_how_sure_each_coming_step_is_and_every_way_to_strike_are_seen(
    browser: Browser, site: Site
) -> None:
    with shown(browser, site) as (page, desk):
        signs = page.locator(".legend li").all_inner_texts()
        assert [it.strip() for it in signs] == [
            "rimshot", "cross stick", "pedal hat", "open hat", "ride bell", "how sure of a step",
        ]  # fmt: skip
        sure = page.locator(".grid-base").screenshot()
        desk.show(replace(SHOWN, outlooks=(replace(BARS, likelihoods=(1.0,) * 16), BELLS)))
        until(page, "polyrhythmia.song.likelihoods(32)[0] === 1")
        page.wait_for_timeout(60)
        assert page.locator(".grid-base").screenshot() != sure


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", [PHONE, WIDE])
def test_nobody_is_kept_out_by_axe_s_rules(
    browser: Browser, site: Site, size: tuple[int, int], scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the dev extra")
    with shown(browser, site, size, scheme) as (page, _):
        page.click("summary")
        page.click(".lane[data-lane=kick]")
        results = axe.Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("size", [PHONE, WIDE])
def test_a_thumb_finds_all_of_it(browser: Browser, site: Site, size: tuple[int, int]) -> None:
    with shown(browser, site, size) as (page, _):
        page.click("summary")
        page.click(".lane[data-lane=kick]")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            """[...document.querySelectorAll("button, select, input, summary, a")]
            .filter((it) => it.checkVisibility())
            .map((it) => [it.ariaLabel ?? it.id, it.className, it.getBoundingClientRect()])
            .filter(([, , box]) => Math.min(box.width, box.height) < 43.5)
            .map(([name, kind, box]) => `${name} ${kind} ${box.width} x ${box.height}`)"""
        )
        assert not small
        if size == PHONE:
            rows = page.evaluate(
                "new Set([...document.querySelectorAll('header .row *')].filter((it) => "
                "it.matches('button, select') && it.checkVisibility())"
                ".map((it) => Math.round(it.getBoundingClientRect().bottom / 30))).size"
            )
            assert rows <= 2


def test_all_of_it_is_walked_without_a_mouse(browser: Browser, site: Site) -> None:
    with shown(browser, site) as (page, desk):
        visited = []
        for _ in range(150):
            page.keyboard.press("Tab")
            visited.append(
                page.evaluate(
                    "[document.activeElement.closest('section, header, footer')?.id ?? '', "
                    "document.activeElement.ariaLabel || document.activeElement.textContent.trim()]"
                )
            )
            if visited[-1][1] == "take back break":
                page.keyboard.press("Enter")
            if visited[-1][1] == "Keys":
                break
        sections = list(dict.fromkeys(where for where, _ in visited))
        expected = ["transport", "grid", "levels", "cues", "memory", "words-line", "sound"]
        assert [it for it in sections if it in expected] == expected
        assert {"history", "loops"} <= set(sections)
        until_asked(page, desk, {"fire": "undo", "word": "break"})
        page.keyboard.press("Enter")
        expect(page.locator("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("f")
        until_asked(page, desk, {"fire": "fill"})


FAKE_MIDI = """
const sent = (globalThis.sent = []);
const output = { id: "one", name: "Drum machine", state: "connected",
  send: (bytes, at) => sent.push([...bytes, at ?? null]), clear: () => sent.push("clear") };
navigator.requestMIDIAccess = async () => ({ outputs: new Map([["one", output]]) });
"""


def test_a_machine_that_is_plugged_into_the_browser_is_played_on_time(
    browser: Browser, site: Site
) -> None:
    with shown(browser, site, script=FAKE_MIDI) as (page, desk):
        page.click("text=MIDI out here")
        page.select_option("[aria-label='MIDI out of this browser']", "one")
        page.evaluate("sent.length = 0")
        due = page.evaluate("polyrhythmia.net.now()") + 0.5
        desk.tell(sounds=[[due, 36, 100]], step=24)
        desk.tell(sounds=[[due, 36, 100], [due, 42, 50]], step=24)
        until(page, "sent.length === 4")
        sent = page.evaluate("sent")
        assert [message[:3] for message in sent] == [
            [0x99, 36, 100], [0x89, 36, 0], [0x99, 42, 50], [0x89, 42, 0],
        ]  # fmt: skip
        at = page.evaluate("(due) => 1000 * polyrhythmia.net.clock.here(due)", due)
        assert all(0 <= message[3] - at <= 300 for message in sent)
        desk.tell(silence=due, all=True)
        until(page, "sent.includes('clear')")
        assert [0xB9, 123, 0, None] in page.evaluate("sent")


def test_bars_are_dragged_out_of_the_ribbon_as_midi(
    browser: Browser, site_with_a_log: Site
) -> None:
    with shown(browser, site_with_a_log) as (page, _):
        page.click(".bar[data-bar='2']")
        page.click(".bar[data-bar='3']", modifiers=["Shift"])
        told = page.evaluate(
            """(() => {
                const dataTransfer = new DataTransfer();
                const begun = new DragEvent("dragstart", { dataTransfer });
                document.querySelector(".drag").dispatchEvent(begun);
                return dataTransfer.getData("DownloadURL");
            })()"""
        )
        kind, name, link = told.split(":", 2)
        assert (kind, name) == ("audio/midi", "bars 2-3.mid")
        dragged = mido.MidiFile(file=BytesIO(page.request.get(link).body()))
        velocities = [
            it.velocity for track in dragged.tracks for it in track if it.type == "note_on"
        ]
        assert [it for it in velocities if it] == [1 + n % 127 for n in range(16, 48, 2)]
        assert page.request.get(link.replace("2-3", "3-2")).status == 404
        with page.expect_download() as download:
            page.click(".drag")
        assert download.value.suggested_filename.endswith("bars 2-3.mid")


def test_an_old_bar_brings_its_levels_back_though_no_page_has_seen_it(
    browser: Browser, site_with_a_log: Site
) -> None:
    with shown(browser, site_with_a_log) as (page, desk):
        page.click(".bar[data-bar='2']")
        page.click("text=Its levels")
        until_asked(page, desk, {"set": "density", "value": 0.8})
        page.click(".bar[data-bar='1']")
        page.click("text=Its levels")
        until_asked(page, desk, {"set": "density", "value": 0.5})
        until_asked(page, desk, {"choose": "genre", "index": 0})
        until_asked(page, desk, {"set": "tempo", "value": 93})
