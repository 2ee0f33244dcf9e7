"""Training loops of many kinds, each as somebody might have written it, with `step(loss)` where run.step stands.

A loop is a function of `watch` and gives the losses and the final parameters. `watch(model, optimizer, …)` gives what
stands for a run.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Watch = Callable[..., Any]
Result = tuple[list[float], list[torch.Tensor]]
LOOPS: dict[str, Callable[[Watch], Result]] = {}
STEPS = 7


def loop(function: Callable[[Watch], Result]) -> Callable[[Watch], Result]:
    LOOPS[function.__name__] = function
    return function


def classes(size: int = 12, features: int = 4, count: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(size, features), torch.randint(0, count, (size,))


def trained(
    watch: Watch,
    model: nn.Module,
    loss_function: Any = None,
    batches: Iterator[Any] | None = None,
    optimizer: Any = None,
    watched: Any = None,
    loss: Any = "same",
) -> Result:
    """The usual loop."""
    loss_function = loss_function or nn.CrossEntropyLoss()
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run = watch(watched or model, optimizer, loss=loss_function if loss == "same" else loss)
    losses = []
    for _ in range(STEPS):
        X, y = next(batches) if batches is not None else classes()
        optimizer.zero_grad()
        value = loss_function(model(X), y)
        value.backward()
        optimizer.step()
        run.step(value)
        losses.append(value.item())
    return losses, list(model.parameters())


def mlp(*widths: int, dropout: float = 0.0, norm: bool = False) -> nn.Sequential:
    widths = widths or (4, 8, 3)
    parts: list[nn.Module] = []
    for inputs, units in pairwise(widths):
        parts += [nn.Linear(inputs, units), nn.ReLU()]
        if norm:
            parts.insert(-1, nn.BatchNorm1d(units))
        if dropout:
            parts.append(nn.Dropout(dropout))
    return nn.Sequential(*parts[: -1 - (dropout > 0) - norm])


@loop
def plain(watch: Watch) -> Result:
    return trained(watch, mlp(4, 8, 8, 3))


@loop
def dropout_and_norm(watch: Watch) -> Result:
    model = mlp(4, 8, 8, 3, dropout=0.3, norm=True)
    return trained(watch, model, optimizer=torch.optim.Adam(model.parameters()))


@loop
def double(watch: Watch) -> Result:
    def batches() -> Iterator[Any]:
        while True:
            X, y = classes()
            yield X.double(), y

    return trained(watch, mlp(dropout=0.5).double(), batches=batches())


@loop
def bfloat16(watch: Watch) -> Result:
    def batches() -> Iterator[Any]:
        while True:
            X, y = classes()
            yield X.bfloat16(), y

    return trained(watch, mlp().bfloat16(), batches=batches())


@loop
def rewriting_in_place(watch: Watch) -> Result:
    return trained(
        watch,
        nn.Sequential(nn.Linear(4, 8), nn.ReLU(inplace=True), nn.Linear(8, 8), nn.ELU(inplace=True), nn.Linear(8, 3)),
    )


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.first(x))
        x = x + functional.dropout(functional.gelu(self.second(x)), 0.2, self.training)
        return self.last(x)


@loop
def functions_between(watch: Watch) -> Result:
    return trained(watch, Functional())


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(11, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.1)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 11)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(self.words(x))).transpose(1, 2)


def sentences() -> Iterator[Any]:
    while True:
        x = torch.randint(0, 11, (3, 5))
        yield x, x.roll(-1, 1)


@loop
def transformer(watch: Watch) -> Result:
    model = Transformer()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    function = nn.CrossEntropyLoss()
    run = watch(model, optimizer, loss=function)
    losses, batches = [], sentences()
    for _ in range(STEPS):
        X, y = next(batches)
        optimizer.zero_grad()
        loss = function(model(X), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        run.step(loss)
        model.eval()
        with torch.no_grad():
            losses.append(float(function(model(X), y)))
        model.train()
    return losses, list(model.parameters())


class Repeated(nn.Module):
    """One Linear, called several times; and a word matrix that is the output's, too."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(11, 8)
        self.inner = nn.Linear(8, 8)
        self.last = nn.Linear(8, 11, bias=False)
        self.last.weight = self.words.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.words(x)
        for _ in range(3):
            x = x + torch.tanh(self.inner(x))
        return self.last(x).transpose(1, 2)


@loop
def shared_parameters(watch: Watch) -> Result:
    return trained(watch, Repeated(), batches=sentences())


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.cells = nn.Embedding(11, 6, sparse=True), nn.LSTM(6, 8, batch_first=True)
        self.last = nn.Linear(8, 11)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.cells(self.words(x))[0]).transpose(1, 2)


@loop
def recurrent_and_sparse(watch: Watch) -> Result:
    model = Recurrent()
    return trained(watch, model, batches=sentences(), optimizer=torch.optim.SGD(model.parameters(), 0.1))


