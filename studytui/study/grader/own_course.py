"""What the grader learns of a course when it is read: its terms, how rare its words are, and what its wordings teach.

The model that comes along was tuned on one course. For another its weights move as far as that course's own wordings
ask: each is taken out of its rubric and held against what is left, as an answer whose verdict is known. The weights as
they come are the prior mean (Chelba & Acero 2004, MAP adaptation of a maximum entropy model).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from studytui.course import quizzes
from studytui.course.loader import COURSE_FILE, SYLLABUS_FILE, card_files, load_cards, load_course, load_syllabus
from studytui.course.quizzes import load_gate, load_interview, load_lexicon
from studytui.course.toml_file import read, toml_names
from studytui.domain.gate import Written
from studytui.domain.rubric import FieldWords, Question
from studytui.errors import CourseError, StoreError
from studytui.files import cache_folder, read_at_most, write_atomically
from studytui.study.grader.matching import LABELS, Field, Model, Rubric, Solver, Vector, dot, features, idf, tuned
from studytui.study.grader.words import Terms, terms_of
from studytui.study.grader.words import read as units_of

FORMAT: Final = 1
"""Of what is kept for the next start; a new one makes it be learned again."""
FEWEST: Final = 40
"""Wordings of points, and of their contradictions a quarter of it, from which the model learns a course."""
MOST: Final = 1_200
"""Rows that are learned from; of a course with more a sample is taken."""
FLUENT: Final = (
    "There are many sides to this, and each of them has to be looked at with care.",
    "In the end everything depends on what the customer needs and what the team can do.",
    "We have good people for that, and they have always delivered.",
    "First I would talk to everybody involved, and then I would make a plan.",
    "The important thing is to keep the big picture in mind and not to get lost in details.",
    "It is a well-known technique that is used in many systems today.",
    "You need a deep understanding of the basics before you can apply it in the right way.",
    "This has been a subject of research for years, with a lot of progress lately.",
    "All parts work together to give the best possible result.",
    "I would choose the option that is simple, fast and easy to maintain.",
    "Good documentation and clear communication are the key to success.",
    "In my last project we had exactly this situation, and it was a challenge for all of us.",
    "There is no single right way, so one should stay flexible and try different approaches.",
    "The data must be of good quality, otherwise the outcome cannot be trusted.",
    "It makes things more efficient, more reliable and more secure.",
    "I worked on this with my team for a long time, and each of us found a way that worked for the others.",
    "We did it together with another company, and nobody had any problems with it.",
    "One person does the first half, two do the second, and a third looks at all of it at the end.",
    "It takes one or two days to learn, and after three months you can do it alone.",
    "If you ask ten people you get ten opinions, and each of them is right in its own way.",
    "That comes up again and again in my work, so I have seen it many times before.",
    "Before you start you write down what you want, and afterwards you see if you got it.",
    "Some do it early, some do it late, and both can be the right thing at that moment.",
    "We measure everything, discuss the numbers in the team and improve step by step.",
)
"""What sounds well in any interview and says nothing."""
EMPTY_KEPT_OUT: Final = 0.98
"""The share of them whose meaning is too far from every point to be about it."""
PENALTY: Final = 1_000.0
ITERATIONS: Final = 60
LARGEST_KEPT: Final = 4_000_000
_SHORTEST: Final = 60
BESIDE: Final = (
    "I don't know.", "I'm not sure, to be honest.", "I like trains.", "The weather is nice today.", "It is better.",
    "It depends on the case.", "It does some processing on the image.", "The model learns this from data.",
    "It uses deep learning.", "This is an important topic.", "There are pros and cons.", "It works well in practice.",
    "I would have to look that up.", "It is more efficient.", "That is how it works.", "We should test it.",
)  # fmt: skip
"""What is said instead of an answer: it covers no point of any question."""


class Row(NamedTuple):
    """Features of a sentence held against a point, the place of its label, and how much the row counts."""

    values: dict[str, float]
    label: int
    counts: float


def field_of(root: Path) -> Field:
    """What the course of a folder is about. A course met for the first time takes some seconds, and is remembered.

    Where its files cannot be read the grader knows plain English alone, and says so.
    """
    return _field(root, _stamp(root))


@lru_cache(maxsize=4)
def _field(root: Path, stamp: str) -> Field:
    course, model = tuned()
    try:
        terms = terms_of(load_lexicon(root))
        if read(root, COURSE_FILE).data.get("id") == course:
            return Field(terms, idf(), model)
        if kept := _read_kept(root, stamp, terms):
            return kept
        field = learned(root, terms)
    except CourseError:
        note = "The course's files cannot be read just now, so the grader does not know its words: judge each point."
        return Field(terms_of(FieldWords()), idf(), model, note)
    _keep(root, stamp, field)
    return field


def _stamp(root: Path) -> str:
    """A digest of what is read, by the files' sizes and times, and of how it is learned."""
    paths = [COURSE_FILE, SYLLABUS_FILE]
    paths += [f"{quizzes.QUIZZES}/{name}" for name in toml_names(root / quizzes.QUIZZES)]
    paths += [f"{quizzes.FOLDER}/{name}" for name in toml_names(root / quizzes.FOLDER)]
    seen: list[tuple[str, int, int]] = []
    for path in paths:
        with suppress(OSError):
            found = (root / path).stat()
            seen.append((path, found.st_size, found.st_mtime_ns))
    how = (FORMAT, tuned(), FEWEST, MOST, PENALTY, ITERATIONS, EMPTY_KEPT_OUT, BESIDE, FLUENT)
    return hashlib.sha256(repr((how, seen)).encode()).hexdigest()


