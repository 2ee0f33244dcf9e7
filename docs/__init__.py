"""The pages of the documentation, Markdown files that read as they are; `backprop-tui help` prints them.

They are package data, as the presets are.
"""

from importlib.resources import files


def names() -> list[str]:
    """The names of all pages, sorted."""
    return sorted(entry.name.removesuffix(".md") for entry in files(__name__).iterdir() if entry.name.endswith(".md"))


def text(name: str) -> str:
    """The page `name`; raises FileNotFoundError for a name that is not in `names()`."""
    return (files(__name__) / f"{name}.md").read_text(encoding="utf-8")
