"""A preset's table with what is wrong with it put out of the way, so that what else is wrong with it can be found."""

import copy
from dataclasses import MISSING, Field
from typing import Any

from .reference import is_list
from .schema import TABLES
from .setting_paths import keys_of
from .tables import Preset

SUBSTITUTES: dict[str, Any] = {
    "data": {"kind": "xor"},
    "layers": [{"units": 1, "activation": "sigmoid"}],
    "optimizer.learning_rate": 0.1,
}
"""What stands in for tables that are required, and for keys whose example would change what others mean."""


def repaired(table: dict[str, Any], path: str) -> dict[str, Any] | None:
    """A copy of `table` without what stands at `path`, or with a sound value there where one is required.

    None where nothing can be put there: the path leads nowhere, or to a table that is itself in order.
    """
    changed = copy.deepcopy(table)
    *steps, last = split(changed, path)
    container: Any = changed
    for place, step in enumerate(steps):
        inner = entry(container, step)
        if not isinstance(inner, dict | list):
            return put(changed, steps[: place + 1])
        container = inner
    if isinstance(container, list):
        return changed if mend(container, int(last)) else None
    if isinstance(container.get(last), dict) or is_tables(container.get(last)):
        return None
    return put(changed, [*steps, last])


def split(table: dict[str, Any], path: str) -> list[str]:
    """The steps of a path, of which the last may be a key with dots in it."""
    steps = path.split(".")
    container: Any = table
    for place in range(len(steps)):
        if isinstance(container, dict) and ".".join(steps[place:]) in container:
            return [*steps[:place], ".".join(steps[place:])]
        container = entry(container, steps[place])
    return steps


def entry(container: Any, step: str) -> Any:
    """What a table or list has at a step; None for nothing."""
    if isinstance(container, dict):
        return container.get(step)
    if isinstance(container, list) and step.isdecimal() and int(step) < len(container):
        return container[int(step)]
    return None


def is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def put(table: dict[str, Any], steps: list[str]) -> dict[str, Any] | None:
    """Take the key at `steps` out, or put what a required one may be into its place."""
    *above, last = steps
    container: Any = table
    for step in above:
        container = entry(container, step)
    item = declared(steps)
    if isinstance(container, list):
        return table if mend(container, int(last)) else None
    if not isinstance(container, dict):
        return None
    if item is not None and item.default is MISSING:
        container[last] = SUBSTITUTES.get(".".join(steps), item.metadata["example"])
        return table
    return table if container.pop(last, MISSING) is not MISSING else None


def mend(container: list[Any], place: int) -> bool:
    """Put a like entry into the place of one that is wrong; whether there was another."""
    others = [other for number, other in enumerate(container) if number != place]
    alike = next((other for other in others if type(other) is type(container[place])), None)
    fitting = alike if alike is not None else next(iter(others), None)
    if fitting is None or fitting == container[place]:
        return False
    container[place] = copy.deepcopy(fitting)
    return True


def declared(steps: list[str]) -> Field[Any] | None:
    """How the key at `steps` is declared; None for one that is not."""
    table: type[Any] | None = Preset
    found: Field[Any] | None = None
    in_list = False
    for step in steps:
        if in_list:
            in_list = False
            continue
        found = None if table is None else next((item for item in keys_of(table) if item.name == step), None)
        if found is None:
            return None
        table = TABLES.get(found.metadata["reader"])
        in_list = table is not None and is_list(found)
    return found
