"""Which example of the batch is chosen, and what is said about it and about the moment of a picture."""

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.batch_example import batch_example
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.strips import fit, line, style

from .majority import majority_note
from .moment import parameters_moment
from .view import View


def chosen_example(session: Session, view: View) -> int | None:
    """The number in the training set of the chosen example; None at full speed."""
    if view.playing:
        return None
    # Before the first op it is of the batch to come.
    step = session.step + 1 if session.op is None else session.position.step
    return batch_example(session.trainer, step, view.spotlight.example)


def example_note(session: Session, view: View, width: int) -> list[Strip]:
    """Which example is marked, of which moment the picture is, and of which mode where training is another one."""
    look, texts = view.look, []
    ground = ["ground: evaluation mode"] if differs(session) else []
    ground += [] if view.playing else [parameters_moment(session)]
    when = ", ".join(ground)
    if chosen_example(session, view) is not None:
        texts = [name_of_example(session, view)]
        if cell_len(f"{texts[0]}   {when}") > width:
            texts = [brief_name(session, view)]
    texts += [when] if ground else []
    if not view.playing and (majority := majority_note(session)):
        texts.append(majority)
    rows = texts[:1]
    for text in map(look.text, texts[1:]):
        if cell_len(f"{rows[-1]}   {text}") <= width:
            rows[-1] += f"   {text}"
        else:
            rows.append(text)
    return [line([(fit(row, width, look), style(look.palette.dim))], width) for row in rows]


def name_of_example(session: Session, view: View) -> str:
    """`▸ example 3 of the batch's 32`."""
    examples = session.plan.examples
    return (
        f"{view.look.glyphs.cursor} example {min(view.spotlight.example, examples - 1) + 1} of the batch's {examples}"
    )


def brief_name(session: Session, view: View) -> str:
    """`▸ example 3 of 32`."""
    examples = session.plan.examples
    return f"{view.look.glyphs.cursor} example {min(view.spotlight.example, examples - 1) + 1} of {examples}"


def differs(session: Session) -> bool:
    """Whether the network answers otherwise in training: with batch norm or dropout."""
    return any(layer.batch_norm or layer.dropout for layer in session.trainer.layers)
