"""What linting found, for the terminal and for scripts."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from labs import catalog
from labs.catalog import UnknownExercise
from labs.numbers import values
from labs.protocol import ParamError
from studytui.course.loader import CONTENT, SYLLABUS_FILE, chapter_text, split_sections
from studytui.course.markdown import parser
from studytui.course.pictures import NoPicture, as_png, links_in, read_picture
from studytui.course.toml_file import TablePlace, find_places, read, read_text
from studytui.course.user_cards import CourseWords
from studytui.domain.cards import Card, Chapter, Choice, Cloze, Course, Numeric, Objective
from studytui.domain.spelling import SHORTEST_WITH_SLIP, fold, is_english, is_one_letter_off, singular, stem_of
from studytui.domain.verdict import format_number
from studytui.errors import CourseError

Level: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (`error`), grew old or may go wrong (`warning`), and where it stands."""

    rule: str
    message: str
    path: str
    line: int
    card: str = ""
    level: Level = "error"
    field: str = ""
    """The field's path in the card's table (`options.2.why`); '' where the card or the file as a whole is meant."""

    def __str__(self) -> str:
        who = f" [{self.card}]" if self.card else ""
        what = f" {self.field}:" if self.field else ""
        return f"{self.path}:{self.line}:{who}{what} {self.message} ({self.rule})"


@dataclass(frozen=True, slots=True)
class Report:
    """The findings, and how much there is."""

    cards: int
    machine_checked: int
    objectives: int
    objectives_covered: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many findings are more than warnings."""
        return sum(finding.level == "error" for finding in self.findings)

    def with_more(self, findings: Iterable[Finding]) -> Report:
        """The report with other findings among its own, in the order of the files."""
        both = (*self.findings, *findings)
        return replace(self, findings=tuple(sorted(both, key=lambda finding: (finding.path, finding.line))))

    def to_json(self) -> dict[str, Any]:
        """Keys: cards, machine_checked, objectives, objectives_covered, findings.

        A finding has rule, message, path, line, card, level and field.
        """
        return asdict(self)


def about(card: Card, rule: str, message: str, *, field: str = "", level: Level = "error") -> Finding:
    """A finding on a card, at its first line; `Places` brings it to the line of its field."""
    return Finding(rule, message, card.source.path, card.source.line, card.id, level, field)


def finding_of(error: CourseError) -> Finding:
    """An error of reading as a finding."""
    return Finding("schema", error.message, error.path, max(1, error.line), error.card, field=error.field)


@dataclass(frozen=True)
class Material:
    """What rules look at. `covered` are the objectives of its cards, and of those that could not be read."""

    root: Path
    course: Course
    objectives: Sequence[Objective]
    cards: Sequence[Card]
    today: date
    covered: Set[str] = frozenset()

    own: Path | None = None
    """The learner's folder, where the cards are the learner's."""

    @property
    def pictures(self) -> Path:
        """The folder that pictures are named from."""
        return self.own or self.root / CONTENT

    @cached_property
    def known(self) -> dict[str, set[str]]:
        """The names that the course has."""
        return known_names(self.course, self.objectives)


class Places:
    """Where the fields of authored tables stand: a finding at a table's first line moves to the line of its field."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tables: dict[str, dict[int, TablePlace]] = {}

    def placed(self, finding: Finding) -> Finding:
        """The finding at the line of its field, where the file still tells it."""
        if not finding.field or not finding.path.endswith(".toml"):
            return finding
        if finding.path not in self._tables:
            self._tables[finding.path] = self._read(finding.path)
        table = self._tables[finding.path].get(finding.line)
        if table is None:
            return finding
        path = [int(part) if part.isdigit() else part for part in finding.field.split(".")]
        return replace(finding, line=table.at(path))

    def _read(self, path: str) -> dict[int, TablePlace]:
        try:
            found = find_places(read_text(self._root, path))
        except CourseError:
            return {}
        return {table.line: table for name, tables in found.items() if name for table in tables}


# Numbers and sums as they stand in authored sentences


