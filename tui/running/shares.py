"""What can be taken out of a run: each with its title, its file, its text for the clipboard, and what it cannot say."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.command_line.own_words import is_own
from backprop_tui.tui.command_line.visitor import is_visitor

from . import export, keep, pictures
from .answer_picture import answers_svg
from .run_screen import RunScreen
from .run_state import command_line, playground_url, preset_text, sweep_line, write_state
from .typed_file import said, typed_path, whole_path, written

Shared = tuple[str, list[str]]
"""What is taken out, and one sentence for each thing that it cannot say."""
PLOTTED = (".svg", ".csv")
SHORT = 1_000
"""Steps of a run whose plot is drawn in no time."""
NO_PRESET = "it is a recording of somebody's own training, which has no preset"


@dataclass(frozen=True, slots=True)
class Share:
    """One thing to be taken out of the run that a screen shows; `meaning` says of what use it is, `lacking` what is so
    with what it cannot say.

    `stem` is what a file's proposed name has between the preset's id and the first of its `endings`. `text` makes it,
    for the clipboard and for a file in UTF-8; raises PresetError where this run has none. `write` writes a file of its
    own, at the path that was typed, where there is no such text or a file has more: it gives the file's path and what
    the file cannot say. `quick`: whether it is made in no time, so that what it cannot say is told before it is taken.
    """

    id: str
    title: str
    meaning: str
    endings: tuple[str, ...]
    text: Callable[[RunScreen], Shared] | None = None
    write: Callable[[RunScreen, str], tuple[Path, list[str]]] | None = None
    stem: Callable[[Session], str] = lambda session: f"-step-{session.position.step}"
    quick: Callable[[Session], bool] | bool = True
    lacking: str = "not in it"

    def is_quick(self, session: Session) -> bool:
        return self.quick if isinstance(self.quick, bool) else self.quick(session)

    def lacks(self, untold: list[str]) -> str:
        """`2 things are not in it`; nothing where nothing is."""
        return f"{len(untold)} {'thing is' if len(untold) == 1 else 'things are'} {self.lacking}" if untold else ""

    def proposed_name(self, screen: RunScreen) -> str:
        """`xor-step-12.svg`."""
        session = screen.session
        return f"{shown(session.preset.id) or 'run'}{self.stem(session)}{self.endings[0]}"

    def to_file(self, screen: RunScreen, name: str) -> tuple[Path, list[str]]:
        """Write it as a new file; its whole path, and what it cannot say. Raises PresetError where it cannot be."""
        if self.write is not None:
            return self.write(screen, name)
        assert self.text is not None
        path, _ = typed_path(name, self.endings)
        text, untold = self.text(screen)
        return written(path, lambda stream: stream.write(text.encode())), untold


def own_preset(session: Session) -> None:
    """Raises PresetError for a run that has no preset."""
    if session.fixed:
        raise PresetError(NO_PRESET)


def preset(screen: RunScreen) -> Shared:
    own_preset(screen.session)
    return preset_text(screen.session, whole_path(Path()))


def preset_file(screen: RunScreen, name: str) -> tuple[Path, list[str]]:
    own_preset(screen.session)
    return write_state(screen.session, name)


def is_at_hand(session: Session) -> bool:
    """Whether the preset that a run began with is read without a file of somebody's own data."""
    return not is_own(session.preset.source)


def command(screen: RunScreen) -> Shared:
    own_preset(screen.session)
    text, untold = command_line(screen.session)
    return f"{text}\n", untold


def sweep(screen: RunScreen) -> Shared:
    own_preset(screen.session)
    text, untold = sweep_line(screen.session)
    return f"{text}\n", untold


def address(screen: RunScreen) -> Shared:
    own_preset(screen.session)
    text, untold = playground_url(screen.session)
    return f"{text}\n", untold


def solution(screen: RunScreen) -> Shared:
    return export.solution_text(screen.session, screen.view.spotlight), []


def program(screen: RunScreen) -> Shared:
    return export.program_text(screen.session), []


def exported(screen: RunScreen, name: str) -> tuple[Path, list[str]]:
    return export.export(screen.session, screen.view.spotlight, name), []


def weights(screen: RunScreen, name: str) -> tuple[Path, list[str]]:
    return keep.keep(screen.session, name), []


def recording(screen: RunScreen, name: str) -> tuple[Path, list[str]]:
    from backprop_tui.core.recording.recorder import Recorder  # Not needed for the others.

    if screen.session.fixed:
        raise PresetError("it is a recording already")
    if (recorder := screen.recorder.recorder) is not None:
        key = screen.view.look.keys.said("f")
        raise PresetError(f"it is being recorded already, to {said(recorder.path)}: {key} stops that")
    path, _ = typed_path(name, (".backprop",))
    if is_visitor():
        return downloaded_recording(screen.session, path), []
    try:
        with Recorder(screen.session, path):
            pass
    except FileExistsError:
        raise PresetError(f"{said(path)} is there already; choose another name") from None
    except OSError as problem:
        raise PresetError(f"{said(path)} cannot be written: {problem.strerror or problem}") from None
    return whole_path(path), []


