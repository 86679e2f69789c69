from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.names import foreign, is_own, match, stable

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


@given(name=port_names, numbers=alsa_numbers)
def test_alsa_numbers_are_not_part_of_a_name(name: str, numbers: tuple[int, int]) -> None:
    assert stable(f"{name} {numbers[0]}:{numbers[1]}") == name


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
