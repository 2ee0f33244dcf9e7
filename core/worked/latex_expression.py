"""Expressions as LaTeX, and long ones in lines, which may end before the signs of a sum."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from math import isfinite, isnan

from backprop_tui.core.ops.expression import Apply, Constant, Expression, Negative, Product, Quotient, Reference, Sum

from .latex_notation import math, number_text

BREAK = "\n"
"""Stands where a line may end, before the sign of a term or behind a comma; to LaTeX it is a space."""
LONGEST = 60
"""Digits in what stands under a radical or over a fraction bar, at the most."""
MOST_ON_A_LINE = 3
"""Arguments of a function between which no line ends."""
Leaf = Callable[[Reference | Constant], str]


def latex(expression: Expression, leaf: Leaf) -> str:
    """`expression` for math mode, every entry and constant as `leaf` writes it.

    Raises TypeError for a kind of expression that is not known here.
    """
    match expression:
        case Reference() | Constant():
            return leaf(expression)
        case Product(factors):
            parts = [latex(factor, leaf) for factor in factors]
            pairs = zip(factors, parts, strict=True)
            return " \\cdot ".join(factor_text(factor, text, i == 0) for i, (factor, text) in enumerate(pairs))
        case Sum(terms):
            return signed(latex(term, leaf) for term in terms)
        case Quotient(above, below):
            return fraction(latex(above, leaf), latex(below, leaf))
        case Apply("√", _, (argument,)):
            return root(latex(argument, leaf))
        case Apply("⌊⌋", _, (argument,)):
            return f"\\lfloor {latex(argument, leaf)} \\rfloor"
        case Apply("^", _, (base, exponent)):
            return f"{raised(base, latex(base, leaf))}^{{{latex(exponent, leaf)}}}"
        case Apply(name, _, arguments):
            comma = f",{BREAK}" if len(arguments) > MOST_ON_A_LINE else ", "
            inner = comma.join(latex(argument, leaf) for argument in arguments)
            return math(name) + bracketed(inner)
        case Negative(inner_expression):
            text = latex(inner_expression, leaf)
            bare = not isinstance(inner_expression, Sum) and not text.startswith("-")
            return f"-{text}" if bare else f"-{bracketed(text)}"
    raise TypeError(f"expected an expression, found {type(expression).__name__}")


def raised(base: Expression, text: str) -> str:
    """What stands under an exponent: one letter or number as it is."""
    return text if isinstance(base, Reference | Constant) and "\\times" not in text else bracketed(text)


def symbols(expression: Expression) -> str:
    """The expression in symbols."""
    return latex(expression, lambda leaf: math(leaf.symbols()))


def numbers(expression: Expression, form: Callable[[float], str]) -> str:
    """The expression in numbers, each as `form` has it in our own notation."""
    return latex(expression, lambda leaf: math(leaf.numbers(form)))


def number(value: float, digits: int) -> str:
    """A number with so many significant digits, `1.2 \\times 10^{-5}`; −0 is 0."""
    if isfinite(value):
        return number_text(f"{value + 0.0:.{digits}g}")
    return "\\mathrm{nan}" if isnan(value) else "\\infty" if value > 0 else "-\\infty"


def fraction(above: str, below: str) -> str:
    """A fraction; with a slash where it is too long for a bar, under which no line may end."""
    above, below = unbracketed(above), unbracketed(below)
    if max(measured(above), measured(below)) > LONGEST:
        return f"{bracketed(above)} / {bracketed(below)}"
    return f"\\frac{{{above}}}{{{below}}}"


def root(text: str) -> str:
    """A square root; as an exponent where it is too long for a radical."""
    return f"\\sqrt{{{text}}}" if measured(text) <= LONGEST else f"{bracketed(text)}^{{1/2}}"


def unbracketed(text: str) -> str:
    """Without brackets around the whole, which a fraction bar makes needless."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return text[1:-1] if place and place == len(text) - 1 and text[0] == "(" else text
    return text


def factor_text(factor: Expression, text: str, first: bool) -> str:
    """A sum inside a product stands in brackets, and so does a negative number behind another factor."""
    loose = isinstance(factor, Sum) and len(factor.terms) > 1
    return bracketed(text) if loose or (not first and text.startswith("-")) else text


def bracketed(text: str) -> str:
    """In brackets, larger ones around fractions. Their size is fixed, so that a line may end between them."""
    return f"\\Bigl({text}\\Bigr)" if "\\frac" in text or "\\sqrt" in text else f"({text})"


def signed(terms: Iterator[str]) -> str:
    """Terms with their signs between them, each sign a place to break the line before."""
    text = ""
    for term in terms:
        if not text:
            text = term
        elif term.startswith("-"):
            text += f"{BREAK}- {term[1:]}"
        else:
            text += f"{BREAK}+ {term}"
    return text


def broken(tex: str, width: float) -> list[str]:
    """The lines of `tex`, broken where it may be, of about `width` digits at most where that can be had."""
    lines: list[str] = []
    used = 0.0
    for part in breakable(tex):
        used += measured(part)
        if lines and used <= width:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
            used = measured(part)
    return lines


def breakable(tex: str) -> Iterator[str]:
    """The parts between the places where a line may end, which are those outside all braces."""
    part, depth = "", 0
    for character in tex:
        depth += (character == "{") - (character == "}")
        if character != BREAK:
            part += character
        elif depth:
            part += " "
        else:
            yield part
            part = ""
    yield part


@lru_cache(maxsize=4096)
def measured(tex: str) -> float:
    """About how wide `tex` is printed, in digits. Of a fraction only the wider half counts."""
    tex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", lambda found: max(found[1], found[2], key=len), tex)
    tex = re.sub(r"\\(?:mathrm|operatorname|text|hat)\{([^{}]*)\}", r"\1", tex)
    tex = re.sub(r"\\q?quad", "nnnn", tex)
    scripts = sum(len(found) for found in re.findall(r"[\^_]\{([^{}]*)\}", tex))
    tex = re.sub(r"[\^_]\{[^{}]*\}", "", tex)
    tex = re.sub(r" ?(?:\\cdot|\\times|\\odot|[-+=]) ?", "nn", tex)
    tex = re.sub(r"\\(?:Bigl|Bigr|lVert|rVert)", "", tex)
    tex = re.sub(r"\\[A-Za-z]+ ?", "n", tex)
    return len(re.sub(r"[{}\s]", "", tex)) + 0.65 * scripts
