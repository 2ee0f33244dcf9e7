"""The worked solution of a step: the same numbers in every form, and forms that can be read."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_tui import presets
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.worked.derivation import MOST_LINES, derivation, worked_derivation
from backprop_tui.core.worked.document import Form, solution_document
from backprop_tui.core.worked.latex_notation import math
from backprop_tui.core.worked.step_json import explain_json
from backprop_tui.core.worked.step_solution import worked_solution

from ...share import share

NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?: \\times 10\^\{(-?\d+)\})?$")
SOFTMAX = ("softmax", "cross_entropy")
SIGMOID = ("sigmoid", "binary_cross_entropy")
SQUARED = ("tanh", "mean_squared_error")


def optimizers() -> Iterator[dict[str, Any]]:
    """Every optimizer as published and as in the textbooks, with everything that changes the gradient."""
    changes = {"l1": 0.01, "l2": 0.02, "weight_decay": 0.03, "clip_value": 0.5, "clip_norm": 0.7}
    for kind in OPTIMIZERS:
        yield {"kind": kind, "weight_decay": 0.01}
        yield {"kind": kind, "ema": True, "bias_correction": False, "epsilon_inside_sqrt": True, **changes}


def networks(table: Any) -> dict[str, Any]:
    """Tables of networks that have every op between them."""
    found: dict[str, Any] = {name: name for name in presets.names()}
    for name in ACTIVATIONS:
        found[f"activation {name}"] = table(name, *SIGMOID)
    for number, settings in enumerate(optimizers()):
        found[f"optimizer {number} {settings['kind']}"] = table("tanh", *SQUARED, optimizer=settings, batch=2)
    found["everything"] = table("relu", *SOFTMAX, batch=3, batch_norm=True, residual=True, dropout=0.3)
    found["batch norm"] = table("tanh", *SQUARED, batch_norm=True, bias=False)
    found["dropout"] = table("silu", "softmax", "half_squared_error", dropout=0.3)
    return found


def test_the_text_has_the_numbers_of_the_step(session_of: Any) -> None:
    session = session_of("first-steps")
    text = solution_document(session, 1)
    for line in (
        "dW⁽²⁾₁,₁ = dZ⁽²⁾₁,₁ · A⁽¹⁾₁,₁ = −0.0415272458 · 0.651354865 = −0.0270489736",
        "Z⁽¹⁾₁,₁ = W⁽¹⁾₁,₁ · X₁,₁ + W⁽¹⁾₁,₂ · X₂,₁ + b⁽¹⁾₁ = 0.15 · 0.5 + 0.25 · 0.8 + 0.35 = 0.625",
        "new W⁽¹⁾₁,₁ = W⁽¹⁾₁,₁ + ΔW⁽¹⁾₁,₁ = 0.15 + 0.000943049305 = 0.150943049",
        "ℒ = 0.0254549601",
        "ℒ before the update = 0.0270581286",
        "A⁽²⁾₁,₁ = 0.774367732",
        "η = 0.5",
    ):
        assert f"  {line}\n" in text
    assert "  W⁽¹⁾ = [ 0.15  0.25 ]\n         [  0.2   0.3 ]\n" in text
    for op in session.plan.ops:
        assert op.rule in text
        assert op.why in text


def test_what_a_line_is_made_of_stands_above_it(session_of: Any) -> None:
    lines = solution_document(session_of("by-hand"), 1).splitlines()
    names = [line.split(" = ")[0].strip() for line in lines]
    assert names.index("max Z⁽³⁾₁") < names.index("S⁽³⁾₁,₁") < names.index("T⁽³⁾₁") < names.index("A⁽³⁾₁,₁", 50)


def test_the_text_of_a_large_network_sums_up_and_shows_the_spotlight(session_of: Any) -> None:
    table = {
        "title": "Wide",
        "data": {"kind": "spiral", "samples": 60},
        "layers": [{"units": 150, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    }
    text = solution_document(session_of(table), 2, Spotlight(1, 4, 1, example=20))
    assert "dW⁽¹⁾: 150×2, from " in text
    assert "dW⁽¹⁾₅,₂ = 1/m · (" in text
    assert "dZ⁽¹⁾₅,₂₁ · X₂,₂₁" in text
    assert "[26 more]" in text
    assert "  dW⁽²⁾ = [ " in text
    assert "  (b⁽¹⁾)ᵀ = [ " in text
    assert len(text.splitlines()) < 400


def test_the_lines_outlive_the_step(session_of: Any) -> None:
    session = session_of("first-steps")
    kept = worked_solution(session, 1, Spotlight(1, 0, 0))
    session.seek(session.timeline.finish_of(30))
    session.seek(0)
    assert kept == worked_solution(session, 1, Spotlight(1, 0, 0))


# Markdown, parsed


def values(markdown: str) -> dict[str, float]:
    """The value at the end of every line of mathematics, by the name at its beginning."""
    found: dict[str, float] = {}
    for line in markdown.splitlines():
        if line.startswith("- $") and " = " in line:
            parts = line[3:-1].split(" = ")
            match = NUMBER.fullmatch(parts[-1])
            assert match is not None, line
            found.setdefault(parts[0], float(match[1]) * 10.0 ** int(match[2] or 0))
    return found


SYMBOLS = {"gamma": "γ", "beta": "β", "Z_hat": "Ẑ", "mask": "M", "mean": "μ", "variance": "σ²"}
SYMBOLS |= {"dgamma": "dγ", "dbeta": "dβ"}
LISTED = {"layer", "activation", "running_mean", "running_variance", "applied", "moments", "delta"}


def entries(document: Any) -> Iterator[tuple[str, float]]:
    """Every number of the JSON that the worked solution works out, with its name in LaTeX."""
    given = ("W", "b", "gamma", "beta")

    def of(symbol: str, layer: int, array: Any, before: str = "") -> Iterator[tuple[str, float]]:
        for index, value in np.ndenumerate(np.array(array, float)):
            below = ",".join(str(i + 1) for i in index).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
            yield math(f"{before}{of_layer(symbol, layer)}{below}"), float(value)

    for phase in ("forward", "backward"):
        for entry in document[phase]:
            for name in entry.keys() - LISTED - (set(given) if phase == "forward" else set()):
                if entry[name] is not None:
                    yield from of(SYMBOLS.get(name, name), entry["layer"], entry[name])
    for entry in document["update"]:
        for name in set(given) & entry.keys():
            if entry[name] is not None:
                yield from of(SYMBOLS.get(name, name), entry["layer"], entry[name], "new ")
                yield from of(f"Δ{SYMBOLS.get(name, name)}", entry["layer"], entry["delta"][name])
    yield "\\mathcal{L}", document["loss"]["value"]


@pytest.mark.parametrize("name", ["first-steps", "by-hand", "linear-neuron", "mazur", "everything"])
def test_the_numbers_of_the_markdown_are_those_of_the_json(session_of: Any, network_table: Any, name: str) -> None:
    source = networks(network_table)[name]
    for step in (1, 3):
        session = session_of(source)
        found = values(solution_document(session, step, form="markdown"))
        wanted = dict(entries(explain_json(session, step)))
        assert len(wanted) > 5
        for entry, value in wanted.items():
            assert found[entry] == pytest.approx(value, rel=1e-8, abs=1e-300), entry


def test_a_matrix_of_the_markdown_is_that_of_the_json(session_of: Any) -> None:
    session = session_of("first-steps")
    text = solution_document(session, 1, form="markdown")
    assert "$$X = \\begin{bmatrix} 0.5 \\\\ 0.8 \\end{bmatrix}$$" in text
    assert "$$W^{(1)} = \\begin{bmatrix} 0.15 & 0.25 \\\\ 0.2 & 0.3 \\end{bmatrix}$$" in text


# LaTeX


def check_latex(document: str) -> None:
    """ASCII, nothing unreadable, every brace, bracket, environment and dollar closed."""
    assert document.isascii()
    body = document[document.index("\\maketitle") :]
    mathematics = re.findall(r"\$[^$]*\$|\\begin\{(?:align|gather)\*\}.*?\\end\{(?:align|gather)\*\}", body, re.DOTALL)
    assert not [formula for formula in mathematics if "?" in formula]
    assert document.startswith("\\documentclass")
    assert document.endswith("\\end{document}\n")
    bare = re.sub(r"\\[{}\\$]", "", document)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    assert len(re.findall(r"\\Bigl", bare)) == len(re.findall(r"\\Bigr", bare))
    assert sorted(re.findall(r"\\begin\{(.*?)\}", bare)) == sorted(re.findall(r"\\end\{(.*?)\}", bare))
    for formula in re.findall(r"[_^]\{[^{}]*\}\s*[_^]\{", bare):
        # One index and one exponent to a thing, no more.
        assert formula.lstrip()[0] != formula.rstrip()[-2], formula


def test_the_latex_of_every_op_is_readable(session_of: Any, network_table: Any) -> None:
    for source in [*networks(network_table).values()][:: share(3, 1)]:
        check_latex(solution_document(session_of(source), 2, form="latex"))


@pytest.mark.parametrize("name", ["by-hand", "everything", "optimizer 13 adamw"])
def test_the_latex_of_a_derivation_is_readable(session_of: Any, network_table: Any, name: str) -> None:
    session = session_of(networks(network_table)[name])
    for worksheet in (False, True):
        check_latex(solution_document(session, 2, form="latex", derive=True, worksheet=worksheet))


LATEX = next((path for name in ("pdflatex", "tectonic", "latexmk") if (path := shutil.which(name))), None)


@pytest.mark.skipif(LATEX is None, reason="no LaTeX is installed: neither pdflatex, tectonic nor latexmk")
@pytest.mark.parametrize(
    ("name", "derive", "worksheet"),
    [("first-steps", False, True), ("everything", False, False), ("optimizer 13 adamw", True, False)],
)
def test_the_latex_compiles(
    session_of: Any, network_table: Any, tmp_path: Path, name: str, derive: bool, worksheet: bool
) -> None:
    assert LATEX is not None
    source = networks(network_table)[name]
    document = solution_document(session_of(source), 2, form="latex", derive=derive, worksheet=worksheet)
    (tmp_path / "step.tex").write_text(document)
    options = {"pdflatex": ["-interaction=nonstopmode", "-halt-on-error"], "latexmk": ["-pdf"]}.get(
        Path(LATEX).name, []
    )
    done = subprocess.run([LATEX, *options, "step.tex"], cwd=tmp_path, capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "step.pdf").stat().st_size > 10_000


# The derivation of one weight


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_a_derivation_has_what_is_needed_and_nothing_else(session_of: Any, form: Form) -> None:
    document = solution_document(session_of("first-steps"), 1, Spotlight(1, 0, 1), form, derive=True)
    name = {"text": "dW⁽¹⁾₁,₂", "markdown": math("dW⁽¹⁾₁,₂"), "latex": math("dW⁽¹⁾₁,₂")}[form]
    assert name in document
    assert "-0.00301775778" in document.replace("−", "-")
    for other in ("dW⁽¹⁾₁,₁", "dW⁽²⁾₁,₁", "dZ⁽¹⁾₂,₁", "db⁽¹⁾₁"):
        assert f"{other} " not in document
        assert f"{math(other)} " not in document


@pytest.mark.parametrize("name", ["by-hand", "xor", "everything", "optimizer 5 nesterov", "optimizer 13 adamw"])
def test_each_line_of_a_derivation_rests_on_those_above(session_of: Any, network_table: Any, name: str) -> None:
    session = session_of(networks(network_table)[name])
    session.seek(session.timeline.finish_of(2) - 1)
    plan = session.plan
    for symbol, layer, index in (("W", 1, (0, 1)), ("W", 2, (0, 1)), ("b", 1, (1,))):
        change = plan[f"Δ{symbol}", layer]
        found = derivation(plan, (change, index), 0)
        known = {(id(entry.quantity), entry.index) for entry in found.given}
        assert all(plan.writer(e.quantity) in (None, plan.started) or e.quantity.symbol == "M" for e in found.given)
        used: set[tuple[int, tuple[int, ...]]] = set()
        places = [op.place for op, _ in found.lines]
        assert places == sorted(places)
        for op, shown in found.lines:
            references = {(id(entry.quantity), entry.index) for entry in shown.expression.references()}
            assert references <= known, shown.name
            assert shown.expression.value() == pytest.approx(shown.value, rel=1e-9, abs=1e-12)
            assert (id(shown.quantity), shown.index) not in known
            assert op is plan.writer(shown.quantity)
            used |= references
            known.add((id(shown.quantity), shown.index))
        assert known - used == {(id(change), index)}


def test_the_derivation_in_a_wide_or_deep_network_keeps_to_the_largest_terms(session_of: Any) -> None:
    text = solution_document(session_of("vanishing"), 1, derive=True)
    assert len(text.splitlines()) < 2 * MOST_LINES
    assert re.search(r"\[\d+ more\]", text)
    deep = {
        "title": "Deep",
        "data": {"kind": "inline", "inputs": [[0.5, 1]], "targets": [[1]]},
        "layers": [{"units": 1, "activation": "tanh", "repeat": 400}],
        "loss": {"kind": "half_squared_error"},
    }
    session = session_of(deep)
    solution = worked_derivation(session, 1, Spotlight(1, 0, 0))
    value = session.trainer.layers[0].weights(session.trainer.gradient)[0, 0]
    lines = [line for part in solution.parts for section in part.sections for line in section.lines]
    assert next(line.value for line in lines if line.name == "dW⁽¹⁾₁,₁") == value


def test_a_parameter_of_batch_norm_is_derived_too(session_of: Any, network_table: Any) -> None:
    table = network_table("tanh", *SQUARED, batch_norm=True)
    text = solution_document(session_of(table), 1, Spotlight(1, 1, None, 0, "γ"), derive=True)
    assert "Step 1, epoch 1: γ⁽¹⁾₂ and its gradient" in text
    assert "  dγ⁽¹⁾₂ = 1/m · (" in text
    assert "  new γ⁽¹⁾₂ = γ⁽¹⁾₂ + Δγ⁽¹⁾₂ = −0.75 " in text
    assert "  dW⁽¹⁾₂" not in text
    # Batch norm's ε and the optimizer's are two numbers.
    adam = network_table("tanh", *SQUARED, batch_norm=True, optimizer="adam")
    both = solution_document(session_of(adam), 1)
    assert "  ε (forward) = 1e-05\n" in both
    assert "  ε (update) = 1e-08\n" in both
