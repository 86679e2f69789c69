from polyrhythmia_live.control.keys import key_names
from polyrhythmia_live.control.prompt import Prompt


def typed(prompt: Prompt, keys: bytes) -> list[str]:
    """The lines that were finished while these keys came from the terminal."""
    return [line for key in key_names(keys) if (line := prompt.press(key)) is not None]


def opened() -> Prompt:
    prompt = Prompt()
    prompt.open()
    return prompt


def test_a_line_is_handed_over_at_enter_and_the_prompt_is_closed() -> None:
    prompt = opened()
    assert typed(prompt, b"tempo 140\n") == ["tempo 140"]
    assert prompt.typed is None


def test_typed_letters_can_be_taken_back() -> None:
    prompt = opened()
    assert typed(prompt, b"panik\x7fc\r") == ["panic"]


def test_escape_and_backspace_on_nothing_close_it() -> None:
    for keys in (b"\x1b", b"x\x7f\x7f"):
        prompt = opened()
        assert not typed(prompt, keys)
        assert not typed(prompt, b"\x1b")
        assert prompt.typed is None


def test_arrow_keys_type_nothing() -> None:
    prompt = opened()
    typed(prompt, b"a\x1b[Ab")
    assert prompt.typed == "ab"


def test_letters_of_any_alphabet_can_be_typed_and_taken_back() -> None:
    prompt = opened()
    typed(prompt, "bossa é日".encode())
    assert prompt.typed == "bossa é日"
    typed(prompt, b"\x7f\x7f")
    assert prompt.typed == "bossa "