_NUMBER: Final = r"(?:\d{1,3}(?:[,\u202f]\d{3})+|\d+)(?:\.\d+)?"
_SCALE: Final = r"(?:thousand|million|billion|trillion|[kKMG](?!\w))"
_STATED: Final = re.compile(rf"(?<![\w.,^])([-−]?{_NUMBER})(?:\s*({_SCALE}|%))?")
_RATIO: Final = re.compile(r"(?<![\w.,^/])(\d+)\s*/\s*(\d+)(?![\w/])")
_VULGAR: Final = re.compile("[\u00bc-\u00be\u2150-\u215e]")
_WORD: Final = re.compile(r"\b[A-Za-z]{3,}\b")
_RESULT: Final = re.compile(r"[=≈]\s*\**([^=≈]*)")
_OPERATOR: Final = r"\s*(?:[×·+−/÷^]|(?<!\*)\*(?!\*)|(?<=\d)\s*x\s*(?=\d)|(?<=\s)-(?=\s)|(?<=\d)-(?=\d))\s*"
_SUM: Final = re.compile(
    rf"(?<![\w.,^(×·+−/÷√=–*-])(?<![×·+−/÷√=(–*-]\s)({_NUMBER}(?:{_OPERATOR}{_NUMBER})+)\s*(?:=|≈)\s*\**"
    rf"({_NUMBER})(?!\d)\s*({_SCALE}|%)?(?!\(|\s*(?:[×·+−/÷^²³√]|\*(?!\*)|-\s?\d|x\s*\d))(?!,\d|\.\d|\d)"
)
_LITERAL: Final = re.compile(_NUMBER)


class Stated(NamedTuple):
    """A number as it is written: its text, its value, and half a unit of its last digit."""

    text: str
    value: float
    rounding: float
    is_percent: bool = False

    def is_exactly(self, value: float) -> bool:
        """True if the number is that value, not one near it."""
        return abs(self.value - value) <= 1e-9 * abs(value)


def numbers_in(text: str) -> list[Stated]:
    """Every number of a text in order, in digits, as a fraction or as a word."""
    found = [(match.start(), _stated(match[0], match[1], match[2] or "")) for match in _STATED.finditer(text)]
    found += [
        (match.start() - 1, Stated(match[0], int(match[1]) / int(match[2]), 1e-3))
        for match in _RATIO.finditer(text)
        if int(match[2])
    ]
    for pattern in (_VULGAR, _WORD):
        for match in pattern.finditer(text):
            if read := values(match[0]):
                found.append((match.start(), Stated(match[0], read[0], 1e-3)))
    return [stated for _, stated in sorted(found, key=lambda one: one[0])]


def equation_results(text: str) -> list[Stated]:
    """The number that follows each equals sign."""
    return [found[0] for match in _RESULT.finditer(text) if (found := numbers_in(match[1]))]


def wrong_sums(text: str) -> Iterator[tuple[int, str, str]]:
    """(offset, the sum as written, what it comes to) for each sum of plain numbers that does not come out."""
    for match in _SUM.finditer(text):
        result = _value_of(match[1])
        if result is None:
            continue
        value, blur = result
        stated = _stated(match[0], match[2], match[3] or "")
        factors = (1.0, 100.0) if stated.is_percent else (1.0,)
        is_rounded = any(sign in match[1] for sign in "./÷")
        rounding = max(1.02 * stated.rounding, 0.51 if is_rounded and "." not in match[2] else 0.0)
        if not any(abs(value * k - stated.value) <= rounding + abs(value * k) * blur for k in factors):
            yield match.start(), " ".join(match[0].replace("**", "").split()), f"{value:.6g}"


def _stated(text: str, digits: str, scale: str) -> Stated:
    decimals = len(digits.partition(".")[2])
    value, factor = _value(digits), _value(f"1 {scale}") if scale and scale != "%" else 1.0
    rounding = 0.5 * 10.0**-decimals * factor if decimals or factor > 1 else 1e-9
    return Stated(
        text.strip(), value * factor, max(rounding, 0.5 if scale == "%" and not decimals else 0.0), scale == "%"
    )


def _value(text: str) -> float:
    """The value of a number with its scale; infinite for digits that are too many to be one."""
    read = values(text)
    return read[0] if read else math.inf


