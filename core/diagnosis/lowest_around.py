"""Whether a network is as good as any around it: some parameters near its own are tried."""

import numpy as np

from backprop_tui.core.preset import chance
from backprop_tui.core.training.evaluation import Evaluator
from backprop_tui.core.training.trainer import Trainer

PROBES = 8
"""Directions that are tried, both ways."""
DISTANCES = (0.03, 0.3)
"""How far, in shares of the norm of the parameters, or of 1 where that is less."""
LOWER = 1e-6
"""The share by which a loss has to be lower to be another."""


def lowest_around(trainer: Trainer, evaluator: Evaluator) -> bool:
    """Whether the loss over the training set is lower at none of the parameters that are tried.

    The parameters are put back before it returns.
    """
    parameters = trainer.state.parameters
    own = parameters.copy()
    here = evaluator.training().loss
    size = max(float(np.linalg.norm(own.astype(np.float64))), 1.0)
    draws = chance.generator(trainer.seed, "probe")
    try:
        for _ in range(PROBES):
            direction = draws.standard_normal(own.shape)
            direction /= np.linalg.norm(direction)
            for distance in (sign * share * size for share in DISTANCES for sign in (1, -1)):
                parameters[:] = own + (distance * direction).astype(own.dtype)
                if evaluator.training().loss < here - LOWER * abs(here):
                    return False
    finally:
        parameters[:] = own
    return True