def learned(root: Path, terms: Terms) -> Field:
    """A course's field from its texts and wordings.

    Raises:
        CourseError: one of its files is wrong.
    """
    questions = load_interview(root)
    for head in load_course(root).gates:
        questions += [part.question for _, part in load_gate(root, head).parts() if isinstance(part, Written)]
    texts = [*documents(root)]
    for question in questions:
        texts += [" ".join((p.text, *p.phrasings, *p.says, *p.contradicts, *p.denies)) for p in question.points]
    _, model = tuned()
    field = Field(terms, rarity(texts, terms), model)
    points = [point for question in questions for point in question.points]
    said = sum(1 + len(point.phrasings) + len(point.says) for point in points)
    wrong = sum(len(point.contradicts) + len(point.denies) for point in points)
    if said < FEWEST or wrong < FEWEST // 4:
        note = f"{too_few(said, wrong)} Judge each point yourself."
        return Field(terms, field.rarity, model, note)
    rows, empty = rows_of(questions, field), empty_rows(questions, field)
    moved = adapted(model, [*rows, *empty])
    likeness = sorted(row.values["cosine_own"] for row in empty)[int(EMPTY_KEPT_OUT * len(empty))]
    return Field(terms, field.rarity, moved, least_likeness=max(field.least_likeness, round(likeness, 4)))


def too_few(said: int, wrong: int) -> str:
    """That a course has too few wordings, as a sentence."""
    return (
        f"The grader does not know this course: it has {said} wordings of its points and {wrong} that contradict them, "
        f"and the grader learns from {FEWEST} and {FEWEST // 4}."
    )


def documents(root: Path) -> Iterator[str]:
    """The course's texts, one a paragraph, card or objective."""
    for chapter in load_course(root).chapters:
        text = (root / "content" / chapter.text).read_text(encoding="utf-8")
        yield from (part for part in re.split(r"\n\s*\n", text) if len(part) > _SHORTEST and "```" not in part)
    for path in card_files(load_course(root)):
        yield from (f"{card.front} {card.back}" for card in load_cards(root, path))
    yield from (objective.text for objective in load_syllabus(root))


def rarity(texts: Sequence[str], terms: Terms) -> dict[str, float]:
    """ln((n + 1) / (df + 1)) + 1 of every stem, rounded."""
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update({unit.stem for unit in units_of(text, terms) if not unit.is_function and unit.value is None})
    return {key: round(math.log((len(texts) + 1) / (df + 1)) + 1, 2) for key, df in sorted(seen.items())}


# The rows that a course's own wordings make, each left out of its rubric


def rows_of(questions: Sequence[Question], field: Field) -> list[Row]:
    """Each wording as an answer to its own point and to another, and sentences that say nothing of either."""
    chance = random.Random(0)
    rubrics = [Rubric(question, field) for question in questions]
    places = [(rubric, at) for rubric in rubrics for at in range(len(rubric.texts))]
    if len(places) > MOST:
        places = chance.sample(places, MOST)
    rows: list[Row] = []
    for rubric, at in places:
        point, kind = rubric.surface_point[at], _kind(rubric, at)
        twin = _twin(rubric, at)
        match, without = rubric.match_own(at, twin), {at} if twin is None else {at, twin}
        rows.append(Row(features(rubric, match, point, without), LABELS.index(kind), 1.0))
        others = sorted({*rubric.point} - {point})
        if others and kind == "covered":
            other = chance.choice(others)
            rows.append(Row(features(rubric, match, other, without), LABELS.index("not-covered"), 1.0))
    return rows


