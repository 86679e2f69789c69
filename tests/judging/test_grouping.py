from polyrhythmia_live.judging.grouping import grouped
from tests.judging.listeners import BACKBEAT, take


def test_the_genre_with_most_steps_comes_first() -> None:
    takes = [take(BACKBEAT, genre="jazz"), take(BACKBEAT * 2, fill=True), take(BACKBEAT, genre="")]
    assert grouped(takes) == {
        "rock": [1],
        "jazz": [0],
        "unknown": [2],
        "beats": [0, 2],
        "fills": [1],
        "all": [0, 1, 2],
    }


def test_a_group_without_files_is_not_there() -> None:
    assert list(grouped([take(BACKBEAT)])) == ["rock", "beats", "all"]
