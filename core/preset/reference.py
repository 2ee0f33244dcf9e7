"""The reference of the preset format as Markdown: every key with what it may be, its default, its meaning, an example.

All of it comes from the tables as they are declared, so that nothing is told that is not read.
"""

from collections.abc import Iterator
from dataclasses import MISSING, Field
from typing import Any

from .schema import TABLES, WANTED
from .setting_paths import keys_of
from .tables import Preset
from .toml_text import inline

EXAMPLE = """\
title = "Three points"

[data]
kind = "inline"
inputs = [[0.5, 0.8], [0.1, 0.4], [0.9, 0.2]]
targets = [[1.0], [0.0], [1.0]]

[[layers]]
units = 4
activation = "tanh"

[[layers]]
units = 1
activation = "sigmoid"

[optimizer]
kind = "sgd"
learning_rate = 0.5
"""
INTRODUCTION = f"""\
# The preset file

A preset is a TOML file that describes a run: its data, its network, how it is trained. Only `title`, `[data]` and
`[[layers]]` are required; a key that is not listed here is an error. This is a whole one:

```toml
{EXAMPLE}```

Save it as `mine.toml`; then `backprop-tui mine.toml` opens it, `backprop-tui check-preset mine.toml` says all that is
wrong with it, and `backprop-tui show xor` prints one that comes with the program, to start from. `--set KEY=VALUE` sets
a key by its dotted path, for example `--set optimizer.learning_rate=0.1` or `--set layers.0.units=8`, where `layers.0`
is the first `[[layers]]` table. A key that the chosen kind does not use is accepted, since variants change kinds.
"""


def preset_page() -> str:
    """The whole page."""
    return "\n".join((INTRODUCTION, "## At the top\n", *table_lines(Preset, "")))


def table_lines(table: type[Any], path: str) -> Iterator[str]:
    """The keys of a table, then those of the tables in it."""
    own = keys_of(table)
    for item in own:
        yield from key_lines(item)
    for item in own:
        inner = TABLES.get(item.metadata["reader"])
        if inner is not None:
            below = f"{path}.{item.name}" if path else item.name
            heading = f"[[{below}]]" if is_list(item) else f"[{below}]"
            yield f"\n## `{heading}`\n"
            yield f"{sentence(item.metadata['meaning'])}\n"
            yield from table_lines(inner, below)


def is_list(item: Field[Any]) -> bool:
    """Whether a key of tables holds several of them."""
    return WANTED[item.metadata["reader"]].startswith("list")


def key_lines(item: Field[Any]) -> Iterator[str]:
    """One key, as an item of a list."""
    told = item.metadata
    if told["reader"] in TABLES:
        heading = "a list of tables, below" if is_list(item) else "a table, below"
        required = "; required" if item.default is MISSING else ""
        yield f"- `{item.name}`: {heading}{required}: {told['meaning']}."
        return
    yield f"- `{item.name}`: {WANTED[told['reader']]}; {default_text(item)}."
    yield f"  {sentence(told['meaning'])} Example: `{item.name} = {inline(told['example'])}`"


def sentence(meaning: str) -> str:
    """A meaning as a sentence; a symbol that it begins with stays as it is."""
    return f"{meaning[0].upper() if meaning[0].isascii() else meaning[0]}{meaning[1:]}."


def default_text(item: Field[Any]) -> str:
    """`required`, or what holds without the key."""
    if item.default is MISSING:
        return "required"
    value = list(item.default) if isinstance(item.default, tuple) else item.default
    if value is None and not item.metadata["unset"]:
        return "default: none"
    return f"default: {item.metadata['unset'] or inline(value)}"
