"""A sentence by its very words and pairs of words: which of a rubric's sentences it resembles, and what that says.

Kernel ridge regression (Saunders, Gammerman & Vovk 1998, eq. 6): with K the likeness of the rubric's sentences to one
another and k that of a span to them, (K + λI)⁻¹ k weighs each sentence so that those that say the same share one vote.
Function words count here, which the comparison by meaning passes over: “only”, “even”, “instead”, “still”.
"""

from __future__ import annotations

import json
import math
import mmap
import re
import struct
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from operator import mul, sub
from pathlib import Path
from typing import Final, TypeAlias

from rapidfuzz.distance import DamerauLevenshtein

from studytui.domain.rubric import Question
from studytui.study.grader.words import Terms, Unit, lexicon, read, stem

# Lists of floats and no array library: a rubric has some hundred sentences, and numpy weighs as much as all else here.
Vector: TypeAlias = list[float]

_WORD: Final = re.compile(r"[a-z0-9']+")
RIDGE: Final = 0.3


def dot(a: Iterable[float], b: Iterable[float]) -> float:
    """The sum of products; of the shorter length where they differ."""
    result: float = sum(map(mul, a, b))
    return result


class CharSimilarity:
    """The sentences of a rubric (t of them), ready to be compared with."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._count = len(sentences)
        self._standing: dict[str, list[tuple[int, float]]] = {}
        terms = [_terms(sentence) for sentence in sentences]
        for number, found in enumerate(terms):
            for term, share in found.items():
                self._standing.setdefault(term, []).append((number, share))
        self._kernel = [self._likeness(found) for found in terms]
        self._system = Solver(self._kernel, RIDGE)

    def compare(self, said: str) -> tuple[Vector, Vector]:
        """(t,) likeness of what was said to each sentence, 0 to 1; (t,) its weight in the regression."""
        likeness = self._likeness(_terms(said))
        return likeness, self._system.solve(likeness)

    def _likeness(self, terms: dict[str, float]) -> Vector:
        result = [0.0] * self._count
        for term, share in terms.items():
            for number, standing in self._standing.get(term, ()):
                result[number] += share * standing
        return result

    def compare_own(self, number: int, twin: int | None) -> tuple[Vector, Vector]:
        """The same for a sentence of the rubric, as if it and its twin did not stand there: their entries are 0.

        With M = (K + λI)⁻¹ and S the two, the others' weights are the first column of -M[others, S] M[S, S]⁻¹, by the
        inverse in blocks.
        """
        out = [number] if twin is None else [number, twin]
        columns = [self._system.solve([float(at == one) for at in range(self._count)]) for one in out]
        if twin is None:
            shares = [1.0 / columns[0][number]]
        else:
            (a, b), d = (columns[0][number], columns[1][number]), columns[1][twin]
            shares = [d / (a * d - b * b), -b / (a * d - b * b)]
        likeness = [0.0 if at in out else value for at, value in enumerate(self._kernel[number])]
        vote = [0.0 if at in out else -dot(row, shares) for at, row in enumerate(zip(*columns, strict=True))]
        return likeness, vote


class Solver:
    """The system (kernel + ridge · I) x = right, factored once as L Lᵀ."""

    def __init__(self, kernel: list[Vector], ridge: float) -> None:
        self._lower = _cholesky(kernel, ridge)
        self._upper = [[self._lower[row][at] for row in range(at, len(kernel))] for at in range(len(kernel))]

    def solve(self, right: Vector) -> Vector:
        """x, forwards through L, then backwards through Lᵀ."""
        half: Vector = []
        for row, value in zip(self._lower, right, strict=True):
            half.append((value - dot(row, half)) / row[-1])
        result = [0.0] * len(right)
        for at in range(len(right) - 1, -1, -1):
            column = self._upper[at]
            result[at] = (half[at] - dot(column[1:], result[at + 1 :])) / column[0]
        return result


def _cholesky(kernel: list[Vector], ridge: float) -> list[Vector]:
    """The rows of L up to the diagonal, with L Lᵀ = kernel + ridge · I."""
    lower: list[Vector] = []
    for at, values in enumerate(kernel):
        row: Vector = []
        for column in range(at):
            row.append((values[column] - dot(row, lower[column])) / lower[column][column])
        row.append(math.sqrt(values[at] + ridge - dot(row, row)))
        lower.append(row)
    return lower


def _terms(text: str) -> dict[str, float]:
    """Words and pairs of neighbouring words, scaled to length 1."""
    words = _WORD.findall(text.lower().replace("’", "'").replace("n't", " not"))
    found: dict[str, float] = {}
    for term in (*words, *(f"{a} {b}" for a, b in pairwise(words))):
        found[term] = found.get(term, 0.0) + 1.0
    length = math.sqrt(sum(count * count for count in found.values())) or 1.0
    return {term: count / length for term, count in found.items()}


# Static word vectors: a row for each piece of a word, cut out of wordllama's table (vectors.toml), without any network


WIDTH: Final = 256
VECTORS: Final = Path(__file__).with_name("vectors.safetensors")
LONGEST_WORD: Final = 200
"""Characters of a word or phrase that are looked up."""
_SPACE: Final = "▁"


class NoEmbedding(Exception):
    """The word vectors are missing or damaged; the text says what to do."""


class Embedding:
    """Word vectors, remembered once looked up."""

    def __init__(self, path: Path = VECTORS) -> None:
        """Opens the file; its rows stay on the disk until a word needs them.

        Raises:
            NoEmbedding: it is missing or is no such matrix.
        """
        try:
            with path.open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            (length,) = struct.unpack_from("<Q", self._data)
            head = json.loads(self._data[8 : 8 + length])
            pieces = json.loads(head["__metadata__"]["pieces"])
            shape, (start, _) = head["embedding.weight"]["shape"], head["embedding.weight"]["data_offsets"]
            self._start = 8 + length + start
            whole = shape == [len(pieces), WIDTH] and len(self._data) >= self._start + 2 * WIDTH * len(pieces)
        except (OSError, KeyError, TypeError, ValueError, struct.error) as error:
            raise NoEmbedding(f"the word vectors cannot be read ({error}); install studytui again.") from error
        if not whole:
            raise NoEmbedding("the word vectors are cut short; install studytui again.")
        self._rank = {piece: at for at, piece in enumerate(pieces)}
        self._known: dict[str, Vector] = {}

    def word(self, word: str) -> Vector:
        """(256,): the summed vectors of the pieces of a word or phrase."""
        if (known := self._known.get(word)) is None:
            rows = [
                struct.unpack_from(f"<{WIDTH}e", self._data, self._start + 2 * WIDTH * self._rank[piece])
                for piece in self.pieces(word)
            ]
            known = self._known[word] = total(rows)
        return known

    def pieces(self, word: str) -> list[str]:
        """Byte-pair encoding (Sennrich et al. 2016): of all neighbours those that form the most frequent piece join,
        again and again. A sign that is no piece falls into its bytes."""
        found: list[str] = []
        for sign in _SPACE + word[:LONGEST_WORD].replace(" ", _SPACE):
            found += [sign] if sign in self._rank else [f"<0x{byte:02X}>" for byte in sign.encode(errors="replace")]
        while len(found) > 1:
            joined = [self._rank.get(a + b, len(self._rank)) for a, b in pairwise(found)]
            if (best := min(joined)) == len(self._rank):
                break
            at = joined.index(best)
            found[at : at + 2] = [found[at] + found[at + 1]]
        return found


@lru_cache(maxsize=1)
def embedding() -> Embedding:
    """The word vectors, opened at the first call.

    Raises:
        NoEmbedding: see the class.
    """
    return Embedding()


def total(vectors: Iterable[Sequence[float]]) -> Vector:
    """(256,): the sum of vectors; zeros where there are none."""
    return [sum(column) for column in zip(*vectors, strict=True)] or [0.0] * WIDTH


def unit_length(vector: Vector) -> Vector:
    """The vector divided by its length; zeros stay."""
    length = max(math.sqrt(dot(vector, vector)), 1e-9)
    return [value / length for value in vector]


# How well a span of an answer agrees with each sentence of a rubric: shared words, meaning, negation, numbers


IDF_FILE: Final = Path(__file__).with_name("idf.json")
_FUNCTION_WEIGHT: Final = 2.2
_ASKED: Final = 0.5
"""A word that stands in the question itself says half as much in an answer."""
_LEAST_COSINE: Final = 0.22
_SAME_GROUP: Final = 0.85
_SAME_POLE: Final = 0.6
_OPPOSITE: Final = 0.8


def relate(a: Unit, b: Unit, cosine: float, known: Container[str]) -> tuple[float, int]:
    """(how alike two units are, 0 to 1; -1 if they are opposites, else 1); a `known` stem is no slip of another."""
    if a.value is not None or b.value is not None:
        if a.value is None or b.value is None:
            return 0.0, 1
        return float(abs(a.value - b.value) <= 1e-6 * max(1.0, abs(b.value))), 1
    if a.stem == b.stem:
        return 1.0, 1
    best, sign = (_SAME_GROUP if a.entry.groups & b.entry.groups else 0.0), 1
    for pole, side in a.entry.poles.items():
        if pole in b.entry.poles:
            if b.entry.poles[pole] == side:
                best = max(best, _SAME_POLE)
            elif not best:
                best, sign = _OPPOSITE, -1
    if not best and any(b.entry.sides.get(group, side) != side for group, side in a.entry.sides.items()):
        return 0.0, 1
    soft = max(0.0, min(0.8, (cosine - _LEAST_COSINE) / (0.85 - _LEAST_COSINE) * 0.8))
    if soft > best and sign == 1:
        best = soft
    if best < 0.7 and min(len(a.stem), len(b.stem)) >= 5 and a.stem not in known:
        slips = DamerauLevenshtein.distance(a.stem, b.stem, score_cutoff=2)
        if slips <= 1 or (slips == 2 and min(len(a.stem), len(b.stem)) >= 8):
            return _SAME_GROUP, 1
    return best, sign


_Alike: TypeAlias = tuple[Vector, Vector, Vector, Vector]
_MOST_KNOWN: Final = 4_000
"""Words of answers that a rubric remembers what they are like."""


@dataclass(frozen=True, slots=True)
class Match:
    """One span against every sentence of the rubric (s of them); rows are the span's content units (u).

    `recall` and `precision` are weighted shares of words found, `opposed_*` the shares found denied or reversed,
    `cosine` the likeness of the sentence vectors; `agree` and `deny` are (u, s), `weights` (u,). `likeness` and `vote`
    (t,) compare the very words with these and with the sentences that only come near a point.
    """

    recall: Vector
    precision: Vector
    opposed_recall: Vector
    opposed_precision: Vector
    cosine: Vector
    agree: list[Vector]
    deny: list[Vector]
    weights: Vector
    likeness: Vector
    vote: Vector
    units: tuple[Unit, ...]
    all_units: tuple[Unit, ...]


class Rubric:
    """A question's points, phrasings and contradictions, read once in the terms of its field.

    `point` and `contradicts` are per sentence (s); `surface_point`, `surface_contradicts` and `surface_near` are per
    sentence of the surface (t), which has those that only come near a point too.
    """

    def __init__(self, question: Question, field: Field) -> None:
        self.field = field
        rows: list[tuple[int, bool, str]] = []
        for number, point in enumerate(question.points):
            rows += [(number, False, text) for text in (point.text, *point.phrasings, *point.says)]
            rows += [(number, True, text) for text in (*point.contradicts, *point.denies)]
        near = [(number, text) for number, point in enumerate(question.points) for text in point.near]
        self.point = [number for number, _, _ in rows]
        self.contradicts = [is_wrong for _, is_wrong, _ in rows]
        self.surface_point = [*self.point, *(number for number, _ in near)]
        self.surface_contradicts = [*self.contradicts, *(False for _ in near)]
        self.surface_near = [*(False for _ in rows), *(True for _ in near)]
        self.texts = [*(text for _, _, text in rows), *(text for _, text in near)]
        self._surface = CharSimilarity(self.texts)
        self.units = [field.read(text) for _, _, text in rows]
        content = [content_of(units) for units in self.units]
        self.vectors = [unit_length(sentence_vector(units)) for units in self.units]
        asked = field.read(question.ask)
        self.asked = {unit.stem for unit in asked if not unit.is_function}
        self.asked_numbers = _numbers(asked)
        self.numbers = [_numbers(units) for units in content]
        # Each stem is compared once with a word of an answer, and stands in many sentences, denied or not.
        self._distinct = list({unit.stem: unit for units in content for unit in units}.values())
        place = {unit.stem: at for at, unit in enumerate(self._distinct)}
        entries = [[(place[unit.stem], unit.is_negated) for unit in units] for units in content]
        self._entries = sorted({entry for row in entries for entry in row})
        number_of = {entry: at for at, entry in enumerate(self._entries)}
        self._rows = [[number_of[entry] for entry in row] for row in entries]
        self._vectors = [unit_length(embedding().word(unit.text)) for unit in self._distinct]
        self._weights = [[self.weight_of(unit) for unit in units] for units in content]
        self._totals = [sum(weights) or 1.0 for weights in self._weights]
        self._known: dict[str, _Alike] = {}

    @cached_property
    def asks(self) -> list[bool]:
        """Per point, whether it is a question: at least a third of its wordings ask (“did the bridge drop it?”)."""
        from studytui.study.grader.assertion import asks

        own = [
            [
                asks(self.texts[at])
                for at, is_wrong in enumerate(self.contradicts)
                if self.point[at] == number and not is_wrong
            ]
            for number in range(max(self.point) + 1)
        ]
        return [3 * sum(row) >= len(row) for row in own]

    @cached_property
    def is_negated(self) -> list[bool]:
        """Per sentence, whether anything in it is denied."""
        return [any(unit.is_negated for unit in units) for units in self.units]

    def weight_of(self, unit: Unit) -> float:
        """A unit's weight; less for words that the question itself brought."""
        return self.field.weight(unit.stem) * (_ASKED if unit.stem in self.asked else 1.0)

    def match(self, units: list[Unit], said: str) -> Match:
        """Compare a span, all its units and its text given, with every sentence of the rubric."""
        return self._match(units, self._surface.compare(said))

    def match_own(self, number: int, twin: int | None) -> Match:
        """The same of a sentence of the rubric (t), compared by its very words as if it and its twin were not there."""
        units = self.units[number] if number < len(self.units) else self.field.read(self.texts[number])
        return self._match(units, self._surface.compare_own(number, twin))

    def _match(self, units: list[Unit], compared: tuple[Vector, Vector]) -> Match:
        content = content_of(units)
        alike = [self._alike(unit) for unit in content]
        once = list({id(one[0]): one for one in alike}.values())
        agreed = [max(column) for column in zip(*(one[0] for one in once), strict=True)]
        denied = [max(column) for column in zip(*(one[1] for one in once), strict=True)]
        found = list(map(max, agreed, denied))
        against = [no if no > yes else 0.0 for yes, no in zip(agreed, denied, strict=True)]
        agree = [one[2] for one in alike]
        deny = [one[3] for one in alike]
        weights = [self.weight_of(unit) for unit in content]
        precision, opposed = [0.0] * len(self._rows), [0.0] * len(self._rows)
        for share, yes_row, no_row in zip(weights, agree, deny, strict=True):
            for at, (yes, no) in enumerate(zip(yes_row, no_row, strict=True)):
                precision[at] += share * max(yes, no)
                if no > yes:
                    opposed[at] += share * no
        vector = unit_length(sentence_vector(units))
        likeness, vote = compared
        return Match(
            recall=self._shares(found),
            precision=[value / sum(weights) for value in precision],
            opposed_recall=self._shares(against),
            opposed_precision=[value / sum(weights) for value in opposed],
            cosine=[dot(row, vector) for row in self.vectors],
            agree=agree,
            deny=deny,
            weights=weights,
            likeness=likeness,
            vote=vote,
            units=tuple(content),
            all_units=tuple(units),
        )

    def _best_of_rows(self, values: Vector) -> Vector:
        """(s,): of each sentence its highest entry."""
        return [max([values[at] for at in row], default=0.0) for row in self._rows]

    def _shares(self, values: Vector) -> Vector:
        """(s,): the weighted share of each sentence's words that was found."""
        return [
            dot(weights, [values[at] for at in row]) / whole
            for row, weights, whole in zip(self._rows, self._weights, self._totals, strict=True)
        ]

    def _alike(self, unit: Unit) -> _Alike:
        """A content unit's agreeing and opposing likeness with each entry of the rubric, and the best a sentence."""
        if (known := self._known.get(unit.stem)) is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            # A number is like that number alone, whatever its digits look like.
            vector = unit_length(embedding().word(unit.text)) if unit.value is None else []
            related = [
                relate(unit, other, dot(row, vector), self.field.rarity)
                for other, row in zip(self._distinct, self._vectors, strict=True)
            ]
            agree, deny = [0.0] * len(self._entries), [0.0] * len(self._entries)
            for at, (column, negated) in enumerate(self._entries):
                like, sign = related[column]
                (agree if (sign > 0) != negated else deny)[at] = like
            known = self._known[unit.stem] = agree, deny, self._best_of_rows(agree), self._best_of_rows(deny)
        agree, deny, best_agree, best_deny = known
        return (deny, agree, best_deny, best_agree) if unit.is_negated else known


