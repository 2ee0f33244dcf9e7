"""PyTorch trainings that are sick in a known way, and trainings with which nothing is wrong."""

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

from .torch_networks import F, nn, torch

Batch = Callable[[int], tuple[Any, Any]]


class Training(NamedTuple):
    model: Any
    optimizer: Any
    loss: Callable[..., Any]
    batch: Batch
    """The examples of a step, counted from 0."""
    steps: int = 200
    zeroes: bool = True
    """Whether gradients are set to zero before each step."""


class Sick(NamedTuple):
    build: Callable[[], Training]
    causes: set[str]
    """The rules that name the cause; the first finding is one of them."""
    words: str
    """What stands in a remedy, of PyTorch's own words, by a regular expression."""


SICK: dict[str, Sick] = {}
HEALTHY: dict[str, Callable[[], Training]] = {}
RATE = r"\blr ?= ?[0-9.e-]+"
MODULE = r"\bnn\.[A-Za-z_.]+"


def sick(causes: str, words: str = f"{RATE}|{MODULE}") -> Callable[[Callable[[], Training]], Callable[[], Training]]:
    def enter(build: Callable[[], Training]) -> Callable[[], Training]:
        SICK[build.__name__] = Sick(build, set(causes.split()), words)
        return build

    return enter


def healthy(build: Callable[[], Training]) -> Callable[[], Training]:
    HEALTHY[build.__name__] = build
    return build


def trained(training: Training, run: Any) -> list[float]:
    """Train, tell `run` of each step, and close it; the losses."""
    losses = []
    for step in range(training.steps):
        x, y = training.batch(step)
        if training.zeroes:
            training.optimizer.zero_grad()
        loss = training.loss(training.model(x), y)
        loss.backward()
        training.optimizer.step()
        run.step(loss)
        losses.append(loss.item())
    run.close()
    return losses


def blobs(classes: int = 3, size: int = 90, features: int = 2, scale: float = 1.0) -> tuple[Any, Any]:
    """Points around one centre a class, and the number of their class."""
    target = torch.arange(size) % classes
    return scale * (3 * torch.randn(classes, features)[target] + torch.randn(size, features)), target


def curve(size: int = 64) -> tuple[Any, Any]:
    """A sine, to be learnt from one number."""
    x = torch.linspace(-2, 2, size).unsqueeze(1)
    return x, torch.sin(2 * x)


def moon_labels(size: int = 80) -> tuple[Any, Any]:
    """Points inside and outside of a circle, with 0 and 1."""
    x = torch.randn(size, 2)
    return x, (x.square().sum(dim=1, keepdim=True) > 1.4).float()


def whole(x: Any, y: Any) -> Batch:
    return lambda step: (x, y)


def mini(x: Any, y: Any, size: int = 16) -> Batch:
    """Examples drawn anew for each step."""

    def batch(step: int) -> tuple[Any, Any]:
        rows = torch.randint(len(x), (size,))
        return x[rows], y[rows]

    return batch


def dense(*widths: int, activation: Callable[[], Any] = nn.ReLU, init: Callable[[Any], Any] | None = None) -> Any:
    """Linear layers with an activation between them; `init` is done to each weight."""
    layers: list[Any] = []
    for inputs, units in itertools.pairwise(widths):
        layers += [nn.Linear(inputs, units), activation()]
        if init:
            init(layers[-2].weight)
    return nn.Sequential(*layers[:-1])


def sgd(model: Any, lr: float = 0.1, **more: Any) -> Any:
    return torch.optim.SGD(model.parameters(), lr=lr, **more)


def adam(model: Any, lr: float = 0.01) -> Any:
    return torch.optim.Adam(model.parameters(), lr=lr)


@sick("vanishing_gradient", MODULE)
def ten_sigmoid_layers() -> Training:
    model = dense(2, *[12] * 10, 1, activation=nn.Sigmoid)
    return Training(model, sgd(model), nn.BCEWithLogitsLoss(), mini(*moon_labels()))


