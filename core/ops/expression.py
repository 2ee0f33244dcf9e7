"""How one number came about: a small tree of what was multiplied and added, down to entries of quantities.

An op gives such a tree for any entry that it wrote. The tree is evaluated anew from the numbers it names, so it can
be checked against the entry, and it is printed in symbols or in numbers by the same code for every op.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from backprop_tui.core.value_class import dataclass

from .quantity import Index, Quantity

MINUS = "−"
POWER, FLOOR = "^", "⌊⌋"
"""Names of functions that are written otherwise than `name(argument)`: `γ^(k − 1)`, `⌊k / s⌋`."""
Format = Callable[[float], str]


def signed(number: str) -> str:
    """A number's text with our minus before it; an exponent keeps the hyphen with which it is typed: `−1.2e-05`."""
    return MINUS + number[1:] if number.startswith("-") else number


class Expression(Protocol):
    """A number, as the sum, product, quotient or function of other numbers."""

    def value(self) -> float:
        """The number, computed from the entries that the expression names."""

    def symbols(self) -> str:
        """The expression in symbols."""

    def numbers(self, form: Format) -> str:
        """The expression with every entry replaced by its number."""

    def references(self) -> Iterator["Reference"]:
        """The entries that it names, in reading order."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a quantity."""

    quantity: Quantity
    index: Index = ()

    def value(self) -> float:
        return self.quantity.value(self.index)

    def symbols(self) -> str:
        return self.quantity.entry(self.index)

    def numbers(self, form: Format) -> str:
        return form(self.value())

    def references(self) -> Iterator["Reference"]:
        yield self


@dataclass(frozen=True, slots=True)
class Constant:
    """A number with a name (`η`, `1/m`), or one that is its own name (`1`)."""

    symbol: str
    number: float
    exact: str | None = None

    def value(self) -> float:
        return self.number

    def symbols(self) -> str:
        return self.symbol

    def numbers(self, form: Format) -> str:
        return self.exact if self.exact is not None else form(self.number)

    def references(self) -> Iterator[Reference]:
        return iter(())


def whole(number: int) -> Constant:
    """A whole number that stands for itself."""
    return Constant(str(number), float(number), str(number))


@dataclass(frozen=True, slots=True)
class Product:
    factors: tuple[Expression, ...]

    def value(self) -> float:
        result = 1.0
        for factor in self.factors:
            result *= factor.value()
        return result

    def symbols(self) -> str:
        return " · ".join(in_product(f, f.symbols(), first=i == 0) for i, f in enumerate(self.factors))

    def numbers(self, form: Format) -> str:
        return " · ".join(in_product(f, f.numbers(form), first=i == 0) for i, f in enumerate(self.factors))

    def references(self) -> Iterator[Reference]:
        for factor in self.factors:
            yield from factor.references()


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum; `over` names the axis that the terms run along, one term for each position on it."""

    terms: tuple[Expression, ...]
    over: str | None = None

    def value(self) -> float:
        return sum(term.value() for term in self.terms)

    def symbols(self) -> str:
        return joined(term.symbols() for term in self.terms)

    def numbers(self, form: Format) -> str:
        return joined(term.numbers(form) for term in self.terms)

    def references(self) -> Iterator[Reference]:
        for term in self.terms:
            yield from term.references()


@dataclass(frozen=True, slots=True)
class Quotient:
    numerator: Expression
    denominator: Expression

    def value(self) -> float:
        return self.numerator.value() / self.denominator.value()

    def symbols(self) -> str:
        above, below = self.numerator.symbols(), self.denominator.symbols()
        return over(self.numerator, above, self.denominator, below)

    def numbers(self, form: Format) -> str:
        above, below = self.numerator.numbers(form), self.denominator.numbers(form)
        return over(self.numerator, above, self.denominator, below)

    def references(self) -> Iterator[Reference]:
        yield from self.numerator.references()
        yield from self.denominator.references()


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of other numbers, `σ(Z⁽¹⁾₁,₁)`."""

    name: str
    function: Callable[..., float]
    arguments: tuple[Expression, ...]

    def value(self) -> float:
        return float(self.function(*(argument.value() for argument in self.arguments)))

    def symbols(self) -> str:
        return applied(self, [argument.symbols() for argument in self.arguments])

    def numbers(self, form: Format) -> str:
        return applied(self, [argument.numbers(form) for argument in self.arguments])

    def references(self) -> Iterator[Reference]:
        for argument in self.arguments:
            yield from argument.references()


