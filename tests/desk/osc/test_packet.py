"""Bytes from anybody: what is OSC is read, and what is not never does more than to be refused."""

import contextlib
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import build_msg

from polyrhythmia_live.desk.osc.packet import (
    ARGUMENTS_MAX,
    DATAGRAM_BYTES,
    DEPTH_MAX,
    SENT_BYTES,
    Message,
    read,
    written,
)

AT_ONCE = struct.pack(">Q", 1)
FILL = b"/polyrhythmia/fill\0\0,\0\0\0"

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
arguments = st.one_of(
    st.floats(width=32, allow_nan=False), st.integers(-(2**31), 2**31 - 1), texts, st.booleans()
)
messages = st.builds(
    Message,
    texts.map("/{}".format).filter(lambda it: len(it.encode()) < 100),
    st.lists(arguments, max_size=ARGUMENTS_MAX).map(tuple),
)


def element(packet: bytes) -> bytes:
    return struct.pack(">i", len(packet)) + packet


def bundle(*packets: bytes, tag: bytes = AT_ONCE) -> bytes:
    return b"#bundle\0" + tag + b"".join(map(element, packets))


@given(st.lists(messages, max_size=60))
def test_what_is_written_is_read_again_whatever_it_is_divided_into(told: list[Message]) -> None:
    datagrams = list(written(told))
    assert all(len(datagram) <= SENT_BYTES for datagram in datagrams)
    assert [message for datagram in datagrams for message in read(datagram)] == told


@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=200).map(b"/a\0\0,".__add__),
        st.binary(max_size=200).map((b"#bundle\0" + AT_ONCE).__add__),
        st.tuples(st.just(bundle(FILL, FILL)), st.integers(0, 79), st.integers(0, 255)).map(
            lambda it: it[0][: it[1]] + bytes([it[2]]) + it[0][it[1] + 1 :]
        ),
        st.integers(0, 80).map(lambda end: bundle(FILL, FILL)[:end]),
    )
)
def test_no_bytes_do_more_than_to_be_refused(datagram: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert all(isinstance(message, Message) for message in read(datagram))


@pytest.mark.parametrize("size", [-(2**31), -4, -1, 0, 5, 2**31 - 1])
def test_a_bundle_whose_element_has_no_such_size_comes_to_an_end(size: int) -> None:
    with pytest.raises(ValueError, match="element"):
        read(b"#bundle\0" + AT_ONCE + struct.pack(">i", size) + b"\0\0\0\0")


def test_bundles_are_only_so_deep() -> None:
    packet = FILL
    for _ in range(DEPTH_MAX):
        packet = bundle(packet)
    assert read(packet) == (Message("/polyrhythmia/fill"),)
    with pytest.raises(ValueError, match="deep"):
        read(bundle(packet))


def test_a_datagram_is_only_so_long() -> None:
    with pytest.raises(ValueError, match=f"{DATAGRAM_BYTES} bytes"):
        read(b"/" + bytes(DATAGRAM_BYTES))


@pytest.mark.parametrize("types", [b",b", b",r", b",[f]", b",\xff", b"f", b"," + b"f" * 9])
def test_types_that_no_control_has_are_refused(types: bytes) -> None:
    with pytest.raises(ValueError, match="expected up to"):
        read(b"/a\0\0" + types + bytes(64))


def test_no_type_makes_the_library_write_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert read(b"/a\0\0,I\0\0") == (Message("/a", (True,)),)
    assert read(b"/a\0\0,S\0\0verse\0\0\0") == (Message("/a", ("verse",)),)
    with pytest.raises(ValueError, match="expected up to"):
        read(b"/a\0\0,cQ\0")
    assert not caplog.records


@pytest.mark.parametrize("end", range(21, 28))
def test_what_is_cut_off_is_not_made_up(end: int) -> None:
    message = build_msg("/polyrhythmia/tempo", 120.0).dgram
    with pytest.raises(ValueError, match="cut off"):
        read(message[:end])


def test_a_message_of_before_there_were_types_is_one_without_arguments() -> None:
    assert read(b"/a\0\0") == (Message("/a"),)


def test_a_bundle_of_another_library_has_its_time() -> None:
    when_seconds = time.time() + 3.0
    inner = OscBundleBuilder(IMMEDIATELY)
    outer = OscBundleBuilder(when_seconds)  # type: ignore[arg-type]
    inner.add_content(build_msg("/polyrhythmia/density", 0.5))
    outer.add_content(inner.build())
    (message,) = read(outer.build().dgram)
    assert message.arguments == (0.5,)
    assert message.due_seconds == pytest.approx(when_seconds, abs=1e-3)
