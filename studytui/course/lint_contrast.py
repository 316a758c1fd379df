"""Statements to ask back with: whether something besides knowledge tells which of three is the right one."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from studytui.course.lint_cards import Finding, Material
from studytui.course.quizzes import INTERVIEW_FILE, load_gate, load_interview
from studytui.domain.gate import Written
from studytui.domain.rubric import Question
from studytui.errors import CourseError

MOST: Final = 0.45
"""The share of sets in which a single cue may pick the right statement; chance is a third."""
FEWEST: Final = 20
"""Sets from which such a share tells anything."""
_WORD: Final = re.compile(r"[^\W_]+")
Cue: TypeAlias = Callable[[str], float]


class Contrast(NamedTuple):
    """Three statements on a point, the right one first, and the question that it is about."""

    question: str
    statements: tuple[str, ...]


def contrasts(questions: Sequence[Question]) -> list[Contrast]:
    """Every set of statements of the questions."""
    return [Contrast(one.id, row) for one in questions for point in one.points for row in point.contrast]


def cues(sets: Sequence[Contrast]) -> dict[str, float]:
    """By cue how often it alone picks the right one of three, ties counted by chance; 0.33 where it tells nothing.

    The cues: more or fewer capitals, the longest or the shortest, and the words by naive Bayes, which learns from the
    sets of all other questions (Maron 1961).
    """
    plain: dict[str, Cue] = {
        "most capital letters": lambda text: sum(letter.isupper() for letter in text),
        "fewest capital letters": lambda text: -sum(letter.isupper() for letter in text),
        "the longest": len,
        "the shortest": lambda text: -len(text),
    }
    found = {name: _share([_picked(cue, one) for one in sets]) for name, cue in plain.items()}
    return found | {"its words (naive Bayes)": _share(list(_by_words(sets)))}


def _share(picked: Sequence[float]) -> float:
    return sum(picked) / max(1, len(picked))


def _picked(cue: Cue, one: Contrast) -> float:
    values = [cue(statement) for statement in one.statements]
    return (values[0] == max(values)) / values.count(max(values))


def _by_words(sets: Sequence[Contrast]) -> Iterator[float]:
    """Whether naive Bayes picks the right statement of each set, which it did not learn from."""
    right: dict[str, Counter[str]] = {}
    wrong: dict[str, Counter[str]] = {}
    for one in sets:
        right.setdefault(one.question, Counter()).update(_words(one.statements[0]))
        for statement in one.statements[1:]:
            wrong.setdefault(one.question, Counter()).update(_words(statement))
    every_right: Counter[str] = sum(right.values(), Counter())
    every_wrong: Counter[str] = sum(wrong.values(), Counter())
    count = Counter(one.question for one in sets)
    for one in sets:
        others = len(sets) - count[one.question]

        def odds(word: str, question: str = one.question, others: int = others) -> float:
            yes = every_right[word] - right[question][word]
            no = every_wrong[word] - wrong[question][word]
            return math.log((yes + 0.5) / (others + 1)) - math.log((no + 1) / (2 * others + 2))

        yield _picked(lambda text: round(sum(map(odds, sorted(_words(text)))), 9), one)


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def telling_contrasts(what: Material) -> Iterator[Finding]:
    """Cues that pick the right statement more often than `MOST`, over all the statements of a course."""
    questions: list[Question] = []
    path = INTERVIEW_FILE
    try:
        questions += load_interview(what.root)
        for head in what.course.gates:
            gate = load_gate(what.root, head)
            path = gate.path
            questions += [part.question for _, part in gate.parts() if isinstance(part, Written)]
    except CourseError:  # what reads these files tells it
        return
    sets = contrasts(questions)
    if len(sets) < FEWEST:
        return
    for name, share in cues(sets).items():
        if share > MOST:
            message = f"of {len(sets)} sets to ask back with, {name} alone picks the right statement in {share:.0%}."
            yield Finding("telling-contrast", f"{message} At most {MOST:.0%} may be.", path, 1, field="contrast")
