import pytest

from polyrhythmia_live.rhythm.choice import choose

STYLES = ("hiphop", "afrocuban", "afrobeat", "bossa", "secondline", "rock", "baiao")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Bossa", "bossa"),
        ("hip hop", "hiphop"),
        ("Hip-Hop", "hiphop"),
        ("bos", "bossa"),
        ("second line", "secondline"),
        ("afroc", "afrocuban"),
        ("Baião", "baiao"),
        ("bossa nova", "bossa"),
        ("Bossa-Nova", "bossa"),
        ("2nd line", "secondline"),
    ],
)
def test_a_name_is_known_however_it_is_written(typed: str, meant: str) -> None:
    assert choose(typed, STYLES, "a style") == meant


def test_a_name_in_full_is_that_name_even_where_another_begins_with_it() -> None:
    assert choose("swing", ("swinging", "swing"), "a style") == "swing"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("afro", "expected a style; got 'afro': did you mean afrocuban or afrobeat?"),
        ("bosssa", "expected a style; got 'bosssa': did you mean bossa?"),
        ("xyz", "expected a style; got 'xyz'"),
        ("house", "expected a style; got 'house'"),
        ("r&b", "expected a style; got 'r&b'"),
        ("dnb", "expected a style; got 'dnb'"),
        ("rumba", "expected a style; got 'rumba'"),
        ("", "expected a style; got ''"),
        ("-", "expected a style; got '-'"),
    ],
)
def test_what_is_not_known_is_answered_with_the_nearest_few(typed: str, answer: str) -> None:
    with pytest.raises(ValueError, match="expected") as error:
        choose(typed, STYLES, "a style")
    assert str(error.value) == answer


def test_another_name_counts_where_its_style_is_there() -> None:
    assert choose("rumba", ("rhumba", "samba"), "a style") == "rhumba"
