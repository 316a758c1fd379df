"""Words of an answer: as stems, as numbers in digits or in words, as terms of the lexicon, and which of them are negated."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

from studytui.domain.rubric import FieldWords

_UNITS: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_SCALES: Final = {
    "hundred": 100, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mio": 1e6, "billion": 1e9, "b": 1e9, "bn": 1e9,
}  # fmt: skip
_ALONE: Final = {
    "half": 0.5, "halves": 0.5, "halved": 0.5, "halve": 0.5, "quarter": 0.25, "third": 1 / 3, "thirds": 1 / 3,
    "twice": 2.0, "double": 2.0, "doubles": 2.0, "doubled": 2.0, "doubling": 2.0, "triple": 3.0, "triples": 3.0,
    "thrice": 3.0, "quadruple": 4.0, "quadruples": 4.0, "dozen": 12.0, "twofold": 2.0, "threefold": 3.0, "fourfold": 4.0,
    "fivefold": 5.0, "sixfold": 6.0, "eightfold": 8.0, "tenfold": 10.0, "sixteenfold": 16.0,
}  # fmt: skip
_JOINING_SCALES: Final = frozenset({"hundred", "thousand", "million", "billion"})


def read_number(words: Sequence[str], at: int) -> tuple[float, int] | None:
    """The number that begins at a word, and how many words it takes; None where none begins.

    “one” alone is a pronoun more often than a number and counts as none.
    """
    word = words[at]
    if word[0].isdigit() or (word[0] == "." and word[1:].isdigit()):
        return _digits(words, at)
    if word in _ALONE:
        return _ALONE[word], 1
    if word in ("a", "one") and at + 1 < len(words) and words[at + 1] in _JOINING_SCALES:
        return _spoken(words, at)
    if (word in _UNITS and word != "one") or word in _TENS:
        return _spoken(words, at)
    return None


def _digits(words: Sequence[str], at: int) -> tuple[float, int] | None:
    text = words[at].replace(",", "")
    try:
        value = float(text)
    except ValueError:
        return None
    taken = 1
    while at + taken < len(words) and (scale := _SCALES.get(words[at + taken])):
        value *= scale
        taken += 1
    if at + taken < len(words) and words[at + taken] == "%":
        taken += 1
    return value, taken


def _spoken(words: Sequence[str], at: int) -> tuple[float, int]:
    total, present, here = 0.0, 0.0, at
    last = 1e12
    while here < len(words):
        word = words[here]
        small = 1.0 if word == "a" and here == at else _UNITS.get(word, _TENS.get(word))
        if small is not None and (present == 0 or _fits(present, small, last)):
            present += small
            last = 10 if small in _TENS.values() else 1
        elif word in _JOINING_SCALES and here > at:
            scale = _SCALES[word]
            if scale == 100:
                present = max(present, 1) * 100
            else:
                total, present = total + max(present, 1) * scale, 0.0
            last = 100
        elif word == "and" and last == 100 and here + 1 < len(words) and (words[here + 1] in _UNITS | _TENS):
            pass
        else:
            break
        here += 1
    return total + present, here - at


def _fits(present: float, small: float, last: float) -> bool:
    return small < last and (last == 100 or (last == 10 and small < 10)) and present > 0


# The stem of an English word: cut, cuts, cutting and flatten, flattened, flattening fall together


_IRREGULAR: Final = {
    "learnt": "learn", "taught": "teach", "saw": "see", "seen": "see", "sees": "see", "lost": "lose", "loses": "lose",
    "losing": "lose", "kept": "keep", "made": "make", "making": "make", "found": "find", "drew": "draw", "drawn": "draw",
    "drove": "drive", "driven": "drive", "fed": "feed", "held": "hold", "hidden": "hide", "hid": "hide", "broke": "break",
    "broken": "break", "froze": "freeze", "frozen": "freeze", "freezing": "freeze", "grew": "grow", "grown": "grow",
    "growth": "grow", "knew": "know", "known": "know", "shown": "show", "thrown": "throw", "threw": "throw",
    "told": "tell", "thought": "think", "understood": "understand", "chose": "choose", "chosen": "choose",
    "choosing": "choose", "brought": "bring", "fell": "fall", "fallen": "fall", "rose": "rise", "risen": "rise",
    "sought": "seek", "built": "build", "spent": "spend", "paid": "pay", "went": "go", "gone": "go", "wrote": "write",
    "written": "write", "ate": "eat", "forgot": "forget", "forgotten": "forget", "swept": "sweep", "split": "split",
    "splitting": "split", "men": "man", "people": "people", "women": "woman", "feet": "foot", "data": "data",
    "indices": "index", "indexes": "index", "matrices": "matrix", "vertices": "vertex", "axes": "axis",
    "analyses": "analysis", "hypotheses": "hypothesis", "bases": "basis", "children": "child", "worse": "worse",
    "loss": "loss", "losses": "loss", "bias": "bias", "biases": "bias", "class": "class", "classes": "class",
    "pass": "pass", "passes": "pass", "gas": "gas", "canvas": "canvas", "process": "process", "processing": "process",
    "processes": "process", "access": "access", "lens": "lens", "lenses": "lens", "focus": "focus", "physics": "physics",
    "semantics": "semantic", "during": "during", "string": "string", "thing": "thing", "bring": "bring", "king": "king",
    "ring": "ring", "spring": "spring", "need": "need", "needs": "need", "needed": "need", "speed": "speed",
    "speeds": "speed", "seed": "seed", "feed": "feed", "indeed": "indeed", "red": "red", "bed": "bed", "hundred": "hundred",
    "embed": "embed", "embedded": "embed", "embeds": "embed", "embedding": "embed", "embeddings": "embed",
    "modelling": "model", "modelled": "model", "labelling": "label", "labelled": "label", "does": "do", "is": "is",
    "was": "was", "has": "have", "had": "have", "this": "this", "its": "its", "us": "us", "less": "less", "unless": "unless",
    "always": "always", "perhaps": "perhaps", "whereas": "whereas", "across": "across", "various": "various",
    "previous": "previous", "continuous": "continuous", "generation": "generat", "generator": "generator",
    "discriminator": "discriminator", "caption": "caption", "captions": "caption", "captioning": "caption",
    "captioned": "caption", "token": "token", "tokens": "token", "attention": "attention", "motion": "motion",
    "position": "position", "positions": "position", "positional": "position", "station": "station",
    "function": "function", "functions": "function", "question": "question", "questions": "question",
    "region": "region", "regions": "region", "vision": "vision", "visual": "visual", "resolution": "resolution",
    "resolutions": "resolution", "linear": "linear", "linearly": "linear", "likely": "likely", "only": "only",
    "early": "early", "family": "family", "reply": "reply", "replies": "reply", "apply": "apply", "multiply": "multiply",
    "multiplies": "multiply", "multiplied": "multiply", "supply": "supply", "rely": "rely", "relies": "rely",
    "relied": "rely", "untouched": "untouched", "better": "better", "best": "best", "bigger": "big", "biggest": "big",
    "larger": "large", "largest": "large", "smaller": "small", "smallest": "small", "higher": "high", "highest": "high",
    "lower": "low", "lowest": "low", "faster": "fast", "fastest": "fast", "slower": "slow", "cheaper": "cheap",
    "cheapest": "cheap", "costlier": "costly", "dearer": "dear", "harder": "hard", "hardest": "hard", "easier": "easy",
    "sharper": "sharp", "longer": "long", "longest": "long", "shorter": "short", "stronger": "strong", "weaker": "weak",
    "nearer": "near", "nearest": "near", "closer": "close", "closest": "close", "farther": "far", "further": "far",
    "finer": "fine", "coarser": "coarse", "noisier": "noise", "noisy": "noise", "noise": "noise",
    "noises": "noise", "noised": "noise", "noising": "noise", "used": "use", "using": "use", "uses": "use", "clearer": "clear", "richer": "rich",
}  # fmt: skip
_ENDINGS: Final = (
    ("encies", "ent"), ("ency", "ent"), ("ences", "ent"), ("ence", "ent"), ("arities", "ar"), ("arity", "ar"),
    ("isations", "iz"), ("izations", "iz"), ("isation", "iz"), ("ization", "iz"), ("ational", "at"),
    ("fulness", "ful"), ("iveness", "iv"), ("ousness", "ous"), ("ations", "at"), ("ation", "at"), ("ising", "iz"),
    ("izing", "iz"), ("ised", "iz"), ("ized", "iz"), ("ises", "iz"), ("izes", "iz"), ("ise", "iz"), ("ize", "iz"),
    ("ating", "at"), ("ated", "at"), ("ates", "at"), ("ate", "at"), ("ments", ""), ("ment", ""), ("nesses", ""),
    ("ness", ""), ("ability", "abl"), ("abilities", "abl"), ("ably", "abl"), ("able", ""), ("tions", "t"), ("tion", "t"),
    ("sions", "s"), ("sion", "s"), ("ively", ""), ("ive", ""), ("ically", "ic"), ("ally", "al"), ("edly", ""), ("ingly", ""),
    ("ily", "y"), ("ly", ""), ("ings", ""), ("ing", ""), ("ied", "y"), ("ies", "y"), ("ed", ""), ("sses", "ss"),
    ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("zes", "z"), ("s", ""),
)  # fmt: skip
_VOWELS: Final = frozenset("aeiouy")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a lower-case word; words of three letters or fewer and acronyms with digits stay as they are."""
    if found := _IRREGULAR.get(word):
        return _closed(found, doubled=False)
    if len(word) <= 3 or not word.isalpha():
        return word
    for ending, put in _ENDINGS:
        if not word.endswith(ending):
            continue
        root = word[: len(word) - len(ending)]
        if ending == "s" and word.endswith(("ss", "us", "is")):
            break
        if len(root) + len(put) < 3 or not _VOWELS & set(root + put):
            continue
        return _closed(root + put, doubled=ending in ("ing", "ings", "ed"))
    return _closed(word, doubled=False)


