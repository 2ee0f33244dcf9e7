"""The glossary: every symbol and term on the screen with its formula, and how one of them is found."""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from backprop_tui.core.diagnosis.rule import LARGE_STEP, TINY_STEP
from backprop_tui.core.network.batch_norm import EPSILON, MOMENTUM
from backprop_tui.core.ops.event import Op
from backprop_tui.core.preset.schema import Place, nearest

from .glossary_entry import Entry
from .glossary_settings import (
    activation_entries,
    initializer_entries,
    loss_entries,
    optimizer_entries,
    rule_entries,
)

SOURCE = "glossary.toml"
NUMBERS = {
    "{epsilon}": f"{EPSILON:g}",
    "{kept}": f"{MOMENTUM:g}",
    "{fresh}": f"{1 - MOMENTUM:g}",
    "{tiny}": f"{TINY_STEP:g}",
    "{large}": f"{LARGE_STEP:g}",
}


def read(table: dict[str, Any]) -> Entry:
    """An entry as the file has it."""
    return Entry(
        table["name"],
        said(table["text"]),
        table.get("symbol", ""),
        tuple(map(said, table.get("formulas", ()))),
        tuple(table.get("also", ())),
        tuple(table.get("see", ())),
    )


def said(text: str) -> str:
    """A text of the file on one line, with the numbers that it leaves to the program."""
    text = " ".join(text.split())
    for name, number in NUMBERS.items():
        text = text.replace(name, number)
    return text


def read_glossary() -> tuple[Entry, ...]:
    """All entries: those of the file, then those of what presets and the diagnosis choose from."""
    tables = tomllib.loads(files(__package__).joinpath(SOURCE).read_text(encoding="utf-8"))
    losses, initializers, rules = (
        {name: said(text) for name, text in tables[part].items()} for part in ("losses", "initializers", "rules")
    )
    return (
        *map(read, tables["entries"]),
        *activation_entries(),
        *loss_entries(losses),
        *optimizer_entries(),
        *initializer_entries(initializers),
        *rule_entries(rules),
    )


GLOSSARY = read_glossary()
OF_A_PARAMETER = re.compile(r"\((?:W|b|γ|β)\)$")


def names(entry: Entry) -> tuple[str, ...]:
    """Everything that an entry is found by."""
    return tuple(filter(None, (entry.symbol, entry.name, *entry.also)))


def indexed() -> dict[str, Entry]:
    """Entries by symbol, by name, then by what else they are called; the first to claim a name has it."""
    found: dict[str, Entry] = {}
    for part in (lambda e: (e.symbol,), lambda e: (e.name,), lambda e: e.also):
        for entry in GLOSSARY:
            for name in part(entry):
                found.setdefault(name, entry)
    return found


BY_NAME = indexed()


def of_symbol(symbol: str) -> Entry | None:
    """The entry of a quantity, by the symbol that it has in ops: `dZ`, `v₀(b)`, `σ′(Z)`."""
    return BY_NAME.get(symbol) or BY_NAME.get(OF_A_PARAMETER.sub("(W)", symbol))


def entry(name: str, place: Place | None = None) -> Entry:
    """The entry of that name or symbol. Raises PresetError where there is none."""
    lowered = {known.lower(): found for known, found in reversed(BY_NAME.items())}
    found = BY_NAME.get(name.strip()) or lowered.get(name.strip().lower())
    if found is None:
        near = nearest(name, list(BY_NAME))
        hint = f'; did you mean "{near}"?' if near else "; ? and then tab leads to all that it has"
        raise (place or Place("")).error(f'the glossary has no "{name}"{hint}')
    return found


def search(typed: str) -> list[Entry]:
    """The entries in which every word of `typed` stands; those that are called so first, then those named like it."""
    typed = typed.strip()
    words = typed.lower().split()

    def rank(one: Entry) -> int | None:
        called = names(one)
        if typed in called:
            return 0
        if typed.lower() in (name.lower() for name in called):
            return 1
        if any(name.lower().startswith(typed.lower()) for name in called):
            return 2
        if all(any(word in name.lower() for name in called) for word in words):
            return 3
        text = " ".join((*called, *one.formulas, one.text)).lower()
        return 4 if all(word in text for word in words) else None

    ranked = [(place, number, one) for number, one in enumerate(GLOSSARY) if (place := rank(one)) is not None]
    return [one for _, _, one in sorted(ranked, key=lambda item: item[:2])]


def of_ops(ops: Iterable[Op]) -> list[Entry]:
    """The entries of what ops write and read, each once: results first."""
    found: dict[str, Entry] = {}
    for op in ops:
        for quantity in (*op.writes, *op.reads):
            one = of_symbol(quantity.symbol)
            if one is not None:
                found.setdefault(one.name, one)
    return list(found.values())
