"""Courses of any size as authored files, and a learner's folder with as many reviews as the course has cards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.benchmarks.peers import BENCH, MARKER, ROOT

SECTIONS: Final = 10
OBJECTIVES: Final = 40
"""Learning objectives a section."""

_CARD: Final = """
[[card]]
id = "bench-{number}"
section = "{section}"
covers = ["{section}-{objective:02d}"]
group = "pair-{pair}"
kind = "basic"
front = "{marker} {number}: which **shape** leaves the encoder?"
back = "One token a patch, {number} numbers wide."
"""


def write_course(root: Path, cards: int) -> None:
    """A course of ten chapters with one section each; each two cards are siblings."""
    content = root / "content"
    (content / "cards").mkdir(parents=True)
    (content / "chapters").mkdir()
    (root / "quizzes").mkdir()
    course = ['id = "bench"', 'title = "Benchmark"', 'language = "en"', 'version = "1"']
    facts = []
    for chapter in range(1, SECTIONS + 1):
        name, section = f"{chapter:02d}-part", f"{chapter}.1"
        course += [
            f'\n[[chapter]]\nnumber = {chapter}\ntitle = "Part {chapter}"',
            f'text = "chapters/{name}.md"\ncards = "cards/{name}.toml"',
            f'[[chapter.section]]\nid = "{section}"\ntitle = "Section {section}"',
        ]
        facts += [
            f'[[fact]]\nid = "{section}-{n:02d}"\nsection = "{section}"\nkind = "definition"\ntext = "Fact {n}."\n'
            for n in range(1, OBJECTIVES + 1)
        ]
        text = f"# Chapter {chapter}: Part {chapter}\n\n## {section} Section {section}\n\nText.\n"
        (content / "chapters" / f"{name}.md").write_text(text, encoding="utf-8")
        first, last = cards * (chapter - 1) // SECTIONS, cards * chapter // SECTIONS
        (content / "cards" / f"{name}.toml").write_text(
            "".join(
                _CARD.format(number=n, section=section, objective=n % OBJECTIVES + 1, pair=n // 2, marker=MARKER)
                for n in range(first, last)
            ),
            encoding="utf-8",
        )
    (content / "course.toml").write_text("\n".join(course) + "\n", encoding="utf-8")
    (content / "syllabus.toml").write_text("\n".join(facts), encoding="utf-8")


def studied(cards: int) -> tuple[Path, Path]:
    """(course folder, learner's folder) with `cards` reviews in the log: half the cards seen twice, the others new.

    Made through the app's own session on days long past, so that the half that was seen is due; then kept.
    """
    kept = BENCH / f"studied-{cards}"
    if not kept.exists():
        unfinished = kept.with_name(f"{kept.name}-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        write_course(unfinished / "course", cards)
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.past_days", str(unfinished / "course"), str(cards // 2)],
            check=True,
            cwd=ROOT,
            env=os.environ | {"STUDYTUI_HOME": str(unfinished / "home")},
            stdout=sys.stderr,
        )
        unfinished.rename(kept)
    return kept / "course", kept / "home"
