"""Drafts: whole or not at all, and never in each other's way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from studytui.domain.rehearsal import Given
from studytui.services.rehearsal.drafts import Draft, DraftError, Drafts

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
HOSTILE = "a\x1b[31m\x00\ud83d\r\n[bold]\u202e" + "word " * 20_000


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts.beside(tmp_path / "study.db", "course")


def test_what_is_saved_comes_back(drafts: Drafts) -> None:
    draft = Draft.of("q", Given(HOSTILE, "aloud", 3.5, 60.0, 90, 4), AT, handed_in=True)
    drafts.save(draft)
    assert drafts.load("q") == draft
    assert drafts.load("q").given == Given(HOSTILE, "aloud", 3.5, 60.0, 90, 4)  # type: ignore[union-attr]
    assert drafts.all() == [draft]
    drafts.drop("q")
    assert drafts.load("q") is None
    drafts.drop("q")


@pytest.mark.parametrize(
    "name", ["q/point", "..", "../../outside", "a b", "q.new", "ü" * 20, f"{'q' * 80}/{'p' * 80}", "CON"]
)
def test_no_id_leaves_the_folder_or_meets_another(drafts: Drafts, name: str) -> None:
    drafts.save(Draft.of(name, Given("mine"), AT))
    drafts.save(Draft.of("other", Given("other"), AT))
    assert drafts.load(name).text == "mine"  # type: ignore[union-attr]
    assert len(list(drafts.folder.iterdir())) == 2


def test_a_refused_write_keeps_the_draft_before(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts.save(Draft.of("q", Given("before"), AT))
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", _full)
        with pytest.raises(DraftError, match="No space left"):
            drafts.save(Draft.of("q", Given("after"), AT))
    assert drafts.load("q").text == "before"  # type: ignore[union-attr]
    assert [path.name for path in drafts.folder.iterdir()] == ["q.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"question_id": "q"}', "null", '{"a": "\\ud83d"}'])
def test_a_file_that_is_no_draft_is_put_aside(drafts: Drafts, content: str) -> None:
    drafts.folder.mkdir(parents=True)
    (drafts.folder / "q.json").write_text(content, encoding="utf-8")
    assert drafts.all() == []
    assert drafts.load("q") is None
    assert (drafts.folder / "q.unreadable").read_text(encoding="utf-8") == content


def test_two_courses_do_not_share_drafts(tmp_path: Path) -> None:
    one, two = (Drafts.beside(tmp_path / "study.db", course) for course in ("one", "two"))
    one.save(Draft.of("q", Given("one"), AT))
    assert two.load("q") is None


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")
