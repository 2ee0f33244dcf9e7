"""What can be taken out of a run by words, each as a new file, or as lines that are told."""

from collections.abc import Callable, Iterator
from pathlib import Path

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.tui.running import export as solutions
from backprop_tui.tui.running import keep as weights
from backprop_tui.tui.running import run_state
from backprop_tui.tui.running.typed_file import typed_path, written

from .run import PlainRun

NO_PRESET = "it is a recording of somebody's own training, which has no preset"


def own(session: Session) -> None:
    """Raises PresetError for a run that has no preset."""
    if session.fixed:
        raise PresetError(NO_PRESET)


def told(what: str, path: Path, untold: list[str]) -> Iterator[str]:
    yield f"{what} written: {path}"
    for sentence in untold:
        yield f"It does not say: {sentence}."


def export(run: PlainRun, text: str) -> Iterator[str]:
    """`export FILE.md`: the worked solution of the step; .tex .txt .json, or .py for the step in PyTorch."""
    name = text or solutions.proposed_name(run.session)
    path = solutions.export(run.session, run.spotlight, name)
    what = "The step in PyTorch" if path.suffix.lower() == solutions.PROGRAM else "Worked solution"
    yield f"{what} written: {solutions.written_text(path)}"


def keep(run: PlainRun, text: str) -> Iterator[str]:
    """`keep FILE.npz`: the weights, to go on from them."""
    path = weights.keep(run.session, text or weights.proposed_name(run.session))
    yield from told("Weights", path, [])
    yield f"--set training.start={path.name} goes on from them."


def preset(run: PlainRun, text: str) -> Iterator[str]:
    """`preset FILE.toml`: the settings as they are, as a preset; without a file they are told."""
    own(run.session)
    if not text:
        content, _ = run_state.preset_text(run.session, Path.cwd())
        yield from filter(None, content.splitlines())
        return
    yield from told("Preset", *run_state.write_state(run.session, text))


def command(run: PlainRun, text: str) -> Iterator[str]:
    """The run as one command line."""
    own(run.session)
    yield from line_and_rest(*run_state.command_line(run.session))


def url(run: PlainRun, text: str) -> Iterator[str]:
    """The URL of the experiment in TensorFlow Playground."""
    own(run.session)
    yield from line_and_rest(*run_state.playground_url(run.session))


def line_and_rest(line: str, untold: list[str]) -> Iterator[str]:
    yield line
    for sentence in untold:
        yield f"It does not say: {sentence}."


def record(run: PlainRun, text: str) -> Iterator[str]:
    """Record the run to a new file in runs/, or stop that."""
    if run.session.fixed:
        raise PresetError("it is a recording already")
    said = run.recorder.stop() if run.recorder.running else run.recorder.start(run.session)
    yield f"{said[:1].upper()}{said[1:].replace(': f stops', ': record stops')}."


def plotted(run: PlainRun, text: str, of: Callable[[], tuple[str, list[str]]], ending: str, what: str) -> Iterator[str]:
    path, _ = typed_path(text, (ending,))
    content, untold = of()
    yield from told(what, written(path, lambda stream: stream.write(content.encode())), untold)


def share(run: PlainRun, text: str) -> Iterator[str]:
    """`share` says what there is; `share losses FILE.csv` and `share plot FILE.svg` write the losses."""
    name, _, file = text.partition(" ")
    words = {"solution": export, "weights": keep, "preset": preset, "command": command, "url": url, "recording": record}
    if name in words:
        yield from words[name](run, file.strip())
        return
    if name in ("losses", "plot", "gradients"):
        yield from pictured(run, name, file.strip())
        return
    if name:
        raise PresetError(f"expected one of {', '.join((*words, 'losses', 'plot', 'gradients'))}, found {name!r}")
    yield "export FILE.md: the worked solution of this step; .tex, .txt, .json, or .py for the step in PyTorch."
    yield "keep FILE.npz: weights and what the optimizer keeps; training.start goes on from them."
    yield "preset, preset FILE.toml: the settings as they are now, told or written."
    yield "command: the same as one command line. url: the same experiment in TensorFlow Playground."
    yield "record: the run from step 1 on in a new file in runs, until record stops it."
    yield "share losses FILE.csv: the losses as a table. share gradients FILE.csv: the norms of each layer's gradient."
    yield "share plot FILE.svg: the losses as a picture."


def pictured(run: PlainRun, name: str, file: str) -> Iterator[str]:
    """The losses or the norms of the gradients, as a table or as a picture."""
    from backprop_tui.tui.running import pictures

    session, view = run.session, run.view
    if name == "losses":
        yield from plotted(run, file, lambda: pictures.loss_csv(session, view), ".csv", "Losses")
    elif name == "plot":
        yield from plotted(run, file, lambda: pictures.loss_svg(session, view), ".svg", "Plot")
    else:
        yield from plotted(run, file, lambda: pictures.gradients_csv(session), ".csv", "Norms")
