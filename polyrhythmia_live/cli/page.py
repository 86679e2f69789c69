"""Where the page is served, and who may lead there."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from ipaddress import ip_address
from pathlib import Path

import click
import platformdirs

from polyrhythmia_live.cli.performances import performances_folder
from polyrhythmia_live.config import WebConfig
from polyrhythmia_live.drummer.card import Card
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.system.runtime import FOLDER_MODE, PRIVATE_MODE
from polyrhythmia_live.system.shipped import shipped
from polyrhythmia_live.web import require_web
from polyrhythmia_live.wires.base import SynthSound

web_bind_option = click.option(
    "--web-bind",
    default=None,
    metavar="ADDRESS[:PORT]",
    help="Where the page is, if not at 127.0.0.1:8420. 0.0.0.0 = for the phone, too, with a code "
    "for its camera.",
)

LOOPBACK = "127.0.0.1"
WEB_PORT = 8420

TOKEN_BYTES = 16
TOKEN = re.compile(r"[\w-]{22}")
"""Of 128 bits, as a link carries them."""


def web_config(
    bind: str | None,
    sound: SynthSound,
    card: Card,
    desk: Path | None = None,
    log: Path | None = None,
) -> WebConfig:
    """What the page is served with. Raises ConfigError, in one line."""
    require_web()
    address, port = _address(bind or LOOPBACK)
    return WebConfig(
        desk=desk,
        address=address,
        port=port or WEB_PORT,
        token=_token(),
        sound=sound,
        cache=platformdirs.user_cache_path("polyrhythmia"),
        log=log,
        performances=performances_folder(),
        tempos_bpm={genre: card.tempos_bpm[genre] for genre in card.genres},
        people=_people(),
        port_asked=port is not None,
    )


def _people() -> dict[str, dict[str, list[float]]]:
    """What people's bars are like, by genre; none, where the file is not there."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        found: dict[str, dict[str, list[float]]]
        found = json.loads((shipped("presets") / "people.json").read_text())["genres"]
        return found
    return {}


def _address(bind: str) -> tuple[str, int | None]:
    """`127.0.0.1`, `0.0.0.0:8420`, `::1` or `[::1]:8420`, in its two parts."""
    given = re.fullmatch(r"(\[[^\]]+\]|[^:\[]+)(?::(\d+))?", bind)
    address, port = (bind, None) if given is None else given.groups()
    try:
        number = None if port is None else int(port)
        if number is not None and not 1024 <= number <= 65535:
            raise ValueError
        return str(ip_address(address.strip("[]"))), number
    except ValueError:
        raise ConfigError(
            "expected --web-bind with an address of this machine, such as 192.168.1.20, "
            "0.0.0.0:8420 for all of them or [::1]:8420, and a port of 1024 to 65535; "
            f"got {bind!r}"
        ) from None


def _token() -> str:
    """That of this user on this machine: the link that a phone has kept goes on working."""
    file = platformdirs.user_state_path("polyrhythmia") / "page-token"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if TOKEN.fullmatch(token := file.read_text().strip()) and _is_private(file):
            return token
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with contextlib.suppress(OSError):  # then it lasts as long as this performance
        file.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(file, flags, PRIVATE_MODE), "w") as written:
            written.write(f"{token}\n")
    return token


def _is_private(file: Path) -> bool:
    there = file.lstat()
    return there.st_uid == os.getuid() and there.st_mode & 0o077 == 0