def _value_of(expression: str) -> tuple[float, float] | None:
    """The value of a chain of numbers, the usual order kept, and its relative blur from rounded numbers in it."""
    read = values(expression)
    return (read[0], sum(map(_blur, _LITERAL.findall(expression))) + 1e-9) if read else None


def _blur(digits: str) -> float:
    decimals = len(digits.partition(".")[2])
    value = _value(digits)
    return 0.5 * 10.0**-decimals / value if decimals and value else 0.0


# Answers that contradict their own card: its back, its listed mistakes, its hints


_BOLD: Final = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_OUTRIGHT: Final = re.compile(r"(?:=|≈|\bis)\s*\**\s*([-−]?\S+)")
"""Where a hint says what something is; a small number or a half elsewhere stands for many things."""


def contradictory_answer(_: Material, card: Card) -> Iterator[Finding]:
    """An answer that another field of its card contradicts or gives away; with fresh numbers, at any draw."""
    yield from _at_every_draw(card, _contradicted)


def _contradicted(card: Card) -> Iterator[Finding]:
    if isinstance(card.body, Numeric):
        yield from _against_the_back(card, card.body)
        yield from _against_the_mistakes(card, card.body)
    for number, hint in enumerate(card.hints):
        if given := _given_away(card, hint):
            message = f"“{given}” is the answer; a hint leads to it."
            yield about(card, "answer-in-hint", message, field=f"hints.{number}")


def _at_every_draw(card: Card, rule: Callable[[Card], Iterable[Finding]]) -> Iterator[Finding]:
    """What a rule finds on a card; where its numbers vary, the first finding on each field, and at which numbers."""
    if (template := card.template) is None:
        yield from rule(card)
        return
    seen: set[tuple[str, str]] = set()
    for at in range(len(template)):
        for finding in rule(card.drawn(at)):
            if (finding.rule, finding.field) not in seen:
                seen.add((finding.rule, finding.field))
                where = ", ".join(
                    f"{name} = {value if isinstance(value, str) else format_number(value)}"
                    for name, value in template.numbers(at).items()
                )
                yield replace(finding, message=f"{finding.message} (at {where})")


def _against_the_back(card: Card, body: Numeric) -> Iterator[Finding]:
    """A back with results, in bold or behind an equals sign, has the answer among them."""
    bold = [stated for text in _BOLD.findall(card.back) for stated in numbers_in(text)]
    results = bold or [*equation_results(card.back), *numbers_in(card.back)]
    if not bold and not equation_results(card.back):
        return
    if not any(_is_answer(stated, body) for stated in results):
        shown = (bold or equation_results(card.back))[0].text
        message = f"{format_number(body.answer, body.unit)} is not what the back says: {shown}."
        yield about(card, "answer-not-in-back", message, field="answer")


def _against_the_mistakes(card: Card, body: Numeric) -> Iterator[Finding]:
    slack = body.slack
    for number, mistake in enumerate(body.mistakes):
        if abs(mistake.value - body.answer) <= slack + 1e-9 * max(1.0, abs(body.answer)):
            is_answer = mistake.value == body.answer
            why = "is the answer itself" if is_answer else f"is right within the tolerance of {slack:g}"
            message = f"{format_number(mistake.value)} {why}, so that nobody is told of the mistake."
            yield about(card, "mistake-is-right", message, field=f"mistakes.{number}.value")
        if any(abs(other.value - mistake.value) <= 1e-9 * abs(mistake.value) for other in body.mistakes[:number]):
            message = f"{format_number(mistake.value)} stands there before, so that nobody is told of this one."
            yield about(card, "mistake-twice", message, field=f"mistakes.{number}.value")


def _given_away(card: Card, hint: str) -> str:
    """What of the answer a hint says outright; '' if nothing."""
    match card.body:
        case Numeric() as body:
            is_small = abs(body.answer) < 10 and float(body.answer * 4).is_integer()
            said = " ; ".join(_OUTRIGHT.findall(hint)) if is_small else hint
            return next((stated.text for stated in numbers_in(said) if stated.is_exactly(body.answer)), "")
        case Cloze() as body:
            spellings = [spelling for blank in body.blanks for spelling in blank.accepted]
            return next((spelling for spelling in spellings if _says(hint, spelling)), "")
        case Choice() as body:
            text = body.options[body.right].text
            return text if _says(hint, text) else ""
    return ""


