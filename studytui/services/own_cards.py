"""Cards of the learner's own: checked like the course's, written beside it, scheduled with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studytui.domain.cards import Card, Kind
from studytui.library.errors import CourseError
from studytui.services.card_draft import row_of
from studytui.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Added:
    """A card that was written: its id, and where it stands."""

    id: str
    path: Path
    line: int

    def to_json(self) -> dict[str, Any]:
        """Keys: id, path, line."""
        return {"id": self.id, "path": str(self.path), "line": self.line}


def add(workspace: Workspace, kind: Kind, texts: Mapping[str, str]) -> Added:
    """Write a new card into the learner's folder and take it into the schedule.

    Raises:
        CourseError: a field is wrong, and nothing was written; `field` names it. Or the card is written, and waits for
            another file to be mended, which is said.
        StoreError: the card is written, and the database cannot take it in now; it will at the next start.
    """
    from studytui.library.own_writing import add_card, read_draft

    row = row_of(kind, texts, _Taken(workspace))
    card = read_draft(row)
    _fits(workspace, card)
    written = add_card(workspace.own, row)
    workspace.reload()
    if workspace.store.card(workspace.course_no, written.id) is None:
        why = " ".join(problem.message for problem in workspace.problems[:1])
        raise CourseError(f"the card is written, and comes into the schedule once this is mended: {why}", card=card.id)
    return Added(written.id, workspace.source_file(written.source.path), written.source.line)


class _Taken:
    """The ids in use: those of the course's cards, archived ones too, and of the learner's own."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __contains__(self, key: object) -> bool:
        workspace = self._workspace
        return workspace.store.card(workspace.course_no, str(key)) is not None


def _fits(workspace: Workspace, card: Card) -> None:
    """Raises CourseError if the card names what the course does not have, or has an id that is in use."""
    from studytui.library.lint.links import unknown_links
    from studytui.library.loader import load_syllabus

    if (other := workspace.store.card(workspace.course_no, card.id)) is not None:
        raise CourseError(f"this id stands in {other.path}:{other.line} too; choose another.", card=card.id, field="id")
    for field, message in unknown_links(workspace.course, load_syllabus(workspace.root), card):
        raise CourseError(message, card=card.id, field=field)