@sick("vanishing_gradient", MODULE)
def ten_sigmoids_in_forward() -> Training:
    """The activations are no modules."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(2 if number == 0 else 12, 12) for number in range(10)])
            self.output = nn.Linear(12, 3)

        def forward(self, x: Any) -> Any:
            for layer in self.layers:
                x = torch.sigmoid(layer(x))
            return self.output(x)

    model = Net()
    return Training(model, sgd(model), F.cross_entropy, mini(*blobs()))


@sick("vanishing_gradient poor_initialization", MODULE)
def tanh_with_tiny_weights() -> Training:
    model = dense(2, *[10] * 5, 1, activation=nn.Tanh, init=lambda w: nn.init.normal_(w, std=0.01))
    return Training(model, sgd(model, 0.01), nn.BCEWithLogitsLoss(), mini(*moon_labels()))


@sick("exploding_gradient poor_initialization", MODULE)
def deep_relu_with_large_weights() -> Training:
    model = dense(4, *[16] * 8, 3, init=lambda w: nn.init.normal_(w, std=1.0))
    return Training(model, sgd(model, 1e-7), nn.CrossEntropyLoss(), mini(*blobs(features=4)))


@sick("learning_rate_too_high", RATE)
def rate_that_diverges() -> Training:
    model = dense(1, 16, 16, 1, activation=nn.Tanh)
    return Training(model, sgd(model, 5.0), nn.MSELoss(), whole(*curve()))


@sick("learning_rate_too_high", RATE)
def rate_that_ends_in_nan() -> Training:
    model = nn.Sequential(nn.Linear(4, 1))
    x = torch.randn(40, 4)
    return Training(model, sgd(model, 4.0), nn.MSELoss(), whole(x, x.sum(dim=1, keepdim=True)), steps=300)


@sick("learning_rate_too_high", RATE)
def adam_with_a_rate_of_one() -> Training:
    model = dense(2, 16, 16, 3, activation=nn.Tanh)
    return Training(model, adam(model, 1.0), nn.CrossEntropyLoss(), mini(*blobs()))


@sick("learning_rate_too_high", RATE)
def momentum_that_overshoots() -> Training:
    model = nn.Linear(4, 1)
    x = torch.randn(40, 4)
    target = x @ torch.tensor([[1.0], [-2.0], [0.5], [3.0]])
    return Training(model, sgd(model, 1.6, momentum=0.99), nn.MSELoss(), whole(x, target))


@sick("learning_rate_too_low", RATE)
def rate_of_a_billionth() -> Training:
    model = dense(2, 16, 3)
    return Training(model, sgd(model, 1e-9), nn.CrossEntropyLoss(), mini(*blobs()))


@sick("learning_rate_too_low", RATE)
def adam_with_a_rate_of_nothing() -> Training:
    model = dense(1, 16, 1, activation=nn.Tanh)
    return Training(model, adam(model, 1e-9), nn.MSELoss(), whole(*curve()))


@sick("dead_units", MODULE)
def biases_far_below_zero() -> Training:
    model = dense(2, 16, 16, 3)
    nn.init.constant_(model[2].bias, -50.0)
    return Training(model, sgd(model), nn.CrossEntropyLoss(), mini(*blobs()))


@sick("dead_units", MODULE)
def silent_relu_at_the_output() -> Training:
    """No gradient gets past it: nothing can ever be learnt."""
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 4), nn.ReLU())
    nn.init.constant_(model[2].bias, -5.0)
    x = torch.randn(40, 2)
    return Training(model, sgd(model, 0.01), nn.MSELoss(), whole(x, x.abs()[:, :1].expand(40, 4)))


@sick("inputs_not_scaled saturated_units poor_initialization", "mean|std|nn.")
def inputs_in_the_thousands() -> Training:
    model = dense(2, 16, 3, activation=nn.Tanh)
    return Training(model, sgd(model, 0.01), nn.CrossEntropyLoss(), mini(*blobs(scale=1000)))


@sick("saturated_units poor_initialization")
def sigmoids_with_large_weights() -> Training:
    model = dense(2, 16, 16, 3, activation=nn.Sigmoid, init=lambda w: nn.init.normal_(w, std=30.0))
    return Training(model, sgd(model, 0.01), nn.CrossEntropyLoss(), mini(*blobs()))


@sick("symmetric_weights", r"\bnn\.init\.")
def all_weights_one_constant() -> Training:
    model = dense(2, 8, 8, 3, activation=nn.Tanh, init=lambda w: nn.init.constant_(w, 0.1))
    for layer in (model[0], model[2], model[4]):
        nn.init.zeros_(layer.bias)
    return Training(model, sgd(model), nn.CrossEntropyLoss(), mini(*blobs()))


@sick("symmetric_weights poor_initialization dead_units", r"\bnn\.init\.")
def all_weights_zero() -> Training:
    model = dense(2, 8, 8, 3)
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    return Training(model, sgd(model), nn.CrossEntropyLoss(), mini(*blobs()))


@sick("not_finite", "")
def nan_among_the_inputs() -> Training:
    model = dense(2, 8, 3)
    x, y = blobs()
    x[7, 1] = float("nan")
    return Training(model, sgd(model), nn.CrossEntropyLoss(), whole(x, y), steps=40)


@sick("not_finite", "")
def logarithm_of_nothing() -> Training:
    """A loss written out by hand, which meets log 0 when an answer is sure enough."""

    def loss(output: Any, target: Any) -> Any:
        answer = torch.relu(output)
        return -(target * torch.log(answer) + (1 - target) * torch.log(1 - answer)).mean()

    model = dense(2, 8, 1, activation=nn.Tanh)
    return Training(model, sgd(model, 0.01), loss, whole(*moon_labels()), steps=40)


@sick("learning_rate_too_low plateau slow_convergence")
def parameters_of_another_model() -> Training:
    """The optimizer was made before the model was made anew."""
    model = dense(2, 8, 3)
    return Training(model, sgd(dense(2, 8, 3)), nn.CrossEntropyLoss(), mini(*blobs()))


@healthy
def classifier() -> Training:
    model = dense(2, 16, 3)
    return Training(model, adam(model), nn.CrossEntropyLoss(), mini(*blobs()))


@healthy
def regression() -> Training:
    model = dense(1, 16, 16, 1, activation=nn.Tanh)
    return Training(model, adam(model), nn.MSELoss(), mini(*curve(), 32))


@healthy
def regression_with_momentum() -> Training:
    model = dense(1, 20, 20, 1, activation=nn.Tanh)
    return Training(model, sgd(model, 0.05, momentum=0.9), nn.MSELoss(), whole(*curve()))


@healthy
def logistic_regression() -> Training:
    model = nn.Linear(2, 3)
    return Training(model, sgd(model), nn.CrossEntropyLoss(), whole(*blobs()))


@healthy
def batch_norm_and_dropout() -> Training:
    layers = [nn.Linear(2, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 3)]
    model = nn.Sequential(*layers)
    return Training(model, adam(model), nn.CrossEntropyLoss(), mini(*blobs(), 32))


@healthy
def deep_residual() -> Training:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.inner = nn.LayerNorm(16), nn.Sequential(nn.Linear(16, 16), nn.GELU(), nn.Linear(16, 16))

        def forward(self, x: Any) -> Any:
            return x + self.inner(self.norm(x))

    model = nn.Sequential(nn.Linear(2, 16), *[Block() for _ in range(4)], nn.Linear(16, 3))
    return Training(model, torch.optim.AdamW(model.parameters(), lr=0.003), nn.CrossEntropyLoss(), mini(*blobs(), 32))


@healthy
def convolutional() -> Training:
    model = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(96, 2)
    )  # fmt: skip
    y = torch.arange(60) % 2
    x = torch.randn(60, 1, 8, 8) + y.view(-1, 1, 1, 1) * torch.eye(8)
    return Training(model, adam(model), nn.CrossEntropyLoss(), mini(x, y), steps=120)


@healthy
def recurrent() -> Training:
    class Sum(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cells, self.output = nn.LSTM(1, 12, batch_first=True), nn.Linear(12, 1)

        def forward(self, x: Any) -> Any:
            return self.output(self.cells(x)[0][:, -1])

    model, x = Sum(), torch.rand(64, 6, 1)
    return Training(model, adam(model), nn.MSELoss(), mini(x, x.sum(dim=1), 32))


@healthy
def attention() -> Training:
    class Counter(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens = nn.Embedding(5, 16)
            self.encoder = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
            self.output = nn.Linear(16, 3)

        def forward(self, x: Any) -> Any:
            return self.output(self.encoder(self.tokens(x)).mean(dim=1))

    model, x = Counter(), torch.randint(5, (64, 6))
    y = ((x == 0).sum(dim=1)).clamp(max=2)
    return Training(model, adam(model, 0.005), nn.CrossEntropyLoss(), mini(x, y, 32), steps=150)


@healthy
def autoencoder() -> Training:
    model = nn.Sequential(nn.Linear(8, 6), nn.SiLU(), nn.Linear(6, 3), nn.Linear(3, 6), nn.SiLU(), nn.Linear(6, 8))
    x = torch.randn(80, 3) @ torch.randn(3, 8)
    return Training(model, adam(model), nn.MSELoss(), mini(x, x, 32), steps=300)


@healthy
def converged() -> Training:
    """Learnt long ago: the loss and all gradients are next to nothing, and that is as it should be."""
    model = dense(2, 16, 1, activation=nn.Tanh)
    x = torch.randn(30, 2)
    return Training(model, adam(model, 0.02), nn.MSELoss(), whole(x, x[:, :1] - 0.5 * x[:, 1:]), steps=900)


@healthy
def double_precision() -> Training:
    model = dense(2, 10, 10, 3, activation=nn.SiLU).double()
    x, y = blobs()
    return Training(model, adam(model), nn.CrossEntropyLoss(), mini(x.double(), y))


@healthy
def fine_tuning() -> Training:
    """The body is frozen, only the head learns."""
    model = dense(2, 32, 32, 3, activation=nn.GELU)
    model[0].requires_grad_(False)
    model[2].requires_grad_(False)
    return Training(model, adam(model[4], 0.02), nn.CrossEntropyLoss(), mini(*blobs()))
