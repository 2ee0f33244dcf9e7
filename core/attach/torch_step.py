"""A kept step of a PyTorch training: what the optimizer did, and what hooks saw of each module."""

import sys
from collections.abc import Mapping
from math import isfinite, log2
from typing import Any

import numpy as np

from . import optimizer_of
from .calls import LARGEST, Calls, is_linear
from .counted import Counted
from .kept import Given, Kept
from .module_description import (
    describe_parameters,
    is_compiled,
    own_parameters,
    parameters,
    settings,
    unwrapped,
    visible,
)
from .module_rows import apart, examples, figures, gradient, mask, of_calls, whole
from .network_of import network_of
from .numbers import Array, own_array, to_array
from .update import Update

LIGHT = 2**17
"""Entries of the largest array that a light kept step holds."""
PATIENCE = 1000
"""Steps without an update of the optimizer after which one is kept as it is."""
NEAR = 1e-3
"""How near a factor is to what it is taken for, and dZᵀA to a gradient."""
NEAR_HALF = 5e-2
"""The same, where numbers of half precision are between."""


class TorchSource:
    """Kept steps of `model`, trained by `optimizer` (or by something that has no hooks: None)."""

    def __init__(self, model: Any, optimizer: Any, loss: Any) -> None:
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self.inner = unwrapped(model)
        self.loss_module = loss if hasattr(loss, "register_forward_hook") and not is_compiled(loss) else None
        self.spent = 0.0
        self.calls: Calls | None = None
        self.update: Update | None = None
        self.whole = True
        self.waited = 0
        self.in_parts = False
        self.numbers: dict[tuple[str, int], int] = {}
        self.modules: dict[int, dict[str, Any]] = {}
        self.warnings: list[str] = []
        self.found: dict[str, Any] = {}
        self.told: dict[str, Any] = {}
        self.buffers: dict[str, Any] = {}
        if is_compiled(model) or any(is_compiled(module) for module in self.inner.modules()):
            self.leave_out("what happens inside of compiled modules is not seen")

    @property
    def large(self) -> int:
        """Bytes of what a light kept step leaves out: parameter before, gradient, change, two moments."""
        sizes = [parameter.numel() for parameter in parameters(self.inner).values()]
        return sum(5 * 4 * size for size in sizes if LIGHT < size <= LARGEST)

    def leave_out(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    # Before the step, and what becomes of it

    def begin(self, *, whole: bool) -> None:
        self.whole, self.spent, self.waited = whole, 0.0, 0
        seen = list(visible(self.inner))
        if is_compiled(self.model):
            seen = []
        self.buffers = {
            name: buffer.detach().clone()
            for name, buffer in self.inner.named_buffers()
            if buffer.numel() <= self.largest and (buffer.is_floating_point() or not buffer.dim())
        }
        if not isinstance(self.model, sys.modules["torch"].jit.ScriptModule):
            self.calls = Calls(self.model, seen, self.loss_module, always=self.in_parts)
        self.update = Update(parameters(self.inner), self.optimizer, self.calls)

    def passed(self, parameters: Any) -> None:
        """Parameters of a module are where they are."""

    def abandon(self) -> None:
        if self.calls is not None:
            self.calls.remove()
        if self.update is not None:
            self.update.remove()
        self.calls = self.update = None

    @property
    def largest(self) -> int:
        return LARGEST if self.whole else LIGHT

    # The step is done

    def end(self, loss: float, given: Given) -> Kept | None:
        """The step, where the optimizer has made an update since `begin`; None where that is still to come."""
        assert self.update is not None
        problem = self.calls.problem if self.calls is not None else None
        if problem or self.update.problem:
            raise problem or self.update.problem  # type: ignore[misc]
        self.waited += 1
        if self.update.hooked and not self.update.count and self.waited < PATIENCE:
            return None
        update, calls = self.update, self.calls
        self.spent = update.spent + (calls.spent if calls else 0.0)
        update.finish()
        self.abandon()
        arrays: dict[str, Array] = {}
        facts = self.of_update(update, arrays)
        passes = [] if calls is None else Counted(calls).of(calls.passes)
        facts["training"] = all(call.training for call in passes) if passes else bool(self.inner.training)
        notes: list[str] = facts["notes"]
        if calls is not None:
            self.of_calls(calls, update, arrays, facts)
            for text in calls.left_out:
                notes.append(f"without {text}")
        self.of_batch(calls, given, arrays)
        self.describe(calls, arrays, facts, given, loss)
        return Kept(facts, arrays)

    def of_update(self, update: Update, arrays: dict[str, Array]) -> dict[str, Any]:
        """Parameters, gradients, changes and moments; the facts of the update."""
        for name, buffer in self.buffers.items():
            arrays[f"buffer/{name}"] = own_array(buffer).reshape(buffer.shape)
        notes: list[str] = []
        large = False
        for name, tensors in update.tensors.items():
            for symbol, tensor in tensors.items():
                if tensor is not None and tensor.numel() <= self.largest:
                    arrays[f"{symbol}/{name}"] = own_array(tensor)
                else:
                    large = large or tensor is not None
        if large:
            notes.append(f"without arrays of more than {self.largest:,} entries")
        if self.waited >= PATIENCE and not update.count:
            notes.append("the optimizer made no update")
        if update.count > 1:
            notes.append(f"the last of {update.count} updates since the step before")
        facts: dict[str, Any] = {"norms": update.norms(), "notes": notes, "optimizer_step": update.step_number}
        if update.rates:
            facts["learning_rate"] = update.rates[0]
        if len(set(update.rates)) > 1:
            facts["learning_rates"] = update.rates
        return facts

    def of_calls(self, calls: Calls, update: Update, arrays: dict[str, Array], facts: dict[str, Any]) -> None:
        """A, Z and dZ of each module, and what they are on the whole."""
        counted = Counted(calls)
        facts["modules"], facts["accumulated"] = {}, counted.passes
        names = {id(parameter): name for name, parameter in parameters(self.inner).items()}
        factors: list[tuple[float, float]] = []
        for (name, module), group in counted.groups().items():
            number = self.number(name, module)
            kind = type(group[0].module).__name__
            tasks = counted.tasks(group[0])
            A = of_calls((call.A for call in group), kind)
            Z = of_calls((call.Z for call in group), kind)
            dZ = of_calls((gradient(call, tasks) for call in group), kind)
            for symbol, array in (("A", A), ("Z", Z), ("dZ", dZ)):
                if array is not None and array.size <= self.largest:
                    arrays[f"{symbol}/{number}"] = array
            if kind.startswith(("Dropout", "AlphaDropout")) and group[0].training:
                kept = of_calls((mask(call, tasks) for call in group), kind)
                if kept is not None and kept.size <= self.largest:
                    arrays[f"mask/{number}"] = kept
            found = figures(group, Z) | {"shape": list(group[0].shape)}
            norms = [float(back.norm) for call in group for back in call.back if back.task in tasks]
            if norms:
                found["gradient_norm"] = sum(norm * norm for norm in norms) ** 0.5
            own = own_parameters(group[0].module, names)
            if is_linear(group[0].module) and "weight" in own and A is not None and dZ is not None:
                g = update.gradient(own["weight"])
                if g is not None and g.shape == (dZ.shape[1], A.shape[1]):
                    factor, left = apart(dZ, A, own_array(g))
                    found["apart"] = left
                    factors.append((factor, left))
            facts["modules"][str(number)] = {key: value for key, value in found.items() if value == value}
            self.modules[number] = {
                "number": number,
                "name": name,
                "kind": kind,
                "settings": settings(group[0].module),
                "parameters": own,
                "calls": len(group),
            }
        self.scaled(factors, update, arrays, facts)

    def scaled(
        self, factors: list[tuple[float, float]], update: Update, arrays: dict[str, Array], facts: dict[str, Any]
    ) -> None:
        """Undo the factor of mixed precision; say any other between dZᵀA and what the optimizer got."""
        near = NEAR_HALF if update.half else NEAR
        known = [factor for factor, left in factors if left < near and factor > 0]
        if not known or max(known) > min(known) * (1 + near):
            return
        factor = sorted(known)[len(known) // 2]
        power = 2.0 ** round(log2(factor)) if isfinite(factor) else 1.0
        if power > 1 and abs(factor / power - 1) < near:
            # A scaler of losses multiplies by a power of two, which divides without rounding.
            for name in [name for name in arrays if name.startswith("dZ/")]:
                arrays[name] = (arrays[name] / power).astype(arrays[name].dtype)
            for module in facts["modules"].values():
                if "gradient_norm" in module:
                    module["gradient_norm"] /= power
            facts["loss_scale"] = power
            factor /= power
        if abs(factor - 1) > near:
            facts["gradient_factor"] = 1 / factor
            facts["notes"].append(
                f"between backward and the optimizer's step gradients changed {1 / factor:.6g} times (clipping)"
            )

    def number(self, name: str, module: int) -> int:
        return self.numbers.setdefault((name, module), len(self.numbers) + 1)

    def of_batch(self, calls: Calls | None, given: Given, arrays: dict[str, Array]) -> None:
        """Inputs, targets and outputs of the network, one row an example."""
        found: dict[str, Array | None] = {}
        if calls is not None:
            counted = Counted(calls)
            passes, losses = counted.of(calls.passes), counted.of(calls.losses)
            found["inputs"] = whole(call.A for call in passes)
            found["outputs"] = whole(call.Z for call in passes)
            found["targets"] = whole(call.A for call in losses)
        for name, value in (("inputs", given.inputs), ("targets", given.targets)):
            if value is not None:
                found[name] = examples(to_array(value))
        for name, array in found.items():
            if array is not None and array.size <= self.largest:
                arrays[name] = array

    def describe(
        self, calls: Calls | None, arrays: dict[str, Array], facts: dict[str, Any], given: Given, loss: float
    ) -> None:
        """What the recording is to know of the whole run."""
        optimizer = self.optimizer
        trained = None
        if optimizer is not None:
            trained = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
        self.found["parameters"] = describe_parameters(self.inner, trained)
        table, reason = (
            optimizer_of.preset_table(optimizer) if optimizer is not None else (None, "no optimizer was given")
        )
        self.found["optimizer"] = {
            "kind": type(optimizer).__name__ if optimizer is not None else "",
            "settings": optimizer_of.settings(optimizer) if optimizer is not None else {},
            "table": table,
            "not_expressed": reason,
        }
        if calls is not None and self.whole:
            counted = Counted(calls)
            network = network_of(self, calls, counted, arrays, given, loss)
            outputs = arrays.get("outputs")
            lost = outputs is not None and not np.isfinite(outputs).all() and bool(self.found.get("network"))
            if not lost:
                # Numbers that are lost say nothing against a network that has been found.
                self.found |= {"network": network.layers, "not_expressed": network.reason, "loss": network.loss}
            for text in network.warnings:
                self.leave_out(text)
            self.look_for_unseen(calls)
        self.found["modules"] = [self.modules[number] for number in sorted(self.modules)]
        self.found.setdefault("network", None)
        self.found["warnings"] = list(self.warnings)

    def look_for_unseen(self, calls: Calls) -> None:
        """Where no module was seen at work, the next kept step looks at each by itself; else it is said."""
        if calls.calls or not calls.modules:
            return
        if self.in_parts:
            self.leave_out("what happens inside of the modules is not seen: they run compiled, or not at all")
        self.in_parts = True

    def meta(self) -> Mapping[str, Any]:
        """What has changed since it was asked for last."""
        changed = {name: value for name, value in self.found.items() if self.told.get(name, self) != value}
        self.told |= changed
        return changed
