"""What keys change in the plot of the losses: the steps in view, the mean, the other runs laid over."""

from typing import TYPE_CHECKING

from .panes.loss import LossPane
from .panes.loss_curve import LETTERS, smoothing_text, smoothings
from .panes.overlay import MOST, OFF, choices, chosen
from .panes.view import LOSS_VIEWS

if TYPE_CHECKING:
    from .running.run_screen import RunScreen


def loss_curve(screen: "RunScreen") -> LossPane:
    """The pane, with the curve in it; where there was no room for it beside others, it is looked at."""
    pane = screen.query_one(LossPane)
    screen.view.loss = LOSS_VIEWS[0]
    if not pane.display:
        screen.current = "loss"
        screen.lay_out()
        pane.focus()
    return pane


def pan(screen: "RunScreen", halves: int) -> None:
    """Half of what is shown later, or earlier."""
    screen.notice = "" if screen.view.window else "all steps are shown: . in Loss shows fewer, then [ and ] move on"
    loss_curve(screen).pan(halves)
    screen.show_all()


def smooth(screen: "RunScreen") -> None:
    """The next mean."""
    view, found = screen.view, smoothings(screen.session)
    place = found.index(view.smoothing) if view.smoothing in found else 0
    view.smoothing = found[(place + 1) % len(found)]
    screen.notice = smoothing_text(screen.session, view)
    loss_curve(screen)
    screen.show_all()


def overlay(screen: "RunScreen") -> None:
    """The next of the other runs, or none."""
    view = screen.view
    found = choices(view.others())
    if len(found) == 1:
        said = view.look.keys.said
        screen.notice = (
            f"no other run to lay over: {said('r')}, {said('R')}, a changed setting and {said('c')} make one"
        )
    else:
        place = found.index(view.overlay) if view.overlay in found else 0
        view.overlay = found[(place + 1) % len(found)]
        screen.notice = overlay_text(screen)
        loss_curve(screen)
    screen.show_all()


def overlay_text(screen: "RunScreen") -> str:
    """Which runs are laid over, with their letters."""
    view, others = screen.view, screen.view.others()
    if view.overlay == OFF:
        return "no other run is laid over"
    found = chosen(others, view.overlay)
    if not found:
        return f"{view.overlay}: none of them has a step yet"
    names = "; ".join(f"{letter} {one.name}" for letter, one in zip(LETTERS, found, strict=False))
    of = sum(one.kind == view.overlay for one in others)
    more = f", {MOST} of {of}" if len(found) == MOST and of > MOST else ""
    return f"laid over{more}: {names}"
