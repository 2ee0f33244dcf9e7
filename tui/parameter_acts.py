"""Another value for a parameter, typed in its place: of the weight, the bias, γ or β in the spotlight."""

from textual.geometry import Offset

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.ground import value_of
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.pages.value_field import ValueField
from backprop_tui.tui.running.run_screen import RunScreen


def ask_for_value(screen: RunScreen, place: Offset) -> None:
    """Ask at a cell of the screen; what is typed is made by `RunScreen.change`, or said to be no number."""
    if screen.refuses():
        return
    spotlight = screen.view.spotlight

    def answered(typed: str | None) -> None:
        if typed is None:
            return
        value = number_of(typed)
        if value is None:
            screen.notice = f'{spotlight.name}: expected a number such as -0.5 or 1e-3, found "{typed}"'
            screen.show_all()
        else:
            screen.change({str(spotlight.name): value})

    name = name_of(screen.session, spotlight, screen.view.look)
    screen.app.push_screen(ValueField(name, repr(value_of(screen.session, spotlight)), place), answered)


def name_of(session: Session, spotlight: Spotlight, look: Look) -> str:
    """`W⁽¹⁾₂,₁`."""
    return look.text(session.plan[spotlight.parameter, spotlight.layer].entry(spotlight.index))


def number_of(typed: str) -> float | None:
    """The number that was typed, with the minus of a keyboard or of the screen; None where it is none."""
    try:
        return float(typed.replace("\u2212", "-"))
    except ValueError:
        return None
