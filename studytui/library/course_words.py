"""Every word a course writes: what a slip of the finger must not make by chance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from studytui.files import read_at_most
from studytui.library.toml_source import LARGEST_BYTES

_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_READ: Final = ("content/**/*.toml", "content/**/*.md", "quizzes/*.toml")
"""The wordings and labelled sentences of the grader stay out: they hold what learners say, slips included."""


class CourseWords:
    """The words of a course and of the learner's own cards, in lower case; read at the first question, 60 ms once."""

    def __init__(self, root: Path, own: Path | None = None) -> None:
        self._root, self._own = root, own
        self._words: frozenset[str] | None = None

    def __contains__(self, word: object) -> bool:
        return word in self.all()

    def all(self) -> frozenset[str]:
        """Every word once. A file that cannot be read has none."""
        if self._words is None:
            self._words = frozenset(word for text in self._texts() for word in _WORD.findall(text.casefold()))
        return self._words

    def _texts(self) -> Iterator[str]:
        files = [path for pattern in _READ for path in sorted(self._root.glob(pattern))]
        files += sorted(self._own.glob("cards/*.toml")) if self._own else []
        for path in files:
            try:
                yield read_at_most(path, LARGEST_BYTES).decode("utf-8-sig", errors="replace")
            except OSError:
                continue
