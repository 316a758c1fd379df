"""Mastery: how far the cards of each section and of each learning objective are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from studytui.domain.cards import Objective
from studytui.domain.stages import Stage, stage
from studytui.services import catalogue
from studytui.services.card_filter import Entry
from studytui.services.course_lock import lock_of
from studytui.services.dashboard import Share
from studytui.services.left_today import outlook
from studytui.services.workspace import Workspace

WEAKEST_COUNTS = "An objective is as far as its weakest card; new is weakest, then lapsed."


@dataclass(frozen=True, slots=True)
class ObjectiveStanding:
    """An objective with the standing of the cards that cover it."""

    objective: Objective
    share: Share

    @property
    def state(self) -> Stage | None:
        """The stage of its weakest card; None if no card covers it."""
        return self.share.weakest

    def to_json(self) -> dict[str, Any]:
        """Keys: id, section, text, state and the shares."""
        one = self.objective
        return {"id": one.id, "section": one.section, "text": one.text, "state": self.state, **asdict(self.share)}


@dataclass(frozen=True, slots=True)
class Mastery:
    """The live cards of the course on a study day, and every objective in the order of the syllabus.

    `today` are the numbers of the due cards that come today.
    """

    day: date
    entries: tuple[Entry, ...]
    objectives: dict[str, ObjectiveStanding]
    today: frozenset[int] = frozenset()


def mastery(workspace: Workspace) -> Mastery:
    """Everything at once. The statistics code is imported here: call it in a thread.

    Raises:
        CourseError: the syllabus cannot be read.
        StoreError: the database cannot be read.
    """
    from studytui.library.loader import load_syllabus

    day = workspace.today()
    with workspace.store.reading() as store:
        locked = lock_of(workspace) is not None
        ahead = outlook(store, workspace.course_no, day, workspace.settings, days=1, locked=locked)
    return of(catalogue.entries(workspace), load_syllabus(workspace.root), day, ahead.cards)


def of(
    entries: Iterable[Entry], objectives: Sequence[Objective], day: date, today: frozenset[int] = frozenset()
) -> Mastery:
    """The standing of objectives from the cards that cover them; archived cards count for nothing."""
    live = tuple(entry for entry in entries if not entry.archived)
    covering: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in live:
        for covered in entry.card.covers:
            covering[covered].append(entry)
    standing = {one.id: ObjectiveStanding(one, share_of(covering.get(one.id, ()), today)) for one in objectives}
    return Mastery(day, live, standing, today)


def share_of(entries: Iterable[Entry], today: Container[int]) -> Share:
    """How far some cards are; those whose numbers are in `today` come today. Suspended ones have a stage, too."""
    counts: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        counts["total"] += 1
        counts[stage(entry.state.schedule)] += 1
        counts["due"] += entry.no in today
    return Share(**counts)
