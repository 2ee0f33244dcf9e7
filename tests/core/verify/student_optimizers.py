"""Optimizers as students write them: a parameter at a time, from its gradient and what was kept of it."""

from math import sqrt

import numpy as np

from .network import Array, Arrays, Mistakes, Network


def received(network: Network, parameters: Arrays, gradients: Arrays, mistakes: Mistakes, examples: int) -> Arrays:
    """What the optimizer gets, by the parameter's name: penalties, clipping, then weight decay."""
    settings = network.optimizer
    found = {
        name: gradients[f"d{name}"] + penalty(settings, name, value, mistakes, examples)
        for name, value in parameters.items()
    }
    if limit := settings.get("clip_norm"):
        found = clipped(found, limit, mistakes)
    decay = settings.get("weight_decay", 0.0)
    if decay and (settings["kind"] != "adamw" or mistakes.has("weight_decay_coupled")):
        found = {name: g + decay * parameters[name] for name, g in found.items()}
    return found


def is_bias(name: str) -> bool:
    return name.rstrip("0123456789") == "b"


def penalty(settings: dict, name: str, value: Array, mistakes: Mistakes, examples: int) -> Array | float:
    """λ₁ sign W + λ₂ W, of weights."""
    if mistakes.has("penalty_missing") or mistakes.has("penalty_in_loss_only"):
        return 0.0
    if not name.startswith("W") and not (mistakes.has("penalty_on_biases") and is_bias(name)):
        return 0.0
    factor = 1.0
    if mistake := mistakes.find("penalty_factor"):
        factor = 1 / examples if mistake.form == "over m" else mistake.form
    return factor * (settings.get("l1", 0.0) * np.sign(value) + settings.get("l2", 0.0) * value)


def clipped(gradients: Arrays, limit: float, mistakes: Mistakes) -> Arrays:
    """By the norm of all gradients together."""

    def factor(names: list[str]) -> float:
        norm = sqrt(sum(float(np.sum(gradients[name] ** 2)) for name in names))
        return limit / norm if norm > limit else 1.0

    groups = [list(gradients)]
    if mistake := mistakes.find("clipping_per_layer"):
        key = (lambda name: name) if mistake.form == "array" else (lambda name: name.lstrip("Wbgametr"))
        groups = [[name for name in gradients if key(name) == one] for one in {key(name) for name in gradients}]
    return {name: gradients[name] * factor(names) for names in groups for name in names}


def updated(
    network: Network, name: str, value: Array, g: Array, kept: Arrays, mistakes: Mistakes, examples: int
) -> Array:
    """The new value of one parameter. `kept` has `step` (from 1) and m_W1, v_W1, velocity_W1 where they are not 0."""
    settings = network.optimizer
    rate = settings["learning_rate"]
    if mistakes.has("biases_not_updated") and is_bias(name):
        return value
    if mistake := mistakes.find("learning_rate_factor"):
        rate = rate * mistake.form
    if mistakes.has("learning_rate_over_m"):
        rate = rate / examples
    if settings["kind"] == "adamw" and not mistakes.has("weight_decay_coupled"):
        value = value - rate * settings.get("weight_decay", 0.0) * value
    change = rate * direction(settings, name, g, kept, mistakes)
    return value + change if mistakes.has("gradient_ascent") else value - change


def direction(settings: dict, name: str, g: Array, kept: Arrays, mistakes: Mistakes) -> Array:
    """What is multiplied by the learning rate."""
    zero = np.zeros_like(g)
    match settings["kind"]:
        case "sgd":
            return g
        case "momentum" | "nesterov" as kind:
            beta = settings.get("momentum", 0.9)
            if mistakes.has("momentum_dampened"):
                g = (1 - beta) * g
            if mistake := mistakes.find("velocity_factor"):
                beta = {None: 0.0, "turned": -beta, "whole": 1.0, "rest": 1 - beta}[mistake.form]
            velocity = beta * kept.get(f"velocity_{name}", zero) + g
            if kind == "momentum" or mistakes.has("look_ahead_missing"):
                return velocity
            return beta * velocity + g
        case "adagrad":
            return divided(g, kept.get(f"v_{name}", zero) + g * g, settings.get("epsilon", 1e-10), settings, mistakes)
        case "rmsprop":
            beta = settings.get("beta", 0.99)
            s = beta * kept.get(f"v_{name}", zero) + (1 - beta) * g * g
            return divided(g, s, settings.get("epsilon", 1e-8), settings, mistakes)
    return adam(settings, name, g, kept, mistakes)


def adam(settings: dict, name: str, g: Array, kept: Arrays, mistakes: Mistakes) -> Array:
    """Adam's step of one parameter."""
    beta1, beta2 = settings.get("beta1", 0.9), settings.get("beta2", 0.999)
    t = int(kept.get("step", 1))
    if mistake := mistakes.find("adam_step_off_by_one"):
        t = t - 1 if mistake.form == "before" else t + 1
    zero = np.zeros_like(g)
    m = beta1 * kept.get(f"m_{name}", zero) + (1 - beta1) * g
    v = beta2 * kept.get(f"v_{name}", zero) + (1 - beta2) * g * g
    if not mistakes.has("adam_without_bias_correction"):
        m = m / (1 - beta1**t)
        v = v / (1 - beta2**t)
    return divided(m, v, settings.get("epsilon", 1e-8), settings, mistakes)


def divided(g: Array, s: Array, epsilon: float, settings: dict, mistakes: Mistakes) -> Array:
    """g / (√s + ε), or with ε under the root."""
    if settings.get("epsilon_inside_sqrt", False) or mistakes.has("epsilon_inside_sqrt"):
        return g / np.sqrt(s + epsilon)
    return g / (np.sqrt(s) + epsilon)
