"""Where a typed answer leads: to a step, to the lowest or highest loss, or the spotlight to a parameter or example."""

import re
from dataclasses import replace

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.parameter_name import parameter_name
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session

HINT = "step 12, epoch 3, lowest, highest, W2[1,3], b1[2], a2[3], example 5"
STEP = re.compile(r"(?:step )?([0-9][0-9,]{0,11})", re.IGNORECASE)
EPOCH = re.compile(r"epoch ([0-9]{1,9})", re.IGNORECASE)
EXAMPLE = re.compile(r"(?:example|x) ?([0-9]{1,9})", re.IGNORECASE)
NEURON = re.compile(r"[aAzZ]([0-9]{1,9})\[([0-9]{1,9})\]")


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
        raise PresetError("no step is finished yet, so there is no loss to go to: space plays")
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
