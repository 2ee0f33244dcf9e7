"""The modules of somebody's network as a recording names them; what it says of them may be anything."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from backprop_tui.core.value_class import dataclass

WEIGHT, BIAS = "weight", "bias"
LONGEST = 120
"""Characters of a name that are kept."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module by its number; `parameters`: what it calls its own, and what the network calls these.

    `calls`: how often it was called in a step.
    """

    number: int
    name: str
    kind: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    calls: int = 1

    @property
    def weight(self) -> str | None:
        """The network's name for its weight."""
        return self.parameters.get(WEIGHT)


def modules_of(meta: Mapping[str, Any]) -> tuple[Module, ...]:
    """The modules in the order of their first call; of a recording that names none, each parameter as one."""
    given = meta.get("modules")
    found = [module_of(item) for item in given] if isinstance(given, list) else []
    known = {module.number: module for module in found if module is not None}
    return tuple(known.values()) or parameters_alone(meta)


def module_of(item: object) -> Module | None:
    """One module; None for what is none."""
    if not isinstance(item, dict) or type(number := item.get("number")) is not int or not 0 < number < 10**6:
        return None
    calls = item.get("calls")
    settings = item.get("settings")
    return Module(
        number,
        text_of(item.get("name")) or f"module {number}",
        text_of(item.get("kind")) or "module",
        texts_of(item.get("parameters")),
        settings if isinstance(settings, dict) else {},
        calls if type(calls) is int and calls > 0 else 1,
    )


def parameters_alone(meta: Mapping[str, Any]) -> tuple[Module, ...]:
    """Each recorded parameter, as a module that has it alone."""
    given = meta.get("parameters")
    names = [text_of(item.get("name")) for item in given if isinstance(item, dict)] if isinstance(given, list) else []
    return tuple(
        Module(number, name, "parameter", {WEIGHT: name}) for number, name in enumerate(filter(None, names), 1)
    )


def text_of(value: object) -> str:
    """A text of a reasonable length; nothing of what is none."""
    return value[:LONGEST] if isinstance(value, str) else ""


def texts_of(value: object) -> dict[str, str]:
    """The texts of a table by name."""
    if not isinstance(value, dict):
        return {}
    return {name: text for name, text in value.items() if isinstance(text, str)}
