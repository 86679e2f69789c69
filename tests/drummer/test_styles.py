from polyrhythmia_live.drummer.styles import GENRES, PARENTS, STYLES, styles_of


def test_a_sub_style_is_named_together_with_its_genre() -> None:
    assert styles_of("latin/brazilian-bossa") == ("latin", "bossa")
    assert styles_of("funk/purdieshuffle") == ("funk", "shuffle")


def test_a_label_may_be_a_styles_own_name() -> None:
    assert styles_of("rock") == ("rock",)
    assert styles_of("bembe") == ("afrocuban", "bembe")


def test_a_sub_style_too_rare_to_be_told_apart_is_its_genre() -> None:
    assert styles_of("latin/venezuelan-joropo") == ("latin",)


def test_an_unknown_genre_means_nothing() -> None:
    assert styles_of("choro/lento") == ()


def test_no_name_means_two_things() -> None:
    assert len(set(STYLES)) == len(STYLES)
    assert set(PARENTS.values()) <= set(GENRES)
