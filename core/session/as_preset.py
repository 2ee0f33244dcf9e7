"""A run in hand as a preset's table: with its settings as they are, whatever made them so, and its start weights.

What a table cannot say of a run is told, one sentence each.
"""

from collections.abc import Sequence
from typing import Any

from backprop_tui.core.preset.parameter_name import ParameterName, parameter_name
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError, described
from backprop_tui.core.preset.settings import with_variant
from backprop_tui.core.preset.tables import Preset

from .edits import Edit
from .session import Session

KEYS = {"W": "weights", "b": "biases", "γ": "gamma", "β": "beta"}
"""Keys of a layer's table, by the symbols of what they hold."""
LARGEST = 20_000
"""Start parameters of a layer that a table is given."""
Table = dict[str, Any]


def as_preset(session: Session) -> tuple[Table, list[str]]:
    """The table of a preset that opens the run from its start, and what it cannot say of the run.

    Settings that were changed on the way hold from the start there. Where an edit has changed an activation, whose
    usual start weights are others, the run's own are written out; parameters that were set before the first step stand
    in it as start weights.
    """
    preset, first = session.preset, session.course.stretches[0].preset
    layers = [dict(written) for written in preset.table["layers"]]
    for layer, begun in zip(preset.layers, first.layers, strict=True):
        if layer.init != begun.init:
            layers[layer.table_index]["init"] = begun.init
    untold = []
    made = [edit for edit in session.edits if edit.step <= session.step]
    given = [edit for edit in made if edit.of_parameter and edit.step == 0 and can_be_given(edit, session)]
    if given:
        give(given, session, layers)
    for edit in made:
        if edit.of_parameter and edit not in given:
            when = f"after step {edit.step}" if edit.step else "before step 1"
            untold.append(f"{edit} was set by hand {when}; W keeps the weights as they are")
        elif edit.step:
            untold.append(f"{edit} came after step {edit.step}, and holds from the start here")
    table: Table = {**preset.table, "layers": layers}
    if session.seed != preset.run_seed:
        table["training"] = {**table.get("training", {}), "seed": session.seed}
    untold += beginning_untold(session)
    return possible(table, preset, untold) if given else table, untold


def name_of(edit: Edit, session: Session) -> ParameterName:
    return parameter_name(edit.name, session.preset.layers, len(session.dataset.inputs))


def can_be_given(edit: Edit, session: Session) -> bool:
    """Whether the layer's start parameters can stand in its table: it is no repeated one, and no file gives them."""
    name, layers = name_of(edit, session), session.preset.layers
    layer = layers[name.layer - 1]
    alone = sum(other.table_index == layer.table_index for other in layers) == 1
    parameters = session.trainer.layers[name.layer - 1].parameters(session.trainer.state.parameters)
    return alone and session.preset.training.start is None and parameters[name.symbol].size <= LARGEST


def give(edits: Sequence[Edit], session: Session, layers: list[Table]) -> None:
    """Write the start parameters of which some were set by hand into the tables of the layers."""
    first = session.course.stretches[0].preset
    start = Session(first, session.dataset, session.seed, tuple(edits)).trainer
    for name in {(found.layer, found.symbol): found for edit in edits for found in [name_of(edit, session)]}.values():
        values = start.layers[name.layer - 1].parameters(start.state.parameters)[name.symbol]
        layers[session.preset.layers[name.layer - 1].table_index][KEYS[name.symbol]] = values.tolist()


def possible(table: Table, preset: Preset, untold: list[str]) -> Table:
    """The table without the variants that its start weights have made impossible, which is told."""
    kept = []
    for variant, written in zip(preset.variants, table.get("variants", ()), strict=True):
        try:
            from_table(with_variant(table, variant), preset.source, preset.base)
        except PresetError:
            untold.append(f"the variant {described(variant.name)} is left out: it cannot start from these weights")
        else:
            kept.append(written)
    return {**table, "variants": kept} if "variants" in table else table


def beginning_untold(session: Session) -> list[str]:
    """What a step that was handed in was given beside its data and its parameters."""
    beginning, untold = session.dataset.beginning, []
    if session.preset.training.start is not None:
        return []
    if beginning.kept:
        untold.append("which units dropout keeps was handed in, and is drawn here")
    if beginning.moments or beginning.step > 1:
        untold.append(f"what {beginning.kind} has kept of the steps before was handed in; here it begins anew")
    return untold
