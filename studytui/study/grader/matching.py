"""A sentence by its very words and pairs of words: which of a rubric's sentences it resembles, and what that says.

Kernel ridge regression (Saunders, Gammerman & Vovk 1998, eq. 6): with K the likeness of the rubric's sentences to one
another and k that of a span to them, (K + λI)⁻¹ k weighs each sentence so that those that say the same share one vote.
Function words count here, which the comparison by meaning passes over: “only”, “even”, “instead”, “still”.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from rapidfuzz.distance import DamerauLevenshtein

from studytui.domain.rubric import Question
from studytui.study.grader.words import Unit, lexicon, read, stem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

_WORD: Final = re.compile(r"[a-z0-9']+")
RIDGE: Final = 0.3


class CharSimilarity:
    """The sentences of a rubric (t of them), ready to be compared with."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._count = len(sentences)
        self._standing: dict[str, list[tuple[int, float]]] = {}
        terms = [_terms(sentence) for sentence in sentences]
        for number, found in enumerate(terms):
            for term, share in found.items():
                self._standing.setdefault(term, []).append((number, share))
        kernel = np.stack([self._likeness(found) for found in terms])
        self._inverse = np.linalg.inv(kernel + RIDGE * np.eye(self._count))

    def compare(self, said: str) -> tuple[Array, Array]:
        """(t,) likeness of what was said to each sentence, 0 to 1; (t,) its weight in the regression."""
        likeness = self._likeness(_terms(said))
        return likeness, self._inverse @ likeness

    def _likeness(self, terms: dict[str, float]) -> Array:
        result = np.zeros(self._count)
        for term, share in terms.items():
            for number, standing in self._standing.get(term, ()):
                result[number] += share * standing
        return result


def _terms(text: str) -> dict[str, float]:
    """Words and pairs of neighbouring words, scaled to length 1."""
    words = _WORD.findall(text.lower().replace("’", "'").replace("n't", " not"))
    found: dict[str, float] = {}
    for term in (*words, *(f"{a} {b}" for a, b in pairwise(words))):
        found[term] = found.get(term, 0.0) + 1.0
    length = math.sqrt(sum(count * count for count in found.values())) or 1.0
    return {term: count / length for term, count in found.items()}


# Static word vectors from the files inside the wordllama package, without its own loader and without any networ


if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    Vector: TypeAlias = NDArray[np.float32]

WIDTH: Final = 256
WEIGHTS: Final = "weights/l2_supercat_256.safetensors"
TOKENIZER: Final = "tokenizers/l2_supercat_tokenizer_config.json"


class NoEmbedding(Exception):
    """The wordllama package is missing or its files are not where they were; the text says what to do."""


class Embedding:
    """Word vectors, remembered once looked up."""

    def __init__(self, folder: Path) -> None:
        """Opens the files in the package's folder.

        Raises:
            NoEmbedding: a file is missing or is no such matrix.
        """
        import numpy as np
        from tokenizers import Tokenizer

        try:
            with (folder / WEIGHTS).open("rb") as file:
                length = struct.unpack("<Q", file.read(8))[0]
                header = json.loads(file.read(length))["embedding.weight"]
            rows, width = header["shape"]
            if header["dtype"] != "F16" or width != WIDTH:
                raise NoEmbedding("the word vectors in wordllama have another format; install wordllama>=0.3.8,<0.5.")
            self._matrix = np.memmap(
                folder / WEIGHTS,
                dtype="<f2",
                mode="r",
                offset=8 + length + header["data_offsets"][0],
                shape=(rows, width),
            )
            self._tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER))
        except (OSError, KeyError, ValueError, struct.error) as error:
            raise NoEmbedding(f"the word vectors cannot be read ({error}); reinstall wordllama.") from error
        self._known: dict[str, Vector] = {}

    def words(self, words: Iterable[str]) -> Vector:
        """(n, 256): the summed token vectors of each word or phrase."""
        import numpy as np

        wanted = list(words)
        if unknown := sorted({word for word in wanted if word not in self._known}):
            for word, encoded in zip(
                unknown, self._tokenizer.encode_batch(unknown, add_special_tokens=False), strict=True
            ):
                ids = [token for token in encoded.ids if token < len(self._matrix)]
                self._known[word] = self._matrix[ids].astype(np.float32).sum(axis=0)
        if not wanted:
            return np.zeros((0, WIDTH), dtype=np.float32)
        return np.stack([self._known[word] for word in wanted])


@lru_cache(maxsize=1)
def embedding() -> Embedding:
    """The word vectors, opened at the first call.

    Raises:
        NoEmbedding: see the class.
    """
    found = find_spec("wordllama")
    if found is None or not found.submodule_search_locations:
        raise NoEmbedding("the package wordllama is not installed; pip install wordllama.")
    return Embedding(Path(found.submodule_search_locations[0]))


