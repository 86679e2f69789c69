"""Playing a performance again: the same seed, and what was asked for where it was obeyed."""

from collections.abc import Sequence

from polyrhythmia_live.desk.performance import Performance
from polyrhythmia_live.engine import Engine
from polyrhythmia_live.messages import Applied, Command, Committed, Fire

Act = tuple[int, Command]
"""After how many steps something is asked for."""


def performed(engine: Engine, acts: Sequence[Act], steps: int) -> list[Applied | Committed]:
    """What is obeyed and what sounds, in its order."""
    events: list[Applied | Committed] = []
    heard = obeyed = 0
    for step, command in [(0, Fire("start")), *acts, (steps, None)]:
        engine.play_until(step)
        if command is not None:
            engine.perform(command)
        events += [*engine.committed[heard:], *engine.applied[obeyed:]]
        heard, obeyed = len(engine.committed), len(engine.applied)
    return events


def acts_in(performance: Performance) -> list[Act]:
    """The commands of a log, each where it was obeyed.

    What the player obeys stands among what it played; the brain's word comes another way.
    """
    acts, steps = [], 0
    for event in performance.events:
        if isinstance(event, Committed):
            steps = event.step.index + 1
        elif isinstance(event, Applied) and event.command.name != "start":
            acts.append((steps if event.obeyed_at is None else event.obeyed_at, event.command))
    return sorted(acts, key=lambda act: act[0])
