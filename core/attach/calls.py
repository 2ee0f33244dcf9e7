"""What hooks see of the modules of a network while a step is kept: each call, and the gradient that comes back to it.

The network has one hook of its own. The hooks of the modules inside are there only while the network runs forward with
gradients: an evaluation between two steps meets none. A hook takes copies; it changes, draws and prints nothing, and
what goes wrong in one is kept for later.
"""

import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import partial
from time import perf_counter
from typing import Any

from backprop_tui.core.value_class import dataclass

from .module_description import Named
from .origin import INPUTS, Origin, origin_of

LARGEST = 2**22
"""Entries of one array; of larger ones only what they are on the whole is kept."""
MOST = 2**26
"""Entries of all copies of one step; then no more are made."""
MOST_IDLE = 16
"""Runs of the network that nothing has come back to, before older ones are forgotten."""
MOST_CALLS = 4096
"""Calls of modules of a network that is not called as a whole, before it is looked whether some can be forgotten."""
MOST_NODES = 100_000


@dataclass(slots=True, eq=False)
class Back:
    """A gradient that came back: in which backward pass, and whether the module's weight had none before it."""

    task: int
    fresh: bool
    gradient: Any
    norm: Any


@dataclass(slots=True, eq=False)
class Call:
    """One call of a module: its input and its output, tensors or None where they were left out; `origin` of the input.

    `index`: its number among all calls. `passed`: the number of the network's own call that it was made in. `figures`:
    mean, standard deviation, share of zeros and of what is flat, of an output that was left out.
    """

    name: str
    module: Any
    index: int = 0
    passed: int = 0
    A: Any = None
    Z: Any = None
    shape: tuple[int, ...] = ()
    origin: Origin = ("unknown", "")
    has_graph: bool = False
    training: bool = True
    dropped: Any = None
    figures: Any = None
    back: list[Back] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> int:
        """Tells modules apart that had the same name one after the other."""
        return id(self.module)


