"""Dense PyTorch networks with data, loss and optimizer: some that a preset can express, some with a catch."""

from collections.abc import Callable
from typing import Any, NamedTuple

from .torch_networks import F, nn, torch


class Case(NamedTuple):
    model: Any
    loss: Any
    targets: Any
    optimizer: Callable[[Any], Any] = lambda parameters: torch.optim.SGD(parameters, lr=0.1)
    """Makes it of the parameters; or, of the model, where it is more than that."""


EXPRESSIBLE: dict[str, Callable[[], Case]] = {}
CATCHES: dict[str, Callable[[], Case]] = {}
SIZE = 7

Optimizer = Callable[[Any], Any]


def expressible(build: Callable[[], Case]) -> Callable[[], Case]:
    EXPRESSIBLE[build.__name__] = build
    return build


def catch(build: Callable[[], Case]) -> Callable[[], Case]:
    CATCHES[build.__name__] = build
    return build


def numbers(outputs: int = 2) -> Any:
    return torch.randn(SIZE, outputs)


def labels(classes: int = 3) -> Any:
    return torch.randint(classes, (SIZE,))


def bits(outputs: int = 1) -> Any:
    return torch.randint(2, (SIZE, outputs)).float()


def hidden(*modules: Any, outputs: int = 2) -> Any:
    """3-5-outputs, with modules between its two layers."""
    return nn.Sequential(nn.Linear(3, 5), *modules, nn.Linear(5, outputs))


def optimizer(name: str, **settings: Any) -> Optimizer:
    return lambda parameters: getattr(torch.optim, name)(parameters, **settings)


@expressible
def tanh() -> Case:
    return Case(hidden(nn.Tanh()), nn.MSELoss(), numbers())


@expressible
def relu_and_classes() -> Case:
    return Case(hidden(nn.ReLU(), outputs=3), nn.CrossEntropyLoss(), labels(), optimizer("Adam", lr=0.01))


@expressible
def sigmoid_at_the_end() -> Case:
    model = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 2), nn.Sigmoid())
    return Case(model, nn.BCELoss(), bits(2), optimizer("SGD", lr=0.2, momentum=0.9))


@expressible
def logits() -> Case:
    return Case(hidden(nn.Tanh(), outputs=1), nn.BCEWithLogitsLoss(), bits(), optimizer("RMSprop", lr=0.01, alpha=0.95))


@expressible
def leaky_relu_and_nesterov() -> Case:
    settings = optimizer("SGD", lr=0.1, momentum=0.8, nesterov=True)
    return Case(hidden(nn.LeakyReLU(0.2)), nn.MSELoss(), numbers(), settings)


@expressible
def elu_and_adagrad() -> Case:
    return Case(hidden(nn.ELU()), nn.MSELoss(), numbers(), optimizer("Adagrad", lr=0.05))


@expressible
def gelu_and_weight_decay() -> Case:
    return Case(
        hidden(nn.GELU(), outputs=3), nn.CrossEntropyLoss(), labels(), optimizer("SGD", lr=0.1, weight_decay=0.1)
    )


@expressible
def gelu_by_tanh_and_adamw() -> Case:
    return Case(
        hidden(nn.GELU(approximate="tanh")), nn.MSELoss(), numbers(), optimizer("AdamW", lr=0.01, weight_decay=0.1)
    )


@expressible
def silu_and_other_betas() -> Case:
    settings = optimizer("Adam", lr=0.01, betas=(0.8, 0.95), eps=1e-6)
    return Case(hidden(nn.SiLU()), nn.MSELoss(), numbers(), settings)


@expressible
def softplus_without_biases() -> Case:
    model = nn.Sequential(nn.Linear(3, 5, bias=False), nn.Softplus(), nn.Linear(5, 2, bias=False))
    return Case(model, nn.MSELoss(), numbers())


@expressible
def batch_norm() -> Case:
    model = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 2))
    nn.init.uniform_(model[1].weight, 0.5, 1.5)
    return Case(model, nn.MSELoss(), numbers())


