"""Losses and gradient norms as pictures and as tables, and the picture of the whole screen: texts to be taken out."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import UNICODE, Look
from backprop_tui.tui.drawing.palette import LIGHT, mix
from backprop_tui.tui.drawing.plot_points import within
from backprop_tui.tui.drawing.series import Series
from backprop_tui.tui.panes.loss_curve import LossPicture, dated, loss_picture
from backprop_tui.tui.panes.view import View

if TYPE_CHECKING:
    from textual.screen import Screen

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
    return text, left_out(picture, view)


def loss_csv(session: Session, view: View) -> Taken:
    """The numbers of that plot, in full precision."""
    from backprop_tui.tui.drawing.plot_csv import plot_csv  # Not needed to open.

    picture = loss_picture(session, view)
    text = plot_csv(picture.series, first=picture.first, last=picture.last)
    return text, left_out(picture, view) + coarse(picture)


def gradients_svg(session: Session) -> Taken:
    """The norm of each layer's gradient over the run, on a logarithmic axis, as SVG."""
    from backprop_tui.tui.drawing.plot_svg import plot_svg  # Not needed to open.

    text = plot_svg(
        gradient_norms(session),
        first=1,
        last=max(session.history.steps, 1),
        log=True,
        cursor=session.step,
        title=f"{session.preset.title}: the norm of each layer's gradient",
        up="‖dW‖",
    )
    return text, sparse(session)


def gradients_csv(session: Session) -> Taken:
    """These norms in full precision, and how large each layer's update was beside its weights."""
    from backprop_tui.tui.drawing.plot_csv import plot_csv  # Not needed to open.

    layers = session.trainer.layers
    ratios = [gradient_series(session, layer, len(layers), f"ratio_W{layer + 1}") for layer in range(len(layers))]
    norms = [replace(one, name=f"norm_dW{layer}") for layer, one in enumerate(gradient_norms(session), 1)]
    return plot_csv([*norms, *ratios], first=1, last=max(session.history.steps, 1)), sparse(session)


def gradient_norms(session: Session) -> list[Series]:
    """‖dW‖ of each layer, in colours that go from the first to the last."""
    return [gradient_series(session, layer, 0, f"layer {layer + 1}") for layer in range(len(session.trainer.layers))]


def gradient_series(session: Session, layer: int, offset: int, name: str) -> Series:
    """One column of what is measured of gradients."""
    share = layer / max(1, len(session.trainer.layers) - 1)
    color = mix(PAPER.palette.train, PAPER.palette.test, share)
    if not session.history.gradients.steps:
        return Series(name, np.empty(0), np.empty(0), None, color)
    steps, values = session.history.gradients.series(offset + layer)
    return Series(name, steps, values, None, color)


def sparse(session: Session) -> list[str]:
    """What is not measured of gradients."""
    stride = session.history.gradients.stride
    return [f"the steps between: of a run so long one in {stride:,} is measured"] if stride > 1 else []


def left_out(picture: LossPicture, view: View) -> list[str]:
    """The steps that a plot of a part of them does not show."""
    if view.window is None:
        return []
    return [f"the steps that are not in view: it has {picture.first:,.0f} to {picture.last:,.0f}"]


def coarse(picture: LossPicture) -> list[str]:
    """What is not known of each step for itself."""
    shown = [within(one, picture.first, picture.last) for one in picture.series]
    widths = [int((one.steps - one.begins).max(initial=0)) + 1 for one in shown if one.begins is not None]
    width = max(widths, default=1)
    told = f"the loss of each step: of a run so long the least and the greatest of {width:,} are kept"
    return [told] if width > 1 else []


def screen_picture(screen: "Screen[Any]", title: str, look: Look) -> str:
    """A screen as it stands, also one that is covered by another, as SVG."""
    from backprop_tui.tui.drawing.screen_svg import screen_svg  # Not needed to open.

    return screen_svg(screen._compositor.render_strips(), title, look.palette)
