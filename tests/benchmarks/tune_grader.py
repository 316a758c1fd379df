"""`python -m tests.benchmarks.tune_grader`: learn rarity, order and weights anew from the course and its tuning half.

Only quizzes/grader/tune-*.toml is read; the held-out files never are. Cross-validation leaves out whole questions, so
its figures are for questions the weights have not seen.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from studytui.course.loader import find_course, load_course
from studytui.course.quizzes import load_interview, load_lexicon, load_pairs
from studytui.domain.rubric import Question
from studytui.files import write_atomically
from studytui.study.grader import matching, order, split
from studytui.study.grader.matching import LABELS, WEIGHTS_FILE, Field, Model, features, tuned
from studytui.study.grader.order import Order
from studytui.study.grader.own_course import BESIDE, documents, rarity
from studytui.study.grader.words import terms_of

PENALTY: Final = 8.0
FOLDS: Final = 10
COVERED_KEPT: Final = 0.8
"""The share of covered sentences that the threshold lets through; the rest are shown as partly or missed."""
PARTLY_KEPT: Final = 0.93
BESIDE_COUNTS: Final = 0.15
"""How much such a row counts beside a labelled sentence."""
BESIDE_POINTS: Final = 25
"""Points, drawn at random, beside which each of these sentences is put."""
BESIDE_ANOTHER: Final = 600
"""How many labelled sentences are put beside another question."""


def learn_order(root: Path, questions: Sequence[Question]) -> Order:
    """Which words follow one another in the course's texts and in the wordings of its rubrics."""
    texts = [*documents(root)]
    for question in questions:
        texts += [
            question.model,
            *(one.correction for one in question.mistakes),
            *(one.model for one in question.probes),
        ]
        for point in question.points:
            texts += [point.text, *point.phrasings, *point.contradicts, *point.says, *point.denies, *point.near]
    return order.counted([text[each.start : each.end] for text in texts for each in split(text)])


def main() -> None:
    """Learn, report what cross-validation says, and write the three files."""
    root = find_course()
    seen = learn_order(root, load_interview(root))
    write_atomically(order.ORDER_FILE, f"{json.dumps({'alone': seen.alone, 'pairs': seen.pairs})}\n".encode())
    terms = terms_of(load_lexicon(root))
    rare = rarity([*documents(root)], terms)
    write_atomically(matching.IDF_FILE, json.dumps(rare, indent=0, ensure_ascii=False).encode())
    field = Field(terms, rare, tuned()[1])
    questions = {question.id: question for question in load_interview(root)}
    rows: list[dict[str, float]] = []
    labels: list[int] = []
    groups: list[str] = []
    rubrics = {name: matching.Rubric(question, field) for name, question in questions.items()}
    for pair in load_pairs(root, "tune"):
        rubric = rubrics[pair.question]
        point = [one.id for one in questions[pair.question].points].index(pair.point)
        rows.append(features(rubric, rubric.match(field.read(pair.says), pair.says), point))
        labels.append(LABELS.index(pair.label))
        groups.append(pair.question)
    real = len(rows)
    for text, point, group in _beside(questions, root):
        rubric = rubrics[group]
        rows.append(features(rubric, rubric.match(field.read(text), text), point))
        labels.append(LABELS.index("not-covered"))
        groups.append(group)
    names = tuple(sorted(rows[0]))
    x = np.array([[row[name] for name in names] for row in rows])
    mean, deviation = x[:real].mean(axis=0), x[:real].std(axis=0) + 1e-6
    x = np.clip((x - mean) / deviation, -4, 4)
    y = np.array(labels)
    counts = np.where(np.arange(len(y)) < real, 1.0, BESIDE_COUNTS)
    p = cross_validated(x, y, counts, groups)[:real]
    covered, y = p[:, 0], y[:real]
    covered_from = float(np.quantile(covered[y == 0], 1 - COVERED_KEPT))
    partly_from = float(np.quantile(covered[y == 0], 1 - PARTLY_KEPT))
    print(f"{len(y)} sentences, AUC {auc(y == 0, covered):.3f}")
    print(f"contradictions not counted as covered {np.mean(covered[y == 2] < covered_from):.3f}")
    print(f"others not counted as covered {np.mean(covered[y == 1] < covered_from):.3f}")
    learned = Model(
        names,
        mean.tolist(),
        deviation.tolist(),
        fit(x, labels, counts, penalty=PENALTY).tolist(),
        covered_from,
        partly_from,
    )
    write_atomically(WEIGHTS_FILE, f"{learned.to_json(load_course(root).id)}\n".encode())


def softmax(z: Any) -> Any:
    """Rows of probabilities."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    result: Any = e / e.sum(axis=1, keepdims=True)
    return result


def fit(x: Any, y: Sequence[int], counts: Any, *, penalty: float, iterations: int = 60) -> Any:
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


def _beside(questions: dict[str, Question], root: Path) -> Iterator[tuple[str, int, str]]:
    """Sentences that miss their point for certain: about nothing, or about another question."""
    chance = random.Random(0)
    names = sorted(questions)
    texts = [(text, "") for text in BESIDE for _ in range(BESIDE_POINTS)]
    pairs = load_pairs(root, "tune")
    texts += [(pair.says, pair.question) for pair in chance.sample(pairs, min(len(pairs), BESIDE_ANOTHER))]
    for text, about in texts:
        question = questions[chance.choice([name for name in names if name != about])]
        if set(question.sections) & set(questions[about].sections if about else ()):
            continue
        yield text, chance.randrange(len(question.points)), question.id


def cross_validated(x: Any, y: Any, counts: Any, groups: list[str]) -> Any:
    """Probabilities of each row from models that saw no row of its question."""
    order = sorted(set(groups))
    np.random.default_rng(0).shuffle(order)
    fold = np.array([order.index(group) % FOLDS for group in groups])
    result = np.zeros((len(y), len(LABELS)))
    for number in range(FOLDS):
        weights = fit(x[fold != number], y[fold != number], counts[fold != number], penalty=PENALTY)
        part = x[fold == number]
        result[fold == number] = softmax(np.column_stack([part, np.ones(len(part))]) @ weights)
    return result


def auc(positive: Any, scores: Any) -> float:
    """Area under the ROC curve: how often a positive scores above a negative, ties as half."""
    high, low = scores[positive], scores[~positive]
    return float((high[:, None] > low[None, :]).mean() + 0.5 * (high[:, None] == low[None, :]).mean())


if __name__ == "__main__":
    main()
