"""Rules about the units of a layer: dead, saturated."""

from .findings import Severity, Symptom
from .measurement import Measurement
from .rule import MANY, SOME, UNSOLVED, Rule, Symptoms
from .statistics import LayerStatistics, Units

CHOKED = 0.25
LEARNED = 0.1
"""The level below which the units that are left do."""
STEEPEST = {"tanh": 1.0, "sigmoid": 0.25}


def dead_units(now: Measurement) -> Symptoms:
    for layer in now.layers:
        if layer.inactive is None or len(layer.inactive) < SOME * layer.units:
            continue
        silent = now.silent.get(layer.layer)
        if silent is not None and 0 < len(silent) < SOME * layer.units:
            continue
        if not silent:
            where = f"give 0 for all {now.batch} examples of the batch"
            yield of_units("dead_units", "info", layer, layer.inactive, where, SOME, "batch")
            continue
        share = len(silent) / layer.units
        grave = share >= MANY and now.trend.now > LEARNED
        severity: Severity = "error" if share == 1 else "warning" if grave else "info"
        whom = "the one training example" if now.examples == 1 else f"all {now.examples} training examples"
        where = f"give 0 for {whom}"
        yield of_units("dead_units", severity, layer, silent, where, MANY if share >= MANY else SOME)


def saturated_units(now: Measurement) -> Symptoms:
    if now.trend.now < UNSOLVED:
        return
    for layer in now.layers:
        if not layer.saturated or layer.passed is None or len(layer.saturated) < MANY * layer.units:
            continue
        if layer.passed < CHOKED * steepest(layer):
            where = f"are flat for most of the batch; the slopes leave {layer.passed:.2g} of the gradient"
            yield of_units("saturated_units", "warning", layer, layer.saturated, where, MANY)


def steepest(layer: LayerStatistics) -> float:
    """The largest slope that the layer's activation has."""
    return STEEPEST.get(layer.activation, 1.0)


def of_units(
    rule: str, severity: Severity, layer: LayerStatistics, units: Units, where: str, limit: float, form: str = ""
) -> Symptom:
    share = len(units) / layer.units
    evidence = f"{len(units)} of {layer.units} units of layer {layer.layer} ({share:.0%}) {where}"
    return Symptom(rule, severity, evidence, share, limit, layer.layer, units, layer.layer, form)


RULES = (
    Rule(
        "dead_units",
        "dead units",
        f"at least {MANY:.0%} of a layer's relu units give 0 for the whole training set; {SOME:.0%}, or a loss below "
        f"{LEARNED:.0%} of the best constant answer's: info",
        dead_units,
    ),
    Rule(
        "saturated_units",
        "saturated units",
        "at least half of a layer's units are flat (|tanh| > 0.97, σ < 0.03 or > 0.97) for most of the batch, and "
        f"its slopes pass less than {CHOKED:g} of what they could, and the loss is over half of the best constant "
        "answer's",
        saturated_units,
    ),
)
