"""Files of controllers: nothing in them is fatal, and nothing that is wrong goes unsaid."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import CONTROLS, TRIGGERS
from polyrhythmia_live.control.controller.base import (
    ControllerMap,
    Encoding,
    Entry,
    Kind,
    Light,
    Source,
)
from polyrhythmia_live.control.decoder import Decoder
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.controller_text import (
    new_text,
    own_file,
    read_text,
    with_entry,
    write,
)
from polyrhythmia_live.presets.controllers import (
    controller_names,
    load_controller,
    read_controller,
)

GENRES = ("funk", "rock", "jazz")


def read(folder: Path, text: str) -> ControllerMap:
    file = folder / "box.toml"
    file.write_text(text)
    return read_controller(file, GENRES)


def entry_of(folder: Path, line: str) -> Entry:
    found = read(folder, f"[controls]\n{line}\n")
    assert found.faults == ()
    (entry,) = found.entries
    return entry


@pytest.mark.parametrize("name", controller_names())
def test_every_controller_of_ours_is_read_without_a_fault(name: str) -> None:
    controller = load_controller(name, GENRES)
    assert controller.faults == ()
    assert controller.ports
    assert len(controller.entries) >= 16
    named = {entry.control for entry in controller.entries}
    assert {light.control for light in controller.lights} <= named
    Decoder({"genre": 3}, controller=controller)
    text = (Path(__file__).parents[2] / "presets/controllers" / f"{name}.toml").read_text()
    assert text.startswith("# ")


def test_the_five_that_were_promised_are_there() -> None:
    promised = {"launchkey", "nanokontrol2", "mpkmini", "launchcontrol-xl", "midimix"}
    assert promised <= set(controller_names())


def test_what_the_documentation_shows_is_read_without_a_fault(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "controllers.md").read_text()
    found = read(tmp_path, text.partition("```toml")[2].partition("```")[0])
    assert found.faults == ()
    assert (len(found.entries), len(found.lights)) == (11, 4)


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("density = {cc = 21}", Entry("density", Source(Kind.CC, 21))),
        (
            'tempo = {cc = 21, channel = 2, encoding = "signed-bit", clicks = 40}',
            Entry("tempo", Source(Kind.CC, 21, 1), Encoding.SIGNED_BIT, clicks=40),
        ),
        (
            'fills = {cc = 1, encoding = "inc-dec", down = 2}',
            Entry("fills", Source(Kind.CC, 1), Encoding.INC_DEC, down=2),
        ),
        (
            "fills = {bend = true, low = 8192, pickup = false}",
            Entry("fills", Source(Kind.BEND), low=8192, high=16383, pickup=False),
        ),
        ("tempo = {nrpn = 1032}", Entry("tempo", Source(Kind.NRPN, 1032), high=16383)),
        (
            'genre = {program = 3, value = "Jazz"}',
            Entry("genre", Source(Kind.PROGRAM, 3), value=2.0),
        ),
        (
            'density = {note = 36, value = "70%"}',
            Entry("density", Source(Kind.NOTE, 36), value=0.7),
        ),
        ('"half time" = {note = 36}', Entry("half time", Source(Kind.NOTE, 36))),
    ],
)
def test_an_entry_says_what_moves_a_control(tmp_path: Path, line: str, entry: Entry) -> None:
    assert entry_of(tmp_path, line) == entry


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("densty = {cc = 21}", "controls.densty: expected a control such as 'density'"),
        ("density = 21", "controls.density: expected {cc = 21}, or another of cc, note"),
        ("density = {}", "controls.density: expected one of cc, note"),
        ("density = {cc = 21, note = 3}", "controls.density: expected one of cc"),
        ("density = {cc = 200}", "controls.density.cc: expected a whole number in 0..127"),
        ("density = {cc = 123}", "controls.density.cc: expected 0..119, or 120 for panic"),
        ("fill = {cc = 120}", "controls.fill.cc: expected 0..119, or 120 for panic"),
        ("density = {cc = true}", "controls.density.cc: expected a whole number"),
        ("density = {cc = 21, channel = 17}", "controls.density.channel: expected a whole"),
        ("density = {cc = 21, colour = 1}", "expected controls.density: keys among cc, note"),
        ('density = {cc = 21, encoding = "relative"}', "encoding: expected one of absolute"),
        ('density = {cc = 21, encoding = "inc-dec"}', "down: expected the CC that counts down"),
        ("density = {cc = 21, down = 22}", "down: expected it with encoding = 'inc-dec' only"),
        ("density = {cc = 21, low = 5, high = 5}", "high: expected another value than low = 5"),
        ('density = {cc = 21, pickup = "no"}', "pickup: expected true or false, got 'no'"),
        ("density = {note = 36}", "a note is only pressed: say value = where it puts density"),
        ("density = {note = 36, value = 900}", "value: expected density 0% to 100%"),
        ('genre = {program = 1, value = "polka"}', "value: "),
        ("fill = {note = 36, value = 1}", "value: expected none, of what only happens"),
        ('density = {cc = 21, word = "4"}', "word: expected value, of a level"),
        ('fill = {cc = 64, encoding = "signed-bit"}', "encoding: expected absolute"),
        ('tempo = {nrpn = 4, encoding = "signed-bit"}', "expected absolute or inc-dec"),
        ("tempo = {cc = 4, clicks = 0}", "clicks: expected what it takes from end to end"),
        ("tempo = {bend = 3}", "controls.tempo.bend: expected true, got 3"),
        ("stability = {cc = 7}", "controls.stability: cc 7 moves humanise already"),
    ],
)
def test_a_bad_entry_costs_a_line_and_no_other_entry(tmp_path: Path, line: str, said: str) -> None:
    found = read(tmp_path, f"[controls]\nhumanise = {{cc = 7}}\n{line}\ncrash = {{cc = 8}}\n")
    assert [entry.control for entry in found.entries] == ["humanise", "crash"]
    (fault,) = found.faults
    assert said in fault
    assert str(tmp_path / "box.toml") in fault
    assert "\n" not in fault


def test_bad_words_at_the_top_cost_a_line_each(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        'nam = "x"\nports = "Box"\nchannel = 0\ntable = 1\nopening = ["hello"]\nlights = 3\n'
        "[controls]\nfill = {cc = 64}\n",
    )
    assert [entry.control for entry in found.entries] == ["fill"]
    assert len(found.faults) == 6


def test_two_knobs_may_move_one_control(tmp_path: Path) -> None:
    found = read(tmp_path, "[controls]\nfill = [{cc = 64}, {note = 300}, {note = 36}]\n")
    assert [entry.source.kind for entry in found.entries] == [Kind.CC, Kind.NOTE]
    assert "controls.fill (2).note" in found.faults[0]


def test_lights_are_ccs_notes_and_exclusives(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "channel = 2\n[lights]\nfill = {note = 3}\ndensity = {cc = 4, values = [0, 9, 99]}\n"
        'stop = {sysex = "F0 01 vv F7", off = 12, on = 60}\ntempo = {cc = 5}\n'
        'crash = {sysex = "F0 01 F7"}\n',
    )
    assert found.lights[:3] == (
        Light("fill", b"\x91\x03", (0, 127)),
        Light("density", b"\xb1\x04", (0, 9, 99)),
        Light("stop", b"\xf0\x01", (12, 60), b"\xf7"),
    )
    assert found.lights[3].message(1.0) == b"\xb1\x05\x7f"
    (fault,) = found.faults
    assert "lights.crash.sysex: expected F0 ... vv ... F7 alone" in fault


WHOLE = (Path(__file__).parents[2] / "presets/controllers/launchcontrol-xl.toml").read_bytes()


@given(cut=st.integers(0, len(WHOLE)))
def test_a_file_that_is_cut_anywhere_leaves_the_table_or_a_part(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    file = tmp_path_factory.getbasetemp() / "cut.toml"
    file.write_bytes(WHOLE[:cut])
    found = read_controller(file, GENRES)
    if not found.entries:
        assert found.table
        knob = Decoder({"genre": 3}, controller=found).command(b"\xb0\x15\x40", 0.0)
        assert knob is not None
        assert knob.name == "density"


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_no_text_can_upset_it(tmp_path_factory: pytest.TempPathFactory, text: str | bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(text.encode("utf-8", "replace") if isinstance(text, str) else text)
    assert all("\n" not in fault for fault in read_controller(file, GENRES).faults)


def test_a_name_that_nobody_has_is_an_error() -> None:
    with pytest.raises(PresetError, match="nanokontrol2"):
        load_controller("nanokontro1", GENRES)
    with pytest.raises(PresetError, match="check the path"):
        load_controller("/nowhere/box.toml", GENRES)


OWN = """# my box, bought used
name = "Box"   # it says
ports = ["Box"]
channel = 1

