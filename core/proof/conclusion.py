"""What a contest shows, in sentences made of what was measured: who got lowest, and why there, or why not."""

from collections.abc import Sequence
from math import inf, isfinite

from .aspects import form, pairs_cosine, random_cosine
from .contest import Outcome, Result
from .estimators import OWN, PAIRS

TINY = 100
"""Parameters up to which a network is called tiny: there a random direction still has a cosine of 0.08 or more."""
STUCK = 0.1
"""Of the slope at the start: where backpropagation ends below it, that is told."""
ALIKE = 1e-3
"""Of the lowest loss: what differs by less is hardly an exception."""
FAR = 100
"""Times as many parameters, for comparison: the cosine is a tenth."""


def verdict(results: Sequence[Result]) -> str:
    """Which method met the lowest loss, as it was measured, and what backpropagation came to if that is another."""
    start = results[0].trace[0][1]
    least = min(finite(result) for result in results)
    if least == inf:
        return "No method met a finite loss."
    if isfinite(start) and least >= start:
        return f"No method got below the loss at the start, {form(start)}."
    winners = [result for result in results if result.loss == least]
    names = [result.title for result in winners]
    told = f"Lowest loss: {form(least)}, by {listed(names)}"
    others = [result for result in results if result.loss != least]
    if all(by_slope(result) for result in winners):
        rival = min((other for other in others if not by_slope(other)), key=finite)
        return f"{told}; next comes {rival.title} with {form(rival.loss)}."
    if any(by_slope(result) for result in winners):
        return f"{told}."
    best = min(filter(by_slope, others), key=finite)
    digits = next((count for count in range(6, 17) if form(best.loss, count) != form(least, count)), 17)
    return f"{told.replace(form(least), form(least, digits))}; {best.title} comes to {form(best.loss, digits)}."


def conclusion(outcome: Outcome) -> list[str]:
    """The verdict, and the reasons for it, a sentence or two each."""
    results = outcome.results
    found = [verdict(results)]
    least = min(finite(result) for result in results)
    start = results[0].trace[0][1]
    if least == inf or (isfinite(start) and least >= start):
        return found
    slopes = [result for result in results if by_slope(result)]
    best = min(slopes, key=finite)
    if best.loss == least:
        return [*found, advantage(outcome, best), *sooner(best, [r for r in results if not by_slope(r)])]
    reason = exception(outcome, best)
    if best.loss - least <= ALIKE * least:
        reason = f"That is next to no difference: they are within {ALIKE:.1%} of each other."
    return [*found, reason, *stuck(outcome, best)]


def by_slope(result: Result) -> bool:
    """Whether a method is backpropagation, with whatever optimizer."""
    return result.name in ("backpropagation", OWN)


def finite(result: Result) -> float:
    """Its loss, infinite for NaN."""
    return result.loss if isfinite(result.loss) else inf


def listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def advantage(outcome: Outcome, best: Result) -> str:
    """Why backpropagation got lowest."""
    count = outcome.parameters
    slopes = "the one slope" if count == 1 else f"all {count:,} slopes"
    return (
        f"A pass and its way back give the gradient, {slopes}, for {form(best.price, 3)} passes; by central "
        f"differences it takes {2 * count:,}, and a random direction has a cosine of about "
        f"{form(random_cosine(count), 2)} with it."
    )


def sooner(best: Result, others: Sequence[Result]) -> list[str]:
    """After how many passes it was where the best of the others ended, if that got below the start."""
    rival = min(others, key=finite)
    if not finite(rival) < rival.trace[0][1]:
        return []
    there = next(passes for passes, loss in best.trace if loss <= rival.loss)
    ended = next(passes for passes, loss in rival.trace if loss <= rival.loss)
    return [
        f"What {rival.title} reached after {ended:,.0f} passes it had reached after {there:,.0f}, "
        "the search for a step size included."
    ]


def exception(outcome: Outcome, best: Result) -> str:
    """Why another method got lower than backpropagation: a tiny network, or something else."""
    count = outcome.parameters
    numbers = "1 parameter" if count == 1 else f"{count:,} parameters"
    here, far = form(random_cosine(count), 2), form(random_cosine(FAR * count), 2)
    winner = min(outcome.results, key=finite)
    price = form(best.price, 3)
    if count > TINY:
        return (
            f"That is not because random directions were good ones: with {numbers} their cosine with the gradient is "
            f"about {here}. Backpropagation stays where the slopes lead it; a step that follows no slope does not."
        )
    if winner.name == "numerical_gradient":
        return (
            f"A tiny network is the exception: with {numbers} the gradient by central differences costs {2 * count:,} "
            f"passes, where backpropagation takes {price}. With {FAR * count:,} parameters it would be "
            f"{2 * FAR * count:,}."
        )
    if winner.name == "evolution_strategies":
        return (
            f"A tiny network is the exception: with {numbers} an estimate from {PAIRS} pairs has a cosine of about "
            f"{form(pairs_cosine(count), 2)} with the gradient, and chance leads it elsewhere too. With "
            f"{FAR * count:,} parameters it would be about {form(pairs_cosine(FAR * count), 2)}."
        )
    return (
        f"A tiny network is the exception: with {numbers} a random direction has a cosine of about {here} with the "
        f"gradient, a trial costs 1 pass where a step of backpropagation costs {price}, and it may be long where the "
        f"slope is small. With {FAR * count:,} parameters the cosine would be about {far}."
    )


def stuck(outcome: Outcome, best: Result) -> list[str]:
    """Where backpropagation stands, if the loss is far flatter there than at the start."""
    if best.slope is None or not best.slope < STUCK * outcome.slope:
        return []
    return [
        f"Backpropagation ended where the loss is flatter: ‖∇ℒ‖ = {form(best.slope, 3)}, at the start "
        f"{form(outcome.slope, 3)}; a step of gradient descent is shorter by as much."
    ]