def _says(text: str, phrase: str) -> bool:
    said, words = fold(text).split(), fold(phrase).split()
    return bool(words) and any(said[at : at + len(words)] == words for at in range(len(said) - len(words) + 1))


def _is_answer(stated: Stated, body: Numeric) -> bool:
    """True if the number as it is written may be the rounded answer, or its fraction where the answer is in percent."""
    slack = body.slack
    factors = (1.0, 100.0, 0.01) if body.unit == "%" or stated.is_percent else (1.0,)
    return any(abs(stated.value * k - body.answer) <= slack + stated.rounding * k + 1e-9 for k in factors)


# What shows in a text that was meant as markup, or was written for another program; sums that do not come out


# A brace that does not open or close another blank; what begins again ends the try, so that time grows with the text.
_BRACE: Final = r"\{(?!\{)|\}(?!\})"
_ANKI: Final = re.compile(rf"\{{\{{c\d++::((?:[^{{}}:]++|:(?!:)|{_BRACE})++)(?:::(?:[^{{}}]++|{_BRACE})*+)?\}}\}}")
_BLANK: Final = re.compile(rf"\{{\{{(?:[^{{}}]++|{_BRACE})++\}}\}}")
_LEFT_ALONE: Final = re.compile(r"\\.|(?:(?<!`)|(?<=\\`))(`++)[^`]++\1|(?<!\$)\$(?=\S)[^$\n]*\S\$|<[^<>\n]*+>")
"""Escapes, code, formulas and links, in which stars mean nothing."""
_STRAY: Final = re.compile(
    r"(?<![\w*])\*\*(?!\*)|(?<!\*)\*\*(?![\w*])|(?<![\w)\]}*])\*(?=\w)|(?<=[\w.]{2})\*(?![\w(\[{*])|`"
)


def marred_chapter(_: Material, chapter: Chapter, text: str) -> Iterator[Finding]:
    """Marks without a partner and sums that do not come out in a chapter."""
    path = f"content/{chapter.text}"
    for line, mark in _stray_marks(text):
        yield Finding("emphasis", f"“{mark}” has no partner, so it is shown as it is.", path, line)
    for offset, written, value in wrong_sums(text):
        yield Finding("wrong-sum", _sum_message(written, value), path, text.count("\n", 0, offset) + 1)


def marred_card(_: Material, card: Card) -> Iterator[Finding]:
    """Marks without a partner, another program's blanks and sums that do not come out in a card."""
    yield from _foreign(card)
    hints = ((f"hints.{number}", hint) for number, hint in enumerate(card.hints))
    for field, text in (("front", card.question), ("back", card.back), *hints, *card.body.texts):
        if stray := next(_stray_marks(text), None):
            message = f"“{stray[1]}” has no partner, so it is shown as it is."
            yield about(card, "emphasis", message, field=field)
    yield from _at_every_draw(card, _sums)


def _sums(card: Card) -> Iterator[Finding]:
    for field, text in (("front", card.question), ("back", card.back)):
        for _, written, value in wrong_sums(text):
            yield about(card, "wrong-sum", _sum_message(written, value), field=field)


def _foreign(card: Card) -> Iterator[Finding]:
    """Blanks in another program's writing, and blanks where none are filled."""
    for field, text in (("front", card.front), ("back", card.back)):
        if anki := _ANKI.search(text):
            message = (
                f"“{anki[0][:60]}” is Anki's way to write a blank; here it is {{{{{anki[1]}}}}}, a hint in `hints`."
            )
            yield about(card, "anki-cloze", message, field=field)
        elif (field == "back" or not isinstance(card.body, Cloze)) and (blank := _BLANK.search(text)):
            message = f"“{blank[0][:60]}” is shown with its braces; only the front of a cloze has blanks."
            yield about(card, "blank-elsewhere", message, field=field)