@lru_cache(maxsize=16)
def rubric_of(question: Question, field: Field) -> Rubric:
    """The rubric of a question, read at its first answer."""
    return Rubric(question, field)


@lru_cache(maxsize=16)
def known_words(question: Question, field: Field) -> frozenset[str]:
    """The stems of the course's texts and of the question's rubric."""
    sentences = [question.ask, question.model]
    for point in question.points:
        sentences += (point.text, *point.phrasings, *point.contradicts)
    return frozenset(word for key in field.rarity for word in key.split()) | {
        word for sentence in sentences for unit in field.read(sentence) for word in unit.stem.split()
    }


def content_of(units: list[Unit]) -> list[Unit]:
    """The units that carry meaning; the first one where none does."""
    return [unit for unit in units if not unit.is_function] or units[:1]


def sentence_vector(units: list[Unit]) -> Vector:
    """(256,): the sum of the units' vectors."""
    return total(embedding().word(unit.text) for unit in units)


@lru_cache(maxsize=1)
def _function_stems() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon().function_words)


def _numbers(units: list[Unit]) -> set[float]:
    return {round(unit.value, 6) for unit in units if unit.value is not None}


# What a match says about one point, as numbers for the model that weighs them


def features(rubric: Rubric, match: Match, point: int, without: Container[int] = ()) -> dict[str, float]:
    """Likeness to the point's phrasings, to its contradictions, to the other points; negation; numbers.

    Names end in `own`, `wrong` (what contradicts the point) or `other` (the phrasings of other points). `without` are
    the places of sentences (t) that are left out of the rubric.
    """
    sentences = [
        (at, kind) for at, kind in enumerate(zip(rubric.point, rubric.contradicts, strict=True)) if at not in without
    ]
    own = [at for at, (about, is_wrong) in sentences if about == point and not is_wrong]
    wrong = [at for at, (about, is_wrong) in sentences if about == point and is_wrong]
    other = [at for at, (about, is_wrong) in sentences if about != point and not is_wrong]
    recall, precision, cosine = match.recall, match.precision, match.cosine
    f = [2 * r * p / max(r + p, 1e-9) for r, p in zip(recall, precision, strict=True)]
    opposed = [against / max(r, 1e-9) for against, r in zip(match.opposed_recall, recall, strict=True)]
    opposed_words = [against / max(p, 1e-9) for against, p in zip(match.opposed_precision, precision, strict=True)]
    net = [one * (1 - (a + b)) for one, a, b in zip(f, opposed, opposed_words, strict=True)]
    blend = [0.5 * one + 0.5 * like for one, like in zip(f, cosine, strict=True)]
    whole = sum(match.weights)

    def of(values: Vector, rows: list[int]) -> Vector:
        return [values[at] for at in rows]

    def union(table: list[Vector], rows: list[int]) -> Vector:
        return [_most(of(values, rows)) for values in table]

    def share(values: Iterable[float]) -> float:
        return dot(match.weights, values) / whole

    agree_own, deny_own = union(match.agree, own), union(match.deny, own)
    on_own = list(map(max, agree_own, deny_own))
    on_wrong = list(map(max, union(match.agree, wrong), union(match.deny, wrong)))
    on_other = list(map(max, union(match.agree, other), union(match.deny, other)))
    best_own = max(own, key=blend.__getitem__)
    best_wrong = max(wrong, key=blend.__getitem__, default=None)
    negated = float(any(unit.is_negated for unit in match.all_units))
    negated_own = _mean([float(rubric.is_negated[at]) for at in own])
    numbers = {round(unit.value, 6) for unit in match.units if unit.value is not None}
    numbers_own = set().union(*(rubric.numbers[at] for at in own))
    numbers_wrong: set[float] = set().union(*(rubric.numbers[at] for at in wrong)) if wrong else set()
    result = {
        "f_own": _most(of(f, own)),
        "f_two_own": _two_most(of(f, own)),
        "f_mean_own": _mean(of(f, own)),
        "net_own": _most(of(net, own)),
        "net_two_own": _two_most(of(net, own)),
        "recall_own": _most(of(recall, own)),
        "precision_own": _most(of(precision, own)),
        "cosine_own": _most(of(cosine, own)),
        "cosine_mean_own": _mean(of(cosine, own)),
        "cosine_two_own": _two_most(of(cosine, own)),
        "f_wrong": _most(of(f, wrong)),
        "net_wrong": _most(of(net, wrong)),
        "cosine_wrong": _most(of(cosine, wrong)),
        "f_mean_wrong": _mean(of(f, wrong)),
        "cosine_mean_wrong": _mean(of(cosine, wrong)),
        "f_other": _most(of(f, other)),
        "net_other": _most(of(net, other)),
        "cosine_other": _most(of(cosine, other)),
        "union_own": share(on_own),
        "union_wrong": share(on_wrong),
        "union_other": share(on_other),
        "lean_wrong": share(map(sub, on_own, on_wrong)),
        "lean_other": share(map(sub, on_own, on_other)),
        "denied_own": share(no if no > yes else 0.0 for yes, no in zip(agree_own, deny_own, strict=True)),
        "opposed_best_own": opposed[best_own],
        "opposed_words_best_own": opposed_words[best_own],
        "opposed_best_wrong": opposed[best_wrong] if best_wrong is not None else 0.0,
        "negated": negated,
        "negated_own": negated_own,
        "negation_differs": abs(negated - negated_own),
        "number_hit": float(bool(numbers & (numbers_own - rubric.asked_numbers))),
        "number_wrong": float(bool(numbers & (numbers_wrong - numbers_own))),
        "number_missed": float(
            bool(numbers_own) and bool(numbers - rubric.asked_numbers) and not numbers & numbers_own
        ),
    }
    result |= _surface(rubric, match, point, without)
    for name in ("f", "net", "cosine"):
        result[f"{name}_own_less_wrong"] = result[f"{name}_own"] - result[f"{name}_wrong"]
    for name in ("f", "cosine"):
        result[f"{name}_own_less_other"] = result[f"{name}_own"] - result[f"{name}_other"]
    return result


