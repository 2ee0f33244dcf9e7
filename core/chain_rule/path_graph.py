"""The graph of all paths from the loss down to one entry of a gradient, and what can be said of them unlisted.

Its nodes are entries of the gradients in between, for all examples at once; the terms of the expressions that the ops
give for these entries are its edges. An op gives the same expression for every example, so one of them is multiplied
out, and its factors are read for all. A node needs only what its terms lead to: so paths are counted, added and
ranked from the loss down, in far fewer steps than there are paths.
"""

from collections.abc import Iterator
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import (
    Apply,
    Constant,
    Expression,
    Negative,
    Product,
    Quotient,
    Reference,
    Sum,
    whole,
)
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

Numbers = NDArray[np.float64]
Local = tuple[Expression, ...]
MINUS_ONE = Constant("−1", -1.0, "−1")
GAP = -1.0
"""The strength of a path that is not there: less than any."""


@dataclass(slots=True, eq=False)
class Term:
    """One term of a node: the product of its local factors, for each example or for all, and where it leads to."""

    value: Numbers | float
    child: "Node"


@dataclass(slots=True, eq=False)
class Node:
    """An entry of a gradient; `place` is its index, without the example's where the gradient has one for each.

    Over all its paths, for each of the graph's examples: how many (the same for all), Σ products (n,), Σ |products|
    (n,). `values`, (terms, n), are the terms' local factors. `product`, (k, n), are its strongest paths, the strongest
    first, and `choice` tells each one's term and its path from there on. What is no example's own has one column.
    """

    quantity: Quantity
    place: Index
    terms: list[Term] = field(default_factory=list)
    count: int = 1
    signed: Numbers = field(default_factory=lambda: np.zeros(0))
    magnitudes: Numbers = field(default_factory=lambda: np.zeros(0))
    values: Numbers = field(default_factory=lambda: np.zeros(0))
    product: Numbers = field(default_factory=lambda: np.zeros(0))
    choice: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))

    def index(self, example: int) -> Index:
        """The node's index at an example."""
        return (*self.place, example) if self.quantity.per_example else self.place


