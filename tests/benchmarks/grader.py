"""`python -m tests.benchmarks.grader [ROW …]`: what the offline grader tells apart, on sentences never used to tune it.

Rows: held-out, foreign, denials, shorts, tricks, gate, probes, speed; all without one. Shares have a Wilson interval,
the area under the ROC curve and means one of bootstrap resamples. Nothing here changes a weight or a threshold.
"""

from __future__ import annotations

import math
import random
import re
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

from studytui.course.loader import find_course, load_course
from studytui.course.quizzes import load_gate, load_interview, load_pairs
from studytui.domain.gate import Written
from studytui.domain.rubric import Question
from studytui.study.grader import grade, split
from studytui.study.grader.own_course import field_of

RESAMPLES: Final = 200
ROOT: Final = find_course()
SHORTS: Final = Path(__file__).parents[1] / "cases" / "grader_shorts.toml"
LISTED: Final = (
    "It is not true that X.",
    "It would be wrong to say that X.",
    "X. That is wrong.",
    "X, which is not the case.",
    "Many people believe that X, but they are mistaken.",
    "I doubt that X.",
    "Nobody says that X.",
    "The claim that X is false.",
    "I don't think that X.",
    "It is a myth that X.",
    "There is no evidence that X.",
    "Some wrongly assume that X.",
    "Whoever says that X is mistaken.",
    "None of this is right: X.",
    "X. I do not believe that.",
)
"""Frames that the grader lists."""
UNLISTED: Final = (
    "Try as you might, you will not find that X.",
    "X? Only in a bad dream.",
    "My grandmother says that X, and she has never seen a computer.",
    "If X, then I am the Emperor of China.",
    "X, my foot.",
    "That X went out of fashion because the measurements said otherwise.",
    "Take everything back: X.",
    "It would surprise me if X.",
    "X is what the first draft of the paper had, and then it was struck out.",
    "We stopped telling people that X.",
    "Old wives will tell you how X.",
    "X was shown not to hold.",
    "Only in films X.",
    "Heaven forbid that X.",
    "A student lost a mark for writing that X.",
)
"""Denials that it does not list, written after its lists were closed; whatever they come to is reported."""
FOREIGN: Final = [Path(__file__).parents[1] / "courses" / name for name in ("databases", "statistics")]
FLUENT: Final = (
    "That is a very good question. It is a central topic, and in my experience it always depends on the situation. "
    "There are several aspects to consider, and each has its advantages and disadvantages. A good engineer weighs them "
    "carefully.",
    "QUESTION Well, there is a lot to say about this. Most people know the basics, but the details matter in practice. "
    "I have worked on it for years in large projects, together with experts, and we always found one that worked.",
    "It is mostly a matter of quality, reliability and performance. One has to understand the requirements, look at "
    "the system as a whole, and then make a decision that fits. Afterwards the result should be tested and documented "
    "well.",
)
"""Answers that sound well and say nothing."""
AUXILIARY: Final = re.compile(r"\b(?:is|are|was|were|can|will|would|must|should|could|may|has|have|does|do)\b")
WORD: Final = re.compile(r"[\w'’-]+")
Trick: TypeAlias = Callable[[Question], str]


def area(scores: Sequence[tuple[float, bool]]) -> float:
    """How often a covered sentence scores above another, ties as half."""
    high = [score for score, covered in scores if covered]
    low = [score for score, covered in scores if not covered]
    return sum((a > b) + 0.5 * (a == b) for a in high for b in low) / max(1, len(high) * len(low))


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """95% interval of a share."""
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return middle - half, middle + half


def share(hits: int, of: int) -> str:
    """A share with its interval, in words."""
    low, high = wilson(hits, of)
    return f"{hits} of {of}, {hits / of:.0%} ({low:.0%} to {high:.0%})"


def resampled(values: Sequence[float]) -> str:
    """A mean with the interval of bootstrap resamples."""
    chance = random.Random(0)
    means = sorted(sum(chance.choices(values, k=len(values))) / len(values) for _ in range(RESAMPLES))
    return f"{sum(values) / len(values):.3f} ({means[4]:.3f} to {means[-5]:.3f})"


@lru_cache(maxsize=1)
def questions() -> dict[str, Question]:
    """The course's questions by their id."""
    return {question.id: question for question in load_interview(ROOT)}


@lru_cache(maxsize=1)
def parts() -> list[Written]:
    """The gate's parts that are answered in words."""
    gate = load_gate(ROOT, load_course(ROOT).gates[0])
    return [part for _, part in gate.parts() if isinstance(part, Written)]


