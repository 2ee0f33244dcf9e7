"""A control of the settings: what it is called, what it says, and which changes of the run it makes."""

from collections.abc import Callable, Mapping
from typing import Any

from backprop_tui.core.value_class import dataclass

Changes = Mapping[str, Any]
"""Dotted paths of the preset, or names of parameters, and their new values."""
Change = Callable[[], Changes]
"""Makes them; raises PresetError for what cannot be."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of what a control is chosen from: `data` is the set whose picture stands beside it, "" of none."""

    label: str
    change: Change
    formula: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """`name` tells it from all others, also when the list has changed: the path of a setting, for example.

    `meaning` is what it does, `formula` how; `unused` why it plays no part at present, empty where it does;
    `renews`: whether a change of it always takes a new run. Enter turns it round or does it (`enter`), opens the list
    of its `choices`, or has a value `typed`; `step(1)` and `step(-1)` are the next values up and down.
    """

    name: str
    group: str
    label: str
    value: str = ""
    meaning: str = ""
    formula: str = ""
    unused: str = ""
    renews: bool = False
    enter: Change | None = None
    choices: Callable[[], tuple[Choice, ...]] | None = None
    typed: bool = False
    step: Callable[[int], Changes] | None = None
