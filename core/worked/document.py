"""The worked solution of a step as a document: text, Markdown, LaTeX or JSON; or as a worksheet with its key."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, get_args

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.run_spotlight import own_spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.limits import check_worked

from .derivation import worked_derivation
from .latex import sheet_latex, sheets_latex, solution_latex
from .markdown import solution_markdown
from .solution import Done, Tell, WorkedSolution
from .step_json import explain_json
from .step_solution import worked_solution
from .text import solution_text

Form = Literal["text", "markdown", "latex", "json"]
FORMS: tuple[Form, ...] = get_args(Form)
PAGE_BREAKS = {"text": "\f", "markdown": '\n<div style="page-break-before: always"></div>\n\n'}
"""What printers, and those who print Markdown as a web page, take for the begin of a new page."""
ANSWERS = {"text": "\nAnswers\n=======\n", "markdown": "\n## Answers\n", "latex": "\\section*{Answers}\n"}
"""How the key of a worksheet begins."""
WRITTEN = {"text": solution_text, "markdown": solution_markdown, "latex": solution_latex}


def solution_document(
    session: Session,
    step: int,
    spotlight: Spotlight | None = None,
    form: Form = "text",
    *,
    derive: bool = False,
    worksheet: bool = False,
    tell: Tell | None = None,
) -> str:
    """The worked solution of a step, from 1; with `derive` of the spotlight's parameter alone.

    The spotlight, by default the preset's own, says what is worked out of quantities that are too large for all. As a
    `worksheet` all that the step computes is blank, and the key, laid out alike, follows under `Answers`.
    `tell` is told how much is done: each op counts twice, as it is worked out and as it is written, on a worksheet and
    in its key again.
    Moves the session to right before the step's finish: give it one of its own, where that would disturb.
    Raises ValueError for a worksheet as JSON, and PresetError for one of a network too wide to work out by hand.
    """
    if spotlight is None:
        spotlight = own_spotlight(session)
    if form == "json":
        if worksheet:
            raise ValueError("a worksheet is text, markdown or latex; JSON has no blanks")
        return json.dumps(explain_json(session, step, spotlight if derive else None), allow_nan=False) + "\n"
    check_worked(session.preset, session.dataset)
    worked = worked_derivation if derive else worked_solution
    done = Done(tell)
    if not worksheet:
        return WRITTEN[form](worked(session, step, spotlight, done=done), None, done)
    key = worked(session, step, spotlight, "key", done)
    sheet = worked(session, step, spotlight, "exercise", done)
    # What is given stands on the sheet already.
    return WRITTEN[form](sheet, replace(key, parts=key.parts[1:]), done)


def sheet_body(solution: WorkedSolution, form: Form, done: Done | None = None) -> str:
    """A sheet of one student, or its key, as it stands in a document alone or behind others."""
    return sheet_latex(solution, done) if form == "latex" else WRITTEN[form](solution, None, done)


def bound(bodies: Iterable[str], form: Form) -> Iterator[str]:
    """The document of these sheets, one behind the other, each beginning on a page of its own; in pieces."""
    if form == "latex":
        yield from sheets_latex(bodies)
        return
    for number, body in enumerate(bodies):
        yield PAGE_BREAKS[form] + body if number else body
