"""A real browser: Chromium without a screen, led by Playwright."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)

PHONE, WIDE = (390, 844), (1440, 900)
"""Sizes of a page, in CSS pixels."""


@contextlib.contextmanager
def a_browser() -> Iterator[Browser]:
    """A browser of its own, with an empty profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def a_page(browser: Browser, link: str, size: tuple[int, int] = WIDE) -> Iterator[Page]:
    """The page at a link. Whatever it reports as an error fails the test in the end."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    try:
        page.goto(link)
        yield page
    finally:
        context.close()
    assert not errors, errors
