"""What each setting of a preset means, and its formula: that of what is chosen, with the symbols of the ops' rules."""

from dataclasses import fields

from backprop_tui.core.preset.schema import TABLES
from backprop_tui.core.preset.tables import LayerPreset, OptimizerPreset, Preset
from backprop_tui.core.value_class import dataclass

from .activations import ACTIVATIONS, leaky_relu
from .initializers import INITIALIZERS
from .losses import LOSSES
from .optimizers import OPTIMIZERS
from .schedule import schedule_rule

SOFTMAX = "softmax(z)ₖ = e^zₖ / Σ e^z"
MOVED = "the class, or value, is that of the point moved by noise · (−{0} … {0})"
SETS = {
    "circle": "inside: radius below 2.5; outside: from 3.5 to 5",
    "xor": "the class is the sign of x1 x2",
    "gauss": "two clouds around (2, 2) and (−2, −2)",
    "spiral": "two arms of 1.75 turns, out to radius 5",
    "moons": "two half circles, ±5 wide",
    "plane": "y = (x1 + x2) / 10",
    "multigauss": "y = ±max(0, 1 − d/2), d the distance to the nearest of six centres",
    "sine": "y = sin(x1), the only input",
    "digits": "28 × 28 pixels from 0 to 1, ten classes",
}
NOISES = {
    **dict.fromkeys(("circle", "xor"), MOVED.format(5)),
    **dict.fromkeys(("plane", "multigauss"), MOVED.format(6)),
    "gauss": "the variance of each cloud is 0.5 + 7 · noise",
    "spiral": "each point is moved by noise · (−1 … 1)",
    "moons": "each point is moved by 10/3 · noise · N(0, 1)",
    "sine": "y = sin(x1) + noise · N(0, 1)",
}
OPTIMIZER_FORMULAS = {
    "l1": "g = ∂ℒ/∂W + λ₁ sign W",
    "l2": "g = ∂ℒ/∂W + λ₂ W, of ½ λ₂ Σ W² added to ℒ",
    "clip_value": "g = min(a, max(−a, ∂ℒ/∂θ)), a the value",
    "clip_norm": "g = p · min(1, c / ‖p‖), c the norm, p the gradient of all parameters",
    "train_biases": "Δb = 0 where it is false",
}
TRAINING_FORMULAS = {
    "batch_size": "ℒ = (1/m) Σ ℓ over the m examples of a batch",
    "shuffle": "the order of an epoch is drawn from the seed and its number",
    "drop_last": "an epoch has ⌊n/m⌋ steps with it, ⌈n/m⌉ without, of n examples",
    "dtype": "float64: 16 digits, float32: 7",
}
DATA_FORMULAS = {
    "train_ratio": "n = ratio · all of the examples; the others are the test part",
    "samples": "training part and test part together",
    "normalize": "x ← (x − mean) / standard deviation",
    "normalize_targets": "y ← (y − mean) / standard deviation",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A setting in a few words, and its formula; either may be empty."""

    words: str
    formula: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.words, self.formula) if part)


def meaning(preset: Preset, path: str) -> Meaning:
    """What the setting at a dotted path is, of this preset; both are empty for a path without a setting."""
    said = words(path)
    return Meaning(said, formula(preset, path) if said else "")


def words(path: str) -> str:
    """What the reference of the format says of a key."""
    owner: type = Preset
    found = ""
    for step in path.split("."):
        if step.isdecimal():
            continue
        item = {field.name: field for field in fields(owner)}.get(step)
        if item is None or "reader" not in item.metadata:
            return ""
        found, owner = str(item.metadata["meaning"]), TABLES.get(item.metadata["reader"], type("", (), {}))
    return found


def formula(preset: Preset, path: str) -> str:
    """What the setting has to do with the numbers of the run, as it stands."""
    table, *rest = path.split(".")
    key = rest[-1] if rest else ""
    match table:
        case "optimizer":
            return of_schedule(preset.optimizer) if "schedule" in rest else of_optimizer(preset.optimizer, key)
        case "loss":
            return f"{LOSSES[preset.loss.kind].formula}   ℒ = (1/m) Σ ℓ"
        case "layers" if len(rest) == 2 and rest[0].isdecimal():
            layers = [layer for layer in preset.layers if layer.table_index == int(rest[0])]
            return of_layer(layers[0], key) if layers else ""
        case "training":
            return TRAINING_FORMULAS.get(key, "")
        case "data":
            return of_data(preset, key)
    return ""


def of_optimizer(optimizer: OptimizerPreset, key: str) -> str:
    """The rule of the optimizer that is chosen; of penalties and clipping their own."""
    if key in OPTIMIZER_FORMULAS:
        return OPTIMIZER_FORMULAS[key]
    if key == "weight_decay":
        return "Δθ = −ηλ θ − …" if optimizer.kind == "adamw" else "g = ∂ℒ/∂θ + λ θ"
    return "   ".join(OPTIMIZERS[optimizer.kind](optimizer).rule("g", "θ"))


def of_schedule(optimizer: OptimizerPreset) -> str:
    return "   ".join(schedule_rule(optimizer)) or "ηₖ = η"


def of_layer(layer: LayerPreset, key: str) -> str:
    match key:
        case "activation":
            return activation(layer)
        case "slope":
            return leaky_relu(layer.slope).formula
        case "units":
            return "W has a row for each unit, of a number for each input"
        case "bias":
            return "Z = W A + b" if layer.bias else "Z = W A"
        case "init":
            scheme = INITIALIZERS[layer.init]
            return f"W: {scheme.distribution.sign}{scheme.formula}"
        case "init_scale":
            return "W: the value of constant, ± of uniform, sd of normal"
        case "batch_norm":
            return "N = γ (Z − μ) / √(σ² + ε) + β"
        case "residual":
            return "A = A below + f(Z)"
        case "dropout":
            return "A = M ⊙ f(Z)   M = kept / (1 − p)"
    return ""


def activation(layer: LayerPreset) -> str:
    """The activation that the layer has."""
    if layer.activation == "leaky_relu":
        return leaky_relu(layer.slope).formula
    return SOFTMAX if layer.activation == "softmax" else ACTIVATIONS[layer.activation].formula


def of_data(preset: Preset, key: str) -> str:
    kind = preset.data.kind
    if key == "kind":
        return SETS.get(kind, "")
    return NOISES.get(kind, "") if key == "noise" else DATA_FORMULAS.get(key, "")