def _stray_marks(text: str) -> Iterator[tuple[int, str]]:
    """(line, mark) of each star or back tick that pairs with none."""
    if "*" not in text and "`" not in text:
        return
    for token in parser().parse(text):
        if token.type != "inline" or token.map is None:
            continue
        for number, line in enumerate(token.content.split("\n")):
            masked = _LEFT_ALONE.sub("", line) if "`" not in token.content or line.count("`") % 2 == 0 else line
            left = "".join(
                part.content for part in parser().parseInline(masked)[0].children or [] if part.type == "text"
            )
            if stray := _STRAY.search(left):
                yield token.map[0] + number + 1, stray[0]


def _sum_message(written: str, value: str) -> str:
    return f"“{written}” does not come out; it is {value}."


# Words that are taken for one another: a blank beside another word of the course, a unit spelt in two ways


_LONGEST_LIST: Final = 3
_LONG_UNITS: Final = {
    "byte": "B", "kilobyte": "kB", "megabyte": "MB", "gigabyte": "GB", "terabyte": "TB", "pixel": "px",
    "percent": "%", "per cent": "%", "second": "s", "sec": "s", "millisecond": "ms", "minute": "min", "hour": "h",
    "millimeter": "mm", "centimeter": "cm", "meter": "m", "decibel": "dB", "gigaflop": "GFLOP", "hertz": "Hz",
    "frame per second": "fps", "dollar": "$", "degree": "°", "nat": "nat",
}  # fmt: skip
_SHORT: Final = {short.casefold(): short for short in _LONG_UNITS.values()}


def near_words(what: Material) -> Iterator[Finding]:
    """A warning for each blank whose word is one letter from another of the course: that slip is not forgiven."""
    known = sorted({word for word in CourseWords(what.root).all() if word.isascii()})
    lengths: dict[int, list[str]] = defaultdict(list)
    for word in known:
        lengths[len(word)].append(word)
    for card in what.cards:
        if not isinstance(card.body, Cloze):
            continue
        for blank in card.body.blanks:
            word = singular(blank.accepted[0].casefold())
            if len(word) < SHORTEST_WITH_SLIP or not word.isalpha():
                continue
            candidates = (one for size in range(len(word) - 1, len(word) + 3) for one in lengths[size])
            own = {fold(spelling) for spelling in blank.accepted}
            near = dict.fromkeys(singular(one) for one in candidates if is_one_letter_off(singular(one), word))
            if found := [one for one in near if fold(one) not in own]:
                listed = ", ".join(f"“{one}”" for one in found[:_LONGEST_LIST])
                message = f"“{blank.accepted[0]}” is one letter from {listed}: a slip that makes it is wrong."
                yield about(card, "near-word", message, field="front", level="warning")


def units_spelt_apart(what: Material) -> Iterator[Finding]:
    """A warning for each unit that most cards spell in another way, or that looks misspelt."""
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    for unit in _units(what.cards):
        spelt[_one_unit(unit)][unit] += 1
    words = {word for unit in spelt for word in unit.split()}
    for card in what.cards:
        if not isinstance(card.body, Numeric) or not (unit := card.body.unit):
            continue
        ways = spelt[_one_unit(unit)]
        usual = max(ways, key=lambda way: (ways[way], way in _SHORT.values(), way))
        if unit != usual:
            message = f"“{unit}” is spelt “{usual}” on {_cards(ways[usual])}."
            yield about(card, "unit", message, field="unit", level="warning")
        elif meant := _meant(unit, words):
            message = f"“{unit}” looks misspelt; another card has “{meant}”."
            yield about(card, "unit", message, field="unit", level="warning")


def _units(cards: Sequence[Card]) -> Iterator[str]:
    yield from (card.body.unit for card in cards if isinstance(card.body, Numeric) and card.body.unit)


def _one_unit(unit: str) -> str:
    """One name for every spelling of a unit: GB for gigabytes, patch for patches."""
    folded = fold(unit) or unit
    return _SHORT.get(unit.casefold()) or _LONG_UNITS.get(folded) or folded


