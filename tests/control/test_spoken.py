from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.spoken import EXAMPLES, spoken
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Choose, Command, Fire, SetLevel, ShiftLevel

GENRES = ("rock", "jazz", "bossa", "hiphop", "halftime", "swing")
MIXED = (Choose("genre", 0), Choose("towards", 1), SetLevel("morph", 0.4))


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("tempo 140", (SetLevel("tempo", 140.0),)),
        ("tempo 92.5 over 1 bar", (SetLevel("tempo", 92.5, bars=1),)),
        ("tempo 140 over 8 bars", (SetLevel("tempo", 140.0, bars=8),)),
        ("tempo 140 over 8", (SetLevel("tempo", 140.0, bars=8),)),
        ("140 over 8", (SetLevel("tempo", 140.0, bars=8),)),
        ("bossa nova", (Choose("genre", 2),)),
        ("bossa nova now", (Choose("genre", 2), Fire("now"))),
        (
            "tempo 120 -> 140 over 8 bars",
            (SetLevel("tempo", 120.0), SetLevel("tempo", 140.0, bars=8)),
        ),
        (
            "  Tempo 120->140  OVER 8 bars ",
            (SetLevel("tempo", 120.0), SetLevel("tempo", 140.0, bars=8)),
        ),
        ("density 70%", (SetLevel("density", 0.7),)),
        ("density 0.7", (SetLevel("density", 0.7),)),
        ("density 70", (SetLevel("density", 0.7),)),
        ("dens 70 %", (SetLevel("density", 0.7),)),
        ("density +10", (ShiftLevel("density", 0.1),)),
        ("density -5%", (ShiftLevel("density", -0.05),)),
        ("tempo +4", (ShiftLevel("tempo", 4.0),)),
        ("tempo +4 over 2 bars", (ShiftLevel("tempo", 4.0, bars=2),)),
        ("tempo 96 bpm", (SetLevel("tempo", 96.0),)),
        ("96", (SetLevel("tempo", 96.0),)),
        ("96 over 4 bars", (SetLevel("tempo", 96.0, bars=4),)),
        ("temperature 1.2", (SetLevel("temperature", 1.2),)),
        ("genre bossa", (Choose("genre", 2),)),
        ("genre Bos", (Choose("genre", 2),)),
        ("Bossa", (Choose("genre", 2),)),
        ("hip-hop", (Choose("genre", 3),)),
        ("genre hip hop", (Choose("genre", 3),)),
        ("genre halftime", (Choose("genre", 4),)),
        ("hip hop now", (Choose("genre", 3), Fire("now"))),
        ("halftime", (Fire("half time"),)),
        ("half", (Fire("half time"),)),
        ("double", (Fire("double time"),)),
        ("genre bossa now", (Choose("genre", 2), Fire("now"))),
        ("fill", (Fire("fill"),)),
        ("half time", (Fire("half time"),)),
        ("panic", (Fire("panic"),)),
        ("swing 58", (SetLevel("swing", 0.58),)),
        ("swing8 66%", (SetLevel("swing8", 0.66),)),
        ("swing", (Choose("genre", 5),)),
        ("swing now", (Choose("genre", 5), Fire("now"))),
        ("morph 40", (SetLevel("morph", 0.4),)),
        ("towards jazz", (Choose("towards", 1),)),
        ("rock 60 jazz", MIXED),
        ("genre rock 60 jazz", MIXED),
        ("Rock 60% Jazz 40%", MIXED),
        ("60% rock 40% jazz", MIXED),
        ("rock 3 jazz 2 now", (*MIXED, Fire("now"))),
        ("tap", (Fire("tap"),)),
        ("", ()),
    ],
)
def test_words_say_what_no_key_can(text: str, commands: tuple[Command, ...]) -> None:
    stamped = tuple(replace(command, at_seconds=1.5) for command in commands)
    assert spoken(text, GENRES, 1.5) == stamped


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("qqq", r"expected a command such as tempo .*; got 'qqq'$"),
        ("density", "expected density 0% to 100%; got ''"),
        ("bosa", "got 'bosa': did you mean bossa"),
        ("st", "got 'st': did you mean start or stop"),
        ("tempo", r"expected tempo 120 -> 140 over 8 bars, or part of it; got ''"),
        ("rock 120 jazz", "expected a mixture such as rock 60 jazz; got 'rock 120 jazz'"),
        ("swing 40", "expected swing 50% to 75%; got '40'"),
        ("tempo 400", r"expected tempo 20 to 320; got '400'"),
        ("tempo 50%", r"expected tempo 20 to 320; got '50%'"),
        ("tempo nan", r"expected tempo 20 to 320; got 'nan'"),
        ("tempo 120 over a few bars", "or part of it; got '120 over a few bars'"),
        ("density 700", r"expected density 0% to 100%; got '700'"),
        ("density +lots", r"expected density .*; got '\+lots'"),
        ("genre", r"expected a genre such as jazz; got ''"),
        ("genre xyz", r"expected a genre such as jazz; got 'xyz'$"),
        ("genre jazzz", r"got 'jazzz': did you mean jazz\?"),
        ("genre house", r"expected a genre such as jazz; got 'house'$"),
        ("genre r&b", r"expected a genre such as jazz; got 'r&b'$"),
        ("density 1", r"expected density 1% or 100%; got '1', which could be either$"),
    ],
)
def test_a_line_that_cannot_be_understood_is_answered_in_one_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        spoken(text, GENRES, 0.0)


def test_the_examples_in_the_help_can_be_typed() -> None:
    for example in EXAMPLES.split(", "):
        assert spoken(example, GENRES, 0.0)


@given(st.text(max_size=30) | st.from_regex(r"tempo .*", fullmatch=True))
def test_no_words_can_upset_it(text: str) -> None:
    try:
        said = str(spoken(text, GENRES, 0.0))
    except ConfigError as error:
        said = str(error)
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("mute kick", [Fire("mute", word="kick")]),
        ("mute", [Fire("mute")]),
        ("mute drums", [Fire("mute")]),
        ("solo hats and snare", [Fire("solo", word="snare closed-hat open-hat")]),
        ("lock Open Hat, kick", [Fire("lock", word="kick open-hat")]),
        ("regenerate toms", [Fire("regenerate", word="low-tom mid-tom high-tom")]),
        ("level kick 80%", [SetLevel("level", 0.8, lane="kick")]),
        ("level all 50", [SetLevel("level", 0.5)]),
        ("mute all", [Fire("mute")]),
        ("lock all", [Fire("lock")]),
        (
            "level hats 120 %",
            [SetLevel("level", 1.2, lane=it) for it in ("closed-hat", "open-hat")],
        ),
        ("level 80", [SetLevel("level", 0.8)]),
        ("level drums +10", [ShiftLevel("level", 0.1)]),
    ],
)
def test_lanes_are_named_as_people_name_them(text: str, commands: list[Command]) -> None:
    assert list(spoken(text, GENRES, 0.0)) == commands


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mute cowbell", "expected mute and one of kick, snare, .*; got 'cowbell'"),
        ("regenerate", "expected regenerate and one of kick"),
        ("level kick", "expected level 0% to 200%; got 'kick'"),
        ("level kick 300%", "expected level 0% to 200%; got '300%'"),
        ("level bass 80%", "expected level kick 80%, or such; got 'bass'"),
        ("mute and", "expected mute and one of"),
    ],
)
def test_a_lane_that_is_none_is_answered_in_one_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        spoken(text, GENRES, 0.0)
