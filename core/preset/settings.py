"""Changes to a preset's table: `--set KEY=VALUE` and the `set` of a variant."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from .schema import Place, PresetError, described
from .tables import VariantPreset
from .toml_document import DEEPEST, loads, too_deep

BARE_WORD = re.compile(r"""[A-Za-z_./~][^\s"'={}#]*""")
"""What needs no quotes to be a string: names such as relu, W1[1,1] or data/points.csv."""


def apply_setting(table: dict[str, Any], setting: str, source: str = "--set") -> dict[str, Any]:
    """A copy of `table` with `setting`, KEY=VALUE, applied; raises PresetError for a setting that cannot be."""
    path, equals, value = setting.partition("=")
    place = Place(f"{source} {setting}")
    if not is_text(setting):
        raise place.error("expected text in UTF-8, found other bytes")
    if not equals or not path.strip():
        raise place.error("expected KEY=VALUE, for example optimizer.learning_rate=0.1")
    return _changed(table, path.strip(), setting_value(value.strip(), place), place)


def apply_changes(table: dict[str, Any], changes: Mapping[str, Any], source: str = "set") -> dict[str, Any]:
    """A copy of `table` with the value of every dotted path in `changes` replaced."""
    for path, value in changes.items():
        table = _changed(table, path, value, Place(source) / f'"{path}"')
    return table


def with_variant(table: dict[str, Any], variant: VariantPreset, source: str = "variant") -> dict[str, Any]:
    """The table of another run: that of the preset with the variant's changes, and without variants of its own."""
    alone = {name: value for name, value in table.items() if name != "variants"}
    return apply_changes(alone, variant.set, f"{source}: variant {described(variant.name)}")


def is_text(typed: str) -> bool:
    """Whether what was typed was in UTF-8: Python keeps other bytes as characters that no text has."""
    try:
        typed.encode()
    except UnicodeEncodeError:
        return False
    return True


def setting_value(value: str, place: Place) -> Any:
    """VALUE as TOML; a bare word is a string."""
    try:
        read = loads(f"value = {value}")
        if list(read) == ["value"]:
            return read["value"]
    except RecursionError:
        raise too_deep(place) from None
    except ValueError:
        if BARE_WORD.fullmatch(value):
            return value
    raise place.error('expected a TOML value such as 0.1, true, [1, 2], relu or "two words"')


def _changed(table: dict[str, Any], path: str, value: Any, place: Place) -> dict[str, Any]:
    changed = copy.deepcopy(table)
    steps = path.split(".")
    if len(steps) > DEEPEST:
        raise too_deep(place)
    if not all(steps):
        raise place.error("expected names separated by single dots, for example optimizer.learning_rate")
    container: Any = changed
    for depth, step in enumerate(steps[:-1]):
        container = _child(container, step, steps[:depth], place)
    if isinstance(container, list):
        container[_index(container, steps[-1], steps[:-1], place)] = copy.deepcopy(value)
    else:
        container[steps[-1]] = copy.deepcopy(value)
    return changed


def _child(container: Any, step: str, before: list[str], place: Place) -> Any:
    """The table or list at `step`, made if it is missing from a table."""
    if isinstance(container, list):
        child = container[_index(container, step, before, place)]
    else:
        child = container.setdefault(step, {})
    if not isinstance(child, dict | list):
        raise place.error(f"{'.'.join([*before, step])} is {described(child)}, it has no keys")
    return child


def _index(container: list[Any], step: str, before: list[str], place: Place) -> int:
    if step.isascii() and step.isdigit() and len(step) < 10 and int(step) < len(container):
        return int(step)
    raise _wrong_index(".".join(before), len(container), step, place)


def _wrong_index(name: str, size: int, step: str, place: Place) -> PresetError:
    if not size:
        return place.error(f"{name} is empty")
    choice = f"{name}.0" if size == 1 else f"{name}.0 to {name}.{size - 1}"
    meaning = (
        "; layers.0 is the first [[layers]] table as written, before repeat, and" if name == "layers" else "; expected"
    )
    verb = " there is " if name == "layers" else " "
    return place.error(f'no {name}."{step}"'.replace('"', "") + f"{meaning}{verb}{choice}")