def _meant(unit: str, words: Iterable[str]) -> str:
    """The word of another unit that a word no English has misses by one letter."""
    for word in fold(unit).split():
        if len(word) >= SHORTEST_WITH_SLIP and not is_english(word):
            return next((other for other in words if is_english(other) and is_one_letter_off(word, other)), "")
    return ""


def _cards(count: int) -> str:
    return f"{count} other card{'s' * (count != 1)}"


# What makes a card poor: no reason on the back, a give-away option, an answer in the question, a twin elsewhere


LONGEST_FRONT: Final = 600
"""Characters; a scenario needs room, a question that fills the screen is several questions."""
GIVE_AWAY_RATIO: Final = 1.6
"""A right option longer than every wrong one by this factor is picked for its length alone."""
TWIN_FRONTS: Final = 90.0
TWIN_WHOLE: Final = 82.0
"""Similarity (0 to 100) of fronts, and of fronts with answers and backs, from which two cards ask the same."""
_YES_NO: Final = re.compile(
    r"^(is|are|does|do|did|can|could|should|will|would|has|have|was|were)\b[^.!?]*\?$", re.IGNORECASE
)
_CODE_OR_MARK: Final = re.compile(r"[*_`$]+")


def weak_card(_: Material, card: Card) -> Iterator[Finding]:
    """No reason on the back, a yes/no question, an answer that stands in the question or is given away."""
    if not card.back:
        yield about(card, "empty-back", "the back is empty; it gives the reason.", field="back")
    elif fold(card.back) == fold(card.body.right_answer):
        yield about(card, "bare-back", "the back only repeats the answer; it gives the reason.", field="back")
    if len(card.front) > LONGEST_FRONT:
        yield about(
            card, "long-front", f"the front has {len(card.front)} characters; at most {LONGEST_FRONT}.", field="front"
        )
    if card.kind in ("basic", "open", "choice") and _YES_NO.match(card.front.strip().rpartition("\n")[2]):
        yield about(card, "yes-no", "a yes/no question is answered by a coin; ask for the thing itself.", field="front")
    match card.body:
        case Choice() as body:
            yield from _options(card, body)
        case Cloze() as body:
            around = fold(" ".join(body.segments)).split()
            for blank in body.blanks:
                words = fold(blank.accepted[0]).split()
                if _holds(around, words) and not all(len(word) < 4 or word.isdigit() for word in words):
                    message = f"“{blank.accepted[0]}” is in the text around the blank."
                    yield about(card, "answer-in-question", message, field="front")


def _options(card: Card, body: Choice) -> Iterator[Finding]:
    right = body.options[body.right]
    wrong = [option for option in body.options if not option.correct]
    for number, option in enumerate(body.options):
        if not option.correct and not option.why:
            message = f"the wrong option “{option.text[:40]}” has no why."
            yield about(card, "no-reason", message, field=f"options.{number}.why")
    if len(right.text) > 24 and len(right.text) > GIVE_AWAY_RATIO * max(len(option.text) for option in wrong):
        yield about(card, "give-away", "the right option is by far the longest.", field="options")
    front, answer = fold(card.front).split(), fold(right.text).split()
    if len(answer) > 1 and _holds(front, answer) and not any(_holds(front, fold(o.text).split()) for o in wrong):
        yield about(card, "answer-in-question", "the right option is in the question.", field="front")


def twins(what: Material) -> Iterator[Finding]:
    """Pairs of cards that ask the same."""
    from rapidfuzz import fuzz

    texts = [
        (card, _plain(card.front), _plain(f"{card.front} {card.body.right_answer} {card.back}")) for card in what.cards
    ]
    for (card, front, whole), (other, other_front, other_whole) in combinations(texts, 2):
        if _differ_by_lab(card, other) or not front or not other_front:
            continue
        if fuzz.token_sort_ratio(front, other_front, score_cutoff=TWIN_FRONTS) and fuzz.token_sort_ratio(
            whole, other_whole, score_cutoff=TWIN_WHOLE
        ):
            yield about(other, "near-duplicate", f"asks nearly the same as {card.id} ({card.source}).", field="front")


def _differ_by_lab(card: Card, other: Card) -> bool:
    """Two exercises are told apart by what their labs pose, not by the words around it; so are two by their scenes."""
    if card.scene and other.scene and card.scene != other.scene:
        return True
    return card.kind == other.kind == "exercise" and card.lab != other.lab