def unit_length(vectors: Vector) -> Vector:
    """Each row divided by its length; a row of zeros stays."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: Vector = vectors / np.maximum(lengths, 1e-9)
    return result


# How well a span of an answer agrees with each sentence of a rubric: shared words, meaning, negation, numbers


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float64]

IDF_FILE: Final = Path(__file__).with_name("idf.json")
_FUNCTION_WEIGHT: Final = 2.2
_ASKED: Final = 0.5
"""A word that stands in the question itself says half as much in an answer."""
_LEAST_COSINE: Final = 0.22
_SAME_GROUP: Final = 0.85
_SAME_POLE: Final = 0.6
_OPPOSITE: Final = 0.8


@lru_cache(maxsize=1)
def idf() -> dict[str, float]:
    """How much a stem tells, by its inverse document frequency over the course's texts."""
    found: dict[str, float] = json.loads(IDF_FILE.read_text(encoding="utf-8"))
    return found


def weight(key: str) -> float:
    """What a stem or phrase weighs when spans are compared."""
    known = idf()
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
    if best < 0.7 and min(len(a.stem), len(b.stem)) >= 5 and a.stem not in idf():
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

    recall: Vectors
    precision: Vectors
    opposed_recall: Vectors
    opposed_precision: Vectors
    cosine: Vectors
    agree: Vectors
    deny: Vectors
    weights: Vectors
    likeness: Vectors
    vote: Vectors
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
        self._surface = CharSimilarity([*(text for _, _, text in rows), *(text for _, text in near)])
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
        self._known: dict[str, tuple[Vectors, Vectors]] = {}

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

    def _alike(self, content: list[Unit]) -> tuple[Vectors, Vectors]:
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
    return frozenset(word for key in idf() for word in key.split()) | {
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


# What a match says about one point, as numbers for the model that weighs them


def features(rubric: Rubric, match: Match, point: int) -> dict[str, float]:
    """Likeness to the point's phrasings, to its contradictions, to the other points; negation; numbers.

    Names end in `own`, `wrong` (what contradicts the point) or `other` (the phrasings of other points).
    """
    mine = rubric.point == point
    own = np.flatnonzero(mine & ~rubric.contradicts)
    wrong = np.flatnonzero(mine & rubric.contradicts)
    other = np.flatnonzero(~mine & ~rubric.contradicts)
    both = match.recall + match.precision
    f = 2 * match.recall * match.precision / np.maximum(both, 1e-9)
    opposed = match.opposed_recall / np.maximum(match.recall, 1e-9)
    opposed_words = match.opposed_precision / np.maximum(match.precision, 1e-9)
    net = f * (1 - (opposed + opposed_words))
    blend = 0.5 * f + 0.5 * match.cosine
    found = np.maximum(match.agree, match.deny)
    total = match.weights.sum()

    def union(rows: NDArray[np.intp]) -> Vectors:
        return found[:, rows].max(axis=1) if len(rows) else np.zeros(len(match.weights))

    on_own, on_wrong, on_other = union(own), union(wrong), union(other)
    agree_own, deny_own = match.agree[:, own].max(axis=1), match.deny[:, own].max(axis=1)
    best_own = own[np.argmax(blend[own])]
    best_wrong = wrong[np.argmax(blend[wrong])] if len(wrong) else None
    negated = float(any(unit.is_negated for unit in match.all_units))
    negated_own = float(np.mean([rubric.is_negated[at] for at in own]))
    numbers = {round(unit.value, 6) for unit in match.units if unit.value is not None}
    numbers_own = set().union(*(rubric.numbers[at] for at in own))
    numbers_wrong: set[float] = set().union(*(rubric.numbers[at] for at in wrong)) if len(wrong) else set()
    result = {
        "f_own": _most(f[own]),
        "f_two_own": _two_most(f[own]),
        "f_mean_own": float(f[own].mean()),
        "net_own": _most(net[own]),
        "net_two_own": _two_most(net[own]),
        "recall_own": _most(match.recall[own]),
        "precision_own": _most(match.precision[own]),
        "cosine_own": _most(match.cosine[own]),
        "cosine_mean_own": float(match.cosine[own].mean()),
        "cosine_two_own": _two_most(match.cosine[own]),
        "f_wrong": _most(f[wrong]),
        "net_wrong": _most(net[wrong]),
        "cosine_wrong": _most(match.cosine[wrong]),
        "f_mean_wrong": float(f[wrong].mean()) if len(wrong) else 0.0,
        "cosine_mean_wrong": float(match.cosine[wrong].mean()) if len(wrong) else 0.0,
        "f_other": _most(f[other]),
        "net_other": _most(net[other]),
        "cosine_other": _most(match.cosine[other]),
        "union_own": float((match.weights * on_own).sum() / total),
        "union_wrong": float((match.weights * on_wrong).sum() / total),
        "union_other": float((match.weights * on_other).sum() / total),
        "lean_wrong": float((match.weights * (on_own - on_wrong)).sum() / total),
        "lean_other": float((match.weights * (on_own - on_other)).sum() / total),
        "denied_own": float((match.weights * np.where(deny_own > agree_own, deny_own, 0)).sum() / total),
        "opposed_best_own": float(opposed[best_own]),
        "opposed_words_best_own": float(opposed_words[best_own]),
        "opposed_best_wrong": float(opposed[best_wrong]) if best_wrong is not None else 0.0,
        "negated": negated,
        "negated_own": negated_own,
        "negation_differs": abs(negated - negated_own),
        "number_hit": float(bool(numbers & (numbers_own - rubric.asked_numbers))),
        "number_wrong": float(bool(numbers & (numbers_wrong - numbers_own))),
        "number_missed": float(
            bool(numbers_own) and bool(numbers - rubric.asked_numbers) and not numbers & numbers_own
        ),
    }
    result |= _surface(rubric, match, point)
    for name in ("f", "net", "cosine"):
        result[f"{name}_own_less_wrong"] = result[f"{name}_own"] - result[f"{name}_wrong"]
    for name in ("f", "cosine"):
        result[f"{name}_own_less_other"] = result[f"{name}_own"] - result[f"{name}_other"]
    return result


def _surface(rubric: Rubric, match: Match, point: int) -> dict[str, float]:
    mine, wrong, near = rubric.surface_point == point, rubric.surface_contradicts, rubric.surface_near
    own_rows, wrong_rows, near_rows = mine & ~wrong & ~near, mine & wrong, mine & near
    own, denied = float(match.vote[own_rows].sum()), float(match.vote[wrong_rows].sum())
    return {
        "vote_own": own,
        "vote_wrong": denied,
        "vote_lean": own - denied,
        "vote_near": float(match.vote[near_rows].sum()),
        "like_own": _most(match.likeness[own_rows]),
        "like_two_own": _two_most(match.likeness[own_rows]),
        "like_wrong": _most(match.likeness[wrong_rows]),
        "like_near": _most(match.likeness[near_rows]),
        "like_other": _most(match.likeness[~mine & ~wrong & ~near]),
    }


def _most(values: Vectors) -> float:
    return float(values.max()) if len(values) else 0.0


def _two_most(values: Vectors) -> float:
    return float(np.sort(values)[::-1][:2].mean()) if len(values) else 0.0


# The small model that weighs the features: softmax regression over covered, not covered, contradicted


WEIGHTS_FILE: Final = Path(__file__).with_name("weights.json")
LABELS: Final = ("covered", "not-covered", "contradicted")
_CLIP: Final = 4.0


@dataclass(frozen=True, slots=True)
class Model:
    """Names of the features, their mean and deviation, and (features + 1, 3) weights; thresholds of P(covered)."""

    names: tuple[str, ...]
    mean: Vectors
    deviation: Vectors
    weights: Vectors
    covered_from: float
    partly_from: float

    def probabilities(self, values: Mapping[str, float]) -> tuple[float, float, float]:
        """(covered, not covered, contradicted), which sum to 1."""
        x = np.array([values[name] for name in self.names])
        x = np.clip((x - self.mean) / self.deviation, -_CLIP, _CLIP)
        covered, missed, wrong = softmax(np.append(x, 1.0)[None] @ self.weights)[0]
        return float(covered), float(missed), float(wrong)

    def to_json(self) -> str:
        """The file's text, rounded so that it reads the same on every machine."""
        return json.dumps(
            {
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
def model() -> Model:
    """The tuned model, read once."""
    data = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    return Model(
        names=tuple(data["names"]),
        mean=np.array(data["mean"]),
        deviation=np.array(data["deviation"]),
        weights=np.array(data["weights"]),
        covered_from=data["covered_from"],
        partly_from=data["partly_from"],
    )


def softmax(z: Vectors) -> Vectors:
    """Rows of probabilities."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    result: Vectors = e / e.sum(axis=1, keepdims=True)
    return result


def fit(x: Vectors, y: Sequence[int], counts: Vectors, *, penalty: float, iterations: int = 60) -> Vectors:
    """(d + 1, 3) weights of softmax regression with an L2 penalty, by Newton's method.

    `counts` is how much each row counts.
    """
    rows, width = x.shape
    kinds = len(LABELS)
    with_one = np.column_stack([x, np.ones(rows)])
    target = np.eye(kinds)[np.asarray(y)]
    ridge = np.append(np.full(width, penalty), 1e-3)
    weights = np.zeros((width + 1, kinds))
    for _ in range(iterations):
        p = softmax(with_one @ weights)
        gradient = with_one.T @ ((p - target) * counts[:, None]) + ridge[:, None] * weights
        hessian = np.zeros(((width + 1) * kinds, (width + 1) * kinds))
        for a in range(kinds):
            for b in range(kinds):
                curvature = counts * p[:, a] * ((a == b) - p[:, b])
                at_a, at_b = a * (width + 1), b * (width + 1)
                hessian[at_a : at_a + width + 1, at_b : at_b + width + 1] = (with_one * curvature[:, None]).T @ with_one
        hessian += np.diag(np.tile(ridge, kinds)) + 1e-6 * np.eye(len(hessian))
        step = np.linalg.solve(hessian, gradient.T.reshape(-1))
        weights -= step.reshape(kinds, width + 1).T
        if np.abs(step).max() < 1e-8:
            break
    return weights
