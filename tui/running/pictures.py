"""The plot of the losses as a picture and as a table, and the picture of the whole screen, as texts to be taken out."""

from dataclasses import replace
from typing import Any

from textual.screen import Screen

from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import UNICODE, Look
from backprop_tui.tui.drawing.palette import LIGHT
from backprop_tui.tui.panes.loss_curve import LossPicture, dated, loss_picture
from backprop_tui.tui.panes.view import View

PAPER = Look(palette=LIGHT, glyphs=UNICODE, color=True)
"""A plot that goes onto a page has the colours of paper, whatever the terminal has."""
LEGEND = 110
"""Characters of the names in a plot's legend."""

Taken = tuple[str, list[str]]
"""A text, and one sentence for each thing that it cannot say."""


def loss_svg(session: Session, view: View) -> Taken:
    """The plot of the losses as the pane shows it, as SVG."""
    from backprop_tui.tui.drawing.plot_svg import plot_svg  # Not needed to open.

    picture = loss_picture(session, replace(view, look=PAPER))
    text = plot_svg(
        dated(picture.series, picture.log, LEGEND),
        first=picture.first,
        last=picture.last,
        log=picture.log,
        cursor=picture.cursor,
        title=picture.title,
    )
    return text, left_out(picture, session)


def loss_csv(session: Session, view: View) -> Taken:
    """The numbers of that plot, in full precision."""
    from backprop_tui.tui.drawing.plot_csv import plot_csv  # Not needed to open.

    picture = loss_picture(session, view)
    text = plot_csv(picture.series, first=picture.first, last=picture.last)
    return text, left_out(picture, session) + coarse(session)


def left_out(picture: LossPicture, session: Session) -> list[str]:
    """The steps that a plot of a part of them does not show."""
    steps = session.history.steps
    if picture.first <= 1 and picture.last >= steps:
        return []
    return [
        f"of the run's {steps:,} steps those that are not shown: it has {picture.first:,.0f} to {picture.last:,.0f}"
    ]


def coarse(session: Session) -> list[str]:
    """What a long run does not keep."""
    width = session.history.losses.width
    return (
        [f"the loss of each step: of a run so long the least and the greatest of {width:,} are kept"]
        if width > 1
        else []
    )


def screen_picture(screen: Screen[Any], title: str, look: Look) -> str:
    """A screen as it stands, also one that is covered by another, as SVG."""
    from backprop_tui.tui.drawing.screen_svg import screen_svg  # Not needed to open.

    return screen_svg(screen._compositor.render_strips(), title, look.palette)