def _plain(text: str) -> str:
    return " ".join(_CODE_OR_MARK.sub("", text).casefold().split())


def _holds(text: Sequence[str], words: Sequence[str]) -> bool:
    return f" {' '.join(words)} " in f" {' '.join(text)} "


# Links that lead nowhere: sections, objectives, helpers, lenses, lab exercises; and objectives without a card


SEEDS_POSED: Final = 5


def headings(_: Material, chapter: Chapter, text: str) -> Iterator[Finding]:
    """Sections of course.toml without a text, and headings that it does not have."""
    sections = split_sections(text)[1]
    titles = {section.id: section.title for section in chapter.sections}
    written = {section.id for section in sections if section.markdown}
    path = f"content/{chapter.text}"
    for wanted in chapter.sections:
        if wanted.id not in written:
            message = f"section {wanted.id} has no text under a heading “## {wanted.id} …”."
            yield Finding("missing-text", message, path, 1)
    for section in sections:
        if section.id not in titles:
            yield Finding("unknown-section", f"course.toml has no section {section.id}.", path, section.line)
        elif section.title != titles[section.id]:
            message = f"the heading says “{section.title}”, course.toml “{titles[section.id]}”."
            yield Finding("other-heading", message, path, section.line)


def broken_links(what: Material, card: Card) -> Iterator[Finding]:
    """Everything a card names that the course or the labs do not have."""

    def broken(one: Card) -> Iterator[Finding]:
        yield from (about(one, rule, message, field=field) for rule, field, message in _unknown(what.known, one))

    yield from _at_every_draw(card, broken)


def unknown_links(course: Course, objectives: Sequence[Objective], card: Card) -> Iterator[tuple[str, str]]:
    """(field, message) for everything one card names that the course or the labs do not have."""
    for _, field, message in _unknown(known_names(course, objectives), card):
        yield field, message


def known_names(course: Course, objectives: Sequence[Objective]) -> dict[str, set[str]]:
    """What can be named: section, objective, helper, lens."""
    return {
        "section": {section.id for chapter in course.chapters for section in chapter.sections},
        "objective": {objective.id for objective in objectives},
        "helper": {helper.id for helper in course.helpers},
        "lens": {lens.id for lens in course.lenses},
    }


def _unknown(known: dict[str, set[str]], card: Card) -> Iterator[tuple[str, str, str]]:
    """(rule, field, message)"""
    named = {
        "section": ("section", (card.section,)),
        "objective": ("covers", card.covers),
        "helper": ("helpers", card.helpers),
        "lens": ("lens", card.lenses),
    }
    for what, (field, ids) in named.items():
        for one in ids:
            if one not in known[what]:
                yield f"unknown-{what}", field, f"the course has no {what} “{one}”."
    if card.lab is None:
        return
    try:
        exercise = catalog.exercise(card.lab.exercise)
        for seed in range(SEEDS_POSED):
            exercise.pose(card.lab.fixed, seed, card.lab.vary)
    except UnknownExercise as error:
        yield "unknown-exercise", "lab", str(error)
    except ParamError as error:
        yield "lab-parameter", "lab", f"{card.lab.exercise} cannot be posed: {error}"


def broken_pictures(what: Material, card: Card) -> Iterator[Finding]:
    """Pictures that cannot be shown, that nothing is said of, or that stand where texts are lines."""
    for field, text in (("front", card.written[0]), ("back", card.written[1]), *card.body.texts):
        for link in links_in(text):
            if field not in ("front", "back"):
                yield about(card, "picture", f"{link.path}: pictures stand on fronts and backs.", field=field)
            elif not link.alt.strip():
                yield about(card, "picture", f"{link.path}: say in words what it shows: ![words](path).", field=field)
            try:
                as_png(read_picture(what.pictures, link.path), link.path)
            except NoPicture as error:
                yield about(card, "picture", f"{error}.", field=field)


