"""Sentences as LaTeX: symbols of our notation in math mode, letters with accents as commands, all in ASCII."""

import re
import unicodedata

from .latex_notation import GREEK, LETTERS, OPERATORS, PREFIXES, math

SPECIAL = {
    "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}", "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}", "\\": "\\textbackslash{}", "<": "\\textless{}", ">": "\\textgreater{}",
    "|": "\\textbar{}", '"': "''",
}  # fmt: skip
MARKS = {
    "–": "--", "—": "---", "…": "\\dots{}", "“": "``", "”": "''", "„": ",,", "‘": "`", "’": "'", "«": "``", "»": "''",
    "ß": "\\ss{}", "ø": "\\o{}", "Ø": "\\O{}", "æ": "\\ae{}", "Æ": "\\AE{}", "œ": "\\oe{}", "ł": "\\l{}",
    "Ł": "\\L{}", "·": "$\\cdot$", "•": "$\\cdot$", "\u00a0": "~",
}  # fmt: skip
ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c", "\u0328": "k",
}  # fmt: skip
SYMBOLS = "".join({*GREEK, *LETTERS, *OPERATORS, *PREFIXES} - set("…–·%&#$~")) + "Σ√‖′⁽⁾ᵀ⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉ᵢⱼₖ"
FORMULA = re.compile(rf"[^\s]*[{re.escape(SYMBOLS)}][^\s]*")
SIGNS = {*OPERATORS, "=", "+", "/", "<", ">"} - set("·%&#$~–")
TAIL = re.compile(r"[.,;:!?)\]”’]+$")
OPERAND = re.compile(r"\(?(?:d?[A-Zℓb-z]|\d+(?:\.\d+)?)\)?")


def prose(text: str) -> str:
    """A sentence as LaTeX. What pdflatex has no letter for becomes its nearest ASCII, or `?`."""
    words = text.split(" ")
    formulas = [FORMULA.fullmatch(word) is not None for word in words]
    pieces: list[str] = []
    place = 0
    while place < len(words):
        end = place
        # What stands between two signs, as in `A − Y`, is one formula with them.
        while end < len(words) and (formulas[end] or joins(words, formulas, end, place)):
            end += 1
        if end == place:
            pieces.append(plain_text(words[place]))
            end += 1
        else:
            pieces.append(formula(" ".join(words[place:end])))
        place = end
    return " ".join(pieces)


def joins(words: list[str], formulas: list[bool], place: int, start: int) -> bool:
    """Whether a plain word is an operand of the sign before or behind it, or a sign between two operands."""
    follows = place + 1 < len(words) and not TAIL.search(words[place])
    if is_sign(words[place]):
        return place > start and follows and (formulas[place + 1] or is_operand(words[place + 1]))
    if not is_operand(words[place]):
        return False
    return (place > start and is_sign(words[place - 1])) or (follows and is_sign(words[place + 1]))


def is_operand(word: str) -> bool:
    return OPERAND.fullmatch(TAIL.sub("", word)) is not None


def is_sign(word: str) -> bool:
    """A sign of arithmetic; a raised dot between words parts the words of a heading."""
    return word in SIGNS


def formula(text: str) -> str:
    """A formula within a sentence; the punctuation behind it belongs to the sentence."""
    tail = TAIL.search(text)
    end = tail[0] if tail is not None else ""
    body = text[: len(text) - len(end)] if end else text
    while end.startswith(")") and body.count("(") > body.count(")"):
        body, end = body + ")", end[1:]
    opening = ""
    while body.startswith("(") and body.count("(") > body.count(")"):
        opening, body = opening + "(", body[1:]
    return f"{opening}${math(body)}${plain_text(end)}" if body else plain_text(opening + end)


def plain_text(text: str) -> str:
    return "".join(character_text(character) for character in text)


def has_letters(text: str) -> bool:
    """Whether LaTeX has a letter, or one near to it, for every character of a text, such as a name."""
    return not any(character != "?" and character_text(character) == "?" for character in text)


def character_text(character: str) -> str:
    """One character of text mode."""
    if character in SPECIAL:
        return SPECIAL[character]
    if character.isascii():
        return character if character.isprintable() else " "
    if character in MARKS:
        return MARKS[character]
    parts = unicodedata.normalize("NFD", character)
    letter, mark = parts[0], parts[1:]
    if letter.isascii() and letter.isalpha() and mark in ACCENTS:
        letter = {"i": "\\i", "j": "\\j"}.get(letter, letter)
        return f"\\{ACCENTS[mark]}{{{letter}}}"
    return unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode() or "?"