def empty_rows(questions: Sequence[Question], field: Field) -> list[Row]:
    """What sounds well and says nothing, as an answer to each point."""
    rows: list[Row] = []
    for question in questions:
        rubric = Rubric(question, field)
        for text in (*BESIDE, *FLUENT):
            match = rubric.match(field.read(text), text)
            rows += [
                Row(features(rubric, match, point), LABELS.index("not-covered"), 1.0)
                for point in sorted({*rubric.point})
            ]
    return rows


def _twin(rubric: Rubric, at: int) -> int | None:
    """The likest sentence of the other side of the same point.

    A contradiction is often written as the mirror image of a wording: with one of the two left out, what contradicts a
    point would be nearer to its wordings than what says it.
    """
    if rubric.surface_near[at]:
        return None
    units, point, is_wrong = rubric.units[at], rubric.point[at], rubric.contradicts[at]
    match = rubric.match(units, rubric.texts[at])
    there = [
        one for one in range(len(rubric.point)) if rubric.point[one] == point and rubric.contradicts[one] != is_wrong
    ]
    return max(there, key=lambda one: match.likeness[one] + match.cosine[one], default=None)


def _kind(rubric: Rubric, at: int) -> str:
    return "not-covered" if rubric.surface_near[at] else "contradicted" if rubric.surface_contradicts[at] else "covered"


# Softmax regression whose weights stay near those given


def adapted(model: Model, rows: Sequence[Row]) -> Model:
    """The model with the weights that the rows ask for, held by a Gaussian around those it has.

    Each step divides the gradient by ½ XᵀCX + penalty, which is nowhere less than the curvature (Böhning 1992), so that
    the loss falls without a search.
    """
    x = [[*model.scaled(row.values), 1.0] for row in rows]
    counts = [row.counts for row in rows]
    width = len(x[0])
    columns = list(zip(*x, strict=True))
    weighted = [[value * count for value, count in zip(column, counts, strict=True)] for column in columns]
    bound = Solver([[0.5 * dot(a, b) for b in columns] for a in weighted], PENALTY)
    start = [list(column) for column in zip(*model.weights, strict=True)]
    weights = [list(column) for column in start]
    for _ in range(ITERATIONS):
        shares = [softmax([dot(values, column) for column in weights]) for values in x]
        for kind, column in enumerate(weights):
            off = [share[kind] - (row.label == kind) for share, row in zip(shares, rows, strict=True)]
            slope = [dot(weighted[at], off) + PENALTY * (column[at] - start[kind][at]) for at in range(width)]
            for at, step in enumerate(bound.solve(slope)):
                column[at] -= step
    return replace(model, weights=[list(row) for row in zip(*weights, strict=True)])


def softmax(scores: Vector) -> Vector:
    """Shares that sum to 1."""
    most = max(scores)
    raised = [math.exp(score - most) for score in scores]
    whole = sum(raised)
    return [value / whole for value in raised]


# What was learned, kept for the next start; it can be made again


def _kept_at(root: Path) -> Path:
    return cache_folder() / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}-grader.json"


def _keep(root: Path, stamp: str, field: Field) -> None:
    kept: dict[str, Any] = {
        "stamp": stamp, "rarity": dict(field.rarity), "weights": field.model.weights,
        "least_likeness": field.least_likeness, "note": field.note,
    }  # fmt: skip
    with suppress(OSError, StoreError):
        path = _kept_at(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(kept).encode())


def _read_kept(root: Path, stamp: str, terms: Terms) -> Field | None:
    _, model = tuned()
    try:
        kept = json.loads(read_at_most(_kept_at(root), LARGEST_KEPT))
        if kept["stamp"] != stamp:
            return None
        rarity_kept = {str(key): float(value) for key, value in kept["rarity"].items()}
        weights = [[float(value) for value in row] for row in kept["weights"]]
        if [len(row) for row in weights] != [len(row) for row in model.weights]:
            return None
        moved = replace(model, weights=weights)
        return Field(terms, rarity_kept, moved, str(kept["note"]), float(kept["least_likeness"]))
    except (OSError, StoreError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
