import math

from polyrhythmia_live.judging.tables import number, plain, text_table


def test_names_stand_left_and_figures_right() -> None:
    assert text_table(["style", "acc"], [["pop", "0.5"], ["rock 'n' roll", "0.25"]]).split(
        "\n"
    ) == [
        "style           acc",
        "pop             0.5",
        "rock 'n' roll  0.25",
    ]


def test_a_missing_figure_is_a_dash_for_people_and_null_for_machines() -> None:
    assert [number(x) for x in (1.23456, math.nan, math.inf)] == ["1.235", "–", "–"]
    assert plain({"a": [1, math.nan, {"b": math.inf}], "c": "x"}) == {
        "a": [1, None, {"b": None}],
        "c": "x",
    }
