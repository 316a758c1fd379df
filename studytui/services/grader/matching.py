"""How well a span of an answer agrees with each sentence of a rubric: shared words, meaning, negation, numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from rapidfuzz.distance import DamerauLevenshtein

from studytui.domain.rubric import Question
from studytui.services.grader.embedding import WIDTH, embedding, unit_length
from studytui.services.grader.lexicon import lexicon
from studytui.services.grader.stems import stem
from studytui.services.grader.surface import Surface
from studytui.services.grader.words import Unit, read

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RARITY_FILE: Final = Path(__file__).with_name("rarity.json")
_FUNCTION_WEIGHT: Final = 2.2
_ASKED: Final = 0.5
"""A word that stands in the question itself says half as much in an answer."""
_LEAST_COSINE: Final = 0.22
_SAME_GROUP: Final = 0.85
_SAME_POLE: Final = 0.6
_OPPOSITE: Final = 0.8


@lru_cache(maxsize=1)
def rarity() -> dict[str, float]:
    """How much a stem tells, by its inverse document frequency over the course's texts."""
    found: dict[str, float] = json.loads(RARITY_FILE.read_text(encoding="utf-8"))
    return found


def weight(key: str) -> float:
    """What a stem or phrase weighs when spans are compared."""
    known = rarity()
    if key in _function_stems():
        return _FUNCTION_WEIGHT
    if key in known:
        return known[key]
    most = max(known.values(), default=8.0)
    parts = key.split(" ")
    if len(parts) > 1:
        return max(known.get(part, most * 0.7) for part in parts)
    return most * 0.8


def relate(a: Unit, b: Unit, cosine: float) -> tuple[float, int]:
    """(how alike two units are, 0 to 1; -1 if they are opposites, else 1)."""
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
    if best < 0.7 and min(len(a.stem), len(b.stem)) >= 5 and a.stem not in rarity():
        slips = DamerauLevenshtein.distance(a.stem, b.stem, score_cutoff=2)
        if slips <= 1 or (slips == 2 and min(len(a.stem), len(b.stem)) >= 8):
            return _SAME_GROUP, 1
    return best, sign


@dataclass(frozen=True, slots=True)
class Match:
    """One span against every sentence of the rubric (s of them); rows are the span's content units (u).

    `recall` and `precision` are weighted shares of words found, `opposed_*` the shares found denied or reversed,
    `cosine` the likeness of the sentence vectors; `agree` and `deny` are (u, s), `weights` (u,). `likeness` and `vote`
    (t,) compare the very words with these and with the sentences that only come near a point.
    """

    recall: Array
    precision: Array
    opposed_recall: Array
    opposed_precision: Array
    cosine: Array
    agree: Array
    deny: Array
    weights: Array
    likeness: Array
    vote: Array
    units: tuple[Unit, ...]
    all_units: tuple[Unit, ...]


