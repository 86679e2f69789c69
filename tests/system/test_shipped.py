import sys
from pathlib import Path

import pytest

from polyrhythmia_live.system import shipped as places
from polyrhythmia_live.system.shipped import shipped


def test_without_a_clone_models_lie_in_the_installation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "_ROOT", tmp_path)
    expected = Path(sys.prefix) / "share" / "polyrhythmia-live" / "models"
    assert shipped("models") == expected
    (tmp_path / "models").mkdir()
    assert shipped("models") == expected, "somebody else's folder in site-packages"