def uncovered(what: Material) -> Iterator[Finding]:
    """Objectives that no card covers, at their line in the syllabus."""
    places = read(what.root, SYLLABUS_FILE).places.get("fact", [])
    for objective, place in zip(what.objectives, places, strict=False):
        if objective.id not in what.covered:
            yield Finding("uncovered", f"no card covers objective {objective.id}.", SYLLABUS_FILE, place.line)


_TERM: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")


def early_terms(what: Material) -> Iterator[Finding]:
    """A warning for each word of the field, no English one, that a card needs and only a later chapter's text has."""
    brought: dict[str, int] = {}
    places: dict[str, int] = {}
    for place, chapter in enumerate(what.course.chapters):
        places |= {section.id: place for section in chapter.sections}
        for stem in _terms(chapter_text(what.root, chapter)):
            brought.setdefault(stem, place)
    for card in what.cards:
        place = places.get(card.section, len(places))
        for stem, word in _terms(" ".join((card.question, *card.body.listed, *card.body.lefts))).items():
            if (later := brought.get(stem, place)) > place:
                message = f"“{word}” is first told of in chapter {what.course.chapters[later].number}."
                yield about(card, "early-term", message, field="front", level="warning")


def _terms(text: str) -> dict[str, str]:
    """The words of a text that are not made of English ones, by their stem."""
    found: dict[str, str] = {}
    for word in _TERM.findall(text):
        folded = word.casefold()
        if len(word) > 2 and not all(is_english(part) or len(part) < 3 for part in folded.split("-")):
            found.setdefault(stem_of(folded), word)
    return found


_OURS: Final = re.compile(
    r"\b(?:small|tiny|toy) (?:[\w-]+ ){0,3}?"
    r"(?:VLM|CLIP|LLaVA|GAN|VAE|ViT|CNN|eye|U-Net|classifier|denoiser|experiment|test|model of \w+)\b"
    r"|\binspection system\b|\bdigit model\b|\b[Mm]easured here\b|\bin (?:our|the) lab\b"
)
"""How the course speaks of what was measured for it: the models of the labs are small, and no product is."""
_FIGURE: Final = re.compile(r"\d ?%|\bR² \D{0,3}\d|\bAUC \d|\b\d+ (?:of|to) \d+\b|\bmillion\b|\bFLOP")
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_IN_CODE: Final = re.compile(r"`([^`]+)`")
_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+")


def unsourced_chapter(_: Material, chapter: Chapter, text: str) -> Iterator[Finding]:
    """Figures measured for the course in a paragraph that names neither the exercise that shows them nor a paper."""
    for line, paragraph in enumerate(text.split("\n"), 1):
        if (claim := _claim(paragraph)) and not _is_sourced(paragraph):
            yield Finding("unsourced", _unsourced_message(claim), f"content/{chapter.text}", line)


def unsourced_card(_: Material, card: Card) -> Iterator[Finding]:
    """The same for a card, which may also link its exercise."""
    hints = ((f"hints.{number}", hint) for number, hint in enumerate(card.hints))
    texts = [("front", card.question), ("back", card.back), *hints, *card.body.texts]
    claims = [(field, claim) for field, text in texts if (claim := _claim(text))]
    if claims and card.lab is None and not any(_is_sourced(text) for _, text in texts):
        for field, claim in claims:
            yield about(card, "unsourced", _unsourced_message(claim), field=field)


def _claim(text: str) -> str:
    """The first sentence that states a figure of one of the labs' models; '' if there is none."""
    return next((one for one in _SENTENCE.split(text) if _OURS.search(one) and _FIGURE.search(one)), "")


def _is_sourced(text: str) -> bool:
    return bool(_YEAR.search(text)) or not set(catalog.names()).isdisjoint(_IN_CODE.findall(text))


def _unsourced_message(claim: str) -> str:
    return f"“{claim[:60]}…” was measured, but neither an exercise that shows it is named nor a paper with its year."


def misfiled(what: Material, card: Card) -> Iterator[Finding]:
    """A card that stands in the file of another chapter than that of its section."""
    chapter = what.course.chapter_of(card.section)
    if chapter is not None and (file := f"content/{chapter.cards}") != card.source.path:
        yield about(card, "misfiled", f"section {card.section} has its cards in {file}.", field="section")
