"""A picture of the screen from the command palette: of whatever is in view, panes, a page over them, the gallery."""

from textual.app import App
from textual.screen import Screen

from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.pages.tool_screen import ToolScreen
from backprop_tui.tui.panes.own_screen import OwnScreen
from backprop_tui.tui.running.pictures import screen_picture
from backprop_tui.tui.running.run_screen import RunScreen
from backprop_tui.tui.running.typed_file import told, typed_path, written

ENDING = ".svg"


def ask_for_picture(app: App[object], look: Look) -> None:
    """Take the picture as the screen stands, ask for a file's name, and say what came of it."""
    from backprop_tui.tui.pages.prompt import Prompt, ask

    screen = app.screen
    title, name = told_of(screen)
    text = screen_picture(screen, title, look)

    def answered(typed: str) -> None:
        try:
            path, _ = typed_path(typed, (ENDING,))
            said = told(written(path, lambda stream: stream.write(text.encode())))
        except PresetError as problem:
            said = str(problem)
        if isinstance(screen, ToolScreen) or not isinstance(screen, OwnScreen):
            # A page has no line of its own for it.
            app.notify(look.text(said), markup=False)
        else:
            screen.tell(said)

    ask(app, Prompt("picture of the screen, to a new file", "", name), answered)


def told_of(screen: Screen[object]) -> tuple[str, str]:
    """The title of the picture, and the name proposed for its file: `xor-diagnosis-step-12.svg`."""
    run = screen.training if isinstance(screen, ToolScreen) else screen
    if not isinstance(run, RunScreen):
        return "backprop-tui", f"backprop-tui{ENDING}"
    page = f"-{screen.heading.lower().replace(' ', '-')}" if isinstance(screen, ToolScreen) else "-screen"
    session = run.session
    return session.preset.title, f"{shown(session.preset.id) or 'run'}{page}-step-{session.position.step}{ENDING}"
