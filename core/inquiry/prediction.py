"""Predict, then reveal: the next number of a run as a question, and what a typed guess is worth.

A guess is right to the digits that were typed. A wrong sign is explained from the signs of what was multiplied and
added.
"""

import re
from dataclasses import replace
from decimal import Decimal, localcontext
from math import floor, isfinite, isnan, log10

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import Statement, place, statements
from backprop_tui.core.ops.expression import (
    Apply,
    Constant,
    Expression,
    Format,
    Negative,
    Product,
    Quotient,
    Reference,
    Sum,
)
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

SIGNS = {
    **dict.fromkeys(("+", "positive", "pos", "plus"), 1),
    **dict.fromkeys(("-", "negative", "neg", "minus"), -1),
    **dict.fromkeys(("0", "zero"), 0),
}
"""Answers that give the sign alone; a 0 is both."""
NUMBER = re.compile(r"[+-]?(?P<whole>[0-9]*)(?:[.,](?P<part>[0-9]*))?(?:e(?P<exponent>[+-]?[0-9]{1,4}))?")
NOT_FINITE = {"nan": "nan", "inf": "inf", "+inf": "inf", "infinity": "inf", "-inf": "-inf", "-infinity": "-inf"}
HINT = "a number such as -0.27, as many digits as you like, or only its sign: + or -"
NEVER_NEGATIVE = ("σ", "exp", "√", "softplus", "Φ", "relu", "relu′")
CLOSE = 0.1
"""The share of the true value up to which a wrong number is close."""
DEEPEST = 3
"""How many levels of brackets an explanation goes into."""
LONGEST = 40
"""Characters of an expression that is called by its symbols."""
ENOUGH = 60
"""Digits in which a guess is compared; a float has 17."""


class GuessError(ValueError):
    """What was typed is neither a number nor a sign; the message says what is expected."""