class PathGraph:
    """The graph of the paths of `root`, an entry of a parameter's gradient; expanded, counted and added up.

    Of the root only the terms of `example` are taken, where that is not None. `examples` are those whose losses paths
    start at; `taken` are the columns of these that the root adds up.
    """

    def __init__(self, plan: Plan, root: Reference, example: int | None) -> None:
        self.plan = plan
        order = gradients(plan, root.quantity)
        self.known = frozenset(order)
        # What is no example's own, and yet on the way, was made of all of them: the two means of a batch norm.
        coupled = not all(quantity.per_example for quantity in order[:-1])
        every = example is None or coupled
        self.examples = np.arange(plan.examples) if every else np.array([example])
        self.all = np.arange(len(self.examples))
        self.taken = np.array([example]) if example is not None and coupled else self.all
        self.root = Node(root.quantity, root.index)
        self.nodes = self.expand(order)
        for node in self.nodes:
            self.add_up(node)

    def expand(self, order: list[Quantity]) -> list[Node]:
        """All nodes, each behind those that it leads to."""
        found: dict[Quantity, dict[Index, Node]] = {quantity: {} for quantity in order}
        found[self.root.quantity][self.root.place] = self.root
        first = int(self.examples[0])
        for quantity in reversed(order[1:]):
            for node in found[quantity].values():
                for local, reference in self.terms_at(node, first):
                    each = reference.quantity.per_example
                    if each and reference.index[-1] != first:
                        raise ValueError(f"{node.quantity.name} reaches other examples by no sum over examples")
                    place = reference.index[:-1] if each else reference.index
                    nodes = found[reference.quantity]
                    child = nodes.get(place)
                    if child is None:
                        child = nodes[place] = Node(reference.quantity, place)
                    node.terms.append(Term(self.product_of(local), child))
        return [node for nodes in found.values() for node in nodes.values()]

    def terms_at(self, node: Node, example: int) -> "Terms":
        """The terms of a node's entry at an example; of a sum over examples, that example's."""
        op = self.plan.writer(node.quantity)
        assert op is not None, "gradients are written by ops"
        return multiplied_out(op.explain(node.quantity, node.index(example)), self.known, example) or []

    def product_of(self, local: Local) -> Numbers | float:
        """The product of local factors, (n,) or one number for all examples."""
        value: Numbers | float = 1.0
        for factor in local:
            value = value * along(factor, self.examples)
        return value

    def columns(self, node: Node) -> NDArray[np.intp]:
        """The columns of the children that a node reads."""
        return self.taken if node is self.root else self.all

    def add_up(self, node: Node) -> None:
        """Count and add the paths of a node whose children are added up; one without terms is an end: one path."""
        if not node.terms:
            node.signed = node.quantity.array[node.place][self.examples].astype(np.float64)
            node.magnitudes = np.abs(node.signed)
            return
        columns, shape = self.columns(node), (len(node.terms), len(self.examples))
        values, signed, magnitudes = np.empty(shape), np.empty(shape), np.empty(shape)
        for i, term in enumerate(node.terms):
            values[i] = term.value
            signed[i] = term.child.signed
            magnitudes[i] = term.child.magnitudes
        node.values = values[:, columns]
        node.count = sum(term.child.count for term in node.terms)
        if node.quantity.per_example:
            node.signed = np.add.reduce(values * signed)
            node.magnitudes = np.add.reduce(np.abs(values) * magnitudes)
        else:
            node.count *= len(columns)
            node.signed = np.array([np.sum(node.values * signed[:, columns])])
            node.magnitudes = np.array([np.sum(np.abs(node.values) * magnitudes[:, columns])])

    def rank(self, most: int) -> None:
        """Find the `most` strongest paths of every node, for each example: the best of its children's best."""
        for node in self.nodes:
            if not node.terms:
                node.product = node.signed[None]
                continue
            products, strengths = self.candidates(node)
            if len(node.terms) == 1 and node.quantity.per_example:
                # One factor for all of them leaves their order as it is.
                node.choice = np.broadcast_to(np.arange(len(products))[:, None], products.shape)
                node.product = products
            else:
                node.choice = greatest(strengths, min(most, node.count))
                node.product = products[node.choice, np.arange(products.shape[1])]

    def candidates(self, node: Node) -> tuple[Numbers, Numbers]:
        """Every term times the strongest paths of its child, and their magnitudes: (terms · longest, n).

        Of a node that adds up examples all in one column. A child that has fewer than the longest leaves a gap.
        """
        shape = len(node.terms), max(len(term.child.product) for term in node.terms), len(self.examples)
        products = np.zeros(shape)
        for i, term in enumerate(node.terms):
            products[i, : len(term.child.product)] = term.child.product
        columns = self.columns(node)
        products = products[:, :, columns] * node.values[:, None, :]
        strengths = strength(products)
        for i, term in enumerate(node.terms):
            strengths[i, len(term.child.product) :] = GAP
        columns_left = len(columns) if node.quantity.per_example else 1
        return products.reshape(-1, columns_left), strengths.reshape(-1, columns_left)

    def gathered(self) -> float:
        """What the root adds up, by the numbers that the step itself computed for the gradients above it."""
        above = [term.child.quantity.array[term.child.place][self.examples][self.taken] for term in self.root.terms]
        return float(np.sum(self.root.values * np.array(above, dtype=np.float64)))

    def walk(self, position: int) -> Iterator[tuple[Node, int, int]]:
        """The root's strongest path of that position, from the root up: each node, the term taken, and the example.

        Of a sum over examples that is the one whose term was taken.
        """
        node, column = self.root, 0
        while node.terms:
            chosen = int(node.choice[position, column])
            if not node.quantity.per_example:
                columns = self.columns(node)
                chosen, which = divmod(chosen, len(columns))
                column = int(columns[which])
            number, position = divmod(chosen, max(len(term.child.product) for term in node.terms))
            yield node, number, int(self.examples[column])
            node = node.terms[number].child
            column = column if node.quantity.per_example else 0


def gradients(plan: Plan, root: Quantity) -> list[Quantity]:
    """The quantities that lead from the loss's first gradient to `root`, each behind all that it is made of.

    They are those in whose expressions the first gradient appears, directly or through others: a slope is not, though
    it is written in the backward pass too.
    """
    first = next(op for op in plan.ops if op.phase == "backward")
    found: dict[Quantity, None] = {first.result: None}

    def visit(op: Op, quantity: Quantity, seen: set[Quantity]) -> None:
        seen.add(quantity)
        sources = {r.quantity for r in op.explain(quantity, (0,) * quantity.array.ndim).references()}
        for own in op.writes:
            if own in sources and own not in seen:
                visit(op, own, seen)
        if not sources.isdisjoint(found):
            found[quantity] = None

    for op in leading_to(plan, root):
        if op is not first:
            seen: set[Quantity] = set()
            for quantity in (root,) if root in op.writes else op.writes:
                if quantity not in seen:
                    visit(op, quantity, seen)
    return list(found)


