"""Looking at tokens one after another: which is an operand, which a word that says nothing; number words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from labs.numbers.lexer import Token, Unreadable
from labs.numbers.quantity import Mode
from labs.numbers.units import CURRENCIES, Wanted
from labs.numbers.words import ALONE, FILLERS, LABELS, ONES, PARTS, SCALE_WORDS, TENS

DEEPEST: Final = 30
"""Brackets, signs and powers within one another at most."""

FUNCTIONS: Final[dict[str, Callable[[float], float]]] = {
    "sqrt": math.sqrt,
    "cbrt": math.cbrt,
    "exp": math.exp,
    "ln": math.log,
    "log": math.log,
    "log2": math.log2,
    "ld": math.log2,
    "log10": math.log10,
    "lg": math.log10,
    "abs": abs,
}
CONSTANTS: Final = {"π": math.pi, "pi": math.pi, "e": math.e}


class Cursor:
    """A place among tokens, and what can be told from there."""

    def __init__(
        self,
        tokens: Sequence[Token],
        wanted: Wanted,
        mode: Mode,
        names: Mapping[str, float] | None = None,
    ) -> None:
        self._tokens = tokens
        self._wanted = wanted
        self._mode = mode
        self._names = names
        self._at = 0
        self._depth = 0
        self.has_log = False
        self.is_ambiguous = False

    # Looking at tokens

    def _place(self) -> int:
        """Where the parser stands, in the text as typed."""
        if self._at < len(self._tokens):
            return self._tokens[self._at].start
        return self._tokens[-1].end if self._tokens else 0

    def _token(self, ahead: int = 0) -> Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def _is_sign(self, signs: str, ahead: int = 0) -> bool:
        token = self._token(ahead)
        return token is not None and token.kind == "sign" and token.text in signs

    def _folded(self, ahead: int = 0) -> str:
        """The word that stands there in small letters, '' if none does."""
        token = self._token(ahead)
        return token.text.casefold() if token is not None and token.kind == "word" else ""

    def _starts(self, ahead: int = 0) -> bool:
        """True if an operand begins there."""
        token = self._token(ahead)
        while token is not None and token.kind == "sign" and token.text in "+-":
            ahead += 1
            token = self._token(ahead)
        if token is None:
            return False
        match token.kind:
            case "number" | "vulgar":
                return True
            case "raised":
                return self._is_sign("√", ahead + 1)
            case "sign":
                return token.text in "(√∛" or token.text in CURRENCIES
            case "word":
                return self._starts_word(token, ahead)
        return False

    def _starts_word(self, token: Token, ahead: int) -> bool:
        if self._names is not None:
            return True
        folded = token.text.casefold()
        if folded in ("minus", "negative"):
            return self._starts(ahead + 1)
        if folded == "e":
            following = self._token(ahead + 1)
            return following is not None and (following.kind == "raised" or following.text == "^")
        if (
            folded in FUNCTIONS
            or folded == "root"
            or (folded in ("square", "cube") and self._folded(ahead + 1) == "root")
        ):
            return self._folded(ahead + 1) in ("of", "root") or self._starts(ahead + 1)
        return folded in ("pi", "π") or self._is_number_word(ahead)

    def _is_number_word(self, ahead: int = 0) -> bool:
        folded = self._folded(ahead)
        if folded in ("a", "an"):
            return self._folded(ahead + 1) in PARTS or self._folded(ahead + 1) in SCALE_WORDS
        return (
            folded in ONES
            or folded in TENS
            or folded in PARTS
            or folded in ALONE
            or folded in ("hundred", "thousand", "million", "billion", "dozen")
            or (folded == "no" and self._folded(ahead + 1) in LABELS | self._wanted.words)
            or (folded.endswith("fold") and folded[:-4] in ONES | TENS)
        )

    def _is_passed_over(self, ahead: int = 0) -> bool:
        """True for a word that says nothing about which number is meant."""
        folded = self._folded(ahead)
        if folded in FILLERS or folded in LABELS:
            return True
        return len(folded) > 1 and folded in self._wanted.words and not self._is_number_word(ahead)

    def _is_whole(self, ahead: int) -> bool:
        token = self._token(ahead) if self._at + ahead >= 0 else None
        return token is not None and token.kind == "number" and token.digits.is_whole

    def _is_count(self, ahead: int) -> bool:
        """A whole number, in digits or as one small word."""
        at = self._at + ahead
        return self._is_whole(ahead) or (0 <= at < len(self._tokens) and self._folded(ahead) in ONES)

    def _is_function(self) -> bool:
        folded = self._folded()
        known = folded in FUNCTIONS or folded in CONSTANTS or folded in ("root", "square", "cube")
        return known and self._starts()

    def _is_hyphen(self) -> bool:
        """A hyphen within a word: 48-fold, GPU-hours."""
        token = self._token(1)
        return token is not None and token.kind == "word" and not token.is_apart and not self._starts(1)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable("That is nested too deeply", self._place())

    def _part_in_words(self, ahead: int) -> tuple[float, int] | None:
        """`a half`, `three quarters`, `half`, and how many words it has."""
        first, second = self._folded(ahead), self._folded(ahead + 1)
        if second in PARTS and (first in ("a", "an") or first in ONES):
            return ONES.get(first, 1.0) / PARTS[second], 2
        return (1 / PARTS[first], 1) if first in PARTS else None

    # Number words

    def _number_words(self) -> float:
        """`two hundred and five`, `twenty-one`, `two thirds`, `one and a half`, `zero point three`, `tenfold`."""
        first = self._folded()
        if first in ALONE or first == "no":
            self._at += 1
            return ALONE.get(first, 0.0)
        if first.endswith("fold"):
            self._at += 1
            return (ONES | TENS)[first[:-4]]
        total, current = 0.0, None if first not in ("a", "an") else 1.0
        self._at += first in ("a", "an")
        while True:
            word = self._folded()
            if word in PARTS:
                self._at += 1
                return (total + (current or 0.0) or 1.0) / PARTS[word]
            if word == "point" and current is not None and self._folded(1) in ONES:
                return total + current + self._decimals_in_words()
            if word == "hundred" and (current is None or current < 100):
                current = (1.0 if current is None else current) * 100
            elif word in SCALE_WORDS and word != "hundred":
                total, current = total + (1.0 if current is None else current) * SCALE_WORDS[word], None
            elif (value := _next_of(word, current)) is not None:
                current = value
            else:
                return total + (current or 0.0)
            self._at += 1
            if self._folded() == "and" and (found := self._part_in_words(1)):
                part, count = found
                self._at += 1 + count
                return total + (current or 0.0) + part
            hyphen = self._is_sign("-") and self._is_joined(1)
            joined = (
                self._folded() == "and"
                and (self._folded(1) in ONES or self._folded(1) in TENS)
                and total + (current or 0) >= 100
            )
            self._at += hyphen or joined

    def _is_joined(self, ahead: int) -> bool:
        token = self._token(ahead)
        folded = self._folded(ahead)
        return token is not None and not token.is_apart and (folded in ONES or folded in PARTS or folded in SCALE_WORDS)

    def _decimals_in_words(self) -> float:
        self._at += 1
        digits = ""
        while (digit := ONES.get(self._folded())) is not None and digit < 10:
            digits += str(int(digit))
            self._at += 1
        return float(f"0.{digits or '0'}")


def _next_of(word: str, current: float | None) -> float | None:
    """The number words so far with one more, None if it does not continue them."""
    value = ONES.get(word)
    if value is None:
        value = TENS.get(word)
    if value is None or current is None:
        return value
    room = (
        100
        if current >= 100 and current % 100 == 0
        else 10
        if current in TENS.values() or current % 100 in TENS.values()
        else 0
    )
    return current + value if 0 < value < room else None
