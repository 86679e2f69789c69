from polyrhythmia_live.training.progress import counted


def test_progress_is_told_before_the_first_item_and_after_each() -> None:
    told: list[object] = []
    for item in counted("ab", "spelling", lambda *said: told.append(said)):
        told.append(item)
    assert told == [
        ("spelling", 0, 2), "a", ("spelling", 1, 2), "b", ("spelling", 2, 2),
    ]  # fmt: skip


def test_nothing_to_do_is_done_at_once() -> None:
    told: list[object] = []
    assert list(counted([], "waiting", lambda *said: told.append(said))) == []
    assert told == [("waiting", 0, 0)]
