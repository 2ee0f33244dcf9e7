"""Which mistakes give the very same numbers in a network, so that nobody can tell them apart."""

from collections.abc import Iterator

import numpy as np

from .handed_in import is_shown
from .handed_steps import Exercise
from .network import Arrays, Mistake

CLOSE = 1e-9
"""Relative to the norm of an array; what mistakes change is far more."""


def shown(exercise: Exercise, step: Arrays) -> Arrays:
    """Of a step what is handed in."""
    return {name: np.asarray(array) for name, array in step.items() if is_shown(name, exercise.layout)}


def are_same(one: Arrays, other: Arrays) -> bool:
    """Whether two hand-ins hold the same numbers up to rounding; one number may stand for an array of it."""
    if one.keys() != other.keys():
        return False
    for name, array in one.items():
        if array.shape != other[name].shape and 0 not in (array.ndim, other[name].ndim):
            return False
        if np.linalg.norm(array - other[name]) > CLOSE * (np.linalg.norm(array) + 1e-6):
            return False
    return True


def factors(exercise: Exercise, right: Arrays, wrong: Arrays) -> Iterator[Mistake]:
    """The mistakes with a factor, with that factor which fits the numbers best."""
    start = f"{'dZ' if exercise.network.fused else 'dA'}{exercise.network.depth}"
    yield Mistake("loss_gradient_factor", None, quotient(wrong[start], right[start]))
    new = [name for name in right if name.endswith("_new")]
    if not all(name in wrong for name in new):
        return

    def moved(step: Arrays) -> np.ndarray:
        return np.concatenate([(step[name] - step[name[:-4]]).ravel() for name in new])

    yield Mistake("learning_rate_factor", None, quotient(moved(wrong), moved(right)))
    if any(exercise.network.optimizer.get(key) for key in ("l1", "l2")):
        without = exercise.step([Mistake("penalty_missing")])
        share = moved(right) - moved(without)
        yield Mistake("penalty_factor", None, quotient(moved(wrong) - moved(without), share))


def quotient(wrong: np.ndarray, right: np.ndarray) -> float:
    """The factor that brings `right` nearest to `wrong`."""
    return float(np.vdot(right, wrong) / np.vdot(right, right))


def namesakes(exercise: Exercise, mistake: Mistake) -> set[Mistake]:
    """The mistakes by which what is handed in would be just as it is with this one."""
    right, wrong = exercise.step(), exercise.step([mistake])
    seen = shown(exercise, wrong)
    others = [one for one in (*exercise.places(), *factors(exercise, right, wrong)) if one.id != mistake.id]
    return {one for one in others if are_same(seen, shown(exercise, exercise.step([one])))}
