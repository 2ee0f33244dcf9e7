"""The built-in presets, one TOML file each.

They are package data, so they are read through `importlib.resources` and work
from a wheel, an editable install and a zip file alike.
"""

from importlib.resources import files


def names() -> list[str]:
    """The ids of all built-in presets, sorted."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(__name__).iterdir() if entry.name.endswith(".toml")
    )


def text(name: str) -> str:
    """The TOML of the built-in preset `name`; raises FileNotFoundError for a name that is not in `names()`."""
    return (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")
