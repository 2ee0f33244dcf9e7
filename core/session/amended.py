"""Changes with the smallest further ones that make them possible: a search over the catalogue of repairs.

Each candidate is judged by the rules of the preset and its data themselves; what was asked for always stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from heapq import heappop, heappush
from itertools import count
from typing import Any

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.settings import with_variant
from backprop_tui.core.preset.tables import Preset

from .edits import with_values
from .repairs import Changes, Refused, implied, repairs

MOST_TRIED = 200
"""Candidates that are judged before a change is given up."""
Load = Callable[[dict[str, Any]], tuple[Preset, Dataset]]


def amended(old: Preset, dataset: Dataset, asked: Mapping[str, Any], load: Load) -> tuple[Preset, Dataset, Changes]:
    """The changed preset with its data, and what changed besides what was asked for.

    `load` gives the preset of a table and its data, or raises PresetError. Raises the PresetError of the change as it
    was asked for where nothing amends it.
    """
    waiting: list[tuple[float, int, Changes]] = [(0.0, 0, implied(old, asked))]
    numbers, first, seen = count(1), None, {frozenset[str]()}
    for _ in range(MOST_TRIED):
        if not waiting:
            break
        cost, _, also = heappop(waiting)
        table = with_values(old, {**asked, **also})
        # Variants that were asked for stand or fall as they are.
        mend = not any(path.partition(".")[0] == "variants" for path in asked)
        variants = table.pop("variants", []) if mend else []
        try:
            preset, data = load(table)
        except PresetError as error:
            first = first or error
            for repair in repairs(Refused(table, error, old, outputs_of(old, dataset), inputs_of(old, dataset, asked))):
                other = {**also, **repair.changes}
                key = frozenset(f"{path}={value}" for path, value in other.items())
                if other != also and allowed(repair.changes, asked) and key not in seen:
                    seen.add(key)
                    heappush(waiting, (cost + repair.cost, next(numbers), other))
        else:
            return with_variants(old, table, variants, preset, data, also)
    assert first is not None
    raise first


def allowed(changes: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether a repair leaves alone what was asked for; of a list of layers that was given, it may mend entries."""
    return not any(path in asked for path in changes)


def outputs_of(old: Preset, dataset: Dataset) -> tuple[int, ...]:
    """The numbers of output units that the data of the changed preset may ask for: those that are known here."""
    known = {old.layers[-1].units, len(dataset.targets), len(dataset.class_names) or 1, len(dataset.target_names) or 1}
    return tuple(sorted(known | {1, 2, 10}))


def inputs_of(old: Preset, dataset: Dataset, asked: Mapping[str, Any]) -> int | None:
    """How many inputs the changed network has, where its data stay; None where they change."""
    return None if any(path.partition(".")[0] == "data" for path in asked) else len(dataset.inputs)


def with_variants(
    old: Preset, table: dict[str, Any], variants: list[Any], preset: Preset, dataset: Dataset, also: Changes
) -> tuple[Preset, Dataset, Changes]:
    """The same with those of the variants that are possible still; that others are left out is told."""
    if not variants:
        return preset, dataset, also
    kept = []
    for variant, written in zip(old.variants, variants, strict=False):
        try:
            from_table(with_variant(table, variant), old.source, old.base)
        except PresetError:
            continue
        kept.append((variant, written))
    if len(kept) < len(variants):
        also = {**also, "variants": [written for _, written in kept]}
    whole = {**table, "variants": [written for _, written in kept]} if kept else table
    return replace(preset, variants=tuple(variant for variant, _ in kept), table=whole), dataset, also
