"""The same training in the libraries that are installed here: PyTorch, eager; scikit-learn; JAX, a step compiled.

Each is written as its documentation does it, on one thread and in float32. scikit-learn's networks end in the identity
where the workloads end in tanh or sigmoid, which it does not have. JAX is there twice: with every step called from
Python, and with the steps of an epoch compiled as one.
"""

import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from workloads import Floats, examples

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.training.trainer import Trainer

Order = Callable[[int], NDArray[np.intp]]
Train = Callable[[int], None]
Build = Callable[[Trainer, Dataset, Order], Train]


def in_batches(trainer: Trainer, dataset: Dataset, order: Order) -> Callable[[int], list[tuple[Floats, Floats]]]:
    """Gives the batches of an epoch: inputs (m, features) and targets (m, outputs)."""
    inputs, targets = examples(dataset)
    m, steps = trainer.batch_size, trainer.steps_per_epoch

    def batches(epoch: int) -> list[tuple[Floats, Floats]]:
        chosen = order(epoch)[: m * steps].reshape(steps, m)
        return [(inputs[rows], targets[rows]) for rows in chosen]

    return batches


def blocks(trainer: Trainer) -> list[tuple[Floats, Floats]]:
    """W: (units, inputs) and b: (units,) of every layer at the start."""
    found = [layer.parameters(trainer.state.parameters.copy()) for layer in trainer.layers]
    return [(own["W"].copy(), own["b"].copy()) for own in found]


def torch_loop(trainer: Trainer, dataset: Dataset, order: Order) -> Train:
    """PyTorch as its tutorials write it."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    functions = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "relu": nn.ReLU}
    modules: list[Any] = []
    for layer, (W, b) in zip(trainer.layers, blocks(trainer), strict=True):
        linear = nn.Linear(layer.inputs, layer.units)
        linear.weight.data, linear.bias.data = torch.tensor(W), torch.tensor(b)
        # Cross-entropy takes what softmax would be given.
        modules += [linear, *([functions[layer.activation]()] if layer.activation in functions else [])]
    network, settings = nn.Sequential(*modules), trainer.preset.optimizer
    classes = trainer.preset.loss.kind == "cross_entropy"
    loss_function: Any = nn.CrossEntropyLoss() if classes else nn.MSELoss()
    kind: Any = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[settings.kind]
    optimizer = kind(network.parameters(), lr=settings.learning_rate)
    inputs, targets = (torch.tensor(array) for array in examples(dataset))
    m, steps = trainer.batch_size, trainer.steps_per_epoch

    def train(epochs: int) -> None:
        for epoch in range(epochs):
            for rows in torch.as_tensor(order(epoch)[: m * steps].reshape(steps, m)):
                optimizer.zero_grad()
                loss = loss_function(network(inputs[rows]), targets[rows])
                loss.backward()
                optimizer.step()
                loss.item()

    return train


def scikit_learn_loop(trainer: Trainer, dataset: Dataset, order: Order) -> Train:
    """scikit-learn's own loop over the batches of an epoch: one `partial_fit`."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    settings, (inputs, targets) = trainer.preset.optimizer, examples(dataset)
    classes = trainer.preset.loss.kind == "cross_entropy"
    names = {"tanh": "tanh", "sigmoid": "logistic", "relu": "relu"}
    model: Any = (MLPClassifier if classes else MLPRegressor)(
        hidden_layer_sizes=[layer.units for layer in trainer.layers[:-1]],
        activation=names[trainer.layers[0].activation],
        solver=settings.kind,
        learning_rate_init=settings.learning_rate,
        momentum=0.0,
        alpha=0.0,
        batch_size=trainer.batch_size,
        random_state=0,
    )
    wanted = targets.argmax(axis=1) if classes else targets[:, 0]
    given = {"classes": np.arange(targets.shape[1])} if classes else {}
    used = trainer.batch_size * trainer.steps_per_epoch

    def train(epochs: int) -> None:
        for epoch in range(epochs):
            rows = order(epoch)[:used]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.partial_fit(inputs[rows], wanted[rows], **given)

    train(1)
    return train


def jax_loops(trainer: Trainer, dataset: Dataset, order: Order) -> dict[str, Train]:
    """JAX with each step compiled, and with the steps of an epoch compiled as one loop."""
    import jax
    import jax.numpy as jnp

    settings, classes = trainer.preset.optimizer, trainer.preset.loss.kind == "cross_entropy"
    kinds = [layer.activation for layer in trainer.layers]
    functions: dict[str, Any] = {"tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu}

    def loss_of(parameters: Any, X: Any, Y: Any) -> Any:
        A = X
        for kind, (W, b) in zip(kinds, parameters, strict=True):
            A = A @ W.T + b
            A = functions[kind](A) if kind in functions else A
        return -jnp.mean(jnp.sum(Y * jax.nn.log_softmax(A), axis=1)) if classes else jnp.mean((A - Y) ** 2)

    def step(state: Any, batch: Any) -> Any:
        parameters, m, v, t = state
        loss, gradient = jax.value_and_grad(loss_of)(parameters, *batch)
        every = jax.tree_util.tree_map
        if settings.kind == "sgd":
            return (every(lambda p, g: p - settings.learning_rate * g, parameters, gradient), m, v, t), loss
        beta1, beta2, t = settings.beta1, settings.beta2, t + 1
        m = every(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradient)
        v = every(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradient)
        rate = settings.learning_rate * jnp.sqrt(1 - beta2**t) / (1 - beta1**t)
        parameters = every(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + settings.epsilon), parameters, m, v)
        return (parameters, m, v, t), loss

    start = [(jnp.array(W), jnp.array(b)) for W, b in blocks(trainer)]
    zeros = jax.tree_util.tree_map(jnp.zeros_like, start)
    batches, one, whole = (
        in_batches(trainer, dataset, order),
        jax.jit(step),
        jax.jit(lambda s, b: jax.lax.scan(step, s, b)),
    )

    def by_step(epochs: int) -> None:
        state = start, zeros, zeros, 0
        for epoch in range(epochs):
            for batch in batches(epoch):
                state, loss = one(state, batch)
        loss.block_until_ready()

    def by_epoch(epochs: int) -> None:
        state = start, zeros, zeros, 0
        for epoch in range(epochs):
            X, Y = zip(*batches(epoch), strict=True)
            state, losses = whole(state, (np.stack(X), np.stack(Y)))
        losses.block_until_ready()

    for train in (by_step, by_epoch):
        train(1)
    return {"JAX, step": by_step, "JAX, epoch": by_epoch}


def libraries(trainer: Trainer, dataset: Dataset, order: Order) -> dict[str, Train]:
    """Their training functions by name, for those that are installed."""
    found: dict[str, Train] = {}
    singles: dict[str, Build] = {"PyTorch": torch_loop, "scikit-learn": scikit_learn_loop}
    for name, build in singles.items():
        with suppress(ImportError):
            found[name] = build(trainer, dataset, order)
    with suppress(ImportError):
        found |= jax_loops(trainer, dataset, order)
    return found
