"""Suspects and settings that are fitted to the numbers: another learning rate, the gradient of the step before."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .catalogue import CATALOGUE
from .mistake import Form, Mistake, Suspect, WholeForm, suspects
from .names import Key
from .reading import Reading, with_rate
from .step import UPDATED, Array, Compute, Step, Values, Varied
from .trial import UPDATED_SYMBOLS, Trial
from .update_mistakes import UPDATE_MISTAKES

RATE = "learning_rate_factor"
SIGNIFICANT = 1e-3
"""Of the largest change: those from which a factor of the learning rate is taken."""
OPTIMIZERS_TRIED = ("sgd", "adam", "rmsprop", "adagrad")
OF_SETTINGS = ("adam_without_bias_correction", "adam_step_off_by_one", "epsilon_inside_sqrt", "weight_decay_coupled")
"""Mistakes of the update that no other learning rate makes good for."""
GRADIENTS = ("dW", "db", "dgamma", "dbeta")


def rate_suspects(trial: Trial, wrong: list[Key]) -> Iterator[Suspect]:
    """Another learning rate: the factor is taken from the numbers, and has to hold for all of them."""
    if wrong[0][0] not in UPDATED_SYMBOLS or not trial.reading.rate_told:
        return
    factor = rate_factor(trial)
    if factor is None or abs(factor - 1) < 1e-9:
        return
    text = f"the step is {factor:.6g} times as long as the learning rate says"
    form = WholeForm(f"Δθ = {factor:.6g} · (right Δθ)", lambda step: step.delta() * factor)
    mistake = Mistake(RATE, text, (form,))
    yield from suspects(mistake, trial.step)


def accumulated_suspects(trial: Trial, wrong: list[Key]) -> Iterator[Suspect]:
    """The gradient of the step before on top of this one's: the parameters of that step, which it tells, give it."""
    step, optimizer = trial.step, trial.reading.preset.optimizer
    if wrong[0][0] not in GRADIENTS or optimizer.kind != "sgd":
        return
    exact = step.run((), trial.theirs)
    names = {"W": "dW", "b": "db", "gamma": "dgamma", "beta": "dbeta"}
    earlier: Values = {}
    for (symbol, layer), _ in trial.start.items():
        key = (names[symbol], layer)
        if key not in trial.theirs or trial.theirs[key].shape != exact[key].shape:
            return
        earlier[key] = trial.theirs[key] - exact[key]
    before = {
        (symbol, layer): array + optimizer.learning_rate * earlier[names[symbol], layer]
        for (symbol, layer), array in trial.start.items()
    }
    again = Step(trial.reading.preset, replace(trial.reading.start, parameters=before)).run()
    if not all(trial.accuracy.agrees(key, array, again[key]) for key, array in earlier.items()):
        return
    mistake = next(one for one in CATALOGUE if one.id == "gradient_accumulated")
    layers = sorted({layer for _, layer in earlier if layer is not None}, reverse=True)
    varied = tuple(
        Varied(tuple((name, layer) for layer in layers if (name, layer) in earlier), added(earlier))
        for name in names.values()
        if any(key[0] == name for key in earlier)
    )
    form = Form("dW{l} = dW{l} + dW{l} of the step before", {})
    yield Suspect(mistake, form, None, varied)


def added(earlier: Values) -> Compute:
    """The gradient and another."""
    return lambda step, key: step[key] + earlier[key]


def changes(trial: Trial) -> tuple[Array, Array]:
    """Every change of a parameter that was handed in: theirs, and as it should be from their own gradients."""
    exact = trial.step.run((), trial.theirs)
    mine: list[Array] = []
    right: list[Array] = []
    for key in trial.order:
        before = trial.start.get((key[0].removesuffix("_new"), key[1]))
        if key[0] in UPDATED_SYMBOLS and before is not None and before.shape == trial.theirs[key].shape:
            mine.append((trial.theirs[key] - before).reshape(-1))
            right.append((exact[key] - before).reshape(-1))
    if not mine:
        return np.zeros(0), np.zeros(0)
    return np.concatenate(mine), np.concatenate(right)


def rate_factor(trial: Trial) -> float | None:
    """How many times as long as it should be the step is, by its larger changes; None of fewer than two."""
    mine, right = changes(trial)
    with np.errstate(all="ignore"):
        large = np.isfinite(mine) & np.isfinite(right) & (np.abs(right) > SIGNIFICANT * np.abs(right).max(initial=0.0))
    if large.sum() < 2:
        return None
    best = np.argsort(-np.abs(right * large))[: max(2, int(large.sum()) // 4)]
    return float(np.median(mine[best] / right[best]))


def with_inferred_rate(reading: Reading) -> Reading:
    """The reading with a learning rate that the new parameters tell, where none is told."""
    if reading.rate_told:
        return reading
    best: tuple[float, Reading] | None = None
    kinds = (reading.preset.optimizer.kind,) if reading.optimizer_told else OPTIMIZERS_TRIED
    for kind in kinds:
        told_kind = None if kind == reading.preset.optimizer.kind else kind
        trial = Trial(with_rate(reading, 1.0, told_kind))
        mine, right = changes(trial)
        if not mine.size:
            return reading
        factor = rate_factor(trial)
        if factor is None or not np.isfinite(factor) or factor == 0:
            continue
        with np.errstate(all="ignore"):
            off = np.abs(mine - factor * right)
        share = (
            float(np.median(off[np.isfinite(off)]) / max(np.abs(mine).max(), 1e-300)) if np.isfinite(off).any() else 1
        )
        candidate = with_rate(reading, float(f"{abs(factor):.12g}"), told_kind)
        if best is None or share < best[0] * 1e-3:
            best = (share, candidate)
        if share > trial.unit * 1e4:
            best = with_mistaken_rate(trial, mine, told_kind, best)
    return best[1] if best else reading


def with_mistaken_rate(
    trial: Trial, mine: Array, kind: str | None, best: tuple[float, Reading]
) -> tuple[float, Reading]:
    """The rate with which a mistake of the update gives the changes, where none gives them without."""
    step = trial.step
    step.run((), trial.theirs)
    kept = [key for key in trial.order if key[0] in UPDATED_SYMBOLS]
    for mistake in UPDATE_MISTAKES:
        for form in mistake.forms:
            delta = form.rule(step) if isinstance(form, WholeForm) and mistake.id in OF_SETTINGS else None
            if delta is None or not np.isfinite(delta).all():
                continue
            symbols = {new: symbol for symbol, new in UPDATED.items()}
            made = np.concatenate(
                [step.layers[(key[1] or 1) - 1].parameters(delta)[symbols[key[0]]].reshape(-1) for key in kept]
            )
            large = np.abs(made) > SIGNIFICANT * np.abs(made).max(initial=0.0)
            if made.shape != mine.shape or large.sum() < 2:
                continue
            factor = float(np.median(mine[large] / made[large]))
            share = float(np.abs(mine - factor * made).max() / max(np.abs(mine).max(), 1e-300))
            if share < 1e4 * trial.unit and share < best[0] and factor > 0:
                best = (share, with_rate(trial.reading, float(f"{factor:.12g}"), kind))
    return best