@dataclass(frozen=True, slots=True)
class Question:
    """One number that is asked for: `name = symbols = numbers = ?`, as texts, and the `value` that is the answer.

    `place` says which op computes it, `rule` by which rule; `reason` is why the value has its sign, a sentence a line.
    """

    name: str
    symbols: str
    numbers: str
    value: float
    place: str
    rule: str
    reason: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a guess was worth: whether it was right, a sentence that says so, and the explanation of a wrong sign."""

    right: bool
    text: str
    explanation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """How many were right of how many asked, how many in a row up to now, and the most in a row."""

    right: int = 0
    asked: int = 0
    streak: int = 0
    longest: int = 0

    def after(self, verdict: Verdict) -> "Score":
        """The score with one more answer."""
        streak = self.streak + 1 if verdict.right else 0
        return Score(self.right + verdict.right, self.asked + 1, streak, max(streak, self.longest))


def ask(session: Session, spotlight: Spotlight, form: Format) -> Question:
    """The spotlight's entry of the next op's result, as a question; `form` prints its numbers.

    The session stays where it is, or, where the next op is of the next step, goes to the finish of this one.
    """
    position = session.position
    if position.events == position.total - 1:
        session.forward("step")
    here = session.count
    session.forward("op")
    assert session.op is not None
    last = len(session.trainer.layers)
    shown = statements(session.op, spotlight, last)[0]
    asked = replace(question(shown, form), place=place(session.op, last), rule=session.op.rule)
    session.seek(here)
    return asked


def question(shown: Statement, form: Format) -> Question:
    """A statement without its result."""
    reason = tuple(reasons(shown.expression, form))
    return Question(shown.name, shown.symbols(), shown.numbers(form), shown.value, "", "", reason)


# Judging


def judge(asked: Question, typed: str) -> Verdict:
    """What a typed answer is worth. Raises GuessError for what is neither a number nor a sign."""
    text = typed.strip().lower().replace("−", "-")
    value = asked.value
    if not isfinite(value) or text in NOT_FINITE:
        return judge_not_finite(asked, text)
    if text in SIGNS:
        return judge_sign(asked, SIGNS[text])
    guess, unit = read_number(text, typed)
    if guess == 0 or value == 0 or (guess > 0) != (value > 0):
        found = judge_sign(asked, sign(float(guess)))
        return Verdict(found.right, "right: it is 0") if found.right else found
    with localcontext() as context:
        context.prec = ENOUGH
        off, allowed = abs(guess - Decimal(value)), unit / 2
        if Decimal(value).adjusted() < guess.adjusted():
            # 0.96 is 1 to one digit, but 0.6 is not.
            allowed = min(allowed, abs(guess) / 20)
        # Beyond the last digits of a float nobody can be right or wrong.
        if off <= allowed + abs(Decimal(value)) * Decimal("1e-14"):
            return Verdict(True, f"right, to the {digits(guess, unit)} typed")
        ratio = float(guess / Decimal(value))
    return Verdict(False, magnitude(ratio))


def read_number(text: str, typed: str) -> tuple[Decimal, Decimal]:
    """The number, and one unit of its last significant place. Zeros that end a whole number are no digits of it."""
    match = NUMBER.fullmatch(text)
    if match is None or not (match["whole"] or match["part"]):
        raise GuessError(f"expected {HINT}, found {typed.strip()!r}" if typed.strip() else f"expected {HINT}")
    number = Decimal(text.replace(",", "."))
    decimals = len(match["part"] or "")
    idle = 0 if match["part"] else len(match["whole"]) - len(match["whole"].rstrip("0"))
    return number, Decimal(1).scaleb(idle - decimals + int(match["exponent"] or 0))


def digits(guess: Decimal, unit: Decimal) -> str:
    """`3 digits`: those of the guess that signify something."""
    count = guess.adjusted() - unit.adjusted() + 1
    return "digit" if count == 1 else f"{count} digits"


def judge_sign(asked: Question, guessed: int) -> Verdict:
    true = sign(asked.value)
    if guessed == true:
        return Verdict(True, f"right: it is {SIGN_WORDS[true]}")
    return Verdict(False, f"wrong: it is {SIGN_WORDS[true]}", asked.reason)


def judge_not_finite(asked: Question, text: str) -> Verdict:
    """A number that has become infinite or none at all is to be answered by just that word."""
    if text not in NOT_FINITE and text not in SIGNS:
        read_number(text, text)
    value = asked.value
    word = "nan" if isnan(value) else str(value)
    if NOT_FINITE.get(text) == word:
        return Verdict(True, f"right: it is {word}")
    if isfinite(value):
        return Verdict(False, "wrong: it is a finite number")
    return Verdict(False, f"wrong: it is {word}, no finite number")


SIGN_WORDS = {1: "positive", -1: "negative", 0: "0"}


def sign(value: float) -> int:
    """−1, 0 or 1; of NaN 0."""
    return (value > 0) - (value < 0)


def magnitude(ratio: float) -> str:
    """How far off a guess of the right sign is; `ratio` is guess over value, above 0."""
    if not isfinite(ratio) or ratio == 0:
        return "wrong: the sign is right, the magnitude far off"
    if abs(ratio - 1) < CLOSE:
        side = "more" if ratio > 1 else "less"
        return f"close, but not right to the digits typed: {abs(ratio - 1):.1%} {side} than it is"
    size = "large" if ratio > 1 else "small"
    factor = ratio if ratio > 1 else 1 / ratio
    power = floor(log10(factor) + 0.5)
    text = f"{factor:.2g}" if factor < 1000 else f"about 10^{power}"
    return f"wrong: the sign is right, the magnitude too {size} by a factor of {text}"


# Why a number has its sign


def reasons(expression: Expression, form: Format, depth: int = DEEPEST) -> list[str]:
    """Sentences that lead from the signs of what an expression names to its own; none for a number by itself."""
    if depth == 0 or not isfinite(expression.value()):
        return []
    match expression:
        case Product(factors):
            return product_reasons(factors, expression, form, depth)
        case Quotient(above, below):
            return quotient_reasons(above, below, expression, form, depth)
        case Sum(terms) if len(terms) == 1:
            return reasons(terms[0], form, depth)
        case Sum(terms):
            return [sum_reason(terms, expression, form)]
        case Negative(inner):
            turned = f"{called(inner)} is {word(inner)}, and the minus turns it round: {word(expression)}"
            return [*reasons(inner, form, depth - 1), turned]
        case Apply(name, _, arguments):
            return apply_reasons(name, arguments, expression, form, depth)
        case Reference():
            return [f"it is {expression.symbols()}, which is {word(expression)}"]
    return []


def product_reasons(factors: tuple[Expression, ...], product: Expression, form: Format, depth: int) -> list[str]:
    """A product is negative where an odd number of its factors is, and 0 where one is."""
    found = [sentence for factor in factors for sentence in inner_reasons(factor, form, depth)]
    naming = listed([f"{called(factor)} is {word(factor)}" for factor in factors])
    zero = next((factor for factor in factors if factor.value() == 0), None)
    if zero is not None:
        return [*found, f"{called(zero)} is 0, so the product is 0"]
    if product.value() == 0:
        return [*found, "no factor is 0, but their product is too small for a number of this precision"]
    negative = sum(factor.value() < 0 for factor in factors)
    if not negative:
        return [*found, f"{listed([called(factor) for factor in factors])} are positive, and so is their product"]
    count = {1: "one negative factor", 2: "two negative factors"}.get(negative, f"{negative} negative factors")
    return [*found, f"{naming}: {count}, so the product is {word(product)}"]


def quotient_reasons(above: Expression, below: Expression, quotient: Expression, form: Format, depth: int) -> list[str]:
    found = [*inner_reasons(above, form, depth), *inner_reasons(below, form, depth)]
    if above.value() == 0:
        return [*found, f"{called(above)} is 0, so the quotient is 0"]
    same = "the same sign" if (above.value() > 0) == (below.value() > 0) else "different signs"
    naming = f"{called(above)} is {word(above)} and {called(below)} is {word(below)}"
    return [*found, f"{naming}: {same}, so the quotient is {word(quotient)}"]


def sum_reason(terms: tuple[Expression, ...], total: Expression, form: Format) -> str:
    """Which side of a sum weighs more."""
    values = [term.value() for term in terms]
    above, below = sum(value for value in values if value > 0), sum(value for value in values if value < 0)
    if not above and not below:
        return "every term is 0, so the sum is 0"
    if not below:
        return "no term is negative, so the sum is positive"
    if not above:
        return "no term is positive, so the sum is negative"
    sides = f"the positive terms come to {form(above)}, the negative ones to {form(below)}"
    return f"{sides}: the sum is {word(total)}"


def apply_reasons(
    name: str, arguments: tuple[Expression, ...], whole: Expression, form: Format, depth: int
) -> list[str]:
    found = [sentence for argument in arguments for sentence in inner_reasons(argument, form, depth)]
    text = f"{whole.symbols()} is {name} of {', '.join(form(argument.value()) for argument in arguments)}"
    if len(text) > 2 * LONGEST:
        text = f"it is {name} of {len(arguments)} numbers"
    known = f", and {name} is never negative" if name in NEVER_NEGATIVE else ""
    return [*found, f"{text}{known}: {word(whole)}"]


def inner_reasons(inner: Expression, form: Format, depth: int) -> list[str]:
    """Those of a part that is more than one number; said of the part by its name."""
    if isinstance(inner, Reference | Constant):
        return []
    return [f"in {called(inner)}: {sentence}" for sentence in reasons(inner, form, depth - 1)]


def called(expression: Expression) -> str:
    """An expression by its symbols, or, where they are long, by what it is."""
    symbols = expression.symbols()
    if len(symbols) > LONGEST:
        kinds = {Sum: "the sum", Product: "the product", Quotient: "the quotient", Apply: "the function's value"}
        return kinds.get(type(expression), "the number")
    return f"({symbols})" if isinstance(expression, Sum) and " " in symbols else symbols


def word(expression: Expression) -> str:
    """`positive`, `negative` or `0`."""
    return SIGN_WORDS[sign(expression.value())]


def listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