class Calls:
    """Hooks on a network, in place from `__init__` until `remove`.

    `always`: the modules inside have theirs all the time, for a network that is not called as a whole.
    `modules`: what is looked at inside. `passes`: the calls of the network itself; `calls` those of its modules, in
    their order. `losses`: those of a loss that is a module. `spent`: seconds. `problem`: what went wrong.
    """

    def __init__(self, network: Any, modules: Iterable[Named], loss: Any = None, *, always: bool = False) -> None:
        self.torch = sys.modules["torch"]
        self.network, self.modules, self.always = network, list(modules), always
        self.calls: list[Call] = []
        self.passes: list[Call] = []
        self.losses: list[Call] = []
        self.spent, self.entries, self.made, self.run = 0.0, 0, 0, 0
        self.problem: Exception | None = None
        self.left_out: set[str] = set()
        self.inner: list[Any] = []
        self.open = threading.local()
        self.nodes: dict[tuple[str, int], Origin] = {}
        self.tensors: dict[int, tuple[weakref.ref[Any], int, Origin | None, Any]] = {}
        before, after = self.hook(self.before_network), self.hook(self.after_network)
        self.outer = [
            network.register_forward_pre_hook(before, with_kwargs=True),
            network.register_forward_hook(after, with_kwargs=True, always_call=True),
        ]
        if loss is not None:
            self.outer.append(loss.register_forward_hook(self.hook(self.after_loss), with_kwargs=True))
        if always:
            for name, module in self.modules:
                self.outer += self.inside(name, module)

    def hook(self, act: Callable[..., None]) -> "Hook":
        return Hook(self, act)

    def run_hook(self, act: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        """Timed; what goes wrong is kept for later."""
        start = perf_counter()
        try:
            with self.torch.no_grad():
                act(*arguments)
        except Exception as problem:
            self.problem = problem
        self.spent += perf_counter() - start

    def remove(self) -> None:
        """Take all hooks away."""
        self.remove_inner()
        for handle in self.outer:
            handle.remove()
        self.outer = []

    def remove_inner(self) -> None:
        for handle in self.inner:
            handle.remove()
        self.inner = []

    def forget_before(self, index: int) -> None:
        """Forget the calls up to this one: they belong to an update before the last."""
        self.calls = [call for call in self.calls if call.index >= index]
        first = self.calls[0].passed if self.calls else self.run + 1
        self.passes = [call for call in self.passes if call.passed >= first]
        self.losses = [call for call in self.losses if call.passed >= first]
        self.entries = 0

    def inside(self, name: str, module: Any) -> list[Any]:
        """The hooks of a module inside."""
        before, after = self.hook(self.before(name, module)), self.hook(self.after)
        return [module.register_forward_pre_hook(before, with_kwargs=True), module.register_forward_hook(after)]

    def forget_idle(self) -> None:
        """Forget the oldest calls that nothing came back to: of an evaluation that keeps gradients there may be many.

        Of tensors nothing is held but copies, and those of tensors that are gone go here.
        """
        idle = [call for call in self.passes or self.calls if not call.back]
        if len(idle) >= MOST_IDLE:
            gone = idle[len(idle) // 2].passed if self.passes else self.run + 1
            last = idle[len(idle) // 2].index
            self.passes = [call for call in self.passes if call.back or call.passed >= gone]
            self.losses = [call for call in self.losses if call.back or call.passed >= gone]
            self.calls = [
                call for call in self.calls if call.back or (call.passed >= gone if self.passes else call.index >= last)
            ]
        self.tensors = {place: known for place, known in self.tensors.items() if known[0]() is not None}
        self.nodes = dict(list(self.nodes.items())[-MOST_NODES:])
        kept = [*self.calls, *self.passes, *self.losses]
        self.entries = sum(
            tensor.numel()
            for call in kept
            for tensor in (call.A, call.Z, *(back.gradient for back in call.back))
            if tensor is not None
        )

    # The network as a whole

    def before_network(self, network: Any, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        self.remove_inner()
        if self.always:
            return
        self.run += 1
        if len(self.passes) >= MOST_IDLE:
            self.forget_idle()
        call = Call("", network, passed=self.run, training=bool(network.training))
        tensor = first_tensor((arguments, dict(named)))
        if tensor is not None:
            call.A = self.copied(tensor)
            self.know(tensor, INPUTS)
        self.passes.append(call)
        for name, module in self.modules:
            if module is network:
                # Its own hooks of this kind have been called; that of its output is still to come.
                self.before(name, module)(module, arguments, named)
                self.inner.append(module.register_forward_hook(self.hook(self.after)))
            else:
                self.inner += self.inside(name, module)

    def after_network(self, network: Any, arguments: Any, named: Any, output: Any) -> None:
        self.remove_inner()
        # Beside its answers a network may give its loss, which is one number.
        tensor = first_tensor(output, 1) if first_tensor(output, 1) is not None else first_tensor(output)
        if tensor is None or not self.passes or self.always:
            return
        call = self.passes[-1]
        call.Z, call.shape, call.has_graph = self.copied(tensor), tuple(tensor.shape), tensor.grad_fn is not None
        call.origin = self.origin(tensor)
        self.wait_for_gradient(call, tensor, None)

    def after_loss(self, module: Any, arguments: tuple[Any, ...], named: Mapping[str, Any], output: Any) -> None:
        """The inputs and targets of a loss that is a module."""
        given, targets = (*arguments, *named.values(), None, None)[:2]
        if not self.torch.is_tensor(given) or not self.torch.is_tensor(targets):
            return
        call = Call("loss", module, passed=self.run, A=self.copied(targets), Z=self.copied(given))
        call.shape, call.origin = tuple(given.shape), self.origin(given)
        call.settings = {"shape": list(given.shape), "targets": list(targets.shape)}
        if self.torch.is_tensor(output):
            self.wait_for_gradient(call, output, None)
        self.losses.append(call)

    # A module inside

    def before(self, name: str, original: Any) -> Callable[..., None]:
        """Of a replica the original is noted, which has the gradients."""

        def act(module: Any, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> None:
            call = Call(name, original, passed=self.run, training=bool(module.training))
            tensor = first_tensor((arguments, dict(named)))
            if tensor is not None:
                call.origin, call.A = self.origin(tensor), self.copied(tensor)
                if type(module).__name__.startswith("Dropout") and tensor.requires_grad:
                    tensor.register_hook(self.taker(call))
            self.opened().append(call)

        return act

    def opened(self) -> list[Call]:
        """The calls that this thread is in: replicas of a network run in threads of their own."""
        found: list[Call] | None = getattr(self.open, "calls", None)
        if found is None:
            found = self.open.calls = []
        return found

    def after(self, module: Any, arguments: Any, output: Any) -> None:
        opened = self.opened()
        if not opened:
            return
        call = opened.pop()
        tensor = first_tensor(output)
        if tensor is None:
            return
        call.shape = tuple(tensor.shape)
        if call.A is not None and is_linear(module) and call.A.dtype != tensor.dtype and call.A.is_floating_point():
            # In mixed precision this is what the product was computed from.
            call.A = call.A.to(tensor.dtype)
        call.Z = self.copied(tensor)
        if call.Z is None:
            call.figures = figures(tensor, module, self.torch)
        call.has_graph = tensor.grad_fn is not None
        self.made += 1
        call.index = self.made
        self.know(tensor, ("call", call.index))
        self.calls.append(call)
        if self.always and len(self.calls) % MOST_CALLS == 0:
            self.forget_idle()
        self.wait_for_gradient(call, tensor, weight_of(call.module))

    # Gradients

    def wait_for_gradient(self, call: Call, tensor: Any, weight: Any) -> None:
        """Have the gradient that comes back to an output taken down, where one comes back."""
        if not tensor.requires_grad:
            return

        def take(gradient: Any) -> None:
            size = self.torch.linalg.vector_norm(gradient.detach().float())
            task = getattr(self.torch._C, "_current_graph_task_id", lambda: -1)()
            call.back.append(Back(task, is_fresh(weight), self.copied(gradient, cached=False), size))

        tensor.register_hook(self.backward_hook(take))

    def taker(self, call: Call) -> Callable[[Any], None]:
        def take(gradient: Any) -> None:
            call.dropped = self.copied(gradient, cached=False)

        return self.backward_hook(take)

    def backward_hook(self, act: Callable[[Any], None]) -> Callable[[Any], None]:
        def run(gradient: Any) -> None:
            if self.problem is None and self.outer:
                self.run_hook(act, (gradient,))

        return run

    # Copies, and where tensors came from

    def copied(self, tensor: Any, *, cached: bool = True) -> Any:
        """A copy of a tensor as it is now; None where it is too large. One that was copied before is not again."""
        size = tensor.numel()
        if size > LARGEST or self.entries + size > MOST:
            self.left_out.add("arrays of more than a few million entries")
            return None
        if cached:
            found = self.tensors.get(id(tensor))
            if found is not None and found[0]() is tensor and found[1] == version(tensor) and found[3] is not None:
                return found[3]
        self.entries += size
        copy = tensor.detach().clone()
        if cached:
            known = self.tensors.get(id(tensor))
            origin = known[2] if known is not None and known[0]() is tensor else None
            self.tensors[id(tensor)] = (weakref.ref(tensor), version(tensor), origin, copy)
        return copy

    def know(self, tensor: Any, origin: Origin) -> None:
        """Note what a tensor is, as it is now."""
        if tensor.grad_fn is not None:
            # A module that gives on what it was given has a node that is known by an earlier name.
            self.nodes.setdefault(key_of(tensor.grad_fn), origin)
        known = self.tensors.get(id(tensor))
        copy = known[3] if known is not None and known[0]() is tensor and known[1] == version(tensor) else None
        self.tensors[id(tensor)] = (weakref.ref(tensor), version(tensor), origin, copy)

    def origin(self, tensor: Any) -> Origin:
        known = self.tensors.get(id(tensor))
        if known is not None and known[0]() is tensor and known[1] == version(tensor) and known[2] is not None:
            return known[2]
        return origin_of(tensor.grad_fn, self.known_node)

    def known_node(self, node: Any) -> Origin | None:
        return self.nodes.get(key_of(node)) if node is not None else None


class Hook:
    """A hook on a module: nothing while PyTorch compiles or keeps no gradients, and it never raises.

    A module that is copied or saved as a whole takes its hooks along. The copy's do nothing, and are made of what every
    Python has, so that it can be loaded where this program is not.
    """

    def __init__(self, calls: Calls, act: Callable[..., None]) -> None:
        self.calls, self.act = calls, act
        self.torch = calls.torch

    def __call__(self, *arguments: Any) -> None:
        if self.torch.compiler.is_compiling() or not self.torch.is_grad_enabled():
            return
        if self.calls.problem is None:
            self.calls.run_hook(self.act, arguments)

    def __reduce__(self) -> Any:
        return partial, (sys.audit, "a hook that has done its work")

    def __deepcopy__(self, memory: Any) -> Any:
        kind, arguments = self.__reduce__()
        return kind(*arguments)


def key_of(node: Any) -> tuple[str, int]:
    """What tells a node of the graph from the others, without holding on to it and all that it holds."""
    return type(node).__name__, int(node._sequence_nr())


def version(tensor: Any) -> int:
    """How often a tensor was changed in place; tensors of inference count nothing."""
    return -1 if tensor.is_inference() else int(tensor._version)


def is_fresh(weight: Any) -> bool:
    """Whether the gradient of a weight has been cleared."""
    gradient = getattr(weight, "grad", None)
    return gradient is None or (not gradient.is_sparse and not bool(gradient.any()))


def is_linear(module: Any) -> bool:
    return isinstance(module, sys.modules["torch"].nn.Linear)


def weight_of(module: Any) -> Any:
    """The weight that is a parameter of the module itself, or None. A parametrized one would be computed anew."""
    return module._parameters.get("weight") if hasattr(module, "_parameters") else None


def first_tensor(value: Any, dimensions: int = 0) -> Any:
    """The first tensor of so many dimensions or more in what a module was given or gave.

    Tuples, lists and mappings are looked into.
    """
    torch = sys.modules["torch"]
    if torch.is_tensor(value):
        return value if value.dim() >= dimensions else None
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple | list) else ()
    return next((found for item in inner if (found := first_tensor(item, dimensions)) is not None), None)


def figures(tensor: Any, module: Any, torch: Any) -> Any:
    """Mean, standard deviation, share of zeros and share of what is flat, of a tensor of any size, where it lies."""
    if not tensor.is_floating_point():
        return None
    values = tensor.detach().float()
    low, high = flat_range(module)
    flat = ((values < low) | (values > high)).float().mean() if high is not None else torch.zeros(())
    return [values.mean(), values.std(correction=0), (values == 0).float().mean(), flat.to(values.device)]


def flat_range(module: Any) -> tuple[Any, Any]:
    """Where an activation is flat, as the diagnosis has it; (None, None) for what is nowhere."""
    return {"Tanh": (-0.97, 0.97), "Sigmoid": (0.03, 0.97)}.get(type(module).__name__, (None, None))
