"""What a process does over and over until it is killed: `python -m tests.faults._deeds DEED COURSE`, in STUDYTUI_HOME.

Each line it prints is something that it was told is done.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count, cycle
from pathlib import Path

from studytui.course.loader import decode
from studytui.domain.rubric import Submission
from studytui.files import data_folder
from studytui.store import Store, backup
from studytui.study import card_actions
from studytui.study.learner_state import Draft
from studytui.study.rehearsal import drafts_of
from studytui.study.review import Answer, open_session
from studytui.study.workspace import Workspace

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _home() -> Path:
    return data_folder() / "study.db"


def answer(course: Path) -> Iterator[str]:
    """Answer, and now and then take it back."""
    with Workspace.open(course) as workspace:
        session = open_session(workspace)
        for number in count():
            turn = session.next()
            if turn is None or number % 5 == 4:
                session.undo()
                yield "undone"
            else:
                yield f"answered {session.answer(turn, 3 + number % 3, Answer()).turn.showing.review_uid}"


def back_up(_: Path) -> Iterator[str]:
    """A copy of each day, and one by hand."""
    for number in count():
        day = date(2027, 1, 1) + timedelta(days=number)
        yield f"made {backup.daily(_home(), today=day)}"
        store = Store.open(_home(), today=day)
        yield f"made {store.back_up(None, at=AT + timedelta(seconds=number))}"
        store.close()


def restore(_: Path) -> Iterator[str]:
    """Two backups in turn."""
    for number, name in enumerate(cycle(("a.db", "b.db"))):
        backup.restore(data_folder().parent / name, _home(), at=AT + timedelta(seconds=number))
        yield f"restored {name}"


def merge(_: Path) -> Iterator[str]:
    """Another machine's answers into a copy of this one's that lacks them."""
    for number in count():
        backup.restore(data_folder().parent / "a.db", _home(), at=AT + timedelta(seconds=number))
        yield "restored a.db"
        store = Store.open(_home(), today=date(2027, 1, 1))
        store.merge(data_folder().parent / "b.db", at=AT + timedelta(seconds=number, milliseconds=1))
        store.close()
        yield "merged"


def migrate(_: Path) -> Iterator[str]:
    """Old databases are brought up to date."""
    for number in count():
        path = data_folder() / f"{number}.db"
        shutil.copyfile(data_folder().parent / "old.db", path.with_suffix(".copy")).rename(path)
        Store.open(path, today=date(2027, 1, 1)).close()
        yield f"migrated {path}"


def own_card(course: Path) -> Iterator[str]:
    """Write cards of one's own."""
    with Workspace.open(course) as workspace:
        for number in count():
            texts = {
                "section": "1.1",
                "covers": "1.1-01",
                "front": f"Own {datetime.now(UTC)} {number}?",
                "back": "Yes.",
            }
            yield f"card {card_actions.add_own_card(workspace, 'basic', texts).id}"


def note(course: Path) -> Iterator[str]:
    """Write notes on two cards in turn."""
    with Workspace.open(course) as workspace:
        for number, key in enumerate(cycle(("bench-0", "bench-1"))):
            stored = workspace.store.card(workspace.course_no, key)
            assert stored is not None
            card_actions.save_wording(workspace, decode(stored.payload), note=f"note {number}")
            yield f"note {key} {number}"


def setting(course: Path) -> Iterator[str]:
    """Change a setting."""
    with Workspace.open(course) as workspace:
        for number in cycle(range(1, 99)):
            workspace.save_settings(new_per_day=number)
            yield f"setting {number}"


def draft(course: Path) -> Iterator[str]:
    """Save what is being typed."""
    with Workspace.open(course) as workspace:
        drafts = drafts_of(workspace)
        for number in count():
            drafts.save(Draft.of("question", Submission(f"typed {number} {'x' * 500}"), datetime.now(UTC)))
            yield f"draft {number}"


def sync(course: Path) -> Iterator[str]:
    """The course's file changes and is read again."""
    file = course / "content/cards/01-part.toml"
    text = file.read_text(encoding="utf-8")
    with Workspace.open(course) as workspace:
        for number in count():
            draft = file.with_name("draft")
            draft.write_text(text.replace("One token", f"Token {number}:"), encoding="utf-8")
            draft.replace(file)
            workspace.reload()
            yield f"synced {number}"


DEEDS: dict[str, Callable[[Path], Iterator[str]]] = {
    deed.__name__: deed for deed in (answer, back_up, restore, merge, migrate, own_card, note, setting, draft, sync)
}

if __name__ == "__main__":
    print("ready", flush=True)
    for done in DEEDS[sys.argv[1]](Path(sys.argv[2])):
        print(done, flush=True)
