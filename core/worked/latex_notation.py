"""Our notation as LaTeX: `dA⁽¹⁾ ⊙ σ′(Z⁽¹⁾)` becomes `\\mathrm{d}A^{(1)} \\odot \\sigma'(Z^{(1)})`.

The notation is that of rules and names: layers raised in brackets, indices below, `/` between two things that are one
each, `e^−z`, three spaces between two formulas. All that comes out is ASCII, and needs no package but amsmath.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from backprop_tui.core.value_class import dataclass

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ˡᴸⁿᵏᵐᵗⁱʲᵀ", "0123456789+-()lLnkmtijT")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₗₘₙₜ", "0123456789+-ijklmnt")
UP = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ˡᴸⁿᵏᵐᵗⁱʲᵀ"
DOWN = "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₗₘₙₜ"

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda",
    "Π": "Pi", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
LETTERS = {
    **{letter: f"\\{name}" for letter, name in GREEK.items()},
    "ℒ": "\\mathcal{L}", "ℓ": "\\ell", "ŷ": "\\hat{y}", "Ŷ": "\\hat{Y}", "ẑ": "\\hat{z}", "Ẑ": "\\hat{Z}",
    "∞": "\\infty", "½": "\\tfrac{1}{2}", "¼": "\\tfrac{1}{4}", "¾": "\\tfrac{3}{4}", "⅓": "\\tfrac{1}{3}",
    "…": "\\ldots", "ℝ": "\\mathbf{R}",
}  # fmt: skip
OPERATORS = {
    "−": "-", "–": "-", "·": "\\cdot", "⊙": "\\odot", "×": "\\times", "∗": "*", "±": "\\pm", "≤": "\\le", "≥": "\\ge",
    "≠": "\\ne", "≈": "\\approx", "→": "\\to", "←": "\\gets", "↦": "\\mapsto", "∈": "\\in", "∝": "\\propto",
    "≪": "\\ll", "≫": "\\gg", "÷": "\\div", "∘": "\\circ", "⇒": "\\Rightarrow", "%": "\\%", "&": "\\&", "#": "\\#",
    "$": "\\$", "~": "\\sim",
}  # fmt: skip
PREFIXES = {"∂": "\\partial", "∇": "\\nabla"}
NAMED = ("ln", "log", "exp", "max", "min", "tanh", "sinh", "cosh", "sin", "cos")
"""Functions that LaTeX has a name for."""
FUNCTIONS = (
    *("softmax", "softplus", "sigmoid", "relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "id", "sign"),
    *("erf", "mean", "clip", "var", "std", "diag", "round", "log1p", "expm1", "prob"),
)
BRACKETS = {"(": ")", "[": "]", "{": "}", "⌊": "⌋"}
ESCAPED = {"{": ("\\{", "\\}"), "⌊": ("\\lfloor ", " \\rfloor")}
BARS = {"‖": ("\\lVert ", " \\rVert"), "|": ("\\lvert ", " \\rvert")}

GREEKS = "".join(GREEK)
TOKEN = re.compile(
    rf"(?P<gap>\s{{3,}})|(?P<space>\s+)|(?P<up>[{UP}]+)|(?P<down>[{DOWN}]+(?:,[{DOWN}]+)*)|(?P<prime>[′'″]+)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:e[-−+]?[0-9]+)?)|(?P<hat>\u0302)|(?P<blank>_{3,})"
    rf"|(?P<word>[A-Za-z{GREEKS}](?:[A-Za-z0-9{GREEKS}]|_(?=[a-z]))*(?:-[a-z]{{2,}})*)|(?P<sign>.)",
    re.DOTALL,
)
BLANK = "\\underline{\\qquad\\qquad}"


@dataclass(slots=True)
class Piece:
    """A piece of a formula. Atoms are one thing each: they take indices and stand on either side of a fraction bar.

    `inner` is what stands between the brackets of a group, `raised` whether there is an exponent already.
    """

    tex: str
    kind: str = "atom"
    inner: str | None = None
    raised: bool = False

    @property
    def bare(self) -> str:
        """Without the brackets of a group, which a fraction bar or an exponent makes needless."""
        return self.tex if self.inner is None else self.inner


@lru_cache(maxsize=4096)
def math(text: str) -> str:
    """A formula of our notation as LaTeX for math mode, in ASCII; a character without a reading becomes `?`."""
    tokens = [(found.lastgroup or "sign", found[0]) for found in TOKEN.finditer(text)]
    pieces, rest = sequence(tokens, 0, None)
    assert rest == len(tokens)
    return assembled(pieces)


def sequence(tokens: list[tuple[str, str]], place: int, closing: str | None) -> tuple[list[Piece], int]:
    """The pieces from `place` up to `closing`, or to the end, and the place behind it."""
    pieces: list[Piece] = []
    while place < len(tokens) and tokens[place][1] != closing:
        kind, text = tokens[place]
        place += 1
        if kind == "sign" and text == "^":
            exponent, place = one(tokens, place)
            raise_to(pieces, exponent.bare)
        elif kind in ("up", "prime", "down", "hat"):
            attach(pieces, kind, text)
        else:
            piece, place = opened(tokens, place, kind, text, closing)
            pieces.append(piece)
            if piece.inner is not None and len(pieces) > 1 and pieces[-2].kind in ("function", "atom"):
                # A name right before brackets is a function of what stands in them.
                argument = pieces.pop()
                pieces[-1] = Piece(pieces[-1].tex + argument.tex)
    return pieces, place + (closing is not None and place < len(tokens))


def one(tokens: list[tuple[str, str]], place: int) -> tuple[Piece, int]:
    """The one thing behind a prefix, its sign and its indices with it."""
    sign = ""
    while place < len(tokens) and tokens[place][1] in ("−", "-", " "):
        sign += OPERATORS.get(tokens[place][1], tokens[place][1])
        place += 1
    if place == len(tokens):
        return Piece(sign), place
    kind, text = tokens[place]
    piece, place = opened(tokens, place + 1, kind, text, None)
    pieces = [piece]
    while place < len(tokens) and tokens[place][0] in ("up", "prime", "down"):
        attach(pieces, *tokens[place])
        place += 1
    return (Piece(sign + pieces[0].tex) if sign.strip() else pieces[0]), place


def opened(tokens: list[tuple[str, str]], place: int, kind: str, text: str, closing: str | None) -> tuple[Piece, int]:
    """The piece that a token opens: itself, or a group up to its closing bracket."""
    if text in BRACKETS:
        inner, place = sequence(tokens, place, BRACKETS[text])
        return group(text, inner), place
    if text in BARS and text != closing:
        inner, place = sequence(tokens, place, text)
        left, right = BARS[text]
        return Piece(f"{left}{assembled(inner)}{right}"), place
    if text == "√":
        under, place = one(tokens, place)
        return Piece(f"\\sqrt{{{under.bare}}}"), place
    if text in PREFIXES:
        follower, place = one(tokens, place)
        return Piece(f"{PREFIXES[text]} {follower.tex}"), place
    return piece_of(kind, text), place


def group(opening: str, inner: list[Piece]) -> Piece:
    """What stands in brackets; round ones around nothing but a fraction are left out."""
    tex = assembled(inner)
    if opening == "(" and re.fullmatch(r"\\t?frac\{[^{}]*\}\{[^{}]*\}", tex):
        return Piece(tex)
    left, right = ESCAPED.get(opening, (opening, BRACKETS[opening]))
    if "\\frac" in tex or "\\sum" in tex:
        left, right = f"\\Bigl{left}", f"\\Bigr{right}"
    return Piece(f"{left}{tex}{right}", inner=tex if opening == "(" else None)


def piece_of(kind: str, text: str) -> Piece:
    """A token that is a piece of itself."""
    match kind:
        case "gap":
            return Piece(" \\qquad ", "space")
        case "space":
            return Piece(" ", "space")
        case "number":
            return Piece(number_text(text))
        case "blank":
            return Piece(BLANK)
        case "word":
            return word(text)
    if text in ("Σ", "∑"):
        return Piece("\\sum", "operator")
    if text in LETTERS:
        return Piece(LETTERS[text])
    if text in OPERATORS:
        return Piece(OPERATORS[text], "operator")
    if text == "/":
        return Piece(text, "slash")
    return Piece(text if text.isascii() else plain(text), "operator")


def word(text: str) -> Piece:
    """A name, a function or a word of English."""
    if text in NAMED:
        return Piece(f"\\{text}", "function")
    if text in FUNCTIONS:
        return Piece("\\operatorname{" + text.replace("_", "\\_") + "}", "function")
    base, _, below = text.partition("_")
    if below and len(base) == 1:
        return Piece(f"{letters(base)}_{{\\mathrm{{{below}}}}}")
    if re.fullmatch("[d]?[A-Za-z]", text) or any(letter in GREEK for letter in text):
        return Piece(letters(text))
    if re.fullmatch(r"[A-Za-z][0-9]+", text):
        return Piece(f"{text[0]}_{{{text[1:]}}}")
    return Piece(text.replace("_", "\\_"), "word")


def letters(text: str) -> str:
    """Letters one by one; a `d` before another is that of a gradient."""
    if len(text) > 1 and text[0] == "d":
        return "\\mathrm{d}" + letters(text[1:])
    return " ".join(LETTERS.get(letter, letter) for letter in text)


def attach(pieces: list[Piece], kind: str, text: str) -> None:
    """Put indices, a layer, an exponent, primes or a hat to the last piece."""
    if not pieces:
        pieces.append(Piece("{}"))
    target = pieces[-1]
    if kind == "hat":
        target.tex = f"\\hat{{{target.tex}}}"
    elif kind == "down":
        target.tex += f"_{{{text.translate(LOWERED)}}}"
        target.inner = None
    elif kind == "prime":
        base = f"{{{target.tex}}}" if target.raised else target.tex
        target.tex = base + "'" * (2 * len(text) if text == "″" else len(text))
    else:
        # A layer and an exponent may follow one another: `σ²⁽¹⁾`.
        for part in re.findall(r"⁽[^⁾]*⁾|[^⁽⁾]+", text):
            raise_to(pieces, "\\top" if part == "ᵀ" else part.translate(RAISED))


def raise_to(pieces: list[Piece], exponent: str) -> None:
    """Give the last piece an exponent; one that has one already is made one thing first."""
    if not pieces:
        pieces.append(Piece("{}"))
    target = pieces[-1]
    base = f"{{{target.tex}}}" if target.raised else target.tex
    target.tex, target.raised, target.inner = f"{base}^{{{exponent}}}", True, None


def assembled(pieces: list[Piece]) -> str:
    """The pieces with fractions in the place of slashes, and with the words of a phrase together."""
    merged: list[Piece] = []
    below: list[Piece] = []
    waiting: Piece | None = None
    for piece in pieces:
        if piece.kind == "slash":
            gap = merged.pop() if merged and merged[-1].kind == "space" else None
            if merged and merged[-1].kind in ("atom", "word"):
                waiting = merged.pop()
                if waiting.kind == "word":
                    waiting = Piece(f"\\text{{{waiting.tex}}}")
            else:
                merged += [gap] if gap else []
                merged.append(piece)
        elif waiting is not None:
            below += [piece] if below or piece.kind != "space" else []
            # A sum or a function that has no brackets goes on to what it is of: `e^S / Σ e^S`.
            if piece.kind == "atom":
                tex = piece.bare if len(below) == 1 else "".join(spelled(below))
                merged.append(Piece(f"\\frac{{{waiting.bare}}}{{{tex}}}"))
                waiting, below = None, []
        else:
            merged.append(piece)
    if waiting is not None:
        merged += [waiting, Piece("/", "operator"), *below]
    return re.sub(r" {2,}", " ", "".join(spelled(merged))).strip()


def spelled(pieces: list[Piece]) -> Iterator[str]:
    """The LaTeX of each piece; neighbouring words share one `\\text`, with the spaces around them in it."""
    phrase = ""
    for place, piece in enumerate(pieces):
        if piece.kind == "word":
            before = " " if place and pieces[place - 1].kind == "space" else ""
            phrase += ("" if phrase.endswith(" ") else before) + piece.tex
        elif phrase and piece.kind == "space" and piece.tex == " ":
            phrase += " "
        else:
            if phrase:
                yield f"\\text{{{phrase}}}"
                phrase = ""
            joint = " " if re.search(r"\\[A-Za-z]+$", piece.tex) and piece.kind != "space" else ""
            yield piece.tex + joint
    if phrase:
        yield f"\\text{{{phrase.rstrip() if phrase.strip() else phrase}}}"


def number_text(text: str) -> str:
    """`1.2e-05` as `1.2 \\times 10^{-5}`; other numbers as they are, with a true minus sign made LaTeX's."""
    mantissa, _, exponent = text.replace("−", "-").partition("e")
    return f"{mantissa} \\times 10^{{{int(exponent)}}}" if exponent else mantissa


def plain(text: str) -> str:
    """The nearest ASCII of a character, or `?`."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() or "?"
