"""The law of imports, read from the sources; see the map in `polyrhythmia_live/__init__.py`."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import polyrhythmia_live

ROOT = Path(polyrhythmia_live.__file__).parent
NAME = "polyrhythmia_live"

COMPOSITION_ROOTS = {
    "supervisor",
    "brain",
    "player.process",
    "lights.process",
    "web.samples",
    "notebook",
    "engine",
    "cli",
}
"""Only these put concrete classes of different packages together."""

FREE = {"testing"}
"""Doubles and peers may import anything: a peer that shared our doors would share our mistakes."""

COMMON = {"rhythm", "drums", "errors", "config", "system", "messages"}
"""What everyone may know: words, errors, settings and what passes between the processes."""

EXTRA = {
    "desk": {"control"},
    "tui": {"control", "desk"},
    "web": {"desk", "control", "player.events"},
    "lights": {"control"},
    "presets": {"control"},
    "training": {"drummer"},
    "judging": {"drummer", "training"},
}
"""The desk speaks to people in the performer's words, and its terminals are the performer's; whole
terminal and page are clients of it; lights show what its screens do; a controller's file is
written in those words; one piece of code computes the features that are learnt and those that are
played; one list names the styles; whoever judges a network plays it."""

DRUMLESS = {"rhythm", "clock", "player", "wires", "midi"}
"""The player is given an instrument, and a wire is given bytes."""

DOORS = {
    "rtmidi": {"midi"},
    "fluidsynth": {"wires.fluid"},
    "link": {"clock.link.session"},
    "ai_edge_litert": {"drummer.lstm.runtime"},
    "tensorflow": {"training.learn.backend"},
    "keras": {"training.learn.backend"},
    "mido": {"wires.midi_file"},
    "pretty_midi": {"judging.bar16", "notebook"},
    "click": {"cli"},
    "tomlkit": {"presets.controller_text"},
    "platformdirs": {"cli", "presets"},
    "numpy": {
        "drummer",
        "brain.saved",
        "web.samples",
        "notebook",
        "training",
        "judging",
        "calibration",
    },
    "sounddevice": {"calibration.microphone"},
    "pythonosc": {"desk.osc.packet"},
    "matplotlib": {"training.learn.curves", "notebook"},
    "textual": {"tui"},
    "starlette": {"web"},
    "uvicorn": {"web.serving"},
    "segno": {"web.link"},
    "playwright": {"testing.browser"},
}
"""Each third-party library, and where it may come in."""

SLOW = {
    "numpy",
    "tensorflow",
    "keras",
    "ai_edge_litert",
    "asyncio",
    "click",
    "pretty_midi",
    "sounddevice",
    "pythonosc",
    "textual",
    "starlette",
    "uvicorn",
    "segno",
}
"""Never in the process that keeps time."""


def modules() -> list[str]:
    paths = (path.relative_to(ROOT).with_suffix("") for path in ROOT.rglob("*.py"))
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)


def imports(module: str) -> Iterator[str]:
    """Every module that a module imports, anywhere in it; ours without the package's name."""
    path = ROOT.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module == NAME:
                yield from (f"{NAME}.{alias.name}" for alias in node.names)
            elif node.module.startswith(f"{NAME}."):
                yield from (_ours(node.module, alias.name) for alias in node.names)
            else:
                yield node.module


def _ours(module: str, name: str) -> str:
    """`from package import module` means that module."""
    inner = ROOT.joinpath(*module.split(".")[1:])
    is_module = inner.is_dir() and ((inner / f"{name}.py").exists() or (inner / name).is_dir())
    return f"{module}.{name}" if is_module else module


