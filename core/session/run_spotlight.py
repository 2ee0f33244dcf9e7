"""The spotlight on a run: that which its preset names, and one that comes from another run."""

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.parameter_name import parameter_name
from backprop_tui.core.preset.schema import PresetError

from .session import Session


def own_spotlight(session: Session) -> Spotlight:
    """The spotlight that the session's preset names."""
    preset = session.preset
    name = parameter_name(preset.view.spotlight, preset.layers, session.trainer.layers[0].inputs)
    return Spotlight.named(name, preset.view.example - 1)


def fitted(spotlight: Spotlight, session: Session) -> Spotlight:
    """The spotlight where it is, if the network has that parameter; else on the first."""
    layers, inputs = session.preset.layers, session.trainer.layers[0].inputs
    try:
        parameter_name(str(spotlight.name), layers, inputs)
    except PresetError:
        name = parameter_name("W1[1,1]", layers, inputs)
        return Spotlight.named(name, min(spotlight.example, session.plan.examples - 1))
    return spotlight