def framed(frame: str, said: str) -> str:
    """A sentence put into a frame in which X stands for it."""
    plain = said.strip().rstrip(".!")
    is_name = plain[:2] == "I " or plain[1:2].isupper() or not plain[1:2].isalpha()
    low = plain if is_name else plain[:1].lower() + plain[1:]
    filled = frame.replace("X", low)
    return filled[:1].upper() + filled[1:]


def held_out() -> Iterator[str]:
    """Sentences of the half that no tuning saw."""
    scores: list[tuple[float, bool]] = []
    table: Counter[tuple[str, str]] = Counter()
    for pair in load_pairs(ROOT, "held-out"):
        found = {v.point_id: v for v in grade(questions()[pair.question], pair.says).verdicts}[pair.point]
        scores.append((found.confidence, pair.label == "covered"))
        table[pair.label, found.coverage] += 1
    yield f"{len(scores)} held-out sentences: AUC {interval_of(scores)}"
    wrong = sum(count for (label, _), count in table.items() if label == "contradicted")
    yield f"contradictions not counted as covered: {share(wrong - table['contradicted', 'covered'], wrong)}"
    for (label, verdict), count in sorted(table.items()):
        yield f"  {label:<13} judged {verdict:<13} {count}"


def denials() -> Iterator[str]:
    """Covered sentences of the held-out half, which others worded, put into frames that deny them."""
    said = [pair for pair in load_pairs(ROOT, "held-out") if pair.label == "covered"]
    chance = random.Random(3)
    for name, frames in (("listed", LISTED), ("unlisted", UNLISTED)):
        hits = of = 0
        for frame in frames:
            found = 0
            sample = chance.sample(said, 40)
            for pair in sample:
                result = grade(questions()[pair.question], framed(frame, pair.says))
                found += next(v for v in result.verdicts if v.point_id == pair.point).coverage == "covered"
            yield f"  {frame:<70} covered {found} of {len(sample)}"
            hits, of = hits + found, of + len(sample)
        yield f"{name} denials covered: {share(hits, of)}"


def shorts() -> Iterator[str]:
    """Short true answers."""
    table: Counter[str] = Counter()
    for question, points in tomllib.loads(SHORTS.read_text(encoding="utf-8")).items():
        for point, sentences in points.items():
            for said in sentences:
                result = grade(questions()[question], said)
                found = next(v for v in result.verdicts if v.point_id == point)
                table[found.coverage] += 1
                if found.coverage not in ("covered", "partly"):
                    yield f"  {found.coverage:<13} {said}"
    of = table.total()
    yield f"short true answers called contradictions: {share(table['contradicted'], of)}"
    yield f"short true answers at least partly covered: {share(table['covered'] + table['partly'], of)}; {dict(table)}"


def tricks() -> dict[str, Trick]:
    """Ways to be graded without saying anything, beside the model answer that has to stay high."""
    chance = random.Random(8)

    def sentences(change: Callable[[str], str]) -> Trick:
        return lambda question: " ".join(change(question.model[s.start : s.end]) for s in split(question.model))

    def points(frame: str) -> Trick:
        return lambda question: " ".join(framed(frame, point.text) for point in question.points)

    def shuffled(said: str) -> str:
        words = WORD.findall(said)
        chance.shuffle(words)
        return " ".join(words) + "."

    def nouns(text: str) -> list[str]:
        return [word for word in re.findall(r"[a-z-]+", text.lower()) if len(word) > 4]

    def talked(frame: str, joint: str) -> Trick:
        return lambda question: " ".join(
            framed(frame, joint.join(nouns(point.text)[:4]) or point.text) for point in question.points
        )

    def salad(question: Question) -> str:
        return " ".join(
            f"{chance.choice(['the', 'of', 'a'])} {word}" for p in question.points for word in nouns(p.text)
        )

    def each(frames: Sequence[str]) -> Trick:
        return sentences(lambda said: framed(chance.choice(frames), said))

    return {
        "model answer": lambda question: question.model,
        "words shuffled in each sentence": sentences(shuffled),
        "each point asked, with “?”": points("X?"),
        "each point asked, without “?”": points("Is it that X."),
        "I would talk about …": talked("I would talk about X.", " and "),
        "the answer involves …": talked("The answer involves X.", ", "),
        "nouns of the rubric with the, of, a": salad,
        "each point and then its denial": points("X. Or it is not the case that X."),
        "“It is not true that” each": each(LISTED[:1]),
        "listed denials, drawn": each(LISTED),
        "unlisted denials, drawn": each(UNLISTED),
        "one “not” a sentence": sentences(lambda said: AUXILIARY.sub(lambda found: f"{found[0]} not", said, count=1)),
    }


