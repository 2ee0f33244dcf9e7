"""What lessons claim, measured: the marks in their text, `{claim train_loss@500 of He < train_loss@500}`.

A mark holds two or more terms with < or > between them. A term is a number, or what a placeholder of a lesson says, of
the preset or of a variant of it, times a factor if need be: `0.5 * loss@1 of He`. `with KEY=VALUE` behind it makes one
more change, as `--set` does. `{claim here …}` speaks of the preset's own start alone, `{claim mostly …}` of most
starts, any other of every start. Starts are seeds, of the data and of the weights.
"""

import re
from dataclasses import dataclass
from functools import cache
from math import isnan

from backprop_tui import presets
from backprop_tui.core.lessons.lesson import CLAIM, number_of, placeholders
from backprop_tui.core.preset.preset import from_table, load_preset, parse
from backprop_tui.core.preset.schema import Place
from backprop_tui.core.preset.settings import apply_setting, with_variant
from backprop_tui.core.session.session import Session

TERM = re.compile(r"(?:(?P<factor>[0-9.e-]+) \* )?(?P<what>[^@ ]+@.+?)(?: with (?P<setting>\S+=\S+))?")
SCOPES = ("here", "mostly")


@dataclass(frozen=True, slots=True)
class Claim:
    """One mark of the lesson of `preset`: `terms` as written, and the signs between them."""

    preset: str
    written: str
    scope: str
    terms: tuple[str, ...]
    signs: tuple[str, ...]


def claim_of(preset: str, written: str) -> Claim:
    scope = next((word for word in SCOPES if written.startswith(f"{word} ")), "")
    terms = re.split(r" ([<>]) ", written.removeprefix(scope).strip())
    assert len(terms) > 1, f"nothing is compared: {written}"
    return Claim(preset, written, scope, tuple(terms[::2]), tuple(terms[1::2]))


def claims(name: str) -> list[Claim]:
    """Those of a built-in preset's lesson, in reading order."""
    return [claim_of(name, found["claim"]) for found in CLAIM.finditer(parse(presets.text(name), name)["lesson"])]


def own_seed(name: str) -> int:
    return int(parse(presets.text(name), name).get("seed", 0))


@cache
def run(name: str, variant: str, setting: str, seed: int) -> Session:
    """A run of a preset, to be moved on by whoever measures it."""
    table = parse(presets.text(name), name)
    if variant:
        table = with_variant(table, next(one for one in from_table(table, name).variants if one.name == variant))
    if setting:
        table = apply_setting(table, setting)
    return Session(*load_preset({**table, "seed": seed}, name, presets.folder(), name))


@cache
def value(name: str, term: str, seed: int) -> float:
    """What a term comes to; infinite where the run has no number for it any more."""
    found = TERM.fullmatch(term)
    if found is None:
        return float(term)
    (wanted,) = placeholders(f"{{{found['what']}}}")
    session = run(name, wanted.variant, found["setting"] or "", seed)
    session.seek(session.timeline.finish_of(wanted.step))
    number = number_of(session, wanted, Place(name))
    return float(found["factor"] or 1) * (float("inf") if isnan(number) else number)


def measure(claims_: list[Claim], seed: int) -> None:
    """Take the values of all terms, the earlier steps first, so that no run has to go back."""
    terms = {(claim.preset, term) for claim in claims_ for term in claim.terms}
    for name, term in sorted(terms, key=lambda one: int((re.findall(r"@([0-9]+)", one[1]) or [0])[0])):
        value(name, term, seed)


def holds(claim: Claim, seed: int) -> bool:
    """Whether every comparison of a claim is true, in the run from that seed."""
    values = [value(claim.preset, term, seed) for term in claim.terms]
    pairs = zip(values, values[1:], claim.signs, strict=False)
    return all(left < right if sign == "<" else left > right for left, right, sign in pairs)


def told(claim: Claim, seed: int) -> str:
    """A claim with its numbers."""
    numbers = [f"{term} is {value(claim.preset, term, seed):.6g}" for term in claim.terms if "@" in term]
    return f"{claim.preset}, seed {seed}: {claim.written}; {', '.join(numbers)}"
