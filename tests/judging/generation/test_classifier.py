from __future__ import annotations

import numpy as np

from polyrhythmia_live.judging.generation.classifier import train_classifier
from polyrhythmia_live.judging.generation.takes import JudgedTake, recorded
from tests.judging.generation.doubles import JAZZ, ROCK, SILENCE, people, take, varied


def heard() -> list[JudgedTake]:
    takes = recorded(people().split("train"))
    return [found for found in takes if found.genre != "latin"]


def test_the_classifier_tells_rock_from_jazz() -> None:
    trained = train_classifier(heard())
    assert trained is not None
    chance = np.random.default_rng(9)
    rock = take(*(varied(ROCK, chance) for _ in range(4)))
    jazz = take(*(varied(JAZZ, chance) for _ in range(6)), genre="jazz")
    posing = take(*(varied(ROCK, chance) for _ in range(2)), genre="jazz")
    assert trained.recognised([rock, jazz, posing]).tolist() == [[2, 2], [3, 3], [0, 1]]


def test_the_classifier_hears_lateness_where_the_notes_are_the_same() -> None:
    def late(bar_take: JudgedTake, genre: str) -> JudgedTake:
        shifted = (bar_take.microtimings_ticks + 300).astype(np.int16)
        return JudgedTake("late", genre, bar_take.velocities, shifted, bar_take.articulations)

    straight = [take(*[ROCK] * 32) for _ in range(2)]
    lazy = [late(found, "jazz") for found in straight]
    trained = train_classifier([*straight, *lazy])
    assert trained is not None
    assert trained.recognised([straight[0], lazy[0]]).tolist() == [[16, 16], [16, 16]]


def test_a_genre_with_too_little_is_not_told_apart() -> None:
    little = take(*[JAZZ] * 4, genre="blues")
    trained = train_classifier([*heard(), little, little])
    assert trained is not None
    assert trained.genres == ("rock", "jazz")
    assert trained.recognised([little]).tolist() == [[0, 2]]


def test_one_genre_alone_cannot_be_told_apart() -> None:
    assert train_classifier([found for found in heard() if found.genre == "rock"]) is None
    assert train_classifier([]) is None


def test_silence_is_a_guess_too() -> None:
    trained = train_classifier(heard())
    assert trained is not None
    [[right, phrases]] = trained.recognised([take(SILENCE, SILENCE)]).tolist()
    assert phrases == 1
    assert right in (0, 1)


def test_training_again_gives_the_same_classifier() -> None:
    one, two = train_classifier(heard()), train_classifier(heard())
    assert one is not None
    assert two is not None
    np.testing.assert_array_equal(one.weights, two.weights)


def test_a_rare_genre_is_recognised_as_well_as_a_common_one() -> None:
    rock = [take(*[ROCK] * 100) for _ in range(4)]
    jazz = [take(*[JAZZ] * 32, genre="jazz") for _ in range(2)]
    trained = train_classifier([*rock, *jazz])
    assert trained is not None
    assert trained.recognised(jazz).tolist() == [[16, 16], [16, 16]]