def downloaded_recording(session: Session, path: Path) -> Path:
    """The run as a recording for a visitor's browser: made as a file, since it is a database, and taken away again."""
    from backprop_tui.core.recording.recorder import Recorder  # Not needed for the others.

    try:
        with TemporaryDirectory() as folder:
            made = Path(folder) / "run.backprop"
            with Recorder(session, made):
                pass
            content = made.read_bytes()
    except OSError as problem:
        raise PresetError(f"it cannot be made: {problem.strerror or problem}") from None
    return written(path, lambda stream: stream.write(content))


def loss_plot(screen: RunScreen) -> Shared:
    return pictures.loss_svg(screen.session, screen.view)


def losses(screen: RunScreen) -> Shared:
    return pictures.loss_csv(screen.session, screen.view)


def gradients(screen: RunScreen) -> Shared:
    return pictures.gradients_svg(screen.session)


def gradients_file(screen: RunScreen, name: str) -> tuple[Path, list[str]]:
    path, ending = typed_path(name, PLOTTED)
    text, untold = (pictures.gradients_csv if ending == PLOTTED[1] else pictures.gradients_svg)(screen.session)
    return written(path, lambda stream: stream.write(text.encode())), untold


def answers(screen: RunScreen) -> Shared:
    return answers_svg(screen.session, screen.view)


def of_screen(screen: RunScreen) -> Shared:
    return pictures.screen_picture(screen, screen.session.preset.title, screen.view.look), []


def screen_stem(session: Session) -> str:
    return f"-screen-step-{session.position.step}"


def is_short(session: Session) -> bool:
    """Whether the plot of a run's losses is drawn in no time."""
    return session.history.steps <= SHORT


def gradients_stem(session: Session) -> str:
    return f"-gradients-{session.history.steps}-steps"


def steps_done(session: Session) -> str:
    """Of files that have the whole run in them."""
    return f"-loss-{session.history.steps}-steps"


SHARES: tuple[Share, ...] = (
    Share(
        "preset",
        "preset",
        "the settings as they are now, from the start on: backprop-tui FILE opens it",
        (".toml",),
        preset,
        preset_file,
        lambda session: "-as-it-is",
    ),
    Share(
        "command",
        "one command line",
        "the same as words for a shell",
        (".txt", ".sh"),
        command,
        stem=lambda session: "-command",
        quick=is_at_hand,
    ),
    Share(
        "sweep",
        "sweep over learning rates",
        "a command line that trains this at five learning rates with three seeds each, the best first: see help sweep",
        (".txt", ".sh"),
        sweep,
        stem=lambda session: "-sweep",
        quick=is_at_hand,
    ),
    Share(
        "url",
        "URL of TensorFlow Playground",
        "the same experiment in a browser, and with backprop-tui --url",
        (".txt",),
        address,
        stem=lambda session: "-playground",
        lacking="otherwise there",
    ),
    Share(
        "solution",
        "worked solution of this step",
        "every number with its rule: as Markdown, LaTeX, text or JSON, by the ending; to the clipboard as Markdown",
        (*export.FORMS,),
        solution,
        exported,
        quick=False,
    ),
    Share(
        "program",
        "this step in PyTorch",
        "a program that computes the same numbers",
        (export.PROGRAM,),
        program,
        exported,
        quick=False,
    ),
    Share(
        "weights",
        "weights",
        "parameters and what the optimizer keeps: training.start goes on from them",
        (keep.ENDING,),
        None,
        weights,
        lambda session: f"-{session.step}-steps",
    ),
    Share(
        "recording",
        "recording of the run",
        "the run from step 1 on, with its changes and its losses: backprop-tui FILE opens it",
        (".backprop",),
        None,
        recording,
        lambda session: "",
    ),
    Share(
        "plot",
        "plot of the losses",
        "what Loss shows, for a page",
        (".svg",),
        loss_plot,
        stem=steps_done,
        quick=is_short,
    ),
    Share(
        "losses",
        "losses as a table",
        "the numbers of that plot, all their digits",
        (".csv",),
        losses,
        stem=steps_done,
        quick=is_short,
    ),
    Share(
        "gradients",
        "norms of the gradients",
        "of each layer over the run: as a picture or as a table, by the ending",
        PLOTTED,
        gradients,
        gradients_file,
        gradients_stem,
        quick=False,
    ),
    Share(
        "answers",
        "picture of the answers",
        "the picture that Data shows, for a page: what the network answers, a neuron, or a hidden layer",
        (".svg",),
        answers,
        stem=lambda session: f"-answers-step-{session.step}",
        quick=False,
    ),
    Share(
        "screen",
        "picture of the screen",
        "the panes as they stand under this page",
        (".svg",),
        of_screen,
        stem=screen_stem,
        quick=False,
    ),
)
"""All that can be taken out, in the order in which it is listed."""