def leading_to(plan: Plan, root: Quantity) -> list[Op]:
    """The ops of the backward pass whose results `root` depends on, in the order of the step."""
    found: dict[int, Op] = {}
    waiting = [root]
    while waiting:
        op = plan.writer(waiting.pop())
        if op is not None and op.phase == "backward" and op.place not in found:
            found[op.place] = op
            waiting += op.reads
    return [found[place] for place in sorted(found)]


Terms = list[tuple[Local, Reference]]


def multiplied_out(expression: Expression, known: frozenset[Quantity], example: int) -> Terms | None:
    """An expression multiplied out into terms, each local factors times one entry of a quantity in `known`.

    Local factors stand from the inside out. Of a sum over examples only the term of `example` is taken. None where no
    such entry appears. Raises ValueError for an expression that is not linear in them: the backward pass is.
    """
    match expression:
        case Reference(quantity):
            return [((), expression)] if quantity in known else None
        case Product(factors):
            upstream: Terms | None = None
            local = []
            for factor in factors:
                terms = multiplied_out(factor, known, example)
                if terms is None:
                    local.append(factor)
                elif upstream is None:
                    upstream = terms
                else:
                    raise ValueError(f"a product of two gradients has no paths: {expression.symbols()}")
            return upstream and [((*inner, *local), end) for inner, end in upstream]
        case Sum(summands, over):
            if over == "example":
                return multiplied_out(summands[example], known, example)
            several = [multiplied_out(term, known, example) for term in summands]
            found = [terms for terms in several if terms is not None]
            if found and len(found) < len(several):
                raise ValueError(f"a term without a gradient has no path: {expression.symbols()}")
            return [term for terms in found for term in terms] or None
        case Negative(positive):
            terms = multiplied_out(positive, known, example)
            return terms and [((*inner, MINUS_ONE), end) for inner, end in terms]
        case Quotient(above, below):
            terms = multiplied_out(above, known, example)
            return terms and [((*inner, Quotient(whole(1), below)), end) for inner, end in terms]
    return None


def along(expression: Expression, examples: NDArray[np.intp]) -> Numbers | float:
    """The value of one example's local factor for each of the `examples`, (n,), or one number for all."""
    match expression:
        case Reference(quantity, index):
            if not quantity.per_example:
                return quantity.value(index)
            values: Numbers = quantity.array[index[:-1]][examples].astype(np.float64)
            return values
        case Constant(_, number):
            return number
        case Product(factors):
            value: Numbers | float = 1.0
            for factor in factors:
                value = value * along(factor, examples)
            return value
        case Sum(terms):
            total: Numbers | float = 0.0
            for term in terms:
                total = total + along(term, examples)
            return total
        case Negative(positive):
            return -along(positive, examples)
        case Quotient(above, below):
            quotient: Numbers = np.divide(along(above, examples), along(below, examples))
            return quotient
        case Apply(_, function, arguments):
            applied: Numbers = np.vectorize(function, otypes=[float])(*(along(each, examples) for each in arguments))
            return applied
    raise TypeError(f"an expression of an unknown kind: {expression.symbols()}")


def strength(products: Numbers) -> Numbers:
    """What paths are ranked by: the magnitude, with what is no number before all others."""
    magnitudes = np.abs(products)
    if np.isnan(magnitudes.sum()):
        magnitudes[np.isnan(magnitudes)] = np.inf
    return magnitudes


def greatest(strengths: Numbers, most: int) -> NDArray[np.intp]:
    """The rows of the `most` greatest of each column, the greatest first: (most, n)."""
    if most == len(strengths):
        return np.argsort(-strengths, axis=0, kind="stable")
    chosen = np.argpartition(-strengths, most - 1, axis=0)[:most]
    every = np.arange(strengths.shape[1])
    return chosen[np.argsort(-strengths[chosen, every], axis=0, kind="stable"), every]
