from contextlib import suppress
from typing import Literal
from unicodedata import category, is_normalized, normalize

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.names import find_foreign, foreign, is_own, machine, match, stable

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

FOUND = (
    "Midi Through:Midi Through Port-0 14:0",
    "nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTR 20:0",
    "U6MIDI Pro:U6MIDI Pro Port 1 24:0",
    "U6MIDI Pro:U6MIDI Pro Port 2 24:1",
)
port_names = st.text(min_size=1, max_size=40)
alsa_numbers = st.tuples(st.integers(0, 191), st.integers(0, 15))


def test_part_of_a_name_in_any_case_finds_the_port() -> None:
    assert match("NANOkontrol", FOUND) == FOUND[1]


def test_a_wildcard_fits_the_whole_name() -> None:
    assert match("u6midi*port 2", FOUND) == FOUND[3]
    assert match("u6midi*port ?", FOUND[:3]) == FOUND[2]
    with pytest.raises(PortError, match="no MIDI port"):
        match("u6midi?", FOUND)


def test_alsa_numbers_of_another_day_do_not_matter() -> None:
    assert match("U6MIDI Pro:U6MIDI Pro Port 2 16:1", FOUND) == FOUND[3]


def test_two_machines_of_one_model_are_told_apart_by_their_full_names() -> None:
    twins = ("TR-8S:TR-8S MIDI 1 20:0", "TR-8S:TR-8S MIDI 1 24:0")
    assert match(twins[1], twins) == twins[1]
    assert match("TR-8S", twins) == twins[0]


def test_a_wrong_name_says_what_was_found_and_what_to_do() -> None:
    with pytest.raises(PortError) as wrong:
        match("loop", FOUND[:2])
    assert str(wrong.value) == (
        "no MIDI port matches 'loop': found 'Midi Through:Midi Through Port-0', "
        "'nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTR'; "
        "plug it in, or choose one with `scripts/polyrhythmia ports`"
    )


def test_nothing_plugged_in_says_so() -> None:
    with pytest.raises(PortError, match="no MIDI port matches 'loop': found none; "):
        match("loop", ())


def test_an_ambiguous_name_lists_what_it_could_mean() -> None:
    with pytest.raises(PortError) as several:
        match("u6midi", FOUND)
    assert str(several.value) == (
        "2 MIDI ports match 'u6midi': 'U6MIDI Pro:U6MIDI Pro Port 1', "
        "'U6MIDI Pro:U6MIDI Pro Port 2'; give more of the name"
    )


def test_an_empty_name_means_no_port() -> None:
    for nothing in ("", "  "):
        with pytest.raises(PortError, match="no MIDI port"):
            match(nothing, FOUND)


def test_our_own_ports_are_never_connected_to() -> None:
    own = (
        "Polyrhythmia Out:Polyrhythmia Out",
        "Polyrhythmia Out-01:Polyrhythmia Out",
        "Polyrhythmia:to TR-8S 129:0",
        "Polyrhythmia Control",
    )
    assert all(map(is_own, own))
    assert foreign((*own, *FOUND)) == FOUND
    assert not is_own("IAC Driver Polyrhythmia")


@given(names=st.lists(port_names, min_size=1, unique=True), data=st.data())
def test_an_exact_name_always_finds_its_port(names: list[str], data: st.DataObject) -> None:
    wanted = data.draw(st.sampled_from(names))
    assert match(wanted, names) == wanted


@given(name=port_names.filter(str.isprintable).filter(str.strip), numbers=alsa_numbers)
def test_alsa_numbers_are_not_part_of_a_name(name: str, numbers: tuple[int, int]) -> None:
    assert stable(f"{name} {numbers[0]}:{numbers[1]}") == stable(name)


BRIDGED = (
    "{machine} {client}:0",
    "a2j:{machine} [{client}] (capture): {machine} MIDI 1",
    "Midi-Bridge:[{client}:0] {machine} MIDI 1 (playback)",
    "Midi-Bridge:{machine} {client}:(playback_0) {machine} MIDI 1",
)
"""How systems and bridges call a machine; `client` is another number after each plug."""

machines = st.sampled_from(
    ["TR-8S", "Launchkey Mini 2", "Virtual Raw MIDI 4-1", "ピアノ", "Clavier é", "MPK [mini] 3"]
)
client_numbers = st.integers(0, 191)


