"""OSC as bytes. The only door to python-osc, which reads and writes the messages.

Bundles are walked here, and sizes are looked at before python-osc sees anything: its own walk never
ends where an element has a size of -4, and it logs a line for each type that it does not know.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import build_msg

Argument = float | int | str | bool | None

DATAGRAM_BYTES = 4096
"""Of what is read; a bundle of all levels has a quarter of it."""

SENT_BYTES = 1400
"""Of what is sent: it travels in one piece on every network."""

ADDRESS_BYTES = 128
ARGUMENTS_MAX = 8
DEPTH_MAX = 4
"""Of bundles within bundles."""

NTP_SECONDS = 2_208_988_800
"""From 1900, where NTP begins to count, to 1970."""

_BUNDLE = b"#bundle\0"
_HEAD_BYTES = 16
_AT_ONCE = 1
"""The time tag that says so."""

_TYPES = re.compile(rb",[ifhdsTFNSI]{0,%d}" % ARGUMENTS_MAX)
_BYTES = dict(zip(b",TFNIifsShd", (0, 0, 0, 0, 0, 4, 4, 4, 4, 8, 8), strict=True))
"""How many each of them has at least: python-osc makes up what is missing of a number."""

_SAME = bytes.maketrans(b"SI", b"sT")
"""What python-osc does not know: a symbol is read as a string is, an impulse carries no bytes."""


@dataclass(frozen=True, slots=True)
class Message:
    """An address and its arguments. `due_seconds`: its bundle's time, since 1970; 0.0 = at once."""

    address: str
    arguments: tuple[Argument, ...] = ()
    due_seconds: float = 0.0


def read(datagram: bytes) -> tuple[Message, ...]:
    """All messages of a datagram. Raises ValueError, in one line, where any of it is no OSC."""
    if len(datagram) > DATAGRAM_BYTES:
        raise ValueError(f"expected datagrams of {DATAGRAM_BYTES} bytes at the most")
    try:
        return tuple(_unpacked(datagram, 0.0, 0))
    except (ParseError, UnicodeDecodeError, struct.error):
        raise ValueError("expected OSC; got a message that is cut off or garbled") from None


def written(messages: Iterable[Message]) -> Iterator[bytes]:
    """The datagrams that carry messages: one alone as it is, several as bundles."""
    together: list[OscMessage] = []
    size = 0
    for message in messages:
        built = build_msg(message.address, message.arguments)
        if together and size + built.size + 4 > SENT_BYTES:
            yield _packed(together)
            together, size = [], 0
        size = (size or _HEAD_BYTES) + built.size + 4
        together.append(built)
    if together:
        yield _packed(together)


def _packed(messages: list[OscMessage]) -> bytes:
    if len(messages) == 1:
        return messages[0].dgram
    builder = OscBundleBuilder(IMMEDIATELY)
    for message in messages:
        builder.add_content(message)
    bundle: OscBundle = builder.build()
    return bundle.dgram


def _unpacked(packet: bytes, due_seconds: float, depth: int) -> Iterator[Message]:
    if not packet.startswith(_BUNDLE):
        yield _message(packet, due_seconds)
        return
    if depth == DEPTH_MAX:
        raise ValueError(f"expected bundles {DEPTH_MAX} deep at the most")
    (tag,) = struct.unpack_from(">Q", packet, len(_BUNDLE))
    if tag != _AT_ONCE:
        due_seconds = max(due_seconds, tag / (1 << 32) - NTP_SECONDS)
    at = _HEAD_BYTES
    while at < len(packet):
        (size,) = struct.unpack_from(">i", packet, at)
        at += 4
        if not 0 < size <= len(packet) - at:
            raise ValueError(f"expected a bundle; got an element of {size} bytes in it")
        yield from _unpacked(packet[at : at + size], due_seconds, depth + 1)
        at += size


def _message(packet: bytes, due_seconds: float) -> Message:
    if not packet.startswith(b"/"):
        raise ValueError("expected an OSC message or a bundle of them")
    end = packet.find(b"\0", 0, ADDRESS_BYTES)
    if end < 0:
        raise ValueError(f"expected an address of less than {ADDRESS_BYTES} letters")
    types_at = end // 4 * 4 + 4
    types = packet[types_at:].split(b"\0", 1)[0]
    if types and not _TYPES.fullmatch(types):
        raise ValueError(f"expected up to {ARGUMENTS_MAX} numbers and texts (types ifhdsTFNI)")
    values_at = types_at + len(types) // 4 * 4 + 4
    if types and len(packet) < values_at + sum(map(_BYTES.__getitem__, types)):
        raise ValueError("expected OSC; got a message that is cut off")  # not a number of 0
    read_alike = packet[:types_at] + types.translate(_SAME) + packet[types_at + len(types) :]
    message = OscMessage(read_alike)
    return Message(message.address, tuple(message.params), due_seconds)