class Rubric:
    """A question's points, phrasings and contradictions, read once.

    `point` and `contradicts` are per sentence (s); `surface_point`, `surface_contradicts` and `surface_near` are per
    sentence of the surface (t), which has those that only come near a point too.
    """

    def __init__(self, question: Question) -> None:
        rows: list[tuple[int, bool, str]] = []
        for number, point in enumerate(question.points):
            rows += [(number, False, text) for text in (point.text, *point.phrasings, *point.says)]
            rows += [(number, True, text) for text in (*point.contradicts, *point.denies)]
        near = [(number, text) for number, point in enumerate(question.points) for text in point.near]
        self.point = np.array([number for number, _, _ in rows])
        self.contradicts = np.array([is_wrong for _, is_wrong, _ in rows])
        self.surface_point = np.array([*self.point, *(number for number, _ in near)])
        self.surface_contradicts = np.array([*self.contradicts, *(False for _ in near)])
        self.surface_near = np.array([*(False for _ in rows), *(True for _ in near)])
        self._surface = Surface([*(text for _, _, text in rows), *(text for _, text in near)])
        self.units = [read(text) for _, _, text in rows]
        content = [content_of(units) for units in self.units]
        self.vectors = unit_length(np.stack([sentence_vector(units) for units in self.units]))
        flat = [unit for units in content for unit in units]
        self.starts = np.cumsum([0, *(len(units) for units in content)])[:-1]
        asked = read(question.ask)
        self.asked = {unit.stem for unit in asked if not unit.is_function}
        self.asked_numbers = _numbers(asked)
        self.numbers = [_numbers(units) for units in content]
        self._distinct = list({unit.stem: unit for unit in flat}.values())
        place = {unit.stem: at for at, unit in enumerate(self._distinct)}
        self._columns = np.array([place[unit.stem] for unit in flat])
        self._vectors = unit_length(embedding().words([unit.text for unit in self._distinct]))
        self._weights = np.array([self.weight_of(unit) for unit in flat])
        self._totals = np.add.reduceat(self._weights, self.starts)
        self._negated = np.array([unit.is_negated for unit in flat])
        self._known: dict[str, tuple[Array, Array]] = {}

    @cached_property
    def is_negated(self) -> list[bool]:
        """Per sentence, whether anything in it is denied."""
        return [any(unit.is_negated for unit in units) for units in self.units]

    def weight_of(self, unit: Unit) -> float:
        """A unit's weight; less for words that the question itself brought."""
        return weight(unit.stem) * (_ASKED if unit.stem in self.asked else 1.0)

    def match(self, units: list[Unit], said: str) -> Match:
        """Compare a span, all its units and its text given, with every sentence of the rubric."""
        content = content_of(units)
        agree, deny = self._alike(content)
        agreed, denied = agree.max(axis=0), deny.max(axis=0)
        found = np.maximum(agreed, denied)
        starts = self.starts
        row_agree = np.maximum.reduceat(agree, starts, axis=1)
        row_deny = np.maximum.reduceat(deny, starts, axis=1)
        row_found = np.maximum(row_agree, row_deny)
        weights = np.array([self.weight_of(unit) for unit in content])
        vector = unit_length(sentence_vector(units)[None])[0]
        likeness, vote = self._surface.compare(said)
        return Match(
            recall=np.add.reduceat(self._weights * found, starts) / self._totals,
            precision=(weights[:, None] * row_found).sum(axis=0) / weights.sum(),
            opposed_recall=np.add.reduceat(self._weights * np.where(denied > agreed, denied, 0), starts) / self._totals,
            opposed_precision=(weights[:, None] * np.where(row_deny > row_agree, row_deny, 0)).sum(axis=0)
            / weights.sum(),
            cosine=self.vectors @ vector,
            agree=row_agree,
            deny=row_deny,
            weights=weights,
            likeness=likeness,
            vote=vote,
            units=tuple(content),
            all_units=tuple(units),
        )

    def _alike(self, content: list[Unit]) -> tuple[Array, Array]:
        """(agreeing, opposing) likeness of each content unit with each word of the rubric."""
        distinct = {unit.stem: unit for unit in content}
        new = [unit for key, unit in distinct.items() if key not in self._known]
        if new:
            cosines = unit_length(embedding().words([unit.text for unit in new])) @ self._vectors.T
            for unit, row in zip(new, cosines, strict=True):
                pairs = [relate(unit, other, float(c)) for other, c in zip(self._distinct, row, strict=True)]
                self._known[unit.stem] = (np.array([p[0] for p in pairs]), np.array([float(p[1]) for p in pairs]))
        alike = np.stack([self._known[unit.stem][0] for unit in content])[:, self._columns]
        sign = np.stack([self._known[unit.stem][1] for unit in content])[:, self._columns]
        negated = np.array([unit.is_negated for unit in content])
        sign = sign * np.where(negated[:, None] == self._negated[None, :], 1, -1)
        return np.where(sign > 0, alike, 0.0), np.where(sign < 0, alike, 0.0)


@lru_cache(maxsize=16)
def rubric_of(question: Question) -> Rubric:
    """The rubric of a question, read at its first answer."""
    return Rubric(question)


@lru_cache(maxsize=16)
def known_words(question: Question) -> frozenset[str]:
    """The stems of the course's texts and of the question's rubric."""
    sentences = [question.ask, question.model]
    for point in question.points:
        sentences += (point.text, *point.phrasings, *point.contradicts)
    return frozenset(word for key in rarity() for word in key.split()) | {
        word for sentence in sentences for unit in read(sentence) for word in unit.stem.split()
    }


def content_of(units: list[Unit]) -> list[Unit]:
    """The units that carry meaning; the first one where none does."""
    return [unit for unit in units if not unit.is_function] or units[:1]


def sentence_vector(units: list[Unit]) -> NDArray[np.float32]:
    """(256,): the sum of the units' vectors."""
    if not units:
        return np.zeros(WIDTH, dtype=np.float32)
    total: NDArray[np.float32] = embedding().words([unit.text for unit in units]).sum(axis=0)
    return total


@lru_cache(maxsize=1)
def _function_stems() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon().function_words)


def _numbers(units: list[Unit]) -> set[float]:
    return {round(unit.value, 6) for unit in units if unit.value is not None}
