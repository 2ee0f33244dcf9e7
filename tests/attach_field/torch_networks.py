"""Networks as practitioners write them: a model, one batch of its kind, and a loss."""

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn
F = torch.nn.functional

Problem = tuple[Any, Callable[[], tuple[Any, Any]], Callable[..., Any]]
"""The model, what makes a batch (the model's input, the target), the loss function of output and target."""

NETWORKS: dict[str, Callable[[], Problem]] = {}


def network(build: Callable[[], Problem]) -> Callable[[], Problem]:
    NETWORKS[build.__name__] = build
    return build


def points(features: int = 4, size: int = 6) -> Any:
    return torch.randn(size, features)


def classes(number: int = 3, size: int = 6) -> Any:
    return torch.randint(number, (size,))


@network
def sequential() -> Problem:
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    return model, lambda: (points(), classes()), nn.CrossEntropyLoss()


@network
def named_layers() -> Problem:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.act, self.fc2 = nn.Linear(4, 5), nn.GELU(), nn.Linear(5, 1)

        def forward(self, x: Any) -> Any:
            return self.fc2(self.act(self.fc1(x)))

    return Net(), lambda: (points(), torch.randn(6, 1)), nn.MSELoss()


@network
def nested_modules() -> Problem:
    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.SiLU()) for _ in range(3)])

        def forward(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return x

    model = nn.Sequential(Encoder(), nn.ModuleDict({"head": nn.Linear(4, 2)})["head"])
    return model, lambda: (points(), classes(2)), nn.CrossEntropyLoss()


@network
def functional_relu() -> Problem:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.output = nn.Linear(4, 6), nn.Linear(6, 3)

        def forward(self, x: Any) -> Any:
            return self.output(F.relu(self.hidden(x)))

    return Net(), lambda: (points(), classes()), F.cross_entropy


@network
def relu_in_place() -> Problem:
    model = nn.Sequential(
        nn.Linear(4, 6), nn.ReLU(inplace=True), nn.Linear(6, 6), nn.ReLU(inplace=True), nn.Linear(6, 1)
    )
    return model, lambda: (points(), torch.randn(6, 1)), nn.MSELoss()


@network
def residual() -> Problem:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 4)

        def forward(self, x: Any) -> Any:
            return x + torch.tanh(self.linear(x))

    return nn.Sequential(Block(), Block(), nn.Linear(4, 1)), lambda: (points(), torch.randn(6, 1)), nn.MSELoss()


@network
def batch_norm() -> Problem:
    model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3))
    return model, lambda: (points(), classes()), nn.CrossEntropyLoss()


@network
def dropout() -> Problem:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.4), nn.Linear(8, 3))
    return model, lambda: (points(), classes()), nn.CrossEntropyLoss()


@network
def embedding() -> Problem:
    model = nn.Sequential(nn.Embedding(7, 4), nn.Flatten(), nn.Linear(12, 3))
    return model, lambda: (torch.randint(7, (6, 3)), classes()), nn.CrossEntropyLoss()


@network
def sparse_embedding() -> Problem:
    model = nn.Sequential(nn.EmbeddingBag(7, 4, sparse=True), nn.Linear(4, 3))
    return model, lambda: (torch.randint(7, (6, 3)), classes()), nn.CrossEntropyLoss()


@network
def lstm() -> Problem:
    class Tagger(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm, self.output = nn.LSTM(4, 5, batch_first=True), nn.Linear(5, 3)

        def forward(self, x: Any) -> Any:
            states, _ = self.lstm(x)
            return self.output(states).flatten(0, 1)

    return Tagger(), lambda: (torch.randn(2, 4, 4), classes(size=8)), nn.CrossEntropyLoss()


@network
def recurrent_by_hand() -> Problem:
    class Cell(nn.Module):
        """One layer, called again for each time."""

        def __init__(self) -> None:
            super().__init__()
            self.step, self.output = nn.Linear(4 + 3, 3), nn.Linear(3, 1)

        def forward(self, x: Any) -> Any:
            state = x.new_zeros(len(x), 3)
            for time in range(x.shape[1]):
                state = torch.tanh(self.step(torch.cat([x[:, time], state], dim=1)))
            return self.output(state)

    return Cell(), lambda: (torch.randn(5, 3, 4), torch.randn(5, 1)), nn.MSELoss()


@network
def convolutions() -> Problem:
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(48, 3),
    )  # fmt: skip
    return model, lambda: (torch.randn(4, 1, 8, 8), classes(size=4)), nn.CrossEntropyLoss()


