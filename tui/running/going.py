"""Where a typed answer leads, to a step, to a loss, or the spotlight to a parameter or example; or what it sets."""

import re
from dataclasses import replace
from typing import Any

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.hyper_parameters import hyper_parameters
from backprop_tui.core.preset.parameter_name import parameter_name
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.settings import setting_value
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import FILES, found_here
from backprop_tui.tui.command_line.visitor import is_visitor

HINT = "step 12, epoch 3, lowest, W2[1,3], a2[3], example 5; W2[1,3] = 0.5, loss.kind = …"
STEP = re.compile(r"(?:step )?([0-9][0-9,]{0,11})", re.IGNORECASE)
EPOCH = re.compile(r"epoch ([0-9]{1,9})", re.IGNORECASE)
EXAMPLE = re.compile(r"(?:example|x) ?([0-9]{1,9})", re.IGNORECASE)
NEURON = re.compile(r"[aAzZ]([0-9]{1,9})\[([0-9]{1,9})\]")


CLEARED = ("none", "default")
"""What is typed for a setting that is not to be given."""


def assignment(text: str, preset: Preset) -> dict[str, Any] | None:
    """What `NAME = VALUE` changes; None for a text that is none. Raises PresetError for a value that is none.

    The last word of a setting is enough where only one setting ends in it: `learning_rate`.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        return None
    if not name or not value:
        raise PresetError(f"expected NAME = VALUE, such as optimizer.l2 = 0.1 or W1[1,1] = 0.5, found {text.strip()!r}")
    if "." not in name and "[" not in name:
        paths = [setting.path for setting in hyper_parameters(preset) if setting.name == name]
        if len(paths) > 1 and name not in paths:
            raise PresetError(f"expected one setting, found {name!r}, which is {', '.join(paths)}; type one of these")
        name = paths[0] if len(paths) == 1 else name
    return {name: typed_value(value, name)}


def typed_value(text: str, name: str) -> Any:
    """A typed value as TOML, None for none; a file is looked for where the person stands. Raises PresetError.

    A visitor names no file: it would be one of the server's.
    """
    if is_visitor() and tuple(name.split(".")) in FILES and text not in CLEARED:
        raise PresetError(f"{name}: in a browser no file is named, since it would be one of the server's")
    return None if text in CLEARED else found_here(name, setting_value(text, Place(name)))


def destination(text: str, session: Session, spotlight: Spotlight) -> int | Spotlight:
    """The count to go to, or the new spotlight. Raises PresetError for what leads nowhere."""
    text = text.strip()
    if found := STEP.fullmatch(text):
        return session.timeline.finish_of(int(found[1].replace(",", "")))
    if found := EPOCH.fullmatch(text):
        if not session.timeline.knows_epochs:
            raise PresetError("a recording of somebody's own training tells of no epochs; expected a step")
        return session.timeline.finish_of_epoch(int(found[1]))
    if text.lower() in ("lowest", "highest"):
        return extreme(session, highest=text.lower() == "highest")
    if found := EXAMPLE.fullmatch(text):
        return at_example(int(found[1]), session, spotlight)
    if found := NEURON.fullmatch(text):
        return at_neuron(int(found[1]), int(found[2]), session, spotlight)
    if "[" not in text:
        raise PresetError(f"expected one of {HINT}, found {text!r}")
    name = parameter_name(text, session.preset.layers, len(session.dataset.inputs))
    return Spotlight.named(name, spotlight.example)


def extreme(session: Session, *, highest: bool) -> int:
    """Where the loss of the step with the lowest or highest loss so far is computed."""
    step = session.extreme_step(highest=highest)
    if step is None:
        raise PresetError("no step is finished yet, so there is no loss to go to: → goes on")
    loss = session.plan["ℒ", None]
    return session.timeline.finish_of(step - 1) + loss.place + 1


def at_example(number: int, session: Session, spotlight: Spotlight) -> Spotlight:
    size = session.plan.examples
    if not 1 <= number <= size:
        raise PresetError(f"expected an example from 1 to {size}, those of this step's batch, found {number}")
    return replace(spotlight, example=number - 1)


def at_neuron(layer: int, unit: int, session: Session, spotlight: Spotlight) -> Spotlight:
    """The spotlight on a neuron's bias, or on its first weight where it has none."""
    layers = session.trainer.layers
    if not 1 <= layer <= len(layers):
        raise PresetError(f"there is no layer {layer}, the network has layers 1 to {len(layers)}")
    found = layers[layer - 1]
    if not 1 <= unit <= found.units:
        raise PresetError(f"layer {layer} has units 1 to {found.units}, found {unit}")
    return spotlight.at(found, unit - 1, found.inputs if found.has_bias else 0)
