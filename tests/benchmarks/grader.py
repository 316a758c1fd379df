"""`python -m tests.benchmarks.grader`: how well the offline grader tells sentences apart, on those never used to tune.

Prints the area under the ROC curve (covered against the rest) with a bootstrap interval, and the share of
contradictions not counted as covered with a Wilson interval.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter

from studytui.course.loader import find_course
from studytui.course.quizzes import load_interview, load_pairs
from studytui.study.grader import grade

RESAMPLES = 2000


def area(scores: list[tuple[float, bool]]) -> float:
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


def main() -> int:
    """Measure and print; always 0."""
    root = find_course()
    questions = {question.id: question for question in load_interview(root)}
    scores: list[tuple[float, bool]] = []
    table: Counter[tuple[str, str]] = Counter()
    for pair in load_pairs(root, "held-out"):
        found = {v.point_id: v for v in grade(questions[pair.question], pair.says).verdicts}[pair.point]
        scores.append((found.confidence, pair.label == "covered"))
        table[pair.label, found.coverage] += 1
    chance = random.Random(0)
    resampled = sorted(area(chance.choices(scores, k=len(scores))) for _ in range(RESAMPLES // 10))
    low, high = resampled[int(0.025 * len(resampled))], resampled[int(0.975 * len(resampled))]
    print(f"{len(scores)} held-out sentences: AUC {area(scores):.3f} ({low:.3f} to {high:.3f})")
    wrong = sum(count for (label, _), count in table.items() if label == "contradicted")
    kept = wrong - table["contradicted", "covered"]
    low, high = wilson(kept, wrong)
    print(f"contradictions not counted as covered: {kept} of {wrong}, {kept / wrong:.0%} ({low:.0%} to {high:.0%})")
    for (label, verdict), count in sorted(table.items()):
        print(f"  {label:<13} judged {verdict:<13} {count}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
