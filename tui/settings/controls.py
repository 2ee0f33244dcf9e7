"""All controls of a run: the parameter in the spotlight, every setting, its layers, its data, its chance."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.network.meanings import formula, meaning
from backprop_tui.core.preset.data_table import FEATURES, GENERATED_SETS
from backprop_tui.core.preset.hyper_parameters import HyperParameter, hyper_parameters, stepped
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.structure import (
    add_layer,
    hidden_setting,
    move_layer,
    new_data,
    new_start,
    problem_type,
    remove_layer,
    toggle_feature,
)
from backprop_tui.core.preset.tables import ACTIVATIONS, Preset
from backprop_tui.core.session.session import Session

from .control import Change, Changes, Choice, Control

NETWORK = "Network"
SETTINGS_OF = {"activation of all": "layers.activation", "new data": "data.new_data"}
"""What some controls are called among the settings that can be hidden."""
OF_A_LAYER = re.compile(r"layers\.\d+")
OF_A_FEATURE = "feature "


def is_regression(session: Session) -> bool:
    """Whether the targets are numbers, and no classes."""
    return session.dataset.target_kind == "real"


def controls(session: Session) -> list[Control]:
    """All but the parameter in the spotlight, in their order; those of one group follow each other."""
    preset = session.preset
    found: list[Control] = []
    parameters = hyper_parameters(preset)
    for place, parameter in enumerate(parameters):
        new_group = place == 0 or parameters[place - 1].group != parameter.group
        if new_group and parameter.path.startswith("layers.0."):
            found += network_controls(session)
        if new_group and parameter.group == "Chance":
            found += chance_controls(session)
        found.append(setting_control(preset, parameter))
        last = place + 1 == len(parameters) or parameters[place + 1].group != parameter.group
        if last and parameter.path.startswith("layers."):
            found += layer_controls(preset, parameter)
        if parameter.path == "data.features":
            found += feature_controls(preset)
    return found


def spotlight_control(session: Session, spotlight: Spotlight) -> Control:
    """The parameter in the spotlight."""
    name, value = str(spotlight.name), spotlight_value(session, spotlight)
    meaning = "the parameter in the spotlight, which enter sets"
    return Control(name, "", name, f"{value:.6g}", meaning, typed=True)


def spotlight_value(session: Session, spotlight: Spotlight) -> float:
    trainer = session.trainer
    arrays = trainer.layers[spotlight.layer - 1].parameters(trainer.state.parameters)
    return float(arrays[spotlight.parameter][spotlight.index])


def setting_of(name: str) -> str:
    """What the control of a name is called among the settings that can be hidden."""
    if OF_A_LAYER.fullmatch(name):
        return "layers.order"
    return "data.features" if name.startswith(OF_A_FEATURE) else SETTINGS_OF.get(name, name)


# Settings


def setting_control(preset: Preset, parameter: HyperParameter) -> Control:
    """A setting of the preset."""
    path, value, told = parameter.path, parameter.value, meaning(preset, parameter.path)

    def step(direction: int) -> Changes:
        found = stepped(parameter, direction)
        return {} if found == value else {path: found}

    return Control(
        path,
        parameter.group,
        parameter.name,
        parameter.text(),
        told.words,
        told.formula,
        parameter.unused,
        parameter.from_start,
        enter=(lambda: {path: not value}) if parameter.form == "flag" else None,
        choices=partial(setting_choices, preset, parameter) if parameter.choices else None,
        typed=parameter.form not in ("flag", "choice"),
        step=None if parameter.form == "free" else step,
    )


def setting_choices(preset: Preset, parameter: HyperParameter) -> tuple[Choice, ...]:
    """The values of a setting, each with the formula that it stands for."""
    path, is_set = parameter.path, parameter.path == "data.kind"
    return tuple(
        Choice(name, partial(dict, {path: name}), formula(as_chosen(preset, path, name), path), name if is_set else "")
        for name in parameter.choices
    )


def as_chosen(preset: Preset, path: str, value: str) -> Preset:
    """The preset with one setting changed, as far as a formula depends on it; unchecked."""
    table, *rest = path.split(".")
    changed: dict[str, Any] = {rest[-1]: value}
    if table == "layers":
        index = int(rest[0])
        layers = [replace(layer, **changed) if layer.table_index == index else layer for layer in preset.layers]
        return replace(preset, layers=tuple(layers))
    part: Any = getattr(preset, table)
    if len(rest) > 1:
        changed = {rest[0]: replace(getattr(part, rest[0]), **changed)}
    whole: dict[str, Any] = {table: replace(part, **changed)}
    return replace(preset, **whole)


# The network


def network_controls(session: Session) -> Iterator[Control]:
    """What is of all layers."""
    preset, hidden = session.preset, len(session.preset.layers) - 1
    regression = is_regression(session)
    turned = "classification" if regression else "regression"
    yield Control(
        "problem type",
        NETWORK,
        "problem type",
        "regression" if regression else "classification",
        f"classes or numbers as targets: data, output and loss change together: {turned}",
        renews=True,
        enter=lambda: problem_type(preset, numbers=regression),
    )

    def one_more_or_less(direction: int) -> Changes:
        if direction < 0 and not hidden:
            raise PresetError("there is no hidden layer to remove")
        return add_layer(preset, hidden) if direction > 0 else remove_layer(preset, hidden)

    yield Control(
        "hidden layers",
        NETWORK,
        "hidden layers",
        str(hidden),
        "+ adds one like the last before the output, − takes the last one away",
        renews=True,
        step=one_more_or_less,
    )
    if hidden:
        used = {layer.activation for layer in preset.layers[:-1]}
        yield Control(
            "activation of all",
            NETWORK,
            "hidden activation",
            next(iter(used)) if len(used) == 1 else "various",
            "f of every hidden layer at once",
            formula(preset, "layers.0.activation") if len(used) == 1 else "A = f(Z)",
            choices=partial(hidden_activations, preset),
        )


def hidden_activations(preset: Preset) -> tuple[Choice, ...]:
    path = "layers.0.activation"
    return tuple(
        Choice(name, partial(hidden_setting, preset, "activation", name), formula(as_chosen(preset, path, name), path))
        for name in ACTIVATIONS
        if name != "softmax"
    )


def layer_controls(preset: Preset, parameter: HyperParameter) -> Iterator[Control]:
    """Layers added, removed and moved, for the table of layers that `parameter` is of."""
    index = int(parameter.path.split(".")[1])
    numbers = [number for number, layer in enumerate(preset.layers, 1) if layer.table_index == index]
    first, last, hidden = numbers[0], numbers[-1], len(preset.layers) - 1
    choices = [Choice(f"add a layer before layer {first}", partial(add_layer, preset, first - 1))]
    if last <= hidden:
        choices.append(Choice(f"add a layer after layer {last}", partial(add_layer, preset, last)))
        choices.append(Choice(f"remove layer {last}", partial(remove_layer, preset, last)))
        if last > 1:
            choices.append(Choice(f"move layer {last} down, before layer {last - 1}", moved(preset, last, -1)))
        if last < hidden:
            choices.append(Choice(f"move layer {last} up, after layer {last + 1}", moved(preset, last, 1)))
    yield Control(
        f"layers.{index}",
        parameter.group,
        "layer",
        "add, remove, move",
        "layers are added beside it, and a hidden one is removed or moved",
        renews=True,
        choices=lambda: tuple(choices),
    )


def moved(preset: Preset, number: int, places: int) -> Change:
    return partial(move_layer, preset, number, number + places)


# Data and chance


def feature_controls(preset: Preset) -> Iterator[Control]:
    """What a network is given of a set of points, each to be switched on and off."""
    if preset.data.kind not in GENERATED_SETS:
        return
    for name in FEATURES:
        yield Control(
            f"{OF_A_FEATURE}{name}",
            "Data",
            f"  {name}",
            "on" if name in preset.data.features else "off",
            f"whether {name} is an input of the network",
            renews=True,
            enter=partial(toggle_feature, preset, name),
        )


def chance_controls(session: Session) -> Iterator[Control]:
    """What is drawn anew, each alone."""
    preset, seed = session.preset, session.seed
    yield Control(
        "new data",
        "Chance",
        "new data",
        "",
        "other examples of the same set; start weights and order stay",
        renews=True,
        enter=partial(new_data, preset, seed),
    )
    yield Control(
        "new start weights",
        "Chance",
        "new start weights",
        "",
        "other start weights and order; the data stay",
        renews=True,
        enter=partial(new_start, preset, seed),
    )
