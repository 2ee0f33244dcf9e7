"""Predict, then reveal: the next number is asked for, and told when a guess has been typed."""

import re
from collections.abc import Iterator

from backprop_tui.core.inquiry.prediction import HINT, SIGNS, GuessError, ask, judge
from backprop_tui.core.preset.schema import PresetError

from .run import PlainRun
from .said import plainly, said

NUMBER = re.compile(r"[+\-−]?[0-9]*[.,]?[0-9]*(?:e[+\-−]?[0-9]+)?", re.IGNORECASE)


def is_guess(run: PlainRun, line: str) -> bool:
    """Whether a line answers the question that waits."""
    return run.question is not None and (
        line.lower() in SIGNS or (any(character.isdigit() for character in line) and NUMBER.fullmatch(line) is not None)
    )


def predict(run: PlainRun, text: str) -> Iterator[str]:
    """The number that comes next, as a question."""
    session = run.session
    if session.at_end:
        yield "Here the recording ends: there is no next number."
        return
    if session.diverged:
        yield "The numbers are lost: there is nothing to predict."
        return
    run.question = question = ask(session, run.spotlight, said)
    step = session.timeline.at(session.count + 1).step
    yield f"Predict: step {step:,}, {plainly(question.place)}."
    yield f"Rule: {'; '.join(question.rule.split('   '))}."
    yield f"{question.name} = {question.symbols} = {question.numbers} = ?"
    yield f"Type {HINT}."


def guess(run: PlainRun, text: str) -> Iterator[str]:
    """What a guess is worth; the run goes over the op that gives the answer."""
    question, session = run.question, run.session
    if question is None:
        raise PresetError("nothing has been asked: predict asks for the next number")
    try:
        verdict = judge(question, text.replace("−", "-"))
    except GuessError as problem:
        raise PresetError(str(problem)) from None
    run.score = run.score.after(verdict)
    run.go(session.timeline.after(session.count, "op"))
    yield f"{verdict.text[:1].upper()}{verdict.text[1:]}."
    yield f"{question.name} = {question.symbols} = {question.numbers} = {said(question.value)}"
    yield from verdict.explanation
    score = run.score
    streak = f", {score.streak} in a row" if score.streak > 1 else ""
    yield f"{score.right} of {score.asked} right{streak}."
