"""Remedies as one writes them over NumPy arrays."""

from .weight_layers import WeightLayer


def start(layer: WeightLayer, activation: str) -> str:
    """A start that suits a layer with this activation behind it."""
    name, inputs, units = layer.weights[0], layer.inputs, layer.units
    if activation in ("relu", "leaky_relu"):
        return f"{name} = rng.normal(0, np.sqrt(2 / {inputs}), {name}.shape)"
    return f"{name} = rng.normal(0, np.sqrt(2 / ({inputs} + {units})), {name}.shape)"


def rate(value: float, now: float) -> str:
    return f"a learning rate of {value:g} instead of {now:g}"


def relu() -> str:
    return "np.maximum(Z, 0) in place of the activations that are flat, with weights of standard deviation √(2/inputs)"


def leaky() -> str:
    return "np.where(Z > 0, Z, 0.01 * Z) in place of np.maximum(Z, 0): below 0 it has a slope too"


def bias(layer: WeightLayer) -> str:
    return f"{layer.bias} = np.zeros_like({layer.bias}): biases that hold no unit below 0"


def norm(layer: WeightLayer) -> str | None:
    return None


def clipping() -> str:
    return "gradients scaled by min(1, 1 / ‖∇ℒ‖) before the update"


def inputs() -> str:
    return "normalised inputs: X = (X - X.mean(axis)) / X.std(axis) along the examples, of the training set"


def targets() -> str:
    return "normalised targets: Y = (Y - Y.mean()) / Y.std(), of the training set"


def momentum() -> str:
    return "momentum: V = 0.9 * V + dW; W -= learning_rate * V"


def adam() -> str | None:
    return None


def checked_data() -> str:
    return "only examples whose numbers are finite: np.isfinite tells"


def checked_numbers() -> str:
    return 'np.seterr(all="raise"), which names the line that gives the first number that is not finite'
