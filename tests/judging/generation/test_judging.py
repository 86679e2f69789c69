from __future__ import annotations

import json
import math
from typing import Any

import pytest

from polyrhythmia_live.errors import ConfigError, DatasetError
from polyrhythmia_live.judging.generation.judging import judge
from polyrhythmia_live.judging.generation.people import people_of
from polyrhythmia_live.judging.generation.programme import Programme, performed
from polyrhythmia_live.judging.generation.report import Judgement
from polyrhythmia_live.training.data.dataset import Dataset
from tests.judging.generation.doubles import JAZZ, ROCK, SILENCE, Band, people, performance

PROGRAMME = Programme(bars=8, takes=6, seed=1)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return people()


@pytest.fixture(scope="module")
def of_people(data: Dataset) -> Judgement:
    """A band that plays as the people do."""
    return judge(Band(), data, "validation", PROGRAMME, ["rock", "jazz", "latin"])


def passed(judgement: Judgement) -> dict[str, bool]:
    return {mark["name"]: mark["passed"] for mark in judgement.figures()["marks"]}


def figures_of(judgement: Judgement, genre: str) -> dict[str, Any]:
    figures: dict[str, Any] = judgement.figures()["genres"][genre]
    return figures


def test_a_band_that_plays_as_people_do_is_recognised_and_overlaps(of_people: Judgement) -> None:
    verdict = passed(of_people)
    assert verdict["style recognised"]
    assert verdict["bar-to-bar F1"]
    assert verdict["overlap: density"]
    assert verdict["overlap: polyphony"]


def test_a_band_that_loops_is_found_out(data: Dataset) -> None:
    loop = judge(Band(ghosts=0.0), data, "validation", PROGRAMME)
    assert not passed(loop)["bar-to-bar F1"]
    assert figures_of(loop, "rock")["repetition"]["generated"]["value"] == 1.0


def test_a_band_that_plays_another_genre_is_not_recognised(data: Dataset) -> None:
    confused = Band(bars={"rock": JAZZ, "jazz": ROCK, "latin": ROCK})
    judgement = judge(confused, data, "validation", PROGRAMME)
    assert figures_of(judgement, "rock")["recognised"]["generated"]["value"] == 0.0
    assert not passed(judgement)["style recognised"]
    assert not passed(judgement)["overlap: density"]


def test_a_band_that_does_not_play_is_judged_without_an_accident(data: Dataset) -> None:
    judgement = judge(
        Band(0.0, {"rock": SILENCE, "jazz": SILENCE}), data, "validation", PROGRAMME, ["rock"]
    )
    rock = figures_of(judgement, "rock")
    assert rock["nearly_silent"]["generated"]["value"] == 1.0
    assert rock["quoted"]["generated"]["value"] is None
    assert rock["overlap"]["velocity"]["area"]["value"] is None
    assert rock["density"]["0.25"]["value"] == 0.0
    assert not any(passed(judgement).values())
    assert judgement.source_figures["rock"] == judgement.source_figures["silence"]
    assert "FAIL" in judgement.table()


def test_where_nobody_is_held_out_the_training_set_is_asked_and_marked(
    of_people: Judgement,
) -> None:
    assert figures_of(of_people, "latin")["mixed"]
    assert figures_of(of_people, "latin")["quoted"]["human"]["value"] is None
    assert figures_of(of_people, "latin")["overlap"]["density"]["train"] is None
    assert not figures_of(of_people, "rock")["mixed"]
    assert "latin*" in of_people.table()
    assert "means over genres: rock, jazz" in of_people.table()


def test_the_density_control_is_judged_by_what_was_asked(of_people: Judgement) -> None:
    """The band plays the same at every setting: twice what is asked at a quarter."""
    asked = figures_of(of_people, "rock")["density"]
    assert asked["0.5"]["value"] == pytest.approx(1.0, abs=0.1)
    assert asked["0.25"]["value"] == pytest.approx(2.0, abs=0.2)
    assert asked["0.75"]["value"] == pytest.approx(0.67, abs=0.1)
    assert not passed(of_people)["density error at 25%"]


