"""The built-in presets, one TOML file each, with start weights, or a step to be handed in to `verify`, beside some.

They are package data, so they are read through `importlib.resources` and work
from a wheel, an editable install and a zip file alike.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable


def folder() -> Traversable:
    """Where the built-in presets and the files beside them are: a folder, or a place inside a zip file."""
    return files(__name__)


def names() -> list[str]:
    """The ids of all built-in presets, sorted."""
    return sorted(entry.name.removesuffix(".toml") for entry in folder().iterdir() if entry.name.endswith(".toml"))


def text(name: str) -> str:
    """The TOML of the built-in preset `name`; raises FileNotFoundError for a name that is not in `names()`."""
    return (folder() / f"{name}.toml").read_text(encoding="utf-8")


def hand_ins() -> list[str]:
    """The ids of the presets beside which stands a step that somebody's own program computed, sorted."""
    return sorted(entry.name.removesuffix(".json") for entry in folder().iterdir() if entry.name.endswith(".json"))


def hand_in(name: str) -> str:
    """The JSON of that step; raises FileNotFoundError for a name that is not in `hand_ins()`."""
    return (folder() / f"{name}.json").read_text(encoding="utf-8")
