"""The grammar of an answer: a Pratt parser over the tokens, for what people type and for the formulas of authors.

sum      = product { ("+" | "-" | plus | minus) product }
product  = unary { ("*" | "/" | "//" | ":" | times | by | over | of | nothing) unary }
unary    = { "-" | "+" } power                             -3² is -9
power    = primary [ raised | squared ] [ "^" unary ] suffix
suffix   = { scale | unit | "%" | label }                  86 million parameters, 4.43 GB, 16 px/frame
primary  = literal | fraction | "(" sum ")" | function | root | constant | number words | name
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from labs.numbers.cursor import CONSTANTS, FUNCTIONS, Cursor
from labs.numbers.lexer import Token, Unreadable, brief
from labs.numbers.quantity import Quantity, Suffix, added, close, combined, finite, raised, with_number
from labs.numbers.units import CURRENCIES, Dimensions, Unit, multiplied, scale_of, units_of
from labs.numbers.words import BOUNDS, HEDGES, ORDINALS, PARTS, PERCENT, SCALE_WORDS

FORMULA_FUNCTIONS: Final[dict[str, Callable[..., float]]] = FUNCTIONS | {
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "min": min,
    "max": max,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
}
SECONDS: Final[Dimensions] = (("s", 1.0),)
DEGREE: Final = Unit.of(math.pi / 180, "angle")


class Parser(Cursor):
    """Reads one quantity from tokens. What was ambiguous on the way stands in `has_log` and `is_ambiguous`."""

    def whole(self) -> Quantity:
        """The quantity that all tokens are, words around it passed over.

        Raises:
            Unreadable: they are none, or more than one.
        """
        self._pass_words()
        quantity = self._sum()
        while self._at < len(self._tokens):
            before = self._at
            self._pass_words(to_the_end=True)
            if self._at == before:
                raise self._left_over()
        if not math.isfinite(quantity.value):
            raise Unreadable("That is too large a number", self._place())
        return quantity

    # Words around the number

    def _pass_words(self, *, to_the_end: bool = False) -> None:
        """Go on to where an operand begins, or over what stands behind the number.

        Raises:
            Unreadable: a word there makes it no number, or more than one.
        """
        while self._names is None and (token := self._token()) is not None and (to_the_end or not self._starts()):
            folded = self._folded()
            if token.kind in ("list", "range") or self._is_sign(":)") or folded == "and":
                self._at += 1
            elif folded == "or" and self._folded(1) in ("so", "thereabouts"):
                self._at += 2
            elif not to_the_end and self._starts(1) and (self._is_sign("*") or folded == "x"):
                self._at += 1  # a factor: ×48
            elif self._is_sign("-") and self._is_hyphen():
                self._at += 1
            elif not folded or folded in BOUNDS or folded in HEDGES or self._is_bound() or not self._is_passed_over():
                raise self._left_over()
            else:
                self._at += 1
        if self._names is None and self._token() is None and not to_the_end:
            raise Unreadable("No number was found", self._place())

    def _is_bound(self) -> bool:
        """`up to`, `at least`, `at most`: what follows is a bound."""
        return (self._folded(), self._folded(1)) in {("up", "to"), ("at", "least"), ("at", "most")}

    def _left_over(self) -> Unreadable:
        """Why the token that stands here cannot be passed over."""
        token = self._token()
        assert token is not None
        folded = self._folded()
        if self._names is not None:
            return Unreadable(f"“{brief(token.text)}” is not expected here", token.start)
        if self._starts() and not (token.kind == "sign" and token.text in "+-("):
            return Unreadable("There is more than one number", token.start)
        if token.kind == "bound" or folded in BOUNDS or self._is_bound():
            return Unreadable("That is a bound, not a number", token.start)
        if folded in HEDGES:
            return Unreadable(
                "There is more than one number, or none" if folded != "or" else "There is more than one answer",
                token.start,
            )
        if token.kind == "word":
            return Unreadable(f"“{brief(token.text)}” is not understood", token.start)
        return Unreadable(f"The sign “{brief(token.text)}” is not understood there", token.start)

    # The grammar

    def _sum(self) -> Quantity:
        self._deeper()
        left = self._product()
        while True:
            place = self._place()
            if self._is_plus_minus():
                self._product()
            elif self._is_sign("+-") or self._folded() in ("plus", "minus"):
                minus = self._is_sign("-") or self._folded() == "minus"
                self._at += 1
                left = added(left, self._product(), -1.0 if minus else 1.0, place)
            elif self._is_next_of_a_duration(left):
                left = added(left, self._product(), 1.0, place)
            else:
                self._depth -= 1
                return left

    def _is_plus_minus(self) -> bool:
        """`±` or `+/-` behind a number: how sure somebody is, no part of the number. Passed over."""
        if self._is_sign("±"):
            self._at += 1
            return True
        if self._is_sign("+") and self._is_sign("/", 1) and self._is_sign("-", 2):
            self._at += 3
            return True
        return False

    def _is_next_of_a_duration(self, left: Quantity) -> bool:
        """`2 h 30 min`: a time follows a time without a sign; an `and` between them is passed over."""
        joined = int(self._folded() == "and")
        token, unit = self._token(joined), self._token(joined + 1)
        if self._names is not None or left.dimensions != SECONDS or token is None or unit is None:
            return False
        found = units_of(unit.text) if unit.kind == "word" else ()
        if token.kind != "number" or not found or found[0].dimensions != left.dimensions:
            return False
        self._at += joined
        return True

    def _product(self) -> Quantity:
        left = self._unary()
        while True:
            place = self._place()
            operator = self._operator(left)
            if not operator:
                return left
            if operator == "(":
                left = self._bracket_behind(left)
                continue
            right = self._unary()
            if operator in "/:" and right.bare is not None and left.bare is None and not left.dimensions:
                self.is_ambiguous = True
                if self._mode.is_loose and right.bare:
                    left = with_number(right, left.value / right.bare)
                    continue
            left = combined(left, right, operator, place)

    def _operator(self, left: Quantity) -> str:
        """The operator between two factors that stands here, passed over; '' if there is none."""
        token = self._token()
        if token is None:
            return ""
        if token.kind == "sign" and token.text in ("*", "/", "//", ":"):
            if token.text == ":" and not self._starts(1):
                return ""
            self._at += 1
            return token.text
        if self._names is not None:
            return ""
        if words := self._operator_words(left):
            operator, count = words
            self._at += count
            return operator
        if token.text == "(":
            return "("
        implicit = token.kind == "sign" and token.text in "√∛"
        if implicit or (
            token.kind == "word" and token.text.casefold() not in ("minus", "negative") and self._is_function()
        ):
            return "*"
        return ""

    def _operator_words(self, left: Quantity) -> tuple[str, int] | None:
        """An operator in words and how many words it has."""
        folded, following = self._folded(), self._folded(1)
        if folded in ("multiplied", "divided") and following == "by" and self._starts(2):
            return ("*" if folded == "multiplied" else "/"), 2
        if folded == "out" and following == "of" and self._starts(2):
            return "/", 2
        if folded in ("times", "x", "by") and self._starts(1):
            return "*", 1
        if folded == "over" and self._starts(1):
            return "/", 1
        if folded == "in" and self._is_count(-1) and self._is_count(1):
            return "/", 1
        if folded == "to" and (token := self._token(1)) is not None and token.text in ("1", "one"):
            return "/", 1
        if folded == "of" and self._starts(1):
            is_ratio = self._is_count(-1) and self._is_count(1) and not left.is_percent
            return ("/" if is_ratio else "*"), 1
        if folded == "to" and self._starts(1):
            raise Unreadable("That is a range, not a number", self._place())
        return None

    def _bracket_behind(self, left: Quantity) -> Quantity:
        """A bracket behind a number: a factor in 2(3 + 4), a remark in `197 (196 + 1)`, which is passed over."""
        opening = self._token()
        assert opening is not None
        start, depth = self._at, self._depth
        end = self._closing(start)
        if end == len(self._tokens):
            raise Unreadable("A bracket is left open", opening.start)
        inside = [token for token in self._tokens[start + 1 : end] if token.kind != "word"]
        words = {token.text.casefold() for token in self._tokens[start + 1 : end] if token.kind == "word"}
        if inside and words & HEDGES:
            raise Unreadable("There is more than one number", opening.start)
        has_operator = any(token.kind == "sign" and token.text in "+-*/^√∛" for token in inside) or bool(words & {"x"})
        if inside and (has_operator or not opening.is_apart):
            try:
                right = self._primary()
                if not close(left.value, right.value) and not close(left.value, 100 * right.value):
                    return combined(left, right, "*", opening.start)
            except Unreadable:
                if not opening.is_apart:
                    raise
                self._depth = depth
        elif not inside and all(self._is_passed_over(i - self._at) or self._is_unit(i) for i in range(start + 1, end)):
            # Only a unit, as in `4.43 (GB)`.
            self._at = start + 1
            return self._suffix(left)
        self._at = end + 1
        return left

    def _is_unit(self, at: int) -> bool:
        return bool(units_of(self._tokens[at].text)) or scale_of(self._tokens[at].text) is not None

    def _closing(self, at: int) -> int:
        """The index of the bracket that closes the one at `at`, or the end."""
        depth = 0
        for index in range(at, len(self._tokens)):
            if self._tokens[index].kind == "sign":
                depth += {"(": 1, ")": -1}.get(self._tokens[index].text, 0)
                if not depth:
                    return index
        return len(self._tokens)

    def _unary(self) -> Quantity:
        self._deeper()
        if self._is_sign("+-") or self._folded() in ("minus", "negative"):
            minus = not self._is_sign("+")
            self._at += 1
            inner = self._unary()
            self._depth -= 1
            return with_number(inner, -(inner.value if inner.bare is None else inner.bare)) if minus else inner
        found = self._power()
        self._depth -= 1
        return found

    def _power(self) -> Quantity:
        place = self._place()
        base = self._primary()
        while (token := self._token()) is not None:
            if token.kind == "raised":
                self._at += 1
                base = raised(base, token.value, place)
            elif self._folded() in ("squared", "cubed"):
                self._at += 1
                base = raised(base, 2.0 if token.text.casefold() == "squared" else 3.0, place)
            else:
                break
        if self._is_sign("^"):
            self._at += 1
            base = raised(base, self._exponent(), place)
        elif count := self._power_words():
            self._at += count
            base = raised(base, self._exponent(), place)
        if self._names is not None:
            return base
        suffixed = self._suffix(base)
        if (
            suffixed.is_percent
            and (token := self._token()) is not None
            and (token.kind == "raised" or token.text == "^")
        ):
            self._at += 1
            exponent = token.value if token.kind == "raised" else self._exponent()
            return raised(suffixed, exponent, place)  # 99%^40
        return suffixed

    def _exponent(self) -> float:
        """What stands behind ^: a sign, then a power; its suffix, if any, is that of the whole: 10^9 bytes."""
        self._deeper()
        minus = False
        while self._is_sign("+-") or self._folded() == "minus":
            minus ^= not self._is_sign("+")
            self._at += 1
        place = self._place()
        found = self._primary()
        while (token := self._token()) is not None and token.kind == "raised":
            self._at += 1
            found = raised(found, token.value, place)
        value = found.value
        if self._is_sign("^"):
            self._at += 1
            value = finite(lambda: math.pow(value, self._exponent()), place)
        if found.dimensions:
            raise Unreadable("An exponent has no unit", place)
        self._depth -= 1
        return -value if minus else value

    def _power_words(self) -> int:
        """`to the power of`, `to the power`: how many words, 0 if they do not stand here."""
        words = [self._folded(i) for i in range(4)]
        if words[:3] == ["to", "the", "power"]:
            return 4 if words[3] == "of" else 3
        return 0

    def _primary(self) -> Quantity:
        token = self._token()
        if token is None:
            raise Unreadable("Something is missing at the end", self._place())
        if token.kind == "number":
            return self._literal(token)
        if token.kind == "vulgar":
            self._at += 1
            return Quantity(token.value)
        if token.kind == "word":
            return self._word(token)
        if token.kind == "raised" and self._is_sign("√", 1):
            self._at += 2
            return self._root(token.value, token.start)
        if token.kind == "sign":
            self._at += 1
            if token.text == "(":
                return self._in_brackets(token)
            if token.text in "√∛":
                return self._root(2.0 if token.text == "√" else 3.0, token.start)
            if token.text in CURRENCIES:
                amount = self._unary()
                return Quantity(amount.value, multiplied(amount.dimensions, ((token.text, 1),)))
            self._at -= 1
        raise Unreadable(f"A number is missing before “{brief(token.text)}”", token.start)

    def _in_brackets(self, opening: Token) -> Quantity:
        self._deeper()
        inner = self._sum()
        self._depth -= 1
        if not self._is_sign(")"):
            if self._token() is not None:
                raise self._left_over()
            raise Unreadable("A bracket is left open", opening.start)
        self._at += 1
        return replace(inner, typed=None, bare=None)

    def _root(self, index: float, place: int) -> Quantity:
        self._deeper()
        if self._folded() == "of":
            self._at += 1
        minus = self._is_sign("-")
        self._at += minus
        inner = self._primary()
        while (token := self._token()) is not None and token.kind == "raised":
            self._at += 1
            inner = raised(inner, token.value, place)
        inner = replace(inner, value=-inner.value) if minus else inner
        self._depth -= 1
        if index == 3:
            return Quantity(math.cbrt(inner.value), multiplied((), inner.dimensions, 1 / 3))
        if not index:
            raise Unreadable("There is no root of index 0", place)
        if inner.value < 0:
            raise Unreadable("A negative number has no such root", place)
        return raised(inner, 1 / index, place)

    def _literal(self, token: Token) -> Quantity:
        """A literal, with the fraction behind it: 2½, 33 1/3, 2 and a half."""
        value = token.digits.value(self._mode.convention)
        if value is None:
            raise Unreadable(f"“{brief(token.text)}” is not a number: its commas and points do not fit", token.start)
        self._at += 1
        following = self._token()
        if following is not None and token.digits.is_whole and following.kind == "vulgar":
            self._at += 1
            return Quantity(value + following.value)
        if token.digits.is_whole and self._is_whole(0) and self._is_sign("/", 1) and self._is_whole(2):
            above, below = (float(self._tokens[self._at + i].text) for i in (0, 2))
            if above < below:
                self._at += 3
                return Quantity(value + above / below)
        if self._folded() == "and" and (found := self._part_in_words(1)):
            part, count = found
            self._at += 1 + count
            return Quantity(value + part)
        return Quantity(value)

    def _word(self, token: Token) -> Quantity:
        folded = token.text.casefold()
        if self._names is not None:
            return self._name(token, self._names)
        if folded in CONSTANTS:
            self._at += 1
            return Quantity(CONSTANTS[folded])
        if folded in ("square", "cube", "root") and self._starts():
            self._at += 1 if folded == "root" else 2
            return self._root(3.0 if folded == "cube" else 2.0, token.start)
        if folded in FUNCTIONS and self._starts():
            self._at += 1
            return self._function(folded, token.start)
        if self._is_number_word():
            return Quantity(self._number_words())
        raise self._left_over()

    def _function(self, name: str, place: int) -> Quantity:
        """A function of what follows; without brackets that is a factor, in loose reading the whole product."""
        if self._folded() == "of":
            self._at += 1
        in_brackets = self._is_sign("(")
        self._deeper()
        if in_brackets or not self._mode.is_loose:
            minus = self._is_sign("-")
            self._at += minus
            inner = self._primary()
            while (token := self._token()) is not None and token.kind == "raised" and not in_brackets:
                self._at += 1
                inner = raised(inner, token.value, place)
            argument = -inner.value if minus else inner.value
        else:
            inner = self._product()
            argument = inner.value
        self._depth -= 1
        if inner.dimensions:
            raise Unreadable(f"{name} takes a number without a unit", place)
        if not in_brackets and (self._is_sign("*/") or self._mode.is_loose):
            self.is_ambiguous = True
        self.has_log = self.has_log or name == "log"
        chosen = math.log10 if name == "log" and self._mode.is_log_of_ten else FUNCTIONS[name]
        return Quantity(finite(lambda: chosen(argument), place))

    def _name(self, token: Token, names: Mapping[str, float]) -> Quantity:
        """A name, constant or function of a formula."""
        self._at += 1
        if self._is_sign("(") and token.text not in names:
            if token.text not in FORMULA_FUNCTIONS:
                known = ", ".join(sorted(FORMULA_FUNCTIONS))
                raise Unreadable(f"“{brief(token.text)}” is no function; there are {known}", token.start)
            return self._call(token)
        if token.text in names:
            return Quantity(float(names[token.text]))
        if token.text in CONSTANTS:
            return Quantity(CONSTANTS[token.text])
        known = f"; there are {', '.join(sorted(names))}" if names else ""
        raise Unreadable(f"“{brief(token.text)}” is not known{known}", token.start)

    def _call(self, token: Token) -> Quantity:
        self._at += 1
        self._deeper()
        arguments = [self._sum().value]
        while (comma := self._token()) is not None and comma.kind == "list":
            self._at += 1
            arguments.append(self._sum().value)
        self._depth -= 1
        if not self._is_sign(")"):
            raise Unreadable("A bracket is left open", token.end)
        self._at += 1
        function = FORMULA_FUNCTIONS[token.text]
        if len(arguments) > 1 and token.text not in ("min", "max"):
            raise Unreadable(f"{token.text} takes one number", token.start)
        if token.text in ("min", "max"):
            return Quantity(float(function(arguments)))
        return Quantity(finite(lambda: function(arguments[0]), token.start))

    # Suffixes

    def _suffix(self, quantity: Quantity) -> Quantity:
        """Scale words, units, % and labels behind a number."""
        suffix = Suffix()
        while (token := self._token()) is not None:
            taken = self._take_word(token, suffix, quantity) if token.kind == "word" else self._take_sign(token, suffix)
            if not taken:
                break
            self._at += 1
        return suffix.on(quantity)

    def _take_sign(self, token: Token, suffix: Suffix) -> bool:
        """Take a sign behind a number into its suffix; False if it is more than that."""
        if token.kind == "raised" and suffix.last is not None:
            suffix.power(token.value, token.start)
        elif token.kind != "sign":
            return False
        elif token.text in "%‰":
            if suffix.is_percent:
                raise Unreadable("There is more than one sign for per cent", token.start)
            suffix.percent(token.text)
        elif token.text == "°" and suffix.is_empty:
            suffix.unit(DEGREE, token.text)
        elif token.text in CURRENCIES and suffix.last is None and not suffix.is_percent:
            suffix.unit(Unit.of(1, token.text), token.text)
        elif token.text == "^" and suffix.last is not None and self._is_whole(1):
            self._at += 1
            suffix.power(float(self._tokens[self._at].text), token.start)
        elif token.text == "/" and self._is_counted(1):
            suffix.sign = -1.0
        else:
            return token.text == "-" and self._is_hyphen() and self._is_counted(1)
        return True

    def _take_word(self, token: Token, suffix: Suffix, quantity: Quantity) -> bool:
        """Take a word behind a number into its suffix; False if it is more than a scale, a unit or a label."""
        folded = token.text.casefold()
        if folded in ("squared", "cubed") and suffix.last is not None:
            suffix.power(2.0 if folded == "squared" else 3.0, token.start)
        elif folded in PERCENT:
            suffix.percent("%")
        elif folded == "per" and self._folded(1) in ("cent", "cents"):
            self._at += 1
            suffix.percent("%")
        elif folded == "per" and self._is_counted(1):
            suffix.sign = -1.0
        elif folded in ORDINALS and not token.is_apart and self._is_whole(-1):
            return True  # 1/8th
        elif folded in PARTS and suffix.is_empty and self._is_whole(-1):
            suffix.scale(1 / PARTS[folded], "")
        elif folded in ("a", "an"):
            return self._folded(1) in SCALE_WORDS or not self._is_number_word()
        elif (folded not in SCALE_WORDS and self._is_number_word()) or self._stops(quantity):
            return False
        else:
            return self._take_measure(token, suffix) or self._is_passed_over()
        return True

    def _stops(self, quantity: Quantity) -> bool:
        """True if the word here is more than a label: an operator, a hedge, a function."""
        folded = self._folded()
        if folded in HEDGES or (folded in BOUNDS and not units_of(folded)) or folded in ("plus", "minus", "and"):
            return True
        if self._is_bound() or self._is_function() or self._power_words():
            return True
        return self._operator_words(quantity) is not None

    def _is_counted(self, ahead: int) -> bool:
        """True if a unit or label stands there that is no operand."""
        token = self._token(ahead)
        if token is None or token.kind != "word" or self._starts(ahead):
            return False
        return bool(units_of(token.text)) or scale_of(token.text) is not None or self._is_passed_over(ahead)

    def _take_measure(self, token: Token, suffix: Suffix) -> bool:
        """Take a word as a unit or scale: what the card asks for decides between m, metres, and m, million."""
        units, scale = units_of(token.text), scale_of(token.text)
        names = {name for name, _ in self._wanted.dimensions}
        fitting = [unit for unit in units if names & {name for name, _ in unit.dimensions}]
        if fitting:
            suffix.unit(fitting[0], token.text)
        elif scale is not None and suffix.last is None and suffix.sign > 0:
            suffix.scale(scale, token.text)
        elif units and not (
            token.text.casefold() in self._wanted.words and not self._wanted.dimensions and suffix.sign < 0
        ):
            suffix.unit(units[0], token.text)
        else:
            return False
        return True
