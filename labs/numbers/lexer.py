"""From letters to tokens: literals with every thousands mark, raised digits, vulgar fractions, signs in any script.

Unicode lends many signs for one thing. Each character is first brought to one form (digits of any script, dashes, times
and division signs, blanks), so that only few are left; raised digits and vulgar fractions stay what they are, because
Unicode's own compatibility form turns 14² into 142 and 2½ into 21/2.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, TypeAlias

LONGEST: Final = 300
"""Letters of an answer that are read at most; a number with its working needs fewer."""

Convention: TypeAlias = Literal["point", "comma", "either"]
"""What marks the decimals: 1,204.5 or 1.204,5; with `either` both do, where a text mixes them."""

Kind: TypeAlias = Literal[
    "number", "raised", "vulgar", "word", "sign", "list", "equals", "almost", "bound", "range", "other"
]
"""Signs are operators, brackets, roots, %, currencies; a list sign is a comma or semicolon between numbers."""


class Unreadable(ValueError):
    """The text is no number; the sentence says why, `position` where (from 0)."""

    def __init__(self, why: str, position: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.position = position


def brief(text: str) -> str:
    """A piece of an answer as a sentence repeats it."""
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:39]}…"


@dataclass(frozen=True, slots=True)
class Digits:
    """A literal as typed: runs of digits, the marks between them, the exponent of ten with its `e`."""

    runs: tuple[str, ...]
    marks: str = ""
    exponent: str = ""

    @property
    def is_whole(self) -> bool:
        """Digits and nothing else."""
        return not self.marks and not self.exponent

    @property
    def is_ambiguous_list(self) -> bool:
        """Blanks, or a comma without one, might part two numbers: 196 197. A run with a leading 0 is no number."""
        parted = set(self.marks) <= {" "} or (self.marks == "," and len(self.runs[0]) == 3)
        return bool(self.marks) and parted and not any(run[:1] == "0" for run in self.runs)

    def value(self, convention: Convention) -> float | None:
        """The number under a convention, None where it is malformed there: 4,43 holds no thousands."""
        point = {"point": ".", "comma": ",", "either": ".,"}[convention]
        runs, marks, decimals = self.runs, self.marks, ""
        if marks and (marks[-1] == "٫" or marks[-1] in point):
            runs, marks, decimals = runs[:-1], marks[:-1], runs[-1]
        if any(mark == "٫" or mark in point for mark in marks) or not _grouped(runs, marks):
            return None
        return float(f"{''.join(runs) or '0'}.{decimals or '0'}{self.exponent}")


def _grouped(runs: tuple[str, ...], marks: str) -> bool:
    """True if digits are grouped as people do: by threes, in India by twos before the last three; _ anywhere."""
    if not marks:
        return True
    first, *rest = runs
    if len(set(marks)) > 1 or not 1 <= len(first) <= 3:
        return marks == "_" * len(marks)
    if marks[0] == "_":
        return True
    if first[0] == "0":
        return False
    if all(len(run) == 3 for run in rest):
        return True
    by_twos = len(rest) > 1 and len(first) <= 2 and all(len(run) == 2 for run in rest[:-1])
    return marks[0] == "," and by_twos and len(rest[-1]) == 3


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` in one form for every spelling, `start` and `end` in the text as typed."""

    kind: Kind
    text: str
    start: int
    end: int
    is_apart: bool = False
    """A blank stands before it."""
    digits: Digits = Digits(())
    value: float = 0.0
    """Of a vulgar fraction and of a raised whole number."""