@given(st.sampled_from(BRIDGED), machines, st.lists(client_numbers, min_size=2), st.data())
def test_the_numbers_of_a_bridge_are_no_part_of_a_name(
    bridged: str, machine: str, clients: list[int], data: st.DataObject
) -> None:
    names = [bridged.format(machine=machine, client=client) for client in clients]
    assert len({stable(name) for name in names}) == 1
    for wanted in (machine, names[0], stable(names[0]), f"*{machine.upper()}*"):
        found = stable(match(wanted, names[:1]))
        assert find_foreign(wanted, (*FOUND, names[-1]), found) == names[-1]
        assert match(wanted, (*FOUND, names[-1])) == names[-1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("alsa_pcm:in-24-0-TR-8S", "alsa_pcm:in-28-0-TR-8S"),
        ("TR-8S-01:out", "TR-8S-02:out"),
        ("Bridge #3: TR-8S", "Bridge #12: TR-8S"),
    ],
)
def test_what_was_asked_for_is_found_again_under_any_other_number(before: str, after: str) -> None:
    assert find_foreign("TR-8S", (*FOUND, after), stable(before)) == after


def test_no_other_machine_steps_in_for_one_that_is_gone() -> None:
    found = stable(match("tr", ["TR-8S:TR-8S MIDI 1 20:0"]))
    assert find_foreign("tr", ["TR-6S:TR-6S Mk II MIDI 1 20:0"], found) is None
    assert find_foreign("synth 2", ["synth 1:in", "pad 2:in"], "synth 2:in") is None
    assert find_foreign("synth 2:in", ["my synth 2:in"], "synth 2:in") is None


def test_programs_that_a_number_tells_apart_are_told_apart() -> None:
    first, second = (f"Midi-Bridge:Synth {n}:(playback_0) in" for n in (1, 2))
    assert match("synth 2", (first, second)) == second
    assert find_foreign("synth 2", (first, second), stable(second)) == second
    assert find_foreign("synth 2", (first,), stable(second)) is None


@given(machines, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), st.sampled_from(["NFC", "NFD"]))
def test_accents_are_the_same_however_they_are_encoded(
    machine: str, typed: Form, listed: Form
) -> None:
    names = ["Other:in", normalize(listed, f"{machine}:in")]
    for wanted in (machine, machine.upper(), f"{machine}:in", f"{machine}*"):
        assert match(normalize(typed, wanted), names) == names[1]


@given(st.text())
def test_every_name_is_shown_on_one_line_as_it_can_be_printed(name: str) -> None:
    shown = stable(name)
    assert not {category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert len(shown.splitlines()) <= 1
    assert is_normalized("NFC", shown) or "\ufffd" in shown
    shown.encode()


@given(names=st.lists(port_names, min_size=1), data=st.data())
def test_what_a_listing_shows_can_be_typed(names: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(names))
    assume(stable(name))
    assert stable(match(stable(name), names)) == stable(name)


def test_a_name_with_a_newline_or_an_escape_breaks_no_listing() -> None:
    rude = "TR\n8S\x1b[31m\u202e MIDI\u0000 1 24:0"
    assert stable(rude) == "TR 8S [31m MIDI 1"
    assert match("TR 8S", [*FOUND, rude]) == rude
    with pytest.raises(PortError) as wrong:
        match("lo\nop", [rude])
    assert len(str(wrong.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a2j:TR-8S [24] (capture): TR-8S MIDI 1", "a2j:TR-8S [28] (playback): TR-8S MIDI 1"),
        ("Midi-Bridge:TR-8S MIDI 1 (capture)", "Midi-Bridge:TR-8S MIDI 1 (playback)"),
        ("Midi-Bridge:TR-8S 2:(capture_0) TR-8S", "Midi-Bridge:TR-8S 2:(playback_0) TR-8S"),
        ("alsa_pcm:TR-8S/midi_capture_1", "alsa_pcm:TR-8S/midi_playback_1"),
    ],
)
def test_both_directions_of_a_machine_are_one_machine(one: str, other: str) -> None:
    assert machine(one) == machine(other)
    assert stable(one) != stable(other)


def test_our_own_ports_are_ours_over_a_bridge_too() -> None:
    for bridged in ("a2j:{} [128] (capture): x", "Midi-Bridge:[128:0] {} (capture)",
                    "Midi-Bridge:{}:(capture_0) x", "alsa_pcm:{}/midi_capture_1"):  # fmt: skip
        assert is_own(bridged.format("Polyrhythmia Out"))
        assert not is_own(bridged.format("Polyphony"))


@given(wanted=st.text(max_size=10), names=st.lists(port_names, max_size=5))
def test_a_match_is_a_listed_port_or_a_port_error(wanted: str, names: list[str]) -> None:
    with suppress(PortError):
        assert match(wanted, names) in names


@given(name=port_names.filter(str.strip), others=st.lists(port_names, max_size=3))
def test_a_single_substring_match_does_not_depend_on_order(name: str, others: list[str]) -> None:
    names = [name, *others]
    try:
        found = match(name[:3], names)
    except PortError:
        with pytest.raises(PortError):
            match(name[:3], names[::-1])
    else:
        assert stable(match(name[:3], names[::-1])) == stable(found)
