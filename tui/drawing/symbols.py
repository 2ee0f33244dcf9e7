"""The symbols of the mathematics in plain ASCII: `dW⁽²⁾₁,₁` becomes `dW2[1,1]`, `∂ℒ/∂W` becomes `dL/dW`."""

import re
import unicodedata
from functools import lru_cache

from backprop_tui.core.preset.control_characters import shown

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀˡᴸⁿᵏᵐᵗⁱʲ", "0123456789+-TlLnkmtij")
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₗₘₙₜ", "0123456789+-ijklmnt")
LAYER = re.compile(r"⁽([^⁽⁾]*)⁾((?:[₀-₉ᵢⱼₖₗₘₙₜ]+)(?:,[₀-₉ᵢⱼₖₗₘₙₜ]+)*)?")
INDICES = re.compile(r"([₀-₉ᵢⱼₖₗₘₙₜ]+(?:,[₀-₉ᵢⱼₖₗₘₙₜ]+)+)")
RAISED = re.compile(r"[⁰¹²³⁴-⁹⁺⁻ᵀˡᴸⁿᵏᵐᵗⁱʲ]+")
OF_ARGUMENT = re.compile(r"\)([₀-₉ᵢⱼₖₗₘₙₜ]+)")
SUM_INDEX = re.compile(r"Σ([ᵢⱼₖₗₘₙₜ])")

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "eps", "η": "eta", "θ": "theta", "λ": "lambda",
    "μ": "mu", "π": "pi", "ρ": "rho", "τ": "tau", "φ": "phi", "Φ": "Phi", "ω": "omega", "Δ": "delta",
    "Σ": "sum", "Π": "prod",
    "ζ": "zeta", "κ": "kappa", "ν": "nu", "ξ": "xi", "χ": "chi", "ψ": "psi", "Γ": "Gamma", "Θ": "Theta",
    "Λ": "Lambda", "Ψ": "Psi", "Ω": "Omega", "σ": "sigmoid", "∇": "grad",
}  # fmt: skip
SIGNS = {
    "∂": "d", "ℒ": "L", "ℓ": "l", "⊙": "*", "·": "*", "×": "x", "÷": "/", "−": "-", "–": "-", "—": "-", "′": "'",
    "″": "''", "½": "1/2", "¼": "1/4", "→": "->", "←": "<-", "↑": "^", "↓": "v", "≤": "<=", "≥": ">=", "≠": "!=",
    "≈": "~", "∝": "~", "√": "sqrt", "‖": "||", "∞": "inf", "±": "+-", "…": "...", "∈": " in ", "∑": "sum", "▸": ">",
    "▶": ">", "✓": "*", "✗": "x", "“": '"', "”": '"', "‘": "'", "’": "'", "•": "*", "ŷ": "y_hat", "Ẑ": "Z_hat",
    "ẑ": "z_hat", "Ŷ": "Y_hat", "₍": "(", "₎": ")", "⁽": "(", "⁾": ")",
    "⌊": "floor(", "⌋": ")",
    "⇒": "=>", "↦": "->", "≪": "<<", "≫": ">>", "∘": "o", "«": '"', "»": '"', "„": '"', "∏": "prod",
}  # fmt: skip
OF_GREEK = re.compile(r"(?<=[α-ω])[ᵢⱼₖₗₘₙₜ]")
"""A letter below a Greek one: `ηₖ` is `eta_k`."""
LETTER = re.compile(r"[A-Za-zα-ωΑ-Ω∂ℒ∇]")


@lru_cache(maxsize=4096)
def ascii_symbols(text: str) -> str:
    """`text` in printable ASCII; a character without a known reading becomes `?`."""
    if text.isascii() and text.isprintable():
        return text
    text = shown(text)
    text = text.replace("σ²", "var")
    text = SUM_INDEX.sub(lambda found: f"sum_{found[1].translate(SUBSCRIPTS)}", text)
    text = LAYER.sub(_layer, text)
    text = INDICES.sub(lambda found: f"[{found[1].translate(SUBSCRIPTS)}]", text)
    text = OF_ARGUMENT.sub(lambda found: f")[{found[1].translate(SUBSCRIPTS)}]", text)
    text = OF_GREEK.sub(lambda found: f"_{found[0]}", text)
    text = RAISED.sub(lambda found: "^" + found[0].translate(SUPERSCRIPTS), text).translate(SUBSCRIPTS)
    return "".join(_plain(text, place) for place in range(len(text)))


def _layer(found: re.Match[str]) -> str:
    """A layer in raised brackets, `⁽²⁾` as `2` and `⁽ˡ⁻¹⁾` as `(l-1)`, with the indices that follow in `[ ]`."""
    layer = found[1].translate(SUPERSCRIPTS)
    indices = (found[2] or "").translate(SUBSCRIPTS)
    return (layer if len(layer) == 1 or layer.isdigit() else f"({layer})") + (f"[{indices}]" if indices else "")


def _plain(text: str, place: int) -> str:
    """The ASCII reading of the character at `place`; a Greek word is parted from a letter that follows."""
    character = text[place]
    if character.isascii():
        return character if character.isprintable() else " "
    if character in GREEK:
        parted = LETTER.match(text, place + 1) is not None
        return GREEK[character] + (" " if parted else "")
    if character in SIGNS:
        return SIGNS[character]
    if unicodedata.combining(character):
        return ""
    decomposed = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return decomposed if decomposed.isprintable() and decomposed.strip() else "?"
