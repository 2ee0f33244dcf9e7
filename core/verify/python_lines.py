"""The line of Python that computes a quantity rightly, in somebody's own layout."""

from collections.abc import Callable

from .layout import Layout
from .names import Key
from .reading import Reading

ACTIVATION_LINES = {
    "identity": "{z}",
    "sigmoid": "1 / (1 + np.exp(-{z}))",
    "tanh": "np.tanh({z})",
    "relu": "np.maximum({z}, 0)",
    "leaky_relu": "np.where({z} > 0, {z}, {slope} * {z})",
    "elu": "np.where({z} > 0, {z}, np.expm1(np.minimum({z}, 0)))",
    "gelu": "{z} * normal_cdf({z})",
    "gelu_tanh": "{z} * (1 + np.tanh(np.sqrt(2 / np.pi) * ({z} + 0.044715 * {z}**3))) / 2",
    "silu": "{z} / (1 + np.exp(-{z}))",
    "softplus": "np.logaddexp(0, {z})",
}
SLOPE_LINES = {
    "identity": "1",
    "sigmoid": "{a} * (1 - {a})",
    "tanh": "(1 - {a}**2)",
    "relu": "({z} > 0)",
    "leaky_relu": "np.where({z} > 0, 1, {slope})",
    "elu": "np.exp(np.minimum({z}, 0))",
    "gelu": "(normal_cdf({z}) + {z} * np.exp(-{z}**2 / 2) / np.sqrt(2 * np.pi))",
    "gelu_tanh": "gelu_tanh_slope({z})",
    "silu": "(1 + {z} * (1 - 1 / (1 + np.exp(-{z})))) / (1 + np.exp(-{z}))",
    "softplus": "1 / (1 + np.exp(-{z}))",
}
UNWRITTEN = ("gelu_tanh_slope", "normal_cdf")
"""Functions that NumPy has not."""


def python_line(reading: Reading, key: Key) -> str | None:
    """The line for a quantity, with the names of the contract; None where one line does not say it."""
    symbol, layer = key
    writer = WRITERS.get(symbol)
    line = writer(reading, layer or 0) if writer else None
    return None if line is None or any(name in line for name in UNWRITTEN) else line


def below(layer: int) -> str:
    return "X" if layer == 1 else f"A{layer - 1}"


def product(left: str, right: str, layout: Layout) -> str:
    """left · right as this program lays them: turned round where examples are rows."""
    return f"{transposed(right)} @ {transposed(left)}" if layout.rows else f"{left} @ {right}"


def transposed(name: str) -> str:
    return name.removesuffix(".T") if name.endswith(".T") else f"{name}.T"


def weights(layer: int, layout: Layout) -> str:
    """W as (units, inputs)."""
    return f"W{layer}.T" if layout.inputs_first else f"W{layer}"


def examples(name: str, layout: Layout) -> str:
    """A (units, m) array as (units, m)."""
    return f"{name}.T" if layout.rows else name


def along(layout: Layout, what: str) -> int:
    """The axis of the units or of the examples."""
    return (1 if layout.rows else 0) if what == "units" else (0 if layout.rows else 1)


def biases(layer: int, layout: Layout, name: str = "b") -> str:
    """A number for each unit, to be added to each example."""
    if layout.rows:
        return f"{name}{layer}.T" if layout.biases == "(u, 1)" else f"{name}{layer}"
    return {"(u,)": f"{name}{layer}[:, None]", "(1, u)": f"{name}{layer}.T"}.get(layout.biases, f"{name}{layer}")


def preactivation(reading: Reading, layer: int) -> str:
    layout = reading.layout
    line = product(weights(layer, layout), examples(below(layer), layout), layout)
    bias = f" + {biases(layer, layout)}" if ("b", layer) in reading.start.parameters else ""
    return f"Z{layer} = {line}{bias}"


def argument(reading: Reading, layer: int) -> str:
    return f"N{layer}" if reading.preset.layers[layer - 1].batch_norm else f"Z{layer}"


def activation(reading: Reading, layer: int) -> str | None:
    written = reading.preset.layers[layer - 1]
    z, axis = argument(reading, layer), along(reading.layout, "units")
    if written.residual:
        return None
    if written.activation == "softmax":
        return (
            f"A{layer} = np.exp({z} - {z}.max({axis}, keepdims=True)); A{layer} /= A{layer}.sum({axis}, keepdims=True)"
        )
    line = ACTIVATION_LINES[written.activation].format(z=z, slope=f"{written.slope:g}")
    return f"A{layer} = {f'({line}) * mask{layer}' if written.dropout else line}"


def loss(reading: Reading, layer: int) -> str:
    A = f"A{reading.sizes.layers}"
    m = f"{'len(X)' if reading.layout.rows else 'X.shape[1]'}"
    return {
        "mean_squared_error": f"loss = ((({A} - Y) ** 2).mean())",
        "half_squared_error": f"loss = (({A} - Y) ** 2).sum() / 2 / {m}",
        "cross_entropy": f"loss = -(Y * np.log({A})).sum() / {m}",
        "binary_cross_entropy": f"loss = -(Y * np.log({A}) + (1 - Y) * np.log(1 - {A})).mean()",
    }[reading.preset.loss.kind]


