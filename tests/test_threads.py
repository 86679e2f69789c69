"""Where threads meet, every method says who may call it and whether the dispatcher may."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import polyrhythmia_live

ROOT = Path(polyrhythmia_live.__file__).parent

WHERE_THREADS_MEET = (
    "clock/base.py",
    "midi/base.py",
    "midi/inputs.py",
    "midi/jack_inputs.py",
    "midi/jack_intake.py",
    "midi/listen.py",
    "midi/probe.py",
    "midi/pulse.py",
    "midi/system.py",
    "player/base.py",
    "player/brain_pipe.py",
    "player/dispatcher.py",
    "player/voice.py",
    "wires/base.py",
    "wires/fluid.py",
    "wires/jack.py",
    "wires/jack_cycle.py",
    "wires/memory.py",
    "wires/rtmidi.py",
    "system/jack_host.py",
    "system/jack_ring.py",
    "system/sample_clock.py",
    "wires/sequencer.py",
    "wires/silent.py",
    "wires/synth.py",
    "wires/synth_stream.py",
)

WHO = ("dispatcher only", "player's main", "any", "any one", "any but the dispatcher", "its own")
LINE = re.compile(rf"Threads: ({'|'.join(WHO)})\. Real-time: (yes|no)\b")
"""Such as `Threads: dispatcher only. Real-time: yes.`"""


def says(node: ast.ClassDef | ast.FunctionDef) -> bool:
    return LINE.search(" ".join((ast.get_docstring(node) or "").split())) is not None


def silent(source: str) -> Iterator[str]:
    """Public methods and properties without the line; a class may say it for all of its own."""
    for owner in ast.walk(ast.parse(source)):
        if isinstance(owner, ast.ClassDef) and not says(owner):
            for method in owner.body:
                if not isinstance(method, ast.FunctionDef) or method.name[0] == "_":
                    continue
                if not says(method):
                    yield f"{owner.name}.{method.name}"


@pytest.mark.parametrize("path", WHERE_THREADS_MEET)
def test_every_public_method_says_which_threads_may_call_it(path: str) -> None:
    assert list(silent((ROOT / path).read_text(encoding="utf-8"))) == []


def test_a_method_that_says_nothing_is_named() -> None:
    source = '''
class Wire:
    def send(self): """Send. Threads: dispatcher only.
        Real-time: yes."""
    def watch(self): """Look. Threads: player's main."""
    @property
    def name(self): ...
    def _inner(self): ...

class Queue:
    """Ordered. Threads: dispatcher only. Real-time: yes."""
    def push(self): ...
'''
    assert list(silent(source)) == ["Wire.watch", "Wire.name"]
