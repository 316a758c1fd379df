"""What two machines read is read on both once they have each other's answers, and what is unread again stays so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studytui.study.reading import begin_unread, mark, read_or_known, unmark, unread_sections
from studytui.study.review import Answer, open_session
from studytui.study.workspace import Workspace
from tests.examples import examples
from tests.ui.tiny_course import TestClock, write_course

LONG = " ".join(f"Word {number} about squares." for number in range(30))
SECTIONS = ("1.1", "1.2", "2.1")


@dataclass
class Machines:
    """Two homes on one course, with one clock."""

    all: tuple[Workspace, Workspace]
    clock: TestClock

    def do(self, machine: int, act: str, section: str) -> None:
        """Read a section, declare it known, or let it be unread again; a minute later than what was before."""
        self.clock.moment += timedelta(minutes=1)
        if act == "unread":
            unmark(self.all[machine], [section])
        else:
            mark(self.all[machine], [section], act)  # type: ignore[arg-type]

    def merge(self) -> None:
        """Each takes in what the other has."""
        one, other = self.all
        one.merge(other.store.path)
        other.merge(one.store.path)

    def unread(self) -> list[set[str]]:
        return [set(unread_sections(machine)) for machine in self.all]


@contextmanager
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, unread: tuple[bool, bool]) -> Iterator[Machines]:
    root = write_course(tmp_path / "course", chapter=f"# One\n\n## 1.1 A\n\n{LONG}\n\n## 1.2 B\n\n{LONG}\n")
    (root / "content/chapters/02.md").write_text(f"# Two\n\n## 2.1 C\n\n{LONG}\n")
    clock = TestClock()
    with ExitStack() as stack:
        opened = []
        for number, begins_unread in enumerate(unread):
            home = tmp_path / f"home-{number}"
            home.mkdir()
            (home / "settings.toml").write_text("start_labs = false\n")
            monkeypatch.setenv("STUDYTUI_HOME", str(home))
            opened.append(stack.enter_context(Workspace.open(root, clock=clock)))
            if begins_unread:
                begin_unread(opened[-1])
        yield Machines((opened[0], opened[1]), clock)


def test_what_either_machine_read_is_read_on_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with machines(tmp_path, monkeypatch, unread=(True, True)) as found:
        assert found.unread() == [set(SECTIONS), set(SECTIONS)]
        found.do(0, "read", "1.1")
        found.do(1, "known", "2.1")
        found.merge()
        assert found.unread() == [{"1.2"}, {"1.2"}]
        assert [read_or_known(one) for one in found.all] == [{"1.1": "read", "2.1": "known"}] * 2
        found.do(1, "unread", "1.1")
        found.merge()
        assert found.unread() == [{"1.1", "1.2"}] * 2, "the other machine's note does not bring it back"


def test_a_home_that_was_studied_in_before_the_rule_knows_all_sections_after_a_merge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with machines(tmp_path, monkeypatch, unread=(False, False)) as found:
        old, new = found.all
        session = open_session(old)
        turn = session.next()
        assert turn is not None
        session.answer(turn, 4, Answer())
        found.clock.moment += timedelta(days=3)
        begin_unread(new)
        assert found.unread() == [set(), set(SECTIONS)]
        found.merge()
        assert found.unread() == [set(), set()]


ACTS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 1), st.sampled_from(["read", "known", "unread"]), st.sampled_from(SECTIONS)),
        st.just("merge"),
    ),
    max_size=12,
)


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, ends_with=st.sampled_from([0, 1]))
def test_the_last_word_on_each_section_holds_on_both(
    shared: Machines, acts: list[tuple[int, str, str] | str], ends_with: int
) -> None:
    """The last act that changed something on its machine is what both say, whoever takes in whose file first."""
    for machine in shared.all:
        machine.store.connection.execute("DELETE FROM learner_state WHERE scope LIKE 'sections/%'")
    said: dict[str, tuple[str, str]] = {}
    here: list[dict[str, tuple[str, str]]] = [{}, {}]
    for act in acts:
        if isinstance(act, str):
            shared.merge()
            here = [dict(said), dict(said)]
            continue
        number, how, section = act
        shared.do(number, how, section)
        is_done = here[number].get(section, ("", "unread"))[1] != "unread"
        if is_done == (how == "unread"):
            said[section] = here[number][section] = (shared.clock.moment.isoformat(), how)
    first, second = shared.all if ends_with else shared.all[::-1]
    first.merge(second.store.path)
    second.merge(first.store.path)
    expected = {section: how for section, (_, how) in said.items() if how != "unread"}
    assert [read_or_known(machine) for machine in shared.all] == [expected, expected]


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machines]:
    with machines(tmp_path, monkeypatch, unread=(True, True)) as found:
        yield found
