"""Our notation as LaTeX: formulas, expressions, sentences, and where long ones break."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backprop_tui.core.ops.expression import Apply, Constant, Expression, Negative, Product, Quotient, Sum, whole
from backprop_tui.core.worked.latex_expression import broken, measured, number, numbers, symbols
from backprop_tui.core.worked.latex_notation import math
from backprop_tui.core.worked.latex_prose import prose

FORMULAS = {
    "Z⁽²⁾ = W⁽²⁾ A⁽¹⁾ + b⁽²⁾": "Z^{(2)} = W^{(2)} A^{(1)} + b^{(2)}",
    "W⁽¹²⁾₁₀,₃": "W^{(12)}_{10,3}",
    "dW⁽¹⁾ = (1/m) dZ⁽¹⁾ Xᵀ": "\\mathrm{d}W^{(1)} = \\frac{1}{m} \\mathrm{d}Z^{(1)} X^{\\top}",
    "(W⁽²⁾)ᵀ dZ⁽²⁾": "(W^{(2)})^{\\top} \\mathrm{d}Z^{(2)}",
    "σ′(Z⁽¹⁾)₂,₁": "\\sigma'(Z^{(1)})_{2,1}",
    "σ(z) = 1 / (1 + e^−z)": "\\sigma(z) = \\frac{1}{1 + e^{-z}}",
    "tanh′(z) = 1 − tanh(z)²": "\\tanh'(z) = 1 - \\tanh(z)^{2}",
    "e^S / Σ e^S": "\\frac{e^{S}}{\\sum e^{S}}",
    "A ⊙ (dA − Σₖ Aₖ dAₖ)": "A \\odot \\Bigl(\\mathrm{d}A - \\sum_{k} A_{k} \\mathrm{d}A_{k}\\Bigr)",
    "relu′(z) = 1 for z > 0, else 0": "\\operatorname{relu}'(z) = 1 \\text{ for }z > 0, \\text{ else }0",
    "ℒ = ½ Σ E²   E = A⁽²⁾ − Y": "\\mathcal{L} = \\tfrac{1}{2} \\sum E^{2} \\qquad E = A^{(2)} - Y",
    "∂ℒ/∂W⁽²⁾": "\\frac{\\partial \\mathcal{L}}{\\partial W^{(2)}}",
    "γ/√(σ²+ε)": "\\frac{\\gamma}{\\sqrt{\\sigma^{2}+\\varepsilon}}",
    "Ẑ⁽¹⁾ − ŷ": "\\hat{Z}^{(1)} - \\hat{y}",
    "σ²⁽¹⁾₁": "{\\sigma^{2}}^{(1)}_{1}",
    "m / (1 − β₁ᵗ)": "\\frac{m}{1 - \\beta_{1}^{t}}",
    "m₀(W⁽²⁾)₁,₁": "m_{0}(W^{(2)})_{1,1}",
    "min(1, c/‖g‖)": "\\min\\Bigl(1, \\frac{c}{\\lVert g \\rVert}\\Bigr)",
    "θ ← θ − ηλθ": "\\theta \\gets \\theta - \\eta \\lambda \\theta",
    "±√(6 / (n_in + n_out))": "\\pm \\sqrt{\\frac{6}{n_{\\mathrm{in}} + n_{\\mathrm{out}}}}",
    "gelu_tanh(z)": "\\operatorname{gelu\\_tanh}(z)",
    "ln T⁽³⁾₁": "\\ln T^{(3)}_{1}",
    "[26 more]": "[26 \\text{ more}]",
    "−1.2e−05": "-1.2 \\times 10^{-5}",
    "1/4": "\\frac{1}{4}",
    "dγ⁽¹⁾ + Δβ⁽¹⁾": "\\mathrm{d}\\gamma^{(1)} + \\Delta \\beta^{(1)}",
    "γ/s⁽¹⁾₂": "\\frac{\\gamma}{s^{(1)}_{2}}",
    "M = kept / (1 − p)": "M = \\frac{\\text{kept}}{1 - p}",
    "______": "\\underline{\\qquad\\qquad}",
}


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas(text: str) -> None:
    assert math(text) == FORMULAS[text]


@example("\ua8d0 x\u0662")  # Digits, but not ours.
@given(st.text())
def test_whatever_it_is_it_comes_out_in_ascii(text: str) -> None:
    assert math(text).isascii()
    assert prose(text).isascii()


a, b, c = Constant("W⁽¹⁾₁,₁", 0.5), Constant("X₁,₁", -2.0), Constant("ε", 1e-8)
EXPRESSIONS: list[tuple[Expression, str, str]] = [
    (Product((a, b)), "W^{(1)}_{1,1} \\cdot X_{1,1}", "0.5 \\cdot (-2)"),
    (Sum((a, Negative(b), b)), "W^{(1)}_{1,1} - X_{1,1} + X_{1,1}", "0.5 - (-2) - 2"),
    (
        Negative(Quotient(Product((a, b)), Sum((Apply("√", abs, (a,)), c)))),
        "-\\frac{W^{(1)}_{1,1} \\cdot X_{1,1}}{\\sqrt{W^{(1)}_{1,1}} + \\varepsilon}",
        "-\\frac{0.5 \\cdot (-2)}{\\sqrt{0.5} + 1 \\times 10^{-8}}",
    ),
    (
        Product((Constant("1/m", 0.25, "1/4"), Sum((a, b)))),
        "\\frac{1}{m} \\cdot (W^{(1)}_{1,1} + X_{1,1})",
        "\\frac{1}{4} \\cdot (0.5 - 2)",
    ),
    (Apply("relu′", abs, (b,)), "\\operatorname{relu}'(X_{1,1})", "\\operatorname{relu}'(-2)"),
    (Apply("max", max, (a, whole(0))), "\\max(W^{(1)}_{1,1}, 0)", "\\max(0.5, 0)"),
]


@pytest.mark.parametrize(("expression", "in_symbols", "in_numbers"), EXPRESSIONS)
def test_expressions(expression: Expression, in_symbols: str, in_numbers: str) -> None:
    def form(value: float) -> str:
        return f"{value:.9g}".replace("-", "−")

    assert symbols(expression).replace("\n", " ") == in_symbols
    assert numbers(expression, form).replace("\n", " ") == in_numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.25, "-0.25"),
        (1.5e-7, "1.5 \\times 10^{-7}"),
        (-2e20, "-2 \\times 10^{20}"),
        (float("inf"), "\\infty"),
        (float("-inf"), "-\\infty"),
        (float("nan"), "\\mathrm{nan}"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value, 9) == text


def test_long_sums_break_before_their_signs_and_nowhere_else() -> None:
    terms = tuple(Product((Constant(f"W₁,{i}", 1.0), Quotient(Sum((a, b)), whole(2)))) for i in "₁₂₃₄₅₆₇₈₉")
    tex = symbols(Sum(terms))
    lines = broken(tex, 40)
    assert len(lines) > 2
    assert " ".join(lines) == tex.replace("\n", " ")
    assert all(measured(line) <= 40 for line in lines)
    assert all(line.startswith("+ ") for line in lines[1:])
    assert all(line.count("{") == line.count("}") for line in lines)


def test_what_is_too_long_for_a_bar_or_a_radical_gets_brackets_in_which_lines_may_end() -> None:
    long = Sum(tuple(Constant(f"W₁,{i}", 1.0) for i in "₁₂₃₄₅₆₇₈₉" * 3))
    for expression in (Apply("√", abs, (long,)), Quotient(long, a), Quotient(a, long)):
        lines = broken(symbols(expression), 40)
        assert len(lines) > 2
        assert all(line.count("{") == line.count("}") for line in lines)
        tex = " ".join(lines)
        assert tex.count("(") == tex.count(")")
    assert symbols(Apply("√", abs, (long,))).endswith(")^{1/2}")
    assert symbols(Quotient(a, Constant("(1 − β₁ᵗ)", 0.1))) == "\\frac{W^{(1)}_{1,1}}{1 - \\beta_{1}^{t}}"


SENTENCES = {
    "A plain sentence, 100 % of it & more_or_less.": "A plain sentence, 100 \\% of it \\& more\\_or\\_less.",
    "divided by 1 − p, so that": "divided by $1 - p$, so that",
    "What is dZ⁽²⁾ = A − Y?": "What is $\\mathrm{d}Z^{(2)} = A - Y$?",
    "into 0 … 1; its slope": "into 0 \\dots{} 1; its slope",
    "−ln of the probability": "$-\\ln$ of the probability",
    "Hölder’s “norm” – é": "H\\\"{o}lder's ``norm'' -- \\'{e}",
    "backward · layer 1 of 2 · dZ": "backward $\\cdot$ layer 1 of 2 $\\cdot$ dZ",
    "its scale γ and shift β, which": "its scale $\\gamma$ and shift $\\beta$, which",
}


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences(text: str) -> None:
    assert prose(text) == SENTENCES[text]
