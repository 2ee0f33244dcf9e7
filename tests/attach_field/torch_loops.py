"""Training loops as practitioners write them. Each tells what it saw: its losses and the models that it ends with.

A loop is given `attach(model, optimizer, loss=…)`, which makes a run with `step(loss)`, or one that does nothing.
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from ..share import share
from .torch_networks import NETWORKS, F, nn, points, torch

STEPS = 12


class Seen(NamedTuple):
    """What a loop saw. `losses`: of each call of `step`, one list a run."""

    losses: list[list[float]]
    models: list[Any]


Loop = Callable[[Callable[..., Any]], Seen]
LOOPS: dict[str, Loop] = {}


def way(loop: Loop) -> Loop:
    LOOPS[loop.__name__] = loop
    return loop


def mlp(*widths: int, activation: Any = None) -> Any:
    layers: list[Any] = []
    for inputs, units in itertools.pairwise(widths):
        layers += [nn.Linear(inputs, units), (activation or nn.Tanh)()]
    return nn.Sequential(*layers[:-1])


def batches(steps: int = STEPS, size: int = 6) -> Iterator[tuple[Any, Any]]:
    """Two numbers, and their product to be learnt."""
    for _ in range(steps):
        x = points(2, size)
        yield x, x.prod(dim=1, keepdim=True)


def hooks_of(model: Any) -> list[str]:
    """Whatever hangs on a model: hooks, or a replaced method."""
    found = []
    for name, module in model.named_modules():
        for kind in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"):
            found += [f"{name}.{kind}"] * len(getattr(module, kind))
        found += [f"{name}.{method}" for method in ("forward", "__call__", "_call_impl") if method in vars(module)]
    for name, parameter in model.named_parameters():
        found += [f"{name}._backward_hooks"] * len(parameter._backward_hooks or ())
        found += [f"{name}._post_accumulate"] * len(getattr(parameter, "_post_accumulate_grad_hooks", None) or ())
    return found


def update(
    model: Any, optimizer: Any, run: Any, x: Any, y: Any, convert: Callable[[Any], Any] = lambda loss: loss
) -> float:
    """The step of every tutorial; its loss, which is handed to the run as `convert` makes it."""
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    run.step(convert(loss))
    return loss.item()


def plain(name: str, attach: Callable[..., Any]) -> Seen:
    """The loop of every tutorial, on one of the networks."""
    torch.manual_seed(1)
    model, batch, loss_function = NETWORKS[name]()
    if name == "sparse_embedding":
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    else:
        optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    run, losses = attach(model, optimizer, loss=loss_function), []
    for _ in range(STEPS):
        x, y = batch()
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        run.step(loss)
        losses.append(loss.item())
    run.close()
    return Seen([losses], [model])


LOOPS |= {f"network {name}": partial(plain, name) for name in NETWORKS}


@way
def lbfgs_closure(attach: Callable[..., Any]) -> Seen:
    model = mlp(2, 4, 1)
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4)
    run, losses = attach(model, optimizer, loss=nn.MSELoss()), []
    for x, y in batches():

        def closure(x: Any = x, y: Any = y) -> Any:
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            return loss

        loss = optimizer.step(closure)
        run.step(loss)
        losses.append(loss.item())
    run.close()
    return Seen([losses], [model])


@way
def gradient_accumulation(attach: Callable[..., Any]) -> Seen:
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run, losses = attach(model, optimizer, loss=F.mse_loss), []
    for _ in range(STEPS):
        total = 0.0
        for x, y in batches(3):
            loss = F.mse_loss(model(x), y) / 3
            loss.backward()
            total += loss.item()
        optimizer.step()
        optimizer.zero_grad()
        run.step(total)
        losses.append(total)
    run.close()
    return Seen([losses], [model])


def compiled(of_compiled: bool, attach: Callable[..., Any]) -> Seen:
    torch._dynamo.reset()
    model = mlp(2, 4, 1)
    fast = torch.compile(model, backend="aot_eager")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run, losses = attach(fast if of_compiled else model, optimizer, loss=F.mse_loss), []
    for x, y in batches():
        loss = F.mse_loss(fast(x), y)
        loss.backward()
        optimizer.step()
        run.step(loss)
        optimizer.zero_grad()
        losses.append(loss.item())
    run.close()
    return Seen([losses], [model])


COMPILED = {"compiled, of it": True, "compiled, inner": False}
LOOPS |= {name: partial(compiled, COMPILED[name]) for name in share(list(COMPILED)[:1], list(COMPILED))}


@way
def loader_with_workers(attach: Callable[..., Any]) -> Seen:
    x = points(2, 24)
    data = torch.utils.data.TensorDataset(x, x.prod(dim=1, keepdim=True))
    loader = torch.utils.data.DataLoader(data, batch_size=10, shuffle=True, num_workers=2)
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run, losses = attach(model, optimizer, loss=F.mse_loss), []
    for _ in range(2):
        for inputs, targets in loader:
            losses.append(update(model, optimizer, run, inputs, targets))
    run.close()
    return Seen([losses], [model])


def evaluating(where: str, attach: Callable[..., Any]) -> Seen:
    """Held-out data go through the model inside the loop, at one of its places."""
    model = nn.Sequential(nn.Linear(2, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3), nn.Linear(6, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    held_out = points(2, 9)
    guard = torch.inference_mode if where == "at the end" else torch.no_grad

    def evaluate() -> None:
        model.eval()
        with guard():
            model(held_out)
        model.train()

    run, losses = attach(model, optimizer, loss=F.mse_loss), []
    for x, y in batches():
        if where == "at the start":
            evaluate()
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        if where == "before backward":
            evaluate()
        loss.backward()
        optimizer.step()
        if where == "before run.step":
            model(held_out)  # With a graph, as one forgets.
        run.step(loss)
        losses.append(loss.item())
        if where == "at the end":
            evaluate()
    run.close()
    return Seen([losses], [model])


PLACES = ["at the start", "before backward", "before run.step", "at the end"]
LOOPS |= {f"evaluation {where}": partial(evaluating, where) for where in PLACES}


@way
def learning_rate_schedule(attach: Callable[..., Any]) -> Seen:
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.2, total_steps=STEPS)
    run, losses = attach(model, optimizer, loss=F.mse_loss), []
    for x, y in batches():
        losses.append(update(model, optimizer, run, x, y))
        schedule.step()
    run.close()
    return Seen([losses], [model])


def zeroing(where: str, to_none: bool, attach: Callable[..., Any]) -> Seen:
    model = mlp(2, 4, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run, losses = attach(model, optimizer, loss=F.mse_loss), []
    for x, y in batches():
        if where == "first":
            optimizer.zero_grad(set_to_none=to_none)
        loss = F.mse_loss(model(x), y)
        if where == "before backward":
            model.zero_grad(set_to_none=to_none)
        loss.backward()
        optimizer.step()
        if where == "before run.step":
            optimizer.zero_grad(set_to_none=to_none)
        run.step(loss)
        losses.append(loss.item())
        if where == "last":
            optimizer.zero_grad(set_to_none=to_none)
    run.close()
    return Seen([losses], [model])


LOOPS |= {
    f"zero_grad({to_none}) {where}": partial(zeroing, where, to_none)
    for where in ["first", "before backward", "before run.step", "last"]
    for to_none in [True, False]
}


def handing_over(convert: Callable[[Any], Any], attach: Callable[..., Any]) -> Seen:
    """The loss as something else than the tensor that went backwards."""
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run, losses = attach(model, optimizer), []
    for x, y in batches():
        losses.append(update(model, optimizer, run, x, y, convert))
    run.close()
    return Seen([losses], [model])


LOOPS |= {
    "a float": partial(handing_over, lambda loss: loss.item()),
    "detached": partial(handing_over, lambda loss: loss.detach()),
    "an array": partial(handing_over, lambda loss: loss.detach().numpy()),
    "a number of NumPy": partial(handing_over, lambda loss: loss.detach().numpy()[()]),
    "a tensor of one element": partial(handing_over, lambda loss: loss.reshape(1)),
}


@way
def loss_overwritten_afterwards(attach: Callable[..., Any]) -> Seen:
    """The tensor handed over is used again: what was recorded is what it held."""
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run, losses, average = attach(model, optimizer, loss=F.mse_loss), [], torch.zeros(())
    for x, y in batches():
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        average.mul_(0.5).add_(loss.detach())
        run.step(average)
        losses.append(average.item())
    run.close()
    return Seen([losses], [model])


@way
def layers_added_on_the_way(attach: Callable[..., Any]) -> Seen:
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run, losses = attach(model, optimizer, loss=F.mse_loss), []
    for number, (x, y) in enumerate(batches()):
        if number == 5:
            model.insert(2, nn.Linear(4, 4))
            optimizer.add_param_group({"params": model[2].parameters(), "lr": 0.05})
        if number == 9:
            model[0].weight.requires_grad_(False)
        losses.append(update(model, optimizer, run, x, y))
    run.close()
    return Seen([losses], [model])


@way
def two_runs_at_once(attach: Callable[..., Any]) -> Seen:
    """A generator against a discriminator, each with an optimizer and a run of its own."""
    maker, judge = mlp(3, 5, 2), mlp(2, 5, 1)
    adam = [torch.optim.Adam(model.parameters(), lr=0.01) for model in (maker, judge)]
    runs = [attach(model, optimizer) for model, optimizer in zip((maker, judge), adam, strict=True)]
    losses: list[list[float]] = [[], []]
    for x, _ in batches():
        fake = maker(points(3))
        adam[1].zero_grad()
        judged = F.softplus(-judge(x)).mean() + F.softplus(judge(fake.detach())).mean()
        judged.backward()
        adam[1].step()
        adam[0].zero_grad()
        fooled = F.softplus(-judge(fake)).mean()
        fooled.backward()
        adam[0].step()
        for run, seen, loss in zip(runs, losses, (fooled, judged), strict=True):
            run.step(loss)
            seen.append(loss.item())
    for run in runs:
        run.close()
    return Seen(losses, [maker, judge])


@way
def gradient_penalty(attach: Callable[..., Any]) -> Seen:
    """A gradient of a gradient: backward passes that keep their graph."""
    model = mlp(2, 6, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run, losses = attach(model, optimizer), []
    for x, y in batches():
        optimizer.zero_grad()
        x.requires_grad_()
        output = model(x)
        (slope,) = torch.autograd.grad(output.sum(), x, create_graph=True)
        loss = F.mse_loss(output, y.detach()) + 0.1 * slope.square().mean()
        loss.backward(retain_graph=True)
        optimizer.step()
        run.step(loss)
        losses.append(loss.item())
    run.close()
    return Seen([losses], [model])


@way
def in_a_thread(attach: Callable[..., Any]) -> Seen:
    """Attached in one thread, trained in another, closed in the first: a notebook, a server."""
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run, losses = attach(model, optimizer, loss=F.mse_loss), []

    def train() -> None:
        for x, y in batches():
            losses.append(update(model, optimizer, run, x, y))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    run.close()
    return Seen([losses], [model])
