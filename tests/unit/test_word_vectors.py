"""The word vectors: pieces and rows are those of wordllama, where it is installed; a damaged file is a sentence."""

from __future__ import annotations

import hashlib
import math
import struct
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from studytui.course.loader import find_course
from studytui.course.quizzes import load_interview, load_lexicon
from studytui.study.grader.matching import LONGEST_WORD, VECTORS, WIDTH, Embedding, NoEmbedding, embedding
from studytui.study.grader.words import read, terms_of
from tests.quick import quickest
from tests.store.surroundings import with_root

ODD = (
    "",
    " ",
    "²",
    "15 %",
    ".41",
    "0.331",
    "12,345",
    "aaaaaaa",
    "aaabaaab",
    "naïve café",
    "ﬁ",
    "σ",
    "☃",
    "日本",
    "n't",
)


def said() -> list[str]:
    """Words and phrases of every question and rubric."""
    texts = (
        text
        for question in load_interview(find_course())
        for text in (question.model, *(one for point in question.points for one in (point.text, *point.phrasings)))
    )
    terms = terms_of(load_lexicon(find_course()))
    return sorted({unit.text for text in texts for unit in read(text, terms)})


def test_words_fall_into_the_pieces_that_were_published() -> None:
    pytest.importorskip("wordllama")
    tokenizers = pytest.importorskip("tokenizers")
    from tests.benchmarks.word_vectors import PIECES, published

    found = find_spec("wordllama")
    assert found is not None and found.submodule_search_locations
    theirs = tokenizers.Tokenizer.from_file(str(Path(found.submodule_search_locations[0]) / PIECES))
    pieces, rows = published()
    ours = embedding()
    for word in (*said(), *ODD[2:]):
        wanted = theirs.encode(word, add_special_tokens=False).ids
        assert ours.pieces(word) == [pieces[at] for at in wanted], word
        summed = [sum(column) for column in zip(*(struct.unpack(f"<{WIDTH}e", rows[at]) for at in wanted), strict=True)]
        assert ours.word(word) == pytest.approx(summed)


def test_the_file_is_the_one_its_card_describes() -> None:
    card = tomllib.loads(VECTORS.with_suffix(".toml").read_text(encoding="utf-8"))
    assert hashlib.sha256(VECTORS.read_bytes()).hexdigest() == card["sha256"]
    assert card["licence"] == "MIT"
    assert "Lee Miller" in card["licence_text"]


@pytest.mark.parametrize("word", [*ODD, "\ud800", "\0", "x" * 100_000, "привет " * 10_000])
def test_any_text_has_a_vector(word: str) -> None:
    vector = Embedding().word(word)
    assert len(vector) == WIDTH and all(map(math.isfinite, vector))
    assert quickest(lambda: Embedding().word(word), 5) < 5, f"only {LONGEST_WORD} characters are looked up"


@pytest.mark.parametrize("keep", [0, 4, 1000, 10_000_000])
def test_a_damaged_file_is_a_sentence(tmp_path: Path, keep: int) -> None:
    (tmp_path / "v").write_bytes(VECTORS.read_bytes()[:keep])
    for path in (tmp_path / "v", tmp_path / "missing"):
        with pytest.raises(NoEmbedding, match="install studytui again"):
            Embedding(path)


def test_the_grader_needs_neither_numpy_nor_a_hub_client() -> None:
    """They weigh as much as the rest of the app, and an install without the labs has none of them."""
    script = (
        "import sys; sys.modules |= dict.fromkeys(('numpy', 'tokenizers', 'wordllama', 'huggingface_hub'))\n"
        "from studytui.course.loader import find_course\n"
        "from studytui.course.quizzes import load_interview, load_lexicon\n"
        "from studytui.study.grader import grade\n"
        "question = load_interview(find_course())[0]\n"
        "print(grade(question, question.model).verdicts[0].coverage)"
    )
    done = subprocess.run([sys.executable, "-c", script], env=with_root(), capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("covered", "")