def leaning(rubric: Rubric, match: Match, point: int) -> tuple[float, str]:
    """How much nearer a span is to a contradiction of a point than to the point, and that contradiction's text.

    By the words agreed on less those denied, the meaning and the very words; (-1, "") where nothing contradicts it.
    """
    best: dict[bool, tuple[float, int]] = {}
    for at, (about, is_wrong) in enumerate(zip(rubric.point, rubric.contradicts, strict=True)):
        if about == point:
            near = 0.4 * _net(match, at) + 0.3 * match.cosine[at] + 0.3 * match.likeness[at]
            best[is_wrong] = max(best.get(is_wrong, (-1.0, -1)), (near, at))
    if True not in best:
        return -1.0, ""
    return best[True][0] - best[False][0], rubric.texts[best[True][1]]


def _net(match: Match, at: int) -> float:
    recall, precision = match.recall[at], match.precision[at]
    f = 2 * recall * precision / max(recall + precision, 1e-9)
    return f * (1 - match.opposed_recall[at] / max(recall, 1e-9) - match.opposed_precision[at] / max(precision, 1e-9))


def _surface(rubric: Rubric, match: Match, point: int, without: Container[int]) -> dict[str, float]:
    own: list[int] = []
    wrong: list[int] = []
    near: list[int] = []
    other: list[int] = []
    kinds = zip(rubric.surface_point, rubric.surface_contradicts, rubric.surface_near, strict=True)
    for at, (about, is_wrong, is_near) in enumerate(kinds):
        if at in without:
            continue
        if about == point:
            (near if is_near else wrong if is_wrong else own).append(at)
        elif not (is_wrong or is_near):
            other.append(at)
    vote_own, vote_wrong = sum(match.vote[at] for at in own), sum(match.vote[at] for at in wrong)
    like_own = [match.likeness[at] for at in own]
    return {
        "vote_own": vote_own,
        "vote_wrong": vote_wrong,
        "vote_lean": vote_own - vote_wrong,
        "vote_near": sum(match.vote[at] for at in near),
        "like_own": _most(like_own),
        "like_two_own": _two_most(like_own),
        "like_wrong": _most([match.likeness[at] for at in wrong]),
        "like_near": _most([match.likeness[at] for at in near]),
        "like_other": _most([match.likeness[at] for at in other]),
    }