_FORMS: Final = {
    **dict.fromkeys("−–—‐‑‒―⁃﹣－", "-"),
    **dict.fromkeys("×✕✖⨯⋅·∙•∗＊*∘", "*"),
    **dict.fromkeys("÷∕⁄／➗", "/"),
    **dict.fromkeys("’‘ʼ′´`＇ʹ", "'"),
    **dict.fromkeys("“”„«»‹›＂‚", '"'),
    **dict.fromkeys("≈≃≅≒≐", "≈"),
    **dict.fromkeys("~∼～˜", "~"),
    **dict.fromkeys("→⇒⟶⟹↦➔", "="),
    **dict.fromkeys("≤≥≦≧≪≫＜＞", "<"),
    "＝": "=", "≡": "=", "﹢": "+", "∶": ":", "，": ",", "、": ",", "；": ";", "。": ".", "…": "…", "‥": "…",
    "٪": "%", "﹪": "%", "‰": "‰", "［": "(", "］": ")", "[": "(", "]": ")", "{": "(", "}": ")",
    "μ": "µ", "º": "°", "˚": "°",
}  # fmt: skip
_HARD_BLANKS: Final = frozenset(
    "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_RAISED: Final = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
_LOWERED: Final = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_SIGNS: Final = frozenset("+-*/^()%‰√∛:$€£¥°±")
_NEUTRAL_MARKS: Final = "'_٬\u00a0"
_DROPPED: Final = frozenset("\"'!?.…#`_")
"""Punctuation round an answer that means nothing to a number."""


@lru_cache(maxsize=4096)
def _form(character: str) -> str:
    """A character in the one form that the lexer knows; '' for what is invisible."""
    if character in _FORMS:
        return _FORMS[character]
    if character in _HARD_BLANKS:
        return "\u00a0"
    category = unicodedata.category(character)
    if character.isspace() or category == "Cc":
        return " "
    if category in ("Cf", "Mn", "Me"):
        return ""
    if character in _RAISED or character in _LOWERED or character in "٫٬" or _vulgar(character) is not None:
        return character
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    return unicodedata.normalize("NFKC", character)


def _vulgar(character: str) -> float | None:
    """What ½ is worth, None for what is no vulgar fraction."""
    if unicodedata.decomposition(character).startswith("<fraction>"):
        value = unicodedata.numeric(character, 1.0)
        return value if value < 1 else None
    return None


def tokens(text: str, *, identifiers: bool = False) -> list[Token]:
    """The tokens of a text. With `identifiers` words are names of a formula: letters, digits and underscores.

    Raises:
        Unreadable: the text is longer than any number with its working.
    """
    if len(text) > LONGEST:
        raise Unreadable("That is too long to be read as one number", LONGEST)
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        form = _form(character)
        letters += form
        places += [place] * len(form)
    found = _Lexer("".join(letters), [*places, len(text)], identifiers).run()
    if not identifiers and len(found) > 1 and text.rstrip().endswith("×") and not found[-1].is_apart:
        found[-1] = replace(found[-1], kind="word", text="times")  # `48×`: a factor
    for before, token in pairwise(found):
        if token.text.casefold() == "a" and not token.is_apart and before.kind == "number" and not identifiers:
            # Elsewhere it is an article: a finger that slipped, as in `196a`, is none.
            raise Unreadable(f"“{token.text}” is not understood", token.start)
    return found


class _Lexer:
    def __init__(self, text: str, places: list[int], identifiers: bool) -> None:
        self._text = text
        self._places = places
        self._identifiers = identifiers
        self._at = 0
        self._found: list[Token] = []
        self._calls: list[bool] = []
        """For each open bracket of a formula whether it is that of a function."""

    def run(self) -> list[Token]:
        while self._at < len(self._text):
            start = self._at
            letter = self._text[start]
            if letter in " \u00a0":
                self._at += 1
            elif self._is_digit(start) or (self._starts_decimals(start) and self._is_digit(start + 1)):
                self._number()
            elif letter in _RAISED:
                self._raised()
            elif (value := _vulgar(letter)) is not None:
                self._at += 1
                self._add("vulgar", letter, start, value=value)
            elif letter.isalpha() or (letter == "_" and self._identifiers):
                self._word()
            else:
                self._sign()
        return self._found

    def _add(self, kind: Kind, text: str, start: int, *, digits: Digits = Digits(()), value: float = 0.0) -> None:
        apart = start == 0 or self._text[start - 1] in " \u00a0"
        begin, end = self._places[start], self._places[self._at - 1] + 1
        self._found.append(Token(kind, text, begin, end, apart, digits, value))

    def _is_digit(self, at: int) -> bool:
        return at < len(self._text) and self._text[at] in "0123456789"

    def _starts_decimals(self, at: int) -> bool:
        """`.5` and `,5`, where no digit and no letter stands before."""
        letter = self._text[at]
        return (
            letter in ".,٫" and not (letter == "," and any(self._calls)) and not (at and self._text[at - 1].isalnum())
        )

    def _digits(self) -> str:
        start = self._at
        while self._is_digit(self._at):
            self._at += 1
        return self._text[start : self._at]

    def _number(self) -> None:
        start = self._at
        runs, marks = [self._digits()], ""
        while self._is_digit(self._at + 1) and (mark := self._mark(runs, marks)):
            self._at += 1
            marks += mark
            runs.append(self._digits())
        exponent = ""
        if self._text[self._at : self._at + 1] in ("e", "E"):
            at = self._at + 1 + (self._text[self._at + 1 : self._at + 2] in ("+", "-"))
            if self._is_digit(at):
                sign = self._text[self._at + 1 : at]
                self._at = at
                exponent = f"e{sign}{self._digits()}"
                if self._text[self._at : self._at + 1].isalpha():
                    raise Unreadable(
                        f"“{brief(self._text[start : self._at + 1])}” is not a number", self._places[start]
                    )
        self._add("number", self._text[start : self._at], start, digits=Digits(tuple(runs), marks, exponent))

    def _mark(self, runs: list[str], marks: str) -> str:
        """The mark between two runs of digits that stands here, '' if the literal ends."""
        letter = self._text[self._at]
        if letter in ".,٫":
            # In a formula a comma within the brackets of a function parts its arguments.
            return "" if letter == "," and any(self._calls) else letter
        if letter in _NEUTRAL_MARKS or letter == " ":
            end = self._at + 1
            while self._is_digit(end):
                end += 1
            by_three = end - self._at == 4 and len(runs[0]) <= 3 and all(len(run) == 3 for run in runs[1:])
            if letter == "_" or (by_three and not set(marks) & set(".,٫")):
                return " " if letter == " " else letter
        return ""

    def _raised(self) -> None:
        start = self._at
        text = ""
        while self._at < len(self._text) and self._text[self._at] in _RAISED:
            text += _RAISED[self._text[self._at]]
            self._at += 1
        digits = text.lstrip("+-")
        if not digits.isdecimal() or len(text) - len(digits) > 1:
            raise Unreadable("The raised digits are no number", self._places[start])
        self._add("raised", text, start, value=float(text))

    def _word(self) -> None:
        start = self._at
        text = ""
        while self._at < len(self._text):
            letter = self._text[self._at]
            inside = letter in "'" and self._text[self._at + 1 : self._at + 2].isalpha()
            if letter in _LOWERED:
                text += _LOWERED[letter]
            elif letter.isalpha() or inside or (self._identifiers and (letter == "_" or letter in "0123456789")):
                text += letter
            else:
                break
            self._at += 1
        if not self._identifiers and text.casefold() == "log":
            text = "ln" if self._is_of_e() else text + self._base()
        self._add("word", text, start)

    def _is_of_e(self) -> bool:
        """True for `log_e`, which is then passed over."""
        is_e = self._text.startswith("_e", self._at) and not self._text[self._at + 2 : self._at + 3].isalpha()
        self._at += 2 * is_e
        return is_e

    def _base(self) -> str:
        """The base that is written behind `log`: log2, log10, log_2."""
        at = self._at + (self._text[self._at : self._at + 1] == "_")
        for base in ("10", "2"):
            if self._text.startswith(base, at) and not self._is_digit(at + len(base)):
                self._at = at + len(base)
                return base
        return ""

    def _sign(self) -> None:
        start = self._at
        pair = self._text[start : start + 2]
        letter = self._text[start]
        if pair in ("->", "=>", "=="):
            self._at += 2
            self._add("equals", "=", start)
        elif pair in ("<=", ">="):
            self._at += 2
            self._add("bound", "<", start)
        elif pair in ("**", "//"):
            self._at += 2
            self._add("sign", "^" if pair == "**" else "//", start)
        elif pair == "..":
            while self._text[self._at : self._at + 1] == ".":
                self._at += 1
            self._add("range", "…", start)
        else:
            self._at += 1
            kinds: dict[str, Kind] = {
                "=": "equals",
                "≈": "almost",
                "~": "almost",
                "<": "bound",
                ">": "bound",
                "…": "range",
            }
            if letter in kinds:
                self._add(kinds[letter], letter, start)
            elif letter in ",;&":
                self._add("list", letter, start)
            elif letter in _SIGNS:
                if letter == "(" and self._identifiers:
                    self._calls.append(bool(self._found) and self._found[-1].kind == "word")
                elif letter == ")" and self._calls:
                    self._calls.pop()
                self._add("sign", letter, start)
            elif letter not in _DROPPED:
                self._add("other", letter, start)
