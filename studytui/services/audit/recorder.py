"""Writing a gate's log: attempts, disputes and overrides, one durable row each. None of them is ever changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from studytui.domain.clock import study_day
from studytui.domain.gate_parts import Computed, Gate, Item, Written
from studytui.domain.rehearsal import as_found
from studytui.domain.suggestion import LONGEST_PROSE_SECONDS
from studytui.services.audit.evidence import OVERRIDE, Answered, read_log
from studytui.services.audit.gates import gate_key
from studytui.services.audit.writing import Worked, computed_evidence, written_evidence
from studytui.services.clock import new_uid
from studytui.services.workspace import Workspace
from studytui.store import CompiledCard, CourseCopy, FileStamp, ReviewRecord
from studytui.store.gate_log import gate_rows

if TYPE_CHECKING:
    from studytui.domain.cards import Course
    from studytui.domain.rubric import AnswerGrade

_PARTS: Final = "(parts)"
RIGHT: Final = 5
WRONG: Final = 1


@dataclass(slots=True)
class Recorder:
    """Writes to one gate's log. A row is written as soon as an answer is judged, passed or not.

    The parts are cards of a course of their own, so that log, undo and doctor hold for them unchanged and no review
    ever shows one; their rows move no schedule.
    """

    workspace: Workspace
    gate: Gate
    uid: str = field(init=False)

    def __post_init__(self) -> None:
        self.uid = new_uid(self.workspace.clock)

    def written(self, item: Item, part: Written, grade: AnswerGrade, *, seconds: float = 0.0) -> Answered:
        """Record an answer in words.

        Raises:
            StoreError: nothing was written; the same call may be made again.
        """
        evidence = written_evidence(self.gate, item, part, grade, self.workspace.course.version)
        return self._answered(item.key(part), evidence, grade=as_found(grade).grade, seconds=seconds)

    def computed(self, item: Item, part: Computed, worked: Worked, *, seconds: float = 0.0) -> Answered:
        """Record a number.

        Raises:
            StoreError: nothing was written; the same call may be made again.
        """
        evidence = computed_evidence(self.gate, item, part, worked, self.workspace.course.version)
        grade = RIGHT if worked.verdict.correct else WRONG
        return self._answered(item.key(part), evidence, grade=grade, seconds=seconds)

    def dispute(self, answer: Answered, point_id: str, note: str) -> Answered:
        """Record that the learner holds a point to be judged wrongly; the answer with the note. The verdict stays.

        Raises:
            StoreError: nothing was written.
        """
        self._row(answer.key, {"kind": "dispute", "of": answer.uid, "point": point_id, "note": note})
        return self._read(answer.no)

    def answers(self, key: str) -> tuple[Answered, ...]:
        """Every attempt at a part, oldest first; those taken back are among them.

        Raises:
            StoreError: the database cannot be read.
        """
        found = read_log(gate_rows(self.workspace.store, self._course_no()))
        return tuple(answer for answer in found.answers if answer.key == key)

    def override(self, reason: str, missing: Iterable[str]) -> None:
        """Open what the gate unlocks without passing it.

        Raises:
            StoreError: nothing was written.
            ValueError: no reason was given.
        """
        if not reason.strip():
            raise ValueError("an override needs a reason; it is written into the log")
        self._row(OVERRIDE, {"kind": OVERRIDE, "gate": self.gate.id, "reason": reason.strip(), "missing": [*missing]})

    def lock(self, reason: str = "") -> None:
        """Take an override back: what the gate unlocks is locked again until the gate is passed.

        Raises:
            StoreError: nothing was written.
        """
        self._row(OVERRIDE, {"kind": "lock", "gate": self.gate.id, "reason": reason.strip()})

    def _answered(self, key: str, evidence: dict[str, Any], *, grade: int, seconds: float) -> Answered:
        return self._read(self._row(key, evidence, grade=grade, correct=bool(evidence["passed"]), seconds=seconds))

    def _read(self, no: int) -> Answered:
        """The attempt of a row as the log has it."""
        rows = gate_rows(self.workspace.store, self._course_no())
        return next(answer for answer in read_log(rows).answers if answer.no == no)

    def _row(
        self,
        key: str,
        evidence: dict[str, Any],
        *,
        grade: int | None = None,
        correct: bool | None = None,
        seconds: float = 0.0,
    ) -> int:
        store, clock = self.workspace.store, self.workspace.clock
        card = store.card(self._course_no(), key)
        if card is None:
            raise LookupError(f"the gate has no part {key}")
        now = clock.now()
        return store.record_cram(
            ReviewRecord(
                review_uid=new_uid(clock),
                card_no=card.no,
                action="cram",
                session_uid=self.uid,
                at=now,
                study_day=study_day(now, self.workspace.settings.rollover_hour),
                grade=grade,
                suggested_grade=None,
                confidence=None,
                duration_ms=round(min(max(0.0, seconds), LONGEST_PROSE_SECONDS) * 1000),
                hints_used=0,
                correct=correct,
                response=json.dumps(evidence.get("answer"), ensure_ascii=False),
                evidence=json.dumps(evidence, ensure_ascii=False),
                before=card.state,
                after=card.state,
                expected_last_review_id=card.last_review_id,
            )
        )

    def _course_no(self) -> int:
        """The number of the gate's course in the database, its parts in line with the file."""
        store, copy = self.workspace.store, copy_of(self.workspace.course, self.gate)
        if store.course_no(copy.key) is None or store.course_files(copy.key) != {_PARTS: copy.files[0]}:
            store.sync_course(copy.key, copy.title, copy.version, copy.files, copy.cards)
        number = store.course_no(copy.key)
        assert number is not None
        return number


def copy_of(course: Course, gate: Gate) -> CourseCopy:
    """What the database should hold of a gate's parts."""
    cards = tuple(_compiled(gate))
    digest = hashlib.sha256("".join(f"{card.key}:{card.sha256}" for card in cards).encode()).hexdigest()
    stamp = FileStamp(_PARTS, len(cards), 0, digest)
    return CourseCopy(gate_key(course.id, gate.id), f"{course.title}: {gate.title}", course.version, (stamp,), cards)


def _compiled(gate: Gate) -> Iterator[CompiledCard]:
    yield _card(gate, 0, OVERRIDE, {"title": gate.unlocks})
    for position, (item, part) in enumerate(gate.parts(), 1):
        about = {"item": item.id, "kind": part.kind, "title": part.title, "covers": list(item.objectives)}
        card = _card(gate, position, item.key(part), about)
        section = item.sections[0]
        yield replace(card, chapter=section.split(".", 1)[0], section=section, line=part.line)


def _card(gate: Gate, position: int, key: str, payload: dict[str, Any]) -> CompiledCard:
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return CompiledCard(
        key=key,
        position=position,
        chapter="",
        section="",
        kind="exercise" if payload.get("kind") == "compute" else "open",
        sibling_group=key,
        path=gate.path,
        line=1,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        payload=text,
    )