def _most(values: Vector) -> float:
    return max(values, default=0.0)


def _two_most(values: Vector) -> float:
    return _mean(sorted(values)[-2:])


def _mean(values: Vector) -> float:
    return sum(values) / max(1, len(values))


# The small model that weighs the features: softmax regression over covered, not covered, contradicted


WEIGHTS_FILE: Final = Path(__file__).with_name("weights.json")
LABELS: Final = ("covered", "not-covered", "contradicted")
_CLIP: Final = 4.0


@dataclass(frozen=True, slots=True)
class Model:
    """Names of the features, their mean and deviation, and (features + 1, 3) weights; thresholds of P(covered)."""

    names: tuple[str, ...]
    mean: Vector
    deviation: Vector
    weights: list[Vector]
    covered_from: float
    partly_from: float

    def probabilities(self, values: Mapping[str, float]) -> tuple[float, float, float]:
        """(covered, not covered, contradicted), which sum to 1."""
        x = [*self.scaled(values), 1.0]
        scores = [dot(x, column) for column in zip(*self.weights, strict=True)]
        covered, missed, wrong = (math.exp(score - max(scores)) for score in scores)
        whole = covered + missed + wrong
        return covered / whole, missed / whole, wrong / whole

    def scaled(self, values: Mapping[str, float]) -> Vector:
        """The features in their order, in deviations from their mean."""
        return [
            max(-_CLIP, min(_CLIP, (values[name] - mean) / deviation))
            for name, mean, deviation in zip(self.names, self.mean, self.deviation, strict=True)
        ]

    def to_json(self, course: str) -> str:
        """The file's text, rounded so that it reads the same on every machine; `course` is the id of what it knows."""
        return json.dumps(
            {
                "course": course,
                "names": self.names,
                "mean": [round(float(v), 6) for v in self.mean],
                "deviation": [round(float(v), 6) for v in self.deviation],
                "weights": [[round(float(v), 6) for v in row] for row in self.weights],
                "covered_from": round(self.covered_from, 4),
                "partly_from": round(self.partly_from, 4),
            },
            indent=1,
        )