@loop
def convolutional(watch: Watch) -> Result:
    def batches() -> Iterator[Any]:
        while True:
            yield torch.randn(5, 1, 8, 8), torch.randint(0, 3, (5,))

    parts = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3)
    return trained(watch, nn.Sequential(*parts), batches=batches())


@loop
def frozen(watch: Watch) -> Result:
    model = mlp(4, 8, 8, 3)
    model[0].requires_grad_(False)
    trained_ones = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return trained(watch, model, optimizer=torch.optim.Adam(trained_ones))


@loop
def never_used(watch: Watch) -> Result:
    model = mlp()
    model.spare = nn.Linear(3, 3)  # type: ignore[assignment]
    model.forward = lambda x: model[2](model[1](model[0](x)))  # type: ignore[method-assign]
    return trained(watch, model)


def accumulated(watch: Watch, *, each: bool) -> Result:
    model, function = mlp(dropout=0.2), nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters())
    run = watch(model, optimizer, loss=function)
    losses = []
    for micro in range(4 * STEPS):
        X, y = classes(5)
        loss = function(model(X), y) / 4
        loss.backward()
        done = micro % 4 == 3
        if done:
            optimizer.step()
            optimizer.zero_grad()
        if done or each:
            run.step(loss * 4)
            losses.append(4 * loss.item())
    return losses, list(model.parameters())


@loop
def accumulation(watch: Watch) -> Result:
    return accumulated(watch, each=False)


@loop
def accumulation_with_a_call_each(watch: Watch) -> Result:
    return accumulated(watch, each=True)


@loop
def closures(watch: Watch) -> Result:
    model, function = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1)), nn.MSELoss()
    optimizer = torch.optim.LBFGS(model.parameters(), 0.5, max_iter=4)
    run = watch(model, optimizer, loss=function)
    X, y = torch.randn(12, 4), torch.randn(12, 1)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss: torch.Tensor = function(model(X), y)
        loss.backward()
        return loss

    losses = []
    for _ in range(STEPS):
        loss = optimizer.step(closure)
        run.step(loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


@loop
def mixed_precision(watch: Watch) -> Result:
    model, function = mlp(4, 16, 16, 3), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    run = watch(model, optimizer, loss=function)
    losses = []
    for _ in range(STEPS):
        X, y = classes()
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = function(model(X), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        run.step(loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


@loop
def overflow_skips_a_step(watch: Watch) -> Result:
    model, function = mlp(4, 16, 3), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127)
    run = watch(model, optimizer, loss=function)
    losses = []
    for _ in range(STEPS):
        X, y = classes()
        optimizer.zero_grad()
        loss = 9 * function(model(X), y)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        scaler.step(optimizer)
        scaler.update(2.0**10 if len(losses) > 1 else None)
        run.step(loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


@loop
def compiled(watch: Watch) -> Result:
    torch._dynamo.reset()
    model = mlp(4, 8, 3)
    return trained(watch, torch.compile(model, backend="aot_eager", fullgraph=True))


@loop
def compiled_beside(watch: Watch) -> Result:
    """The module itself is watched, and what was compiled of it is called."""
    torch._dynamo.reset()
    model = mlp(4, 8, 3)
    return trained(watch, torch.compile(model, backend="aot_eager", fullgraph=True), watched=model)


@loop
def data_parallel(watch: Watch) -> Result:
    return trained(watch, nn.DataParallel(mlp(4, 8, 3)))


@loop
def evaluation_between(watch: Watch) -> Result:
    model, function = mlp(dropout=0.5, norm=True), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters())
    run = watch(model, optimizer, loss=function)
    losses = []
    for step in range(STEPS):
        X, y = classes()
        model.train()
        loss = function(model(X), y)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()
        model.eval()
        losses.append(function(model(torch.randn(20, 4)), torch.zeros(20, dtype=torch.long)).item())
        optimizer.zero_grad(set_to_none=step % 2 == 0)
        run.step(loss)
        with torch.inference_mode():
            losses.append(function(model(X), y).item())
    return losses, list(model.parameters())


@loop
def not_finite(watch: Watch) -> Result:
    model = mlp()
    return trained(watch, model, optimizer=torch.optim.SGD(model.parameters(), 1e30))


@loop
def twice_through_one_graph(watch: Watch) -> Result:
    model, function = mlp(4, 8, 3), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run = watch(model, optimizer, loss=function)
    losses = []
    for _ in range(STEPS):
        X, y = classes()
        optimizer.zero_grad()
        outputs = model(X)
        loss = function(outputs, y)
        loss.backward(retain_graph=True)
        outputs.square().mean().backward()
        optimizer.step()
        run.step(loss.item())
        losses.append(loss.item())
    return losses, list(model.parameters())


@loop
def gradient_penalty(watch: Watch) -> Result:
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters())
    run = watch(model, optimizer)
    losses = []
    for _ in range(STEPS):
        X = torch.randn(6, 4, requires_grad=True)
        optimizer.zero_grad()
        outputs = model(X)
        slope = torch.autograd.grad(outputs.sum(), X, create_graph=True)[0]
        loss = outputs.mean() + (slope.norm(dim=1) - 1).square().mean()
        loss.backward()
        optimizer.step()
        run.step(loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


class Checkpointed(nn.Module):
    def __init__(self, *, reentrant: bool) -> None:
        super().__init__()
        self.inner, self.last, self.reentrant = mlp(4, 8, 8, dropout=0.2), nn.Linear(8, 3), reentrant

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.requires_grad_()
        return self.last(torch.utils.checkpoint.checkpoint(self.inner, x, use_reentrant=self.reentrant))


@loop
def checkpointed(watch: Watch) -> Result:
    return trained(watch, Checkpointed(reentrant=False))


@loop
def checkpointed_again(watch: Watch) -> Result:
    return trained(watch, Checkpointed(reentrant=True))


@loop
def changed_on_the_way(watch: Watch) -> Result:
    model, function = mlp(4, 8, 3), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run = watch(model, optimizer, loss=function)
    losses = []
    for step in range(STEPS):
        if step == 3:
            model[2] = nn.Linear(8, 3)
            model.insert(1, nn.BatchNorm1d(8))
            optimizer.add_param_group({"params": [*model[1].parameters(), *model[3].parameters()], "lr": 0.01})
        X, y = classes()
        optimizer.zero_grad()
        loss = function(model(X), y)
        loss.backward()
        optimizer.step()
        run.step(loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


@loop
def lazy(watch: Watch) -> Result:
    model = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(3))
    function = nn.CrossEntropyLoss()
    run = watch(model, None, loss=function)
    model(torch.randn(2, 4))
    losses = []
    for _ in range(STEPS):
        X, y = classes()
        model.zero_grad()
        loss = function(model(X), y)
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.1 * parameter.grad
        run.step(loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


@loop
def normed_weights(watch: Watch) -> Result:
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 8)), nn.Tanh(), nn.Linear(8, 3))
    return trained(watch, model)


