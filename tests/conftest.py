from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from polyrhythmia_live.testing import jackd

# A law holds on a busy machine too; how long an example takes is for the benchmarks.
settings.register_profile("unhurried", deadline=None)
# A night's: `pytest --hypothesis-profile long tests/training/data/test_midi_file.py`.
settings.register_profile("long", deadline=None, max_examples=10_000)
settings.load_profile("unhurried")


def require_jack() -> None:
    """Skip, clearly, where JACK is not installed."""
    if not jackd.is_installed():
        pytest.skip("needs jackd and jack_lsp: `sudo apt-get install jackd2`")


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a test plays is not remembered by anybody else's drummer."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@contextmanager
def our_jack_server(priority: tuple[str, ...] = jackd.ORDINARY) -> Iterator[jackd.JackServer]:
    """A server that this process and its children use."""
    require_jack()
    with jackd.running_jack_server(priority) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("JACK_DEFAULT_SERVER", server.name)
        patch.setenv("JACK_NO_START_SERVER", "1")
        yield server


@pytest.fixture(scope="session")
def jack_server() -> Iterator[jackd.JackServer]:
    """One server for the whole run."""
    with our_jack_server() as server:
        yield server