@lru_cache(maxsize=1)
def tuned() -> tuple[str, Model]:
    """(the id of the course it was tuned on, the tuned model), read once."""
    data = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    return data["course"], Model(
        names=tuple(data["names"]),
        mean=data["mean"],
        deviation=data["deviation"],
        weights=data["weights"],
        covered_from=data["covered_from"],
        partly_from=data["partly_from"],
    )


# What a course is about, as the grader knows it


@lru_cache(maxsize=1)
def idf() -> dict[str, float]:
    """How much a stem tells, by its inverse document frequency over the texts of the course it was tuned on."""
    found: dict[str, float] = json.loads(IDF_FILE.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, eq=False)
class Field:
    """A course's terms, how much each stem tells there, the model that weighs the features, and what to say of it.

    `rarity` is by the inverse document frequency over the course's texts; `note` is "" or why the grader knows little.
    With less than `least_likeness` of meaning a sentence that shares few words with a point is about something else.
    """

    terms: Terms
    rarity: Mapping[str, float]
    model: Model
    note: str = ""
    least_likeness: float = 0.15

    def read(self, text: str, start: int = 0, end: int | None = None) -> list[Unit]:
        """The units of a text in these terms."""
        return read(text, self.terms, start, end)

    @cached_property
    def _most(self) -> float:
        return max(self.rarity.values(), default=8.0)

    def weight(self, key: str) -> float:
        """What a stem or phrase weighs when spans are compared."""
        known = self.rarity
        if key in _function_stems():
            return _FUNCTION_WEIGHT
        if key in known:
            return known[key]
        parts = key.split(" ")
        if len(parts) > 1:
            return max(known.get(part, self._most * 0.7) for part in parts)
        return self._most * 0.8