def gaming() -> Iterator[str]:
    """Mean score over the questions, and how many pass."""
    for name, trick in tricks().items():
        scores = [grade(question, trick(question)).score for question in questions().values()]
        yield f"{name:<38} {resampled(scores)}, {sum(score >= 0.75 for score in scores)} of {len(scores)} pass"


def gate() -> Iterator[str]:
    """How many parts of the gate each trick passes by the grader's word alone."""
    for name, trick in tricks().items():
        passed = sum(grade(part.question, trick(part.question)).score >= part.pass_score for part in parts())
        yield f"{name:<38} passes {passed} of {len(parts())} parts of the gate"


def probes() -> Iterator[str]:
    """The authors' own answers to the follow-ups."""
    table: Counter[str] = Counter()
    for question in questions().values():
        for probe in question.probes:
            table[grade(question.as_probe(probe), probe.model).verdicts[0].coverage] += 1
    of = table.total()
    yield f"follow-ups' own answers covered: {share(table['covered'], of)}; {dict(table)}"
    yield f"follow-ups' own answers contradicted: {share(table['contradicted'], of)}"


def speed() -> Iterator[str]:
    """CPU seconds of one answer; the rubric was read before."""
    question = next(iter(questions().values()))
    words = " ".join(one.model for one in questions().values()).split()
    long = " ".join(words[:2000])
    answers = {
        "2,000 words of 14 model answers": long,
        "the same, every sentence denied": f"It is not true that {long.replace('. ', '. It is not true that ')}",
        "“1,” 3,000 times": "1," * 3000,
        "the numbers to 3,000": ",".join(map(str, range(3000))),
        "one word 20,000 times": "patch " * 20_000,
        "50,000 commas": "a, " + "," * 50_000,
    }  # fmt: skip
    grade(question, question.model)
    for name, answer in answers.items():
        started = time.process_time()
        grade(question, answer)
        yield f"{name:<38} {time.process_time() - started:.2f} s"


def foreign() -> Iterator[str]:
    """Two courses about other fields, whose labelled answers were written before their wordings.

    The grader as it comes beside what it makes of their words, and of their words and wordings.
    """
    pooled: dict[str, list[tuple[float, bool]]] = {}
    table: Counter[tuple[str, str]] = Counter()
    empty: list[float] = []
    models: list[float] = []
    for root in FOREIGN:
        asked = {question.id: question for question in load_interview(root)}
        own, home = field_of(root), field_of(ROOT)
        known = {
            "as it comes": home,
            "with the course's words": replace(own, model=home.model),
            "with its words and wordings": own,
        }
        for pair in load_pairs(root, "held-out"):
            for name, field in known.items():
                verdicts = grade(asked[pair.question], pair.says, field).verdicts
                found = next(one for one in verdicts if one.point_id == pair.point)
                pooled.setdefault(f"{root.name}, {name}", []).append((found.confidence, pair.label == "covered"))
                pooled.setdefault(f"both, {name}", []).append((found.confidence, pair.label == "covered"))
            table[pair.label, found.coverage] += 1
        for question in asked.values():
            empty += [grade(question, fluent.replace("QUESTION", question.ask), own).score for fluent in FLUENT]
            models.append(grade(question, question.model, own).score)
    for name, scores in sorted(pooled.items()):
        yield f"{name:<45} {len(scores)} answers: AUC {interval_of(scores)}"
    for (label, verdict), count in sorted(table.items()):
        yield f"  {label:<13} judged {verdict:<13} {count}"
    yield f"fluent answers that say nothing: most {max(empty):.2f} of {len(empty)}; model answers {resampled(models)}"


def interval_of(scores: Sequence[tuple[float, bool]]) -> str:
    """The area under the curve with its interval."""
    chance = random.Random(0)
    areas = sorted(area(chance.choices(scores, k=len(scores))) for _ in range(RESAMPLES))
    return f"{area(scores):.3f} ({areas[4]:.3f} to {areas[-5]:.3f})"


ROWS: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "held-out": held_out,
    "foreign": foreign,
    "denials": denials,
    "shorts": shorts,
    "tricks": gaming,
    "gate": gate,
    "probes": probes,
    "speed": speed,
}


def main() -> int:
    """Measure and print; 2 for a row that there is not."""
    wanted = sys.argv[1:] or list(ROWS)
    if unknown := [name for name in wanted if name not in ROWS]:
        print(f"There is no row {', '.join(unknown)}; there are {', '.join(ROWS)}.", file=sys.stderr)
        return 2
    for name in wanted:
        for line in ROWS[name]():
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