[controls]
# the big knob
tempo = {cc = 9, pickup = false}  # careful
fill = [{cc = 64}, {note = 36}]  # foot and hand
"""


def test_what_is_learnt_keeps_every_word_that_was_written() -> None:
    entry = Entry("density", Source(Kind.CC, 16, 1), Encoding.BINARY_OFFSET)
    text, lost = with_entry(OWN, entry)
    assert lost == ()
    added = 'density = {cc = 16, channel = 2, encoding = "binary-offset"}\n'
    assert text == OWN + added


def test_what_is_learnt_anew_stays_where_it_was_and_as_it_was_meant(tmp_path: Path) -> None:
    text, _ = with_entry(OWN, Entry("tempo", Source(Kind.CC, 10, 0), low=5))
    assert text == OWN.replace(
        "{cc = 9, pickup = false}", "{cc = 10, channel = 1, low = 5, pickup = false}"
    )
    assert read(tmp_path, text).faults == ()


def test_an_encoder_that_turns_the_other_way_is_kept_so(tmp_path: Path) -> None:
    entry = Entry("tempo", Source(Kind.CC, 9, 0), Encoding.SIGNED_BIT, clicks=-100)
    text, _ = with_entry(OWN.replace("pickup = false", "clicks = 50"), entry)
    assert entry in read(tmp_path, text).entries


def test_a_knob_that_moves_another_control_now_moves_that_no_more() -> None:
    text, lost = with_entry(OWN, Entry("density", Source(Kind.CC, 9, 0)))
    assert lost == ("tempo",)
    assert "tempo" not in text
    text, lost = with_entry(OWN, Entry("crash", Source(Kind.NOTE, 36, 0)))
    assert lost == ("fill",)
    assert "fill = [{cc = 64}]  # foot and hand" in text
    text, lost = with_entry(text, Entry("crash", Source(Kind.CC, 64, 0)))
    assert (lost, "fill" in text) == (("fill",), False)


@pytest.mark.parametrize("given", ["[[controls.fill]]\ncc = 64\n", "[controls.fill]\ncc = 64\n"])
def test_tables_that_are_written_at_length_are_understood(tmp_path: Path, given: str) -> None:
    text, lost = with_entry(f"# mine\n{given}", Entry("crash", Source(Kind.CC, 64, 0)))
    assert lost == ("fill",)
    again, _ = with_entry(f"# mine\n{given}", Entry("fill", Source(Kind.CC, 9, 0)))
    assert text.startswith("# mine\n")
    controls = [[(it.control, it.source.number) for it in read(tmp_path, one).entries]
                for one in (text, again)]  # fmt: skip
    assert controls == [[("crash", 64)], [("fill", 9)]]


WORDS = {"voice": "bell 7:4 snare"}


@given(
    st.sampled_from([control.name for control in CONTROLS]),
    st.integers(0, 119),
    st.integers(0, 15),
)
def test_what_is_learnt_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, name: str, cc: int, channel: int
) -> None:
    trigger = TRIGGERS.get(name)
    word = "" if trigger is None or trigger.bare else WORDS.get(name, "snare")
    entry = Entry(name, Source(Kind.CC, cc, channel), word=word)
    text, _ = with_entry(new_text('the "Box" \\ of ä'), entry)
    file = tmp_path_factory.getbasetemp() / "learnt.toml"
    write(file, text)
    found = read_controller(file, GENRES)
    assert (found.entries, found.faults) == ((entry,), ())
    assert found.fit('the "box" \\ of ä')


def test_each_word_of_a_trigger_has_a_pad_of_its_own(tmp_path: Path) -> None:
    text = OWN
    for note, word in ((40, "2"), (41, "4"), (42, "2")):
        text, _ = with_entry(text, Entry("break", Source(Kind.NOTE, note, 9), word=word))
    found = read(tmp_path, text)
    breaks = [(it.source.number, it.word) for it in found.entries if it.control == "break"]
    assert (breaks, found.faults) == ([(41, "4"), (42, "2")], ())


def test_a_file_that_is_no_toml_is_left_for_its_owner_to_mend() -> None:
    for broken in (OWN[:-30], "controls = 3", '[controls]\nx = "'):
        with pytest.raises(PresetError, match="mend it"):
            with_entry(broken, Entry("density", Source(Kind.CC, 9, 0)))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "box.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PresetError, match=r"box\.toml"):
        read_text(tmp_path / "box.toml")


def test_the_performers_own_file_lies_beside_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = own_file("midimix")
    assert path == tmp_path / "polyrhythmia" / "controllers" / "midimix.toml"
    write(path, OWN)
    assert load_controller("midimix", GENRES).name == "Box"
    path.write_text(OWN[:-30])
    broken = load_controller("midimix", GENRES)
    assert (broken.entries, broken.table, len(broken.faults)) == ((), True, 1)