def test_every_line_fits_on_a_hundred_columns(of_people: Judgement) -> None:
    assert max(map(len, of_people.table().splitlines())) <= 100


def test_the_figures_are_json_without_nan(of_people: Judgement) -> None:
    def numbers(value: Any) -> list[float]:
        if isinstance(value, dict):
            return [n for inner in value.values() for n in numbers(inner)]
        if isinstance(value, list | tuple):
            return [n for inner in value for n in numbers(inner)]
        return [value] if isinstance(value, float) else []

    assert all(math.isfinite(number) for number in numbers(of_people.figures()))
    assert json.loads(json.dumps(of_people.figures(), allow_nan=False))["model"] == "band"


def test_judged_again_the_verdict_is_the_same(data: Dataset) -> None:
    one, two = (judge(Band(), data, "validation", PROGRAMME, ["rock"]) for _ in range(2))
    assert one.figures() == two.figures()
    assert one.table() == two.table()


def test_takes_are_at_the_tempos_of_people_and_a_quarter_of_them_at_other_densities(
    data: Dataset,
) -> None:
    band = Band()
    rock = people_of(data, "rock", "validation")
    played = performed(band, PROGRAMME, [rock])["rock"]
    assert {density: len(takes) for density, takes in played.items()} == {0.25: 2, 0.5: 6, 0.75: 2}
    assert {request.tempo_bpm for request in band.asked} <= set(rock.tempos_bpm)
    of_half = [r for r in band.asked if r.controls.density == 0.5]
    assert len({request.seed for request in of_half}) == 6
    assert {r.seed for r in band.asked} == {r.seed for r in of_half}


def test_a_genres_takes_do_not_depend_on_what_else_is_judged(data: Dataset) -> None:
    alone, together = Band(), Band()
    jazz = people_of(data, "jazz", "validation")
    performed(alone, PROGRAMME, [jazz])
    performed(together, PROGRAMME, [people_of(data, "rock", "validation"), jazz])
    assert alone.asked == [r for r in together.asked if r.controls.genre_name == "jazz"]


def test_sub_styles_are_not_judged_and_unknown_genres_are_an_error(data: Dataset) -> None:
    assert set(judge(Band(), data, "validation", PROGRAMME).figures()["genres"]) == {
        "rock", "jazz", "latin",
    }  # fmt: skip
    for name in ("bossa", "polka"):
        with pytest.raises(ConfigError, match=f"rock, jazz, latin, got '{name}'"):
            judge(Band(), data, "validation", PROGRAMME, [name])


def test_without_the_training_set_there_is_nothing_to_judge_by(data: Dataset) -> None:
    held_out = Dataset(data.split("validation"), {}, data.tally)
    with pytest.raises(DatasetError, match="read both splits"):
        judge(Band(), held_out, "validation", PROGRAMME)


def test_a_genre_that_nobody_plays_is_named(data: Dataset) -> None:
    no_jazz = Dataset(tuple(p for p in data.performances if p.genre != "jazz"), {}, data.tally)
    judgement = judge(Band(), no_jazz, "validation", PROGRAMME, ["rock", "jazz"])
    assert judgement.not_played == ("jazz",)
    assert "nobody plays jazz" in judgement.table()


def test_too_few_bars_or_files_held_out_call_for_the_training_set() -> None:
    train = [performance("a", [ROCK] * 20), performance("b", [ROCK] * 20)]
    held_out = [performance(name, [ROCK] * 20, split="test") for name in ("c", "d")]
    both = Dataset((*train, *held_out), {}, people().tally)
    assert not people_of(both, "rock", "test").mixed
    fewer = people_of(Dataset((*train, held_out[0]), {}, both.tally), "rock", "test")
    assert fewer.mixed
    assert [take.source for take in fewer.takes] == ["c", "a", "b"]
    own = people_of(both, "rock", "train")
    assert own.mixed
    assert [take.source for take in own.takes] == ["a", "b"]
