"""What PyTorch says of a step, where it is installed, held against this program's numbers.

It runs in a process of its own, so that nothing of it is in this one: the very program that is shown, with lines behind
it that put its numbers into a file.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.ops.quantity import Array, Index
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .torch_program import TorchProgram

PROGRAM, GIVEN, ANSWER = "step.py", "step.npz", "answer.npz"
"""The files of the folder that it runs in."""
NEAR = {"float64": 1e-9, "float32": 1e-4}
"""The largest relative difference that rounding alone explains, by the type of the run."""
ROUNDINGS = 1024
"""Units in the last place of the largest gradient, below which one may be all rounding."""


def has_torch() -> bool:
    """Whether PyTorch can be imported; it is not."""
    return find_spec("torch") is not None


def write_script(program: TorchProgram, folder: Path) -> Path:
    """The program and its arrays in `folder`, with what it is to answer at its end; gives the program's path."""
    keep = [
        "import numpy as np",
        "found = {f'd{name}': parameter.grad.numpy().copy() for name, parameter in parameters.items()}",
        "found |= {'loss': loss.item(), 'version': torch.__version__}",
    ]
    save = [
        "found |= {name: parameter.detach().numpy() for name, parameter in parameters.items()}",
        f"np.savez({ANSWER!r}, **found)",
    ]
    lines = [*program.lines[: program.checked], *keep, *program.lines[program.checked :], *save]
    if program.arrays:
        np.savez(folder / GIVEN, **program.arrays)  # type: ignore[arg-type]
    path = folder / PROGRAM
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Compared:
    """One quantity by both, at the entry `name` where they differ most.

    `difference` is the largest there is, over the largest magnitude of the quantity by either. `rounding`: whether that
    is no more than rounding makes; `as_zero`: whether it is so only because both are as good as 0 beside the largest of
    all gradients. `left_out` is how many entries of it are not compared, since a step was made of what rounding had
    left of a gradient of 0.
    """

    name: str
    ours: float
    torch: float
    difference: float
    rounding: bool
    left_out: int = 0
    as_zero: bool = False


@dataclass(frozen=True, slots=True)
class TorchAnswer:
    """`version` of PyTorch, the loss and each gradient, and each new parameter where the update is in the program.

    `spotlight` is the gradient of the parameter in the spotlight.
    """

    version: str
    spotlight: Compared
    gradients: tuple[Compared, ...]
    updates: tuple[Compared, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs by more than rounding."""
        return all(one.rounding for one in (*self.gradients, *self.updates))


def read_answer(session: Session, program: TorchProgram, folder: Path, spotlight: Spotlight) -> TorchAnswer:
    """What the program answered, beside the numbers of a session of `whole_step`.

    Raises PresetError where it gave no answer.
    """
    try:
        with np.load(folder / ANSWER, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (OSError, ValueError) as problem:
        raise PresetError(f"PyTorch gave no answer: {problem}") from None
    plan, trainer = session.plan, session.trainer
    near = NEAR[trainer.preset.training.dtype]
    floor = ROUNDINGS * float(np.finfo(trainer.dtype).eps) * largest(trainer.gradient)
    gradients = [compared(lambda _: "ℒ", np.array(plan.loss()), found["loss"], near, 0.0)]
    updates = []
    for layer in trainer.layers:
        values = layer.parameters(trainer.state.parameters)
        for symbol, name in layer.names.items():
            gradient, theirs = plan[f"d{symbol}", layer.number], found[f"d{name}"]
            gradients.append(compared(gradient.entry, gradient.array, theirs, near, floor))
            if not program.foreign:
                before, change = values[symbol], plan[f"Δ{symbol}", layer.number].array
                noise = is_noise(gradient.array, theirs, near, floor)
                parameter = plan[symbol, layer.number]
                # Of two numbers that nearly cancel, the sum has their rounding.
                summed = near * max(largest(before), largest(change))
                updates.append(compared(parameter.entry, before + change, found[name], near, summed, noise))
    lit, number = f"d{spotlight.parameter}", spotlight.layer
    theirs = found[f"d{trainer.layers[number - 1].names[spotlight.parameter]}"]
    chosen = compared(plan[lit, number].entry, plan[lit, number].array, theirs, near, floor, at=spotlight.index)
    return TorchAnswer(str(found["version"]), chosen, tuple(gradients), tuple(updates))


def is_noise(ours: Array, torch: Array, near: float, floor: float) -> NDArray[np.bool_]:
    """Where two gradients have nothing in common but that they are as good as 0: what rounding has left of a sum of 0.

    A bias before batch norm has such a gradient. An optimizer that divides by its size makes a whole step of it.
    """
    with np.errstate(all="ignore"):
        sizes = np.maximum(np.abs(ours), np.abs(torch))
        found: NDArray[np.bool_] = (np.abs(ours - torch) > near * sizes) & (sizes <= floor)
    return found


def compared(
    entry: Callable[[Index], str],
    ours: Array,
    torch: Array,
    near: float,
    floor: float,
    noise: NDArray[np.bool_] | None = None,
    at: Index | None = None,
) -> Compared:
    """Both of a quantity, at the entry where they differ most, or where they do not differ at the largest; or `at` one.

    `entry` names an entry. They may differ by `near` of the largest magnitude, or by `floor`; and where `noise` says
    so, as they like.
    """
    with np.errstate(all="ignore"):
        same = (ours == torch) | (np.isnan(ours) & np.isnan(torch))
        apart = np.where(same, 0.0, np.abs(np.subtract(ours, torch, dtype=np.float64)))
    apart[np.isnan(apart)] = np.inf
    scale = max(largest(ours), largest(torch))
    allowed = max(near * scale, floor)
    left_out = np.zeros(ours.shape, bool) if noise is None else noise & (apart > allowed)
    apart[left_out] = 0.0
    sizes = np.where(np.isfinite(ours), np.abs(ours), 0.0)
    place = tuple(int(axis) for axis in np.unravel_index(int(np.argmax(apart if apart.any() else sizes)), ours.shape))
    place = place if at is None else at
    worst = float(apart.max(initial=0.0) if at is None else apart[at])
    return Compared(
        entry(place),
        float(ours[place]),
        float(torch[place]),
        worst / scale if scale else worst,
        worst <= allowed,
        int(np.count_nonzero(left_out)),
        near * scale < worst <= allowed and scale <= floor,
    )


def largest(array: Array) -> float:
    """The largest finite magnitude; 0 where there is none."""
    return float(np.abs(array, where=np.isfinite(array), out=np.zeros(np.shape(array))).max(initial=0.0))


def problem_of(errors: str) -> str:
    """The last line of what a failed run wrote: what went wrong."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return lines[-1] if lines else "it ended without a word"
