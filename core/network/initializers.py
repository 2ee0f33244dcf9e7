"""Start weights. Each scheme is a spread that depends on the layer's inputs and outputs; biases start at 0.

Sources: Glorot and Bengio 2010 (xavier), He et al. 2015 (he), LeCun et al. 1998 (lecun).
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

Draw = Callable[[np.random.Generator, tuple[int, int], float], NDArray[np.float64]]


def normal(chance: np.random.Generator, shape: tuple[int, int], deviation: float) -> NDArray[np.float64]:
    return chance.standard_normal(shape) * deviation


def uniform(chance: np.random.Generator, shape: tuple[int, int], limit: float) -> NDArray[np.float64]:
    return chance.uniform(-1.0, 1.0, shape) * limit


def constant(chance: np.random.Generator, shape: tuple[int, int], value: float) -> NDArray[np.float64]:
    return np.full(shape, value)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Draws W of a shape (units, inputs) with one number: a limit, a deviation or a value, as its `sign` says.

    `deviation` is the standard deviation of an entry where that number is 1.
    """

    draw: Draw
    sign: str
    deviation: float


UNIFORM = Distribution(uniform, "±", 1 / sqrt(3))
NORMAL = Distribution(normal, "sd = ", 1.0)
CONSTANT = Distribution(constant, "", 0.0)


@dataclass(frozen=True, slots=True)
class Initializer:
    """`scale` gives the number of the distribution from inputs, units and the preset's `init_scale`.

    `formula` says the same as text, in `n_in`, `n_out` and `init_scale`.
    """

    distribution: Distribution
    formula: str
    scale: Callable[[int, int, float], float]


INITIALIZERS: dict[str, Initializer] = {
    "zeros": Initializer(CONSTANT, "0", lambda inputs, units, given: 0.0),
    "constant": Initializer(CONSTANT, "init_scale", lambda inputs, units, given: given),
    "uniform": Initializer(UNIFORM, "init_scale", lambda inputs, units, given: given),
    "normal": Initializer(NORMAL, "init_scale", lambda inputs, units, given: given),
    "xavier_uniform": Initializer(
        UNIFORM, "√(6 / (n_in + n_out))", lambda inputs, units, given: sqrt(6 / (inputs + units))
    ),
    "xavier_normal": Initializer(
        NORMAL, "√(2 / (n_in + n_out))", lambda inputs, units, given: sqrt(2 / (inputs + units))
    ),
    "he_uniform": Initializer(UNIFORM, "√(6 / n_in)", lambda inputs, units, given: sqrt(6 / inputs)),
    "he_normal": Initializer(NORMAL, "√(2 / n_in)", lambda inputs, units, given: sqrt(2 / inputs)),
    "lecun_normal": Initializer(NORMAL, "√(1 / n_in)", lambda inputs, units, given: sqrt(1 / inputs)),
}


def weights(
    name: str, chance: np.random.Generator, *, inputs: int, units: int, init_scale: float = 0.0
) -> NDArray[np.float64]:
    """Start weights W: (units, inputs) of the scheme `name`."""
    scheme = INITIALIZERS[name]
    return scheme.distribution.draw(chance, (units, inputs), scheme.scale(inputs, units, init_scale))
