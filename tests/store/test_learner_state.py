"""Small states: a row each, durable, and no window overwrites what another wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studytui.errors import ReadOnly
from studytui.store import Store
from studytui.store.learner_state import State
from tests.store.learner import DAY, Learner
from tests.store.surroundings import with_root
from tests.store.test_two_windows import go, start

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
PUT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from studytui.store import Store
from tests.store.learner import DAY
store = Store.open(Path(sys.argv[1]), today=DAY)
print("open", flush=True)
sys.stdin.readline()
for number in range(100):
    store.put_state("recall/course", f"{sys.argv[2]}-{number}", number, at=datetime(2026, 11, 24, tzinfo=UTC))
store.close()
"""
IMPORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from studytui.study.learner_state import import_old_state
from studytui.store import Store
from tests.store.learner import DAY
store = Store.open(Path(sys.argv[1]) / "study.db", today=DAY)
print("open", flush=True)
sys.stdin.readline()
assert import_old_state(store, Path(sys.argv[1]), at=datetime(2026, 11, 24, tzinfo=UTC)) == []
store.close()
"""


def anything(value: Any) -> Any:
    return value


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(path, today=DAY)
    yield store
    store.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON, name=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_value_under_any_name_comes_back(store: Store, value: Any, name: str) -> None:
    store.put_state("scope", name, value, at=AT)
    assert store.states("scope", anything)[name] == value
    if value is not None:
        assert store.state("scope", name, anything) == value


def test_what_one_scope_holds_no_other_sees(store: Store) -> None:
    store.put_state("recall/a", "x", 1, at=AT)
    assert store.state("recall/b", "x", anything) is None
    store.delete_state("recall/b", "x")
    assert store.state("recall/a", "x", anything) == 1
    store.delete_state("recall/a", "x")
    assert store.states("recall/a", anything) == {}


def test_a_put_is_told_when_and_stands_at_once_for_another_window(store: Store, path: Path) -> None:
    other = Store.open(path, today=DAY)
    store.put_state("reading", "course", {"section": "1.1"}, at=AT)
    assert other.state("reading", "course", anything) == {"section": "1.1"}
    assert other.connection.execute("SELECT changed_at FROM learner_state").fetchall() == [
        ("2026-11-24T12:00:00.000+00:00",)
    ]
    other.close()


def test_a_refused_put_changes_nothing_and_is_told(store: Store) -> None:
    store.put_state("reading", "course", 1, at=AT)
    store.connection.execute("PRAGMA query_only=ON")
    with pytest.raises(ReadOnly):
        store.put_state("reading", "course", 2, at=AT)
    with pytest.raises(ReadOnly):
        store.delete_state("reading", "course")
    assert store.state("reading", "course", anything) == 1
    assert not store.connection.in_transaction


def test_one_that_cannot_be_read_hides_no_other(store: Store) -> None:
    for name in ("good", "bad", "spoiled"):
        store.put_state("scope", name, {"x": 1}, at=AT)
    store.connection.execute("UPDATE learner_state SET value = '{' WHERE name = 'bad'")
    store.connection.execute("UPDATE learner_state SET value = CAST(x'ff22' AS TEXT) WHERE name = 'spoiled'")
    store.connection.execute("INSERT INTO learner_state VALUES ('scope', CAST(x'fe' AS TEXT), '1', '', '')")
    assert store.states("scope", anything) == {"good": {"x": 1}}
    for name in ("bad", "spoiled"):
        with pytest.raises(ValueError, match="cannot be read"):
            store.state("scope", name, anything)
    with pytest.raises(ValueError, match="cannot be read"):
        store.state("scope", "good", lambda value: value["y"])


def test_two_processes_put_at_once_and_all_of_both_is_there(learner: Learner, path: Path) -> None:
    go([start(PUT, path, "one"), start(PUT, path, "two")])
    found = learner.store.states("recall/course", int)
    assert found == {f"{who}-{number}": number for who in ("one", "two") for number in range(100)}


def test_a_file_is_taken_in_once_and_over_nothing(store: Store) -> None:
    store.put_state("recall/course", "known", 1, at=AT)
    files = {"recall.json": ("a" * 64, [State("recall/course", "known", 9), State("recall/course", "new", 2)])}
    store.import_states(files, at=AT)
    assert store.states("recall/course", int) == {"known": 1, "new": 2}
    store.delete_state("recall/course", "new")
    store.import_states(files, at=AT)
    assert store.states("recall/course", int) == {"known": 1}
    store.import_states({"recall.json": ("b" * 64, files["recall.json"][1])}, at=AT)
    assert store.states("recall/course", int) == {"known": 1, "new": 2}


def test_two_windows_take_in_the_same_files_at_once(tmp_path: Path) -> None:
    Store.open(tmp_path / "study.db", today=DAY).close()
    results = {f"p{number}": {"on": "2026-01-01", "said": 1, "of": 2} for number in range(500)}
    (tmp_path / "recall.json").write_text(json.dumps({"course": results}))
    processes: list[subprocess.Popen[str]] = [start(IMPORT, tmp_path) for _ in range(3)]
    go(processes)
    store = Store.open(tmp_path / "study.db", today=DAY)
    assert len(store.states("recall/course", anything)) == 500
    assert list(store.states("imported", str)) == ["recall.json"]
    store.close()
    kept = [path.relative_to(tmp_path) for path in (tmp_path / "backups").rglob("*") if path.is_file()]
    assert kept == [Path("backups/imported/recall.json")]
    assert not (tmp_path / "recall.json").exists()


def test_reading_small_states_imports_nothing_heavy(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from studytui.store import Store; from tests.store.learner import DAY\n"
        f"store = Store.open(Path({str(path)!r}), today=DAY); store.states('modules', dict)\n"
        "print({'sqlalchemy', 'alembic', 'studytui.study.learner_state', 'studytui.store.migrate', 'tempfile'}"
        " & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, env=with_root())
    assert (done.stdout, done.stderr) == ("set()\n", "")