@expressible
def nested() -> Case:
    class Block(nn.Module):
        def __init__(self, inputs: int, units: int) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(inputs, units), nn.Tanh())

        def forward(self, x: Any) -> Any:
            return self.body(x)

    return Case(nn.Sequential(Block(3, 6), Block(6, 4), nn.Linear(4, 3)), nn.CrossEntropyLoss(), labels())


@expressible
def residual() -> Case:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear, self.activation = nn.Linear(4, 4), nn.Tanh()

        def forward(self, x: Any) -> Any:
            return x + self.activation(self.linear(x))

    return Case(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), Block(), Block(), nn.Linear(4, 2)), nn.MSELoss(), numbers())


@catch
def functional_activation() -> Case:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(3, 5), nn.Linear(5, 2)

        def forward(self, x: Any) -> Any:
            return self.fc2(F.relu(self.fc1(x)))

    return Case(Net(), nn.MSELoss(), numbers())


@catch
def other_order_than_written() -> Case:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last, self.activation, self.first = nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            return self.last(self.activation(self.first(x)))

    return Case(Net(), nn.MSELoss(), numbers(3))


@catch
def more_than_its_modules() -> Case:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.activation, self.fc2 = nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)

        def forward(self, x: Any) -> Any:
            return self.fc2(0.5 * self.activation(self.fc1(x)))

    return Case(Net(), nn.MSELoss(), numbers())


@catch
def forward_that_decides() -> Case:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.never = nn.Linear(3, 3), nn.Linear(3, 2), nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            x = torch.tanh(self.fc1(x))
            return self.fc2(self.never(x) if x.sum() > 1e6 else x)

    return Case(Net(), nn.MSELoss(), numbers())


@catch
def residual_of_the_input_twice() -> Case:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            return x + x + torch.tanh(self.linear(x))

    return Case(nn.Sequential(Block(), nn.Linear(3, 2)), nn.MSELoss(), numbers())


@catch
def layer_used_twice() -> Case:
    shared = nn.Linear(3, 3)
    return Case(nn.Sequential(shared, nn.Tanh(), shared, nn.Tanh(), nn.Linear(3, 2)), nn.MSELoss(), numbers())


@catch
def softmax_and_cross_entropy() -> Case:
    """Softmax twice: a common mistake, which a preset must not mend."""
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 3), nn.Softmax(dim=1))
    return Case(model, nn.CrossEntropyLoss(), labels())


@catch
def sigmoid_and_logits() -> Case:
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1), nn.Sigmoid())
    return Case(model, nn.BCEWithLogitsLoss(), bits())


@catch
def softmax_and_squares() -> Case:
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 3), nn.Softmax(dim=1))
    return Case(model, nn.MSELoss(), numbers(3))


@catch
def softmax_over_the_batch() -> Case:
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 3), nn.Softmax(dim=0))
    return Case(model, nn.MSELoss(), numbers(3))


@catch
def log_softmax_and_likelihood() -> Case:
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 3), nn.LogSoftmax(dim=1))
    return Case(model, nn.NLLLoss(), labels())


MODULES: dict[str, Callable[[], list[Any]]] = {
    "Softplus(beta=2)": lambda: [nn.Softplus(beta=2)],
    "ELU(alpha=0.5)": lambda: [nn.ELU(0.5)],
    "PReLU": lambda: [nn.PReLU()],
    "ReLU6": lambda: [nn.ReLU6()],
    "LayerNorm": lambda: [nn.LayerNorm(5), nn.Tanh()],
    "Dropout(0)": lambda: [nn.Tanh(), nn.Dropout(0.0)],
    "Identity": lambda: [nn.Identity(), nn.Tanh(), nn.Identity()],
    "two activations": lambda: [nn.Tanh(), nn.ReLU()],
    "batch norm after the activation": lambda: [nn.Tanh(), nn.BatchNorm1d(5)],
    "batch norm alone": lambda: [nn.BatchNorm1d(5)],
    "batch norm's momentum": lambda: [nn.BatchNorm1d(5, momentum=0.3), nn.Tanh()],
    "batch norm's epsilon": lambda: [nn.BatchNorm1d(5, eps=0.1), nn.Tanh()],
    "batch norm without parameters": lambda: [nn.BatchNorm1d(5, affine=False), nn.Tanh()],
    "batch norm without statistics": lambda: [nn.BatchNorm1d(5, track_running_stats=False), nn.Tanh()],
}
CATCHES |= {name: lambda make=make: Case(hidden(*make()), nn.MSELoss(), numbers()) for name, make in MODULES.items()}