def is_within(module: str, places: set[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def package(module: str) -> str:
    return module.split(".")[0]


INNER = [
    module for module in modules() if module and not is_within(module, COMPOSITION_ROOTS | FREE)
]


@pytest.mark.parametrize("module", INNER)
def test_a_package_knows_only_words_bases_and_messages_of_the_others(module: str) -> None:
    if module in ("__main__", "__init__"):
        pytest.skip("starts the command line, or opens a notebook")
    for imported in imports(module):
        if not imported.startswith(f"{NAME}."):
            continue
        target = imported.removeprefix(f"{NAME}.")
        allowed = (
            package(target) == package(module)
            or target.endswith(".base")
            or is_within(target, COMMON | EXTRA.get(package(module), set()))
        )
        assert allowed, f"{module} imports {target}"


@pytest.mark.parametrize("module", [name for name in INNER if package(name) in DRUMLESS])
def test_packages_that_carry_notes_know_no_drum(module: str) -> None:
    assert not [name for name in imports(module) if name.startswith(f"{NAME}.drums")]


WORDS = {"rhythm": {"rhythm"}, "drums": {"rhythm", "drums"}}
"""The packages of words, and whose words they may use."""


@pytest.mark.parametrize("module", [name for name in modules() if package(name) in WORDS])
def test_the_words_need_the_standard_library_and_words_only(module: str) -> None:
    for imported in imports(module):
        ours = imported.removeprefix(f"{NAME}.")
        known = {*sys.stdlib_module_names, *WORDS[package(module)]}
        assert package(ours) in known, f"{module} imports {imported}"


OFFLINE = {"training", "judging"}


def test_nothing_live_imports_training_or_judging() -> None:
    importers = {
        module
        for module in modules()
        for imported in imports(module)
        if is_within(imported.removeprefix(f"{NAME}."), OFFLINE)
    }
    assert {package(module) for module in importers} <= {*OFFLINE, "cli"}, importers


FLOORS = ("training.data", "training.learn", "training.export", "judging")
"""A floor may know those before it, and none after it."""


@pytest.mark.parametrize("module", [name for name in modules() if package(name) in OFFLINE])
def test_the_floors_of_the_offline_third_are_straight(module: str) -> None:
    floor = next((number for number, at in enumerate(FLOORS) if is_within(module, {at})), -1)
    above = set(FLOORS[floor + 1 :])
    for imported in imports(module):
        assert not is_within(imported.removeprefix(f"{NAME}."), above), f"{module} -> {imported}"


def test_nothing_of_ours_imports_the_doubles() -> None:
    importers = {
        module
        for module in modules()
        for imported in imports(module)
        if imported.startswith(f"{NAME}.testing") and package(module) != "testing"
    }
    assert not importers


@pytest.mark.parametrize("module", [name for name in modules() if not is_within(name, FREE)])
def test_each_foreign_library_has_one_door(module: str) -> None:
    for imported in imports(module):
        root = imported.split(".")[0]
        if root in sys.stdlib_module_names or root == NAME:
            continue
        assert root in DOORS, f"{module} imports {imported}: say where it may come in"
        assert is_within(module, DOORS[root]), f"{module} imports {imported}"


def test_nothing_slow_is_reachable_from_the_player() -> None:
    reached: set[str] = set()
    waiting = ["player.process"]
    while waiting:
        module = waiting.pop()
        if module in reached:
            continue
        reached.add(module)
        waiting += [
            imported.removeprefix(f"{NAME}.")
            for imported in imports(module)
            if imported.startswith(f"{NAME}.")
        ]
    foreign = {imported.split(".")[0] for module in reached for imported in imports(module)}
    assert not foreign & SLOW


def test_only_the_desk_and_its_screens_have_an_event_loop() -> None:
    importers = {module for module in modules() for name in imports(module) if "asyncio" in name}
    assert importers == {
        "desk.door",
        "desk.osc.door",
        "desk.serving",
        "tui.app",
        "web.bridge",
        "web.gate",
        "web.jobs",
        "web.making",
        "web.sampler",
        "web.serving",
        "web.shelf",
        "web.sounding",
    }


def test_the_whole_terminal_is_loaded_in_its_own_process_only() -> None:
    importers = {
        module
        for module in modules()
        for name in imports(module)
        if name.startswith(f"{NAME}.tui.") and package(module) != "tui"
    }
    assert importers == {"cli.attach"}


def test_there_is_no_circle_of_packages() -> None:
    known = {
        name: {
            package(imported.removeprefix(f"{NAME}."))
            for module in modules()
            if package(module) == name
            for imported in imports(module)
            if imported.startswith(f"{NAME}.")
        }
        - {name}
        for name in {package(module) for module in modules()} - {"", "__main__"}
    }
    while free := {name for name, others in known.items() if not others & set(known)}:
        known = {name: others for name, others in known.items() if name not in free}
    assert not known, f"these know each other: {known}"


def drawn() -> dict[str, set[str]]:
    """Each entry of the map in the package's docstring, and what it says is in there."""
    blocks: dict[str, str] = {}
    for line in (polyrhythmia_live.__doc__ or "").splitlines()[2:]:
        if line.startswith("Read in this order"):
            break
        entry = re.match(r"(\w+)(/?) ", line)
        if entry is not None:
            name = entry[1]
            blocks[name] = line.removeprefix(entry[0])
        elif line:
            blocks[name] += f" {line}"
    return {name: set(block.rpartition(":")[2].split()) for name, block in blocks.items()}


def test_the_map_names_every_package_and_module() -> None:
    def inside(folder: Path) -> set[str]:
        names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or is_package(path)}
        return {name for name in names if not name.startswith("__")}

    def is_package(path: Path) -> bool:
        return (path / "__init__.py").exists()

    map_ = drawn()
    assert set(map_) == inside(ROOT)
    for name in filter(lambda name: is_package(ROOT / name), map_):
        assert map_[name] == inside(ROOT / name), f"the map is wrong about {name}"