def scaled(reading: Reading, key: Key) -> str:
    """Where gradients per example carry 1/m: the division."""
    return " / m" if key in reading.scales else ""


def activation_gradient(reading: Reading, layer: int) -> str | None:
    layout, last = reading.layout, reading.sizes.layers
    K, kind = reading.sizes.units[-1], reading.preset.loss.kind
    divided = scaled(reading, ("dA", layer))
    if layer == last:
        line = {
            "mean_squared_error": f"2 * (A{layer} - Y) / {K}" if K > 1 else f"2 * (A{layer} - Y)",
            "half_squared_error": f"A{layer} - Y" if not divided else f"(A{layer} - Y)",
            "cross_entropy": f"-Y / A{layer}",
            "binary_cross_entropy": f"(A{layer} - Y) / (A{layer} * (1 - A{layer}))" + (f" / {K}" if K > 1 else ""),
        }[kind]
        return f"dA{layer} = {line}{divided}"
    if reading.preset.layers[layer].residual or (("dZ", layer + 1) in reading.scales) != bool(divided):
        return None
    W = transposed(weights(layer + 1, layout))
    return f"dA{layer} = {product(W, examples(f'dZ{layer + 1}', layout), layout)}"


def preactivation_gradient(reading: Reading, layer: int) -> str | None:
    written, last = reading.preset.layers[layer - 1], reading.sizes.layers
    symbol = "dN" if written.batch_norm else "dZ"
    divided = scaled(reading, (symbol, layer))
    K, kind = reading.sizes.units[-1], reading.preset.loss.kind
    if layer == last and kind in ("cross_entropy", "binary_cross_entropy"):
        share = f" / {K}" if kind == "binary_cross_entropy" and K > 1 else ""
        error = f"A{layer} - Y"
        return f"{symbol}{layer} = {f'({error})' if share or divided else error}{share}{divided}"
    if written.dropout and written.activation not in ("relu", "leaky_relu", "identity"):
        return None
    if (("dA", layer) in reading.scales) != bool(divided) and ("dA", layer) in reading.theirs:
        return None
    arriving = f"dA{layer} * mask{layer}" if written.dropout else f"dA{layer}"
    if written.activation == "softmax":
        axis = along(reading.layout, "units")
        return f"{symbol}{layer} = A{layer} * (dA{layer} - (A{layer} * dA{layer}).sum({axis}, keepdims=True))"
    slope = SLOPE_LINES[written.activation].format(
        z=argument(reading, layer), a=f"A{layer}", slope=f"{written.slope:g}"
    )
    return f"{symbol}{layer} = {arriving}" + ("" if slope == "1" else f" * {slope}")


def through_norm(reading: Reading, layer: int) -> str | None:
    """dZ: of batch norm where there is one."""
    if not reading.preset.layers[layer - 1].batch_norm:
        return preactivation_gradient(reading, layer)
    return None


def before_activation(reading: Reading, layer: int) -> str | None:
    return preactivation_gradient(reading, layer)


def mean(reading: Reading, layer: int) -> str:
    """1/m, where the gradient at the preactivations does not carry it."""
    return "" if reading.sizes.examples == 1 or ("dZ", layer) in reading.scales else " / m"


def weight_gradient(reading: Reading, layer: int) -> str:
    layout = reading.layout
    dZ, A = examples(f"dZ{layer}", layout), examples(below(layer), layout)
    line = f"{A} @ {transposed(dZ)}" if layout.inputs_first else f"{dZ} @ {transposed(A)}"
    return f"dW{layer} = {line}{mean(reading, layer)}"


def bias_gradient(reading: Reading, layer: int) -> str:
    layout, axis = reading.layout, along(reading.layout, "examples")
    keep = {"(u,)": "", "(u, 1)": ", keepdims=True", "(1, u)": ", keepdims=True"}[layout.biases]
    turned = ".T" if keep and (layout.biases == "(1, u)") != layout.rows else ""
    return f"db{layer} = dZ{layer}.sum({axis}{keep}){turned}{mean(reading, layer)}"


def update(symbol: str) -> Callable[[Reading, int], str | None]:
    def line(reading: Reading, layer: int) -> str | None:
        optimizer = reading.preset.optimizer
        name = f"{symbol}{layer}"
        changed = optimizer.l1 or optimizer.weight_decay or optimizer.clip_norm or optimizer.clip_value
        if optimizer.kind != "sgd" or changed or (symbol == "b" and not optimizer.train_biases):
            return None
        g = f"d{name}"
        if optimizer.l2 and symbol == "W" and "penalty_in_gradient" not in reading.conventions:
            g = f"({g} + {optimizer.l2:g} * {name})"
        return f"{name}_new = {name} - {optimizer.learning_rate:.12g} * {g}"

    return line


WRITERS: dict[str, Callable[[Reading, int], str | None]] = {
    "Z": preactivation,
    "A": activation,
    "loss": loss,
    "dA": activation_gradient,
    "dZ": through_norm,
    "dN": before_activation,
    "dW": weight_gradient,
    "db": bias_gradient,
    "W_new": update("W"),
    "b_new": update("b"),
}