LOSSES: dict[str, Callable[[], Case]] = {
    "label smoothing": lambda: Case(hidden(nn.Tanh(), outputs=3), nn.CrossEntropyLoss(label_smoothing=0.2), labels()),
    "class weights": lambda: Case(
        hidden(nn.Tanh(), outputs=3), nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0])), labels()
    ),
    "ignored class": lambda: Case(hidden(nn.Tanh(), outputs=3), nn.CrossEntropyLoss(ignore_index=0), labels()),
    "probabilities": lambda: Case(
        hidden(nn.Tanh(), outputs=3), nn.CrossEntropyLoss(), torch.softmax(torch.randn(SIZE, 3).double(), dim=1)
    ),
    "sum of squares": lambda: Case(
        hidden(nn.Tanh()), nn.MSELoss(reduction="sum"), numbers(), optimizer("SGD", lr=0.01)
    ),
    "sum of cross-entropies": lambda: Case(
        hidden(nn.Tanh(), outputs=3), nn.CrossEntropyLoss(reduction="sum"), labels(), optimizer("SGD", lr=0.01)
    ),
    "positive weight": lambda: Case(
        hidden(nn.Tanh(), outputs=1), nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0)), bits()
    ),
    "huber": lambda: Case(hidden(nn.Tanh()), nn.HuberLoss(), numbers()),
    "absolute error": lambda: Case(hidden(nn.Tanh()), nn.L1Loss(), numbers()),
    "a function": lambda: Case(hidden(nn.Tanh()), F.mse_loss, numbers()),
    "a function of one's own": lambda: Case(hidden(nn.Tanh()), lambda o, t: 3 * F.mse_loss(o, t), numbers()),
}
CATCHES |= LOSSES

OPTIMIZERS: dict[str, Optimizer] = {
    "amsgrad": optimizer("Adam", lr=0.1, amsgrad=True),
    "dampening": optimizer("SGD", lr=0.1, momentum=0.9, dampening=0.5),
    "maximize": optimizer("SGD", lr=0.1, maximize=True),
    "centered": optimizer("RMSprop", lr=0.01, centered=True),
    "rmsprop with momentum": optimizer("RMSprop", lr=0.01, momentum=0.9),
    "adagrad with decay": optimizer("Adagrad", lr=0.1, lr_decay=0.5),
    "adagrad's first sum": optimizer("Adagrad", lr=0.1, initial_accumulator_value=0.3),
    "rate as a tensor": optimizer("SGD", lr=torch.tensor(0.125)),
    "decoupled decay": optimizer("Adam", lr=0.1, weight_decay=0.1, decoupled_weight_decay=True),
    "weight decay of adam": optimizer("Adam", lr=0.1, weight_decay=0.1),
    "nadam": optimizer("NAdam", lr=0.1),
    "lbfgs": optimizer("LBFGS", lr=0.1),
    "a group of its own": lambda parameters: torch.optim.SGD(
        [{"params": list(parameters)[:2], "lr": 0.5}, {"params": list(parameters)[2:]}], lr=0.1
    ),
    "one layer left out": lambda parameters: torch.optim.SGD(list(parameters)[2:], lr=0.1),
    "biases left out": lambda parameters: torch.optim.SGD([p for p in parameters if p.ndim > 1], lr=0.1),
}
CATCHES |= {
    name: lambda make=make: Case(hidden(nn.Tanh()), nn.MSELoss(), numbers(), make) for name, make in OPTIMIZERS.items()
}


@catch
def frozen_layer() -> Case:
    model = hidden(nn.Tanh())
    model[0].requires_grad_(False)
    return Case(model, nn.MSELoss(), numbers())
