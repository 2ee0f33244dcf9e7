"""A mistake: an op varied in one or more forms, each a small pure function with its formula as text."""

from collections.abc import Callable, Iterable, Mapping

from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.value_class import dataclass

from .names import Key
from .step import UPDATE, Array, Step, Varied

Rule = Callable[[Step, int], Array | None]
"""What the mistake gives for a quantity of a layer, from the step as it stands; None where it cannot stand."""
WholeRule = Callable[[Step], Array | None]
"""What it gives for a quantity that no layer has, or for the change of all parameters at once, Δθ: (size,)."""


FARTHEST = 6
"""How many layers away another is that may be taken for the right one."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a mistake is made.

    `rules` are by the symbol of the quantity, the first of which is where the mistake stands. `formula` is what is then
    computed: `{l}` stands for the layer, `{n}` for the next, `{k}` for the one below, `{n+2}` for one farther away,
    `{below}` for what it reads.
    """

    formula: str
    rules: Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class WholeForm:
    """One way in which a mistake is made that is of no layer: `place` is the loss, or the update."""

    formula: str
    rule: WholeRule
    place: Key = UPDATE
    by_layer: bool = False
    """Whether it may be made in the update of one layer alone."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """`id` is its name for programs, `text` says it in a sentence."""

    id: str
    text: str
    forms: tuple[Form | WholeForm, ...]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A mistake in one form, in the layers where it is supposed to be made; `layer` None where that is all of them."""

    mistake: Mistake
    form: Form | WholeForm
    layer: int | None
    varied: tuple[Varied, ...]

    @property
    def place(self) -> Key:
        """The quantity where it stands, in its first layer from the end."""
        return self.varied[0].places[0]

    def formula(self, step: Step) -> str:
        """What is computed, for the layer where it stands."""
        return written(self.form.formula, self.place[1] or 1, step.L)


def written(formula: str, layer: int, last: int) -> str:
    """A formula with the layers that its marks stand for."""
    names = {"l": layer, "n": layer + 1, "k": layer - 1, "L": last}
    names |= {f"{mark}{away:+d}": names[mark] + away for mark in "nk" for away in range(-FARTHEST, FARTHEST + 1)}
    marks = {mark: of_layer("", number) for mark, number in names.items()}
    return formula.format(below=of_layer("A", layer - 1) if layer > 1 else "X", **marks)


def suspects(mistake: Mistake, step: Step) -> Iterable[Suspect]:
    """The mistake wherever it could stand in the network of a step: in each layer alone, and in all of them."""
    for form in mistake.forms:
        if isinstance(form, WholeForm):
            yield from whole_suspects(mistake, form, step)
            continue
        first = next(iter(form.rules))
        layers = [layer for layer in range(step.L, 0, -1) if step.has((first, layer))]
        for chosen in [[layer] for layer in layers] + ([layers] if len(layers) > 1 else []):
            varied = tuple(
                Varied(tuple((symbol, layer) for layer in chosen if step.has((symbol, layer))), of_key(rule))
                for symbol, rule in form.rules.items()
            )
            yield Suspect(mistake, form, chosen[0] if len(chosen) == 1 else None, varied)


def whole_suspects(mistake: Mistake, form: WholeForm, step: Step) -> Iterable[Suspect]:
    rule = of_step(form.rule)
    yield Suspect(mistake, form, None, (Varied((form.place,), rule),))
    if form.by_layer and step.L > 1:
        for layer in range(step.L, 0, -1):
            yield Suspect(mistake, form, layer, (Varied((form.place,), rule, (layer,)),))


def opposite(symbol: str) -> Rule:
    """A quantity with the wrong sign."""
    return lambda step, layer: -step[symbol, layer]


def of_key(rule: Rule) -> Callable[[Step, Key], Array | None]:
    return lambda step, key: rule(step, key[1] or 0)


def of_step(rule: WholeRule) -> Callable[[Step, Key], Array | None]:
    return lambda step, key: rule(step)