@loop
def a_forward_that_fails(watch: Watch) -> Result:
    model, function = mlp(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run = watch(model, optimizer, loss=function)
    losses = []
    for step in range(STEPS):
        X, y = classes()
        optimizer.zero_grad()
        try:
            model(torch.randn(3, 5 if step % 2 else 4))
        except RuntimeError:
            losses.append(-1.0)
        loss = function(model(X), y)
        loss.backward()
        optimizer.step()
        run.step(loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


@loop
def several_updates_to_a_call(watch: Watch) -> Result:
    model, function = mlp(), nn.CrossEntropyLoss()
    optimizer = torch.optim.RMSprop(model.parameters())
    run = watch(model, optimizer, loss=function)
    losses = []
    for _ in range(STEPS):
        for _batch in range(3):
            X, y = classes()
            optimizer.zero_grad()
            loss = function(model(X), y)
            loss.backward()
            optimizer.step()
        run.step(loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


class WithLoss(nn.Module):
    """Gives its loss itself, as many large models do, among other things."""

    def __init__(self) -> None:
        super().__init__()
        self.body = mlp(4, 8, 3)

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, Any]:
        logits = self.body(x)
        return {"loss": functional.cross_entropy(logits, labels), "logits": logits, "hidden": (logits, [])}


@loop
def loss_inside(watch: Watch) -> Result:
    model = WithLoss()
    optimizer = torch.optim.Adagrad(model.parameters())
    run = watch(model, optimizer)
    losses = []
    for _ in range(STEPS):
        X, y = classes()
        optimizer.zero_grad()
        loss = model(x=X, labels=y)["loss"]
        loss.backward()
        optimizer.step()
        run.step(loss=loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


@loop
def parts_called_one_by_one(watch: Watch) -> Result:
    model, function = mlp(4, 8, 3), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run = watch(model, optimizer, loss=function)
    losses = []
    for _ in range(STEPS):
        X, y = classes()
        optimizer.zero_grad()
        loss = function(model[2](torch.tanh(model[0](X))), y)
        loss.backward()
        optimizer.step()
        run.step(loss)
        losses.append(loss.item())
    return losses, list(model.parameters())


@loop
def losses_of_several_numbers(watch: Watch) -> Result:
    model, function = mlp(), nn.CrossEntropyLoss(reduction="none")
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run = watch(model, optimizer, loss=function)
    losses = []
    for _ in range(STEPS):
        X, y = classes()
        optimizer.zero_grad()
        loss = function(model(X), y)
        loss.mean().backward()
        optimizer.step()
        run.step(loss)
        losses.append(float(loss.detach().numpy().mean(dtype="float64")))
    return losses, list(model.parameters())
