"""A step as a program in PyTorch, ready to run: the numbers that it starts from, forward, loss, backward and update."""

from collections.abc import Iterator

import numpy as np

from backprop_tui.core.network.applied_gradient import is_trained
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.again import step_again
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .torch_network import F, forward_lines
from .torch_update import applied_lines, foreign, optimizer_line, remembered_lines

INLINE = 200
"""Numbers that stand in the program itself; more of them come from a file beside it."""
WIDE = 96
"""Characters of a line of numbers; longer ones are broken row by row."""
ARROW = "    "
NO_CODE = "no code: this run is a recording, and has no preset to write it from"

Arrays = dict[str, Array]


@dataclass(frozen=True, slots=True)
class TorchProgram:
    """The lines of a program that does one step, and the `arrays` of the file that they load: none where all is inline.

    `checked` is the place among `lines` where the gradients are as backward left them. `parameters` are their names,
    W1 b1 …; `foreign` says why the update is not in it, empty where it is.
    """

    lines: tuple[str, ...]
    arrays: Arrays
    checked: int
    parameters: tuple[str, ...]
    foreign: str

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def whole_step(session: Session) -> Session:
    """A session of its own right before the finish of the step in view, where all its numbers are.

    Raises PresetError for a run that is none of this program's.
    """
    if session.fixed:
        raise PresetError(NO_CODE)
    again = step_again(session)
    again.advance(end_of_step(session))
    return again


def end_of_step(session: Session) -> int:
    """The count right before the finish of the step in view."""
    return session.timeline.finish_of(session.position.step) - 1


def torch_program(session: Session, file: str) -> TorchProgram:
    """The step that a session of `whole_step` is in; `file` is what the file of arrays is called.

    Raises PresetError for a run that is none of this program's, and for numbers that are none.
    """
    if session.fixed:
        raise PresetError(NO_CODE)
    given = given_arrays(session)
    bad = next((name for name, array in given.items() if not np.isfinite(array).all()), None)
    if bad is not None:
        raise PresetError(f"no code: {bad} of this step holds numbers that are not finite; go back to a step before")
    trainer, preset = session.trainer, session.trainer.preset
    remembers = remembered(session)
    inline = sum(array.size for array in (given | remembers).values()) <= INLINE
    held = given | remembers

    def tensor(name: str) -> str:
        return f"torch.tensor({literal(held[name])})" if inline else f'torch.tensor(step["{name}"])'

    names = parameter_names(session)
    trained = [name for name, symbol in names.items() if is_trained(symbol, preset.optimizer)]
    weights = [name for name, symbol in names.items() if symbol == "W"]
    reason = foreign(preset.optimizer)
    start = [f"{name} = {tensor(name)}" for name in given if name not in names]
    start += [f"{name} = {tensor(name).removesuffix(')')}, requires_grad=True)" for name in names]
    network = list(forward_lines(trainer.layers, preset.loss.kind))
    listed = [
        *listing("parameters = {", (f'"{name}": {name}' for name in names), "}"),
        *(
            listing("trained = [", trained, "]")
            if len(trained) < len(names)
            else ["trained = list(parameters.values())"]
        ),
    ]
    update: list[str] = []
    if not reason:
        rate = trainer.learning_rate(trainer.running_step())
        done = trainer.optimizer_step() - 1
        update = [f"optimizer = {optimizer_line(preset.optimizer, rate)}"]
        if remembers:
            update += remembered_lines(preset.optimizer, trained, done, tensor)
        update += [*applied_lines(preset.optimizer, weights), "optimizer.step()"]
    head = [
        *([] if inline else ["import numpy as np"]),
        "import torch",
        *(["import torch.nn.functional as F"] if any(F in line for line in network) else []),
        "",
        f"torch.set_default_dtype(torch.{preset.training.dtype})",
        "torch.set_printoptions(precision=9)",
        *([] if inline else [f"step = np.load({file!r})"]),
        "",
        f"# Step {session.position.step}: an example is a row of X and Y.",
        *start,
        "",
        *network,
        "loss.backward()",
        "",
        *listed,
        'print("loss", loss.item())',
        "for name, parameter in parameters.items():",
        '    print(f"d{name}", parameter.grad)',
    ]
    tail = (
        [f"# No update: {reason}."]
        if reason
        else [
            *update,
            "for name, parameter in parameters.items():",
            "    print(name, parameter.data)",
        ]
    )
    lines = [part for line in (*head, "", *tail) for part in line.split("\n")]
    checked = next(place for place, line in enumerate(lines) if line.startswith('print("loss"'))
    return TorchProgram(tuple(lines), {} if inline else held, checked, tuple(names), reason)


def parameter_names(session: Session) -> dict[str, str]:
    """The symbol of every parameter array by its typed name: `gamma1` is γ."""
    return {name: symbol for layer in session.trainer.layers for symbol, name in layer.names.items()}


def given_arrays(session: Session) -> Arrays:
    """What the step starts from, by typed name: X (m, features), Y (m, outputs), masks (m, units), parameters."""
    plan = session.plan
    arrays: Arrays = {"X": plan["X", None].array.T, "Y": plan["Y", None].array.T}
    for layer in session.trainer.layers:
        if layer.dropout:
            arrays[f"mask{layer.number}"] = plan["M", layer.number].array.T
        parameters = layer.parameters(session.trainer.state.parameters)
        arrays |= {layer.names[symbol]: array for symbol, array in parameters.items()}
    return {name: array.copy() for name, array in arrays.items()}


def remembered(session: Session) -> Arrays:
    """What the optimizer has from the steps before, `v_W1` and so on; empty where that is what PyTorch begins with."""
    trainer, settings = session.trainer, session.trainer.preset.optimizer
    vectors = trainer.moment_vectors
    # PyTorch takes a first momentum for the gradient itself, whatever its dampening.
    fresh = trainer.optimizer_step() == 1 and not any(vector.any() for vector in vectors)
    if foreign(settings) or (fresh and not settings.ema):
        return {}
    symbols = ("m", "v") if len(vectors) == 2 else ("s",) if settings.kind in ("rmsprop", "adagrad") else ("v",)
    return {
        f"{moment}_{layer.names[symbol]}": array.copy()
        for moment, vector in zip(symbols, vectors, strict=False)
        for layer in trainer.layers
        for symbol, array in layer.parameters(vector).items()
        if is_trained(symbol, settings)
    }


def literal(array: Array) -> str:
    """An array as Python's lists, each number with the fewest digits that give it again; long ones row by row."""
    rows = [f"[{', '.join(map(digits, row))}]" for row in array] if array.ndim == 2 else []
    whole = f"[{', '.join(rows)}]" if rows or array.ndim == 2 else f"[{', '.join(map(digits, array))}]"
    if len(whole) <= WIDE or not rows:
        return whole
    return "[\n" + "".join(f"{ARROW}{row},\n" for row in rows) + "]"


def digits(number: np.floating) -> str:
    """The shortest text that is this number again, in its own precision."""
    return str(number) if number.dtype == np.float32 else repr(float(number))


def listing(begin: str, names: Iterator[str] | list[str], end: str) -> list[str]:
    """A list in one line, or in as many as it needs."""
    found = list(names)
    whole = f"{begin}{', '.join(found)}{end}"
    if len(whole) <= WIDE:
        return [whole]
    rows: list[str] = []
    for name in found:
        if rows and len(rows[-1]) + len(name) + 2 <= WIDE:
            rows[-1] += f" {name},"
        else:
            rows.append(f"{ARROW}{name},")
    return [begin, *rows, end]