def _closed(root: str, *, doubled: bool) -> str:
    """Without the mute e and the doubled consonant that an ending brought or took."""
    if doubled and len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeiouslz":
        root = root[:-1]
    if root.endswith("ie"):
        root = root[:-2] + "y"
    return root[:-1] if len(root) > 3 and root.endswith("e") else root


# Words of plain English and of a field: which mean the same, which are opposites, which exclude one another


LEXICON_FILE: Final = Path(__file__).with_name("lexicon.toml")
Stems: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class Entry:
    """What the lexicon knows of a word or phrase.

    `groups` are the groups of synonyms it belongs to, `poles` the pairs of opposites with its side (1 or -1), `sides`
    the sets of things that exclude one another with its place in them.
    """

    groups: set[int] = field(default_factory=set)
    poles: dict[int, int] = field(default_factory=dict)
    sides: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class Terms:
    """What a field's words have to do with one another: entries by their stems, and the phrases by their first stem."""

    entries: dict[Stems, Entry]
    phrases: dict[str, list[Stems]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What holds for any field: the terms of plain English, the words of negation, and those that carry no meaning."""

    terms: FieldWords
    negators: dict[str, list[tuple[str, ...]]]
    denials: dict[str, list[tuple[str, ...]]]
    no_negators: dict[str, list[tuple[str, ...]]]
    stops: frozenset[str]
    function_words: frozenset[str]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon of plain English, read once."""
    data = tomllib.loads(LEXICON_FILE.read_text(encoding="utf-8"))
    negation = data["negation"]
    return Lexicon(
        terms=FieldWords(
            tuple(data["same"]["groups"]), tuple(data["opposite"]["pairs"]), tuple(data["exclusive"]["sets"])
        ),
        negators=_by_first(negation["forward"]),
        denials=_by_first(negation["sentence"]),
        no_negators=_by_first(negation["not_negating"]),
        stops=frozenset(negation["stops"]),
        function_words=frozenset(data["function"]["words"]),
    )


def terms_of(own: FieldWords) -> Terms:
    """The terms of plain English with those of a field."""
    plain = lexicon().terms
    entries: dict[Stems, Entry] = {}

    def entry(phrase: str) -> Entry:
        return entries.setdefault(tuple(stem(word) for word in words_of(phrase)), Entry())

    for number, group in enumerate((*plain.same, *own.same)):
        for phrase in group.split(","):
            entry(phrase).groups.add(number)
    for number, pair in enumerate((*plain.opposite, *own.opposite)):
        for sign, side in zip((1, -1), pair.split(" / "), strict=True):
            for phrase in side.split(","):
                entry(phrase).poles[number] = sign
    for number, together in enumerate((*plain.exclusive, *own.exclusive)):
        for place, side in enumerate(together.split(" / ")):
            for phrase in side.split(","):
                entry(phrase).sides[number] = place
    phrases: dict[str, list[Stems]] = {}
    for stems in entries:
        if len(stems) > 1:
            phrases.setdefault(stems[0], []).append(stems)
    for found in phrases.values():
        found.sort(key=len, reverse=True)
    return Terms(entries, phrases)


def words_of(phrase: str) -> list[str]:
    """The words of a phrase of the lexicon; a hyphen parts words, as it does in answers."""
    return phrase.lower().replace("-", " ").replace("n't", " n't").replace("'s", " 's").split()


def _by_first(phrases: list[str]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        words = tuple(words_of(phrase))
        found.setdefault(words[0], []).append(words)
    for rows in found.values():
        rows.sort(key=len, reverse=True)
    return found


# Which words of a sentence are denied: the scope of not, never, without, instead of, “it is not true that”


LONGEST_SCOPE_WORDS: Final = 9
SHORT_SCOPE_WORDS: Final = 4
_OF_A_NOUN: Final = frozenset(
    {"no", "without", "instead", "rather", "unlike", "except", "lack", "lacks", "lacking", "minus", "free", "avoid",
     "avoids", "avoiding", "as", "apart", "ignore", "ignores", "ignoring", "excluding"}
)  # fmt: skip
"""Negators that deny the noun phrase after them, not the whole rest of the clause."""


def negations(words: Sequence[str], text: str, places: Sequence[tuple[int, int]]) -> list[bool]:
    """For each word whether an odd number of negations reach it. `places` are the words' places in the text."""
    known = lexicon()
    count = [0] * len(words)
    at = 0
    while at < len(words):
        if taken := _taken(known.no_negators, words, at):
            at += taken
            continue
        if taken := _taken(known.denials, words, at):
            for inside in range(at + taken, len(words)):
                if words[inside] == "but" and inside > at + taken + 1:
                    break
                count[inside] += 1
            at += taken
            continue
        if taken := _taken(known.negators, words, at):
            reach = SHORT_SCOPE_WORDS if words[at] in _OF_A_NOUN else LONGEST_SCOPE_WORDS
            for inside in range(at + taken, min(len(words), at + taken + reach)):
                if words[inside] in known.stops or _parted(text, places, inside):
                    break
                count[inside] += 1
            at += taken
            continue
        at += 1
    return [number % 2 == 1 for number in count]


def _taken(table: dict[str, list[tuple[str, ...]]], words: Sequence[str], at: int) -> int:
    for phrase in table.get(words[at], ()):
        if tuple(words[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _parted(text: str, places: Sequence[tuple[int, int]], at: int) -> bool:
    """True if a comma, colon, semicolon, dash or bracket stands before the word."""
    gap = text[places[at - 1][1] : places[at][0]] if at else ""
    return any(mark in gap for mark in ",;:()—–") or " - " in gap


# An answer or a rubric's sentence as units of meaning: words and phrases with stem, synonyms, number, negation


_WORD: Final = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+|n['’]t\b|['’](?:s|re|ve|ll|d|m)\b|[^\W\d_]+?(?=n['’]t\b)|[^\W\d_]+|%|²"
)
_NONE: Final = Entry()


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, a phrase of the lexicon or a number, at its place in the text.

    `is_negated` is true inside the scope of a negation (of an odd number of them); `value` is a number's value.
    """

    start: int
    end: int
    text: str
    stem: str
    entry: Entry
    value: float | None = None
    is_function: bool = False
    is_negated: bool = False


def read(text: str, terms: Terms, start: int = 0, end: int | None = None) -> list[Unit]:
    """The units of a sentence, which stands in the text from `start` to `end`."""
    function_words = lexicon().function_words
    matches = list(_WORD.finditer(text, start, len(text) if end is None else end))
    words = [match[0].lower().replace("’", "'") for match in matches]
    stems = [stem(word) for word in words]
    negated = negations(words, text, [(match.start(), match.end()) for match in matches])
    units: list[Unit] = []
    at = 0
    while at < len(words):
        taken, value, entry = 1, None, _NONE
        if number := read_number(words, at):
            value, taken = number
            key = f"#{value:g}"
        else:
            taken = _phrase(terms, stems, at)
            key = " ".join(stems[at : at + taken])
            entry = terms.entries.get(tuple(stems[at : at + taken]), _NONE)
        if value is None and taken > 1 and (alone := terms.entries.get((stems[at],))) and not entry.groups:
            entry = alone
        units.append(
            Unit(
                start=matches[at].start(),
                end=matches[at + taken - 1].end(),
                text=" ".join(words[at : at + taken]),
                stem=key,
                entry=entry,
                value=value,
                is_function=value is None and taken == 1 and words[at] in function_words and not entry.poles,
                is_negated=negated[at],
            )
        )
        at += taken
    return units


def _phrase(terms: Terms, stems: Sequence[str], at: int) -> int:
    """How many words the longest phrase of the terms takes here; 1 where there is none."""
    for phrase in terms.phrases.get(stems[at], ()):
        if tuple(stems[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 1