@dataclass(frozen=True, slots=True)
class Negative:
    expression: Expression

    def value(self) -> float:
        return -self.expression.value()

    def symbols(self) -> str:
        return self.negated(self.expression.symbols())

    def numbers(self, form: Format) -> str:
        return self.negated(self.expression.numbers(form))

    def negated(self, text: str) -> str:
        """−(a + b) and −(−0.5 · 2) need brackets; −a · b and −a / b mean the same without."""
        bare = not isinstance(self.expression, Sum) and not text.startswith(MINUS)
        return MINUS + (text if bare else f"({text})")

    def references(self) -> Iterator[Reference]:
        return self.expression.references()


def replaced(expression: Expression, leaf: Callable[[Reference | Constant], Expression]) -> Expression:
    """The same tree with every entry and constant replaced by what `leaf` makes of it."""
    match expression:
        case Reference() | Constant():
            return leaf(expression)
        case Product(factors):
            return Product(tuple(replaced(factor, leaf) for factor in factors))
        case Sum(terms, over):
            return Sum(tuple(replaced(term, leaf) for term in terms), over)
        case Quotient(numerator, denominator):
            return Quotient(replaced(numerator, leaf), replaced(denominator, leaf))
        case Apply(name, function, arguments):
            return Apply(name, function, tuple(replaced(argument, leaf) for argument in arguments))
        case Negative(inner):
            return Negative(replaced(inner, leaf))
    raise TypeError(f"expected an expression, found {type(expression).__name__}")


def in_product(factor: Expression, text: str, *, first: bool) -> str:
    """A sum inside a product stands in brackets, and so does a negative number behind another factor."""
    loose = isinstance(factor, Sum) and len(factor.terms) > 1
    return f"({text})" if loose or isinstance(factor, Quotient) or (not first and text.startswith(MINUS)) else text


def applied(function: Apply, arguments: list[str]) -> str:
    """A function of its arguments, each as text; a power of, or by, more than one number stands in brackets."""
    if function.name == FLOOR:
        return f"⌊{arguments[0]}⌋"
    if function.name == POWER:
        base, exponent = (
            text if isinstance(argument, Constant | Reference) or text.startswith("⌊") else f"({text})"
            for argument, text in zip(function.arguments, arguments, strict=True)
        )
        return f"{base}^{exponent}"
    return f"{function.name}({', '.join(arguments)})"


def over(numerator: Expression, above: str, denominator: Expression, below: str) -> str:
    """A quotient on one line: a sum above stands in brackets, and below whatever is more than one number."""
    top = f"({above})" if isinstance(numerator, Sum) and " " in above else above
    compound = isinstance(denominator, Product | Sum | Quotient) and " " in below
    return f"{top} / ({below})" if compound else f"{top} / {below}"


def joined(terms: Iterator[str]) -> str:
    """Terms with their signs between them."""
    text = ""
    for term in terms:
        if not text:
            text = term
        elif term.startswith(MINUS):
            text += f" {MINUS} {term[len(MINUS) :]}"
        else:
            text += f" + {term}"
    return text


def abridged(
    expression: Expression, limit: int, keep: int | None = None, own: Callable[[Reference], bool] | None = None
) -> Expression:
    """The same number with every sum of more than `limit` terms cut to its largest terms and the sum of the rest.

    `keep` is the position of a term that a sum over examples shows whatever its size; in a batch with fewer examples
    that is the last. Of another sum the first term with an entry that is `own` is shown whatever its size.
    """

    def cut(part: Expression) -> Expression:
        return abridged(part, limit, keep, own)

    match expression:
        case Sum(terms, over):
            terms = tuple(map(cut, terms))
            if len(terms) <= limit:
                return Sum(terms, over)
            if over == "example":
                shown = None if keep is None else min(keep, len(terms) - 1)
            else:
                shown = next((i for i, term in enumerate(terms) if own and any(map(own, term.references()))), None)
            kept = largest(terms, limit - 1, shown)
            rest = sum(term.value() for i, term in enumerate(terms) if i not in kept)
            more = Constant(f"[{len(terms) - len(kept)} more]", rest)
            return Sum((*(terms[i] for i in sorted(kept)), more), over)
        case Product(factors):
            return Product(tuple(map(cut, factors)))
        case Negative(inner):
            return Negative(cut(inner))
        case Quotient(above, below):
            return Quotient(cut(above), cut(below))
        case Apply(name, function, arguments):
            return Apply(name, function, tuple(map(cut, arguments)))
    return expression


def largest(terms: tuple[Expression, ...], count: int, keep: int | None) -> set[int]:
    """The positions of the `count` terms of greatest magnitude, that of `keep` among them."""
    order = sorted(range(len(terms)), key=lambda i: (i != keep, -abs(terms[i].value())))
    return set(order[: max(count, 1)])