@network
def transformer() -> Problem:
    class Transformer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens = nn.Embedding(9, 8)
            layer = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.1, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 2)
            self.output = nn.Linear(8, 9)

        def forward(self, x: Any) -> Any:
            return self.output(self.encoder(self.tokens(x))).flatten(0, 1)

    return Transformer(), lambda: (torch.randint(9, (2, 5)), classes(9, 10)), nn.CrossEntropyLoss()


@network
def tied_weights() -> Problem:
    class Language(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.hidden, self.output = nn.Embedding(7, 4), nn.Linear(4, 4), nn.Linear(4, 7, bias=False)
            self.output.weight = self.tokens.weight

        def forward(self, x: Any) -> Any:
            return self.output(torch.tanh(self.hidden(self.tokens(x))))

    return Language(), lambda: (classes(7), classes(7)), nn.CrossEntropyLoss()


@network
def one_layer_twice() -> Problem:
    """The same module stands at two places."""
    shared = nn.Linear(4, 4)
    model = nn.Sequential(shared, nn.Tanh(), shared, nn.Tanh(), nn.Linear(4, 1))
    return model, lambda: (points(), torch.randn(6, 1)), nn.MSELoss()


@network
def frozen_layers() -> Problem:
    model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 3))
    model[0].requires_grad_(False)
    return model, lambda: (points(), classes()), nn.CrossEntropyLoss()


@network
def weight_norm() -> Problem:
    wrapped = nn.utils.parametrizations.weight_norm(nn.Linear(4, 5))
    return nn.Sequential(wrapped, nn.ReLU(), nn.Linear(5, 1)), lambda: (points(), torch.randn(6, 1)), nn.MSELoss()


@network
def outputs_in_a_dict() -> Problem:
    class TwoHeads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.size, self.kind = nn.Linear(4, 5), nn.Linear(5, 1), nn.Linear(5, 3)

        def forward(self, x: Any) -> Any:
            hidden = torch.relu(self.body(x))
            return {"size": self.size(hidden), "kind": self.kind(hidden), "note": "two heads", "nothing": None}

    def loss(output: Any, target: Any) -> Any:
        return F.cross_entropy(output["kind"], target) + output["size"].square().mean()

    return TwoHeads(), lambda: (points(), classes()), loss


@network
def checkpointed() -> Problem:
    """The first half runs again during the backward pass."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.drop, self.second = nn.Linear(4, 5), nn.Dropout(0.3), nn.Linear(5, 3)

        def forward(self, x: Any) -> Any:
            half = torch.utils.checkpoint.checkpoint(
                lambda v: self.drop(torch.relu(self.first(v))), x, use_reentrant=False
            )
            return self.second(half)

    return Net(), lambda: (points(), classes()), nn.CrossEntropyLoss()


@network
def own_function() -> Problem:
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, x: Any) -> Any:
            context.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(context: Any, gradient: Any) -> Any:
            return 3 * context.saved_tensors[0] ** 2 * gradient

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(4, 3), nn.Linear(3, 1)
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, x: Any) -> Any:
            return self.scale * self.fc2(Cube.apply(self.fc1(x)))

    return Net(), lambda: (points(), torch.randn(6, 1)), nn.MSELoss()


@network
def float64() -> Problem:
    model = nn.Sequential(nn.Linear(4, 5), nn.Sigmoid(), nn.Linear(5, 1), nn.Sigmoid()).double()
    return model, lambda: (points().double(), torch.randint(2, (6, 1)).double()), nn.BCELoss()


@network
def bfloat16() -> Problem:
    """A type of number that NumPy does not have."""
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1)).bfloat16()
    return model, lambda: (points().bfloat16(), torch.randn(6, 1).bfloat16()), nn.MSELoss()


@network
def lazy_layers() -> Problem:
    """Its parameters have no shape before the first batch."""
    return (
        nn.Sequential(nn.LazyLinear(5), nn.ReLU(), nn.LazyLinear(3)),
        lambda: (points(), classes()),
        nn.CrossEntropyLoss(),
    )


@network
def parallel_wrapper() -> Problem:
    model = nn.DataParallel(nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)))
    return model, lambda: (points(), classes()), nn.CrossEntropyLoss()
