"""The chosen example of the batch, as an image or in numbers, with the network's answer and the truth."""

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.inquiry.given import known_column
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import classes_of
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines

from .chosen_example import brief_name, differs, name_of_example
from .example_lines import Example, answered_class, example_picture
from .majority import majority_note
from .moment import answering_plan, answers_moment
from .view import View

LEAST_NOTED = 7
"""The height from which an example in numbers leaves lines for words."""


def batch_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """A line that names the example, and under it what it is and what the network makes of it."""
    plan, look = answering_plan(session, view), view.look
    example = min(view.spotlight.example, plan.examples - 1)

    def column(symbol: str, layer: int | None) -> FloatArray | None:
        return known_column(session, plan[symbol, layer], example)

    shown = Example(column("X", None), column("A", view.last(session)), column("Y", None))
    truth = answered_class(shown.target, session.dataset)
    said = "" if truth is None else f", truth {classes_of(session.dataset)[truth]}"
    when = "" if shown.answer is None else f", {answers_moment(session, view)}"
    head = line([(heading(session, view, said, when, width), style(look.palette.dim))], width)
    roomy = session.dataset.image_shape is None and height >= LEAST_NOTED
    note = majority_note(session) if roomy and not view.playing else ""
    foot = text_lines(note, width, 3, look, look.palette.warning)
    picture = example_picture(shown, session.dataset, width, height - 1 - len(foot), look)
    return [head, *picture, *foot]


def heading(session: Session, view: View, truth: str, when: str, width: int) -> str:
    """Which example it is, its truth, and when the network answers so, as briefly as the room asks for."""
    look, brief = view.look, brief_name(session, view)
    alone = brief.rpartition(" of ")[0]
    named = (name_of_example(session, view), brief, alone, alone.replace("example ", ""))
    texts = [f"{name}{truth}{mode}{when}" for mode in (mode_text(session), "") for name in named]
    return next((text for text in texts if cell_len(text) <= width), fit(texts[-1], width, look))


def mode_text(session: Session) -> str:
    """What the numbers of the step in hand are of, where training and evaluation differ."""
    return ", training mode" if differs(session) else ""
