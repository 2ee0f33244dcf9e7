"""Every optimizer by the name that a preset gives it.

They are the published forms, those that PyTorch computes; `ema`, `bias_correction = false` and `epsilon_inside_sqrt`
give the textbook ones.
"""

from .adaptive import AdaGrad, Adam, AdamW, RMSProp
from .momentum import GradientDescent, Momentum, Nesterov
from .optimizer import Optimizer

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": GradientDescent,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "rmsprop": RMSProp,
    "adagrad": AdaGrad,
    "adam": Adam,
    "adamw": AdamW,
}
