"""What an optimizer does in a kept step: parameters before, gradients as it got them, changes, moments.

Read in hooks of the optimizer itself, so that it does not matter when gradients are cleared. What has no such hooks
is looked at from the end of one step to the end of the next, and gradients as they are added up.
"""

import sys
from time import perf_counter
from typing import Any

from . import optimizer_of
from .calls import Calls


class Update:
    """Hooks on an optimizer from `__init__` until `remove`.

    `count`: the updates since. `tensors`: by parameter θ, g, Δ, and moments such as moment/v, after `finish`.
    `half`: whether a parameter or gradient is of half precision.
    """

    def __init__(self, parameters: dict[str, Any], optimizer: Any, calls: Calls | None) -> None:
        self.parameters, self.optimizer, self.calls = parameters, optimizer, calls
        self.torch = sys.modules["torch"]
        self.tensors: dict[str, dict[str, Any]] = {name: {} for name in parameters}
        self.rates: list[float] = []
        self.step_number: int | None = None
        self.count, self.spent = 0, 0.0
        self.problem: Exception | None = None
        self.has_closure, self.started = False, 0
        self.hooked = hasattr(optimizer, "register_step_pre_hook") and hasattr(optimizer, "register_step_post_hook")
        self.handles: list[Any] = []
        if self.hooked:
            self.handles = [
                optimizer.register_step_pre_hook(self.hook(self.before)),
                optimizer.register_step_post_hook(self.hook(self.after)),
            ]
        else:
            self.take_parameters()
            for name, parameter in parameters.items():
                if parameter.requires_grad and parameter.is_leaf:
                    self.handles.append(parameter.register_post_accumulate_grad_hook(self.hook(self.accumulated(name))))

    def hook(self, act: Any) -> Any:
        def run(*arguments: Any) -> None:
            if self.problem is not None:
                return
            start = perf_counter()
            try:
                with self.torch.no_grad():
                    act(*arguments)
            except Exception as problem:
                self.problem = problem
            self.spent += perf_counter() - start

        return run

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()
        self.handles = []

    @property
    def half(self) -> bool:
        kinds = (self.torch.float16, self.torch.bfloat16)
        seen = [call.Z.dtype for call in self.calls.calls if call.Z is not None] if self.calls is not None else []
        return any(kind in kinds for kind in (*seen, *(parameter.dtype for parameter in self.parameters.values())))

    def before(self, optimizer: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        """The optimizer is about to step."""
        if self.count and self.calls is not None:
            self.calls.forget_before(self.started)
        self.count += 1
        self.take_parameters()
        self.rates = optimizer_of.rates(optimizer)
        scale = getattr(optimizer, "grad_scale", None)
        for name, parameter in self.parameters.items():
            if parameter.grad is not None:
                g = parameter.grad.detach()
                # Fused optimizers divide by the scale of the loss themselves.
                self.tensors[name]["g"] = g.clone() if scale is None else g / scale.to(g.device)
            for letter, moment in optimizer_of.moments(optimizer, parameter).items():
                self.tensors[name][f"moment/{letter}"] = moment.detach().clone()
        self.step_number = next(
            (
                done + 1
                for parameter in self.parameters.values()
                if (done := optimizer_of.steps_done(optimizer, parameter)) is not None
            ),
            None if optimizer.state else 1,
        )
        self.has_closure = any(callable(value) for value in (*arguments, *named.values()))
        self.started = self.calls.made + 1 if self.calls is not None else 0

    def after(self, optimizer: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        """It has stepped. A closure has made the gradients only now."""
        if self.has_closure:
            for name, parameter in self.parameters.items():
                if parameter.grad is not None:
                    self.tensors[name]["g"] = parameter.grad.detach().clone()

    def take_parameters(self) -> None:
        self.tensors = {name: {"θ": parameter.detach().clone()} for name, parameter in self.parameters.items()}

    def accumulated(self, name: str) -> Any:
        def act(parameter: Any) -> None:
            self.tensors[name]["g"] = parameter.grad.detach().clone()

        return act

    def finish(self) -> None:
        """The step is over: the changes."""
        with self.torch.no_grad():
            for name, parameter in self.parameters.items():
                before = self.tensors[name].get("θ")
                if before is None:
                    before = self.tensors[name]["θ"] = parameter.detach().clone()
                if before.shape == parameter.shape:
                    self.tensors[name]["Δ"] = parameter.detach() - before.to(parameter.device)

    def gradient(self, name: str) -> Any:
        return self.tensors.get(name, {}).get("g")

    def norms(self) -> dict[str, list[float | None]]:
        """‖θ‖ before, ‖gradient‖ and ‖change‖ of each parameter."""
        found: list[Any] = []
        places: list[tuple[str, int]] = []
        for name, tensors in self.tensors.items():
            for place, symbol in enumerate(("θ", "g", "Δ")):
                tensor = tensors.get(symbol)
                if tensor is not None:
                    places.append((name, place))
                    found.append(norm(tensor, self.torch))
        result: dict[str, list[float | None]] = {name: [None, None, None] for name in self.tensors}
        # All of them at once, since each would wait for a device by itself.
        numbers = self.torch.stack([one.to(found[0].device) for one in found]).tolist() if found else []
        for (name, place), number in zip(places, numbers, strict=True):
            result[name][place] = number
        return result


def norm(tensor: Any, torch: Any) -> Any:
    """The Frobenius norm, where the tensor lies."""
    if tensor.layout != torch.strided:
        tensor = tensor.coalesce().values() if tensor.is_sparse else tensor.to_dense()
    # What holds no numbers of double precision adds up in single.
    precision = torch.float32 if tensor.device.type == "mps" else torch.float64
    real = tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.abs().float()
    return torch.linalg.vector_norm(real).to(precision)
