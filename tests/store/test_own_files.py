"""A backup carries the learner's own files: all of them, back where they were, and nothing outside their folder."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studytui.errors import DiskFull, LeftOut, ReadOnly, StoreError, Unreadable
from studytui.store import Store, backup
from tests.examples import examples
from tests.store.learner import DAY
from tests.store.surroundings import no_file_beyond, ordinary_user
from tests.store.test_migrations import next_schema, restored

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
__all__ = ["next_schema"]

LATER = AT + timedelta(hours=1)
OLD_SCHEMA = Path(__file__).with_name("fixtures") / "schema-0001.sql"
FILES = {
    "tiny/cards/own.toml": b'[[card]]\nid = "mine"\n',
    "tiny/cards/more \xc3\xa4.toml".encode("latin-1").decode(): "# ä 字\r\n".encode(),
    "tiny/overrides.toml": b"# notes\n",
    "tiny/notes/ex-1.md": b"\xff\xfe not utf-8 \x00",
    "other.course/notes/a.md": b"",
}
STRANGERS = (
    "tiny/cards/own.toml.bak", "tiny/picture.png", "tiny/.git/config", "Makefile", "tiny/notes/deep/er.md",
    "My/notes/a.md",
)  # fmt: skip


class Home:
    """A home with a database and own files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.own = folder / "own"
        self.database = folder / "study.db"
        self.said: list[str] = []

    def write(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            path = self.own / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def files(self) -> dict[str, bytes]:
        found = {}
        for path in self.own.rglob("*"):
            if path.is_file():
                found[path.relative_to(self.own).as_posix()] = path.read_bytes()
        return found

    def store(self) -> Store:
        return Store.open(self.database, today=DAY, own=self.own)

    def backup(self, at: datetime = AT) -> Path:
        store = self.store()
        try:
            return store.back_up(None, at=at)
        finally:
            store.close()

    def restore(self, source: Path, at: datetime = LATER) -> Path | None:
        self.said.clear()
        return backup.restore(source, self.database, at=at, own=self.own, say=self.said.append)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.write(FILES)
    return home


@pytest.fixture
def empty(tmp_path: Path) -> Home:
    return Home(tmp_path / "another machine")


def in_backup(path: Path) -> dict[str, bytes]:
    connection = sqlite3.connect(path)
    try:
        return dict(connection.execute("SELECT path, content FROM own_file").fetchall())
    finally:
        connection.close()


def spoil(path: Path, sql: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(sql, values)
    connection.close()


def test_every_kind_of_backup_carries_them(home: Home) -> None:
    store = home.store()
    manual = store.back_up(None, at=AT)
    daily = store.daily_backup()
    store.close()
    assert daily is not None
    migration = backup.before_migration(home.database, "0002", today=DAY, own=home.own)
    for copy in (manual, daily, migration):
        assert in_backup(copy) == FILES
    assert in_backup(home.database) == {}, "the open database holds no copy that could grow stale"


def test_the_copy_before_a_migration_carries_them(home: Home, request: pytest.FixtureRequest) -> None:
    home.store().close()
    request.getfixturevalue("next_schema")
    home.store().close()
    (copy,) = backup.folder(home.database).iterdir()
    assert in_backup(copy) == FILES


def test_they_come_back_on_another_machine(home: Home, empty: Home) -> None:
    copy = home.backup()
    assert empty.restore(copy) is None
    assert empty.files() == FILES
    assert empty.said == ["5 files of your own cards and notes came back with it."]
    assert in_backup(empty.database) == {}
    assert in_backup(empty.backup()) == FILES


def test_a_backup_holds_the_files_of_its_moment(home: Home) -> None:
    first = home.backup()
    home.write({"tiny/overrides.toml": b"# other notes\n"})
    (home.own / "tiny/notes/ex-1.md").unlink()
    second = home.backup(LATER)
    assert in_backup(first) == FILES
    assert in_backup(second) == {
        name: content for name, content in FILES.items() if "ex-1" not in name
    } | {"tiny/overrides.toml": b"# other notes\n"}  # fmt: skip


def test_only_what_the_app_reads_and_writes_is_carried(home: Home) -> None:
    home.write(dict.fromkeys(STRANGERS, b"x"))
    assert in_backup(home.backup()) == FILES


def test_what_was_there_is_kept_and_can_be_brought_back_itself(home: Home) -> None:
    copy = home.backup()
    changed = FILES | {"tiny/overrides.toml": b"# newer", "tiny/cards/own.toml": b"# newer too"}
    home.write(changed | {"tiny/notes/only-here.md": b"stays"})
    kept = home.restore(copy)
    assert kept is not None
    assert home.files() == FILES | {"tiny/notes/only-here.md": b"stays"}
    assert in_backup(kept) == changed | {"tiny/notes/only-here.md": b"stays"}
    assert list(backup.folder(home.database).glob("own-*")) == []
    home.restore(kept, LATER + timedelta(hours=1))
    assert home.files() == changed | {"tiny/notes/only-here.md": b"stays"}


@pytest.mark.parametrize("present", ["none", "noise", "older"])
def test_what_is_overwritten_is_kept_where_the_present_database_cannot_hold_it(
    home: Home, empty: Home, present: str
) -> None:
    copy = home.backup()
    empty.write({"tiny/overrides.toml": b"# of this machine"})
    if present == "noise":
        empty.database.write_bytes(b"noise" * 1000)
    elif present == "older":
        restored(OLD_SCHEMA, empty.database)
    empty.restore(copy)
    assert empty.files() == FILES
    (aside,) = backup.folder(empty.database).glob("own-*")
    assert (aside / "tiny/overrides.toml").read_bytes() == b"# of this machine"
    assert [path.name for path in aside.rglob("*") if path.is_file()] == ["overrides.toml"]
    assert empty.said[-1] == f"Files of your own that were overwritten are kept in {aside}."


def test_a_backup_without_own_files_leaves_those_that_are_there(home: Home, empty: Home) -> None:
    copy = empty.backup()
    home.store().close()
    home.restore(copy)
    assert home.files() == FILES
    assert home.said == ["It holds no cards and notes of your own; those that are here are as they were."]


def test_a_backup_from_before_leaves_own_files_and_small_states(home: Home, tmp_path: Path) -> None:
    old = restored(OLD_SCHEMA, tmp_path / "old.db")
    store = home.store()
    store.put_state("drafts/tiny", "q", {"text": "dear words"}, at=AT)
    store.close()
    home.restore(old)
    assert home.files() == FILES
    assert home.said == ["It is from before drafts and own files were in backups: yours are as they were."]
    assert sorted(path.name for path in home.folder.iterdir()) == ["backups", "own", "study.db"]
    store = home.store()
    assert store.states("drafts/tiny", dict) == {"q": {"text": "dear words"}}
    assert store.connection.execute("SELECT count(*) FROM review").fetchone() > (0,)
    assert store.course_no("course") == 1
    store.close()


def test_a_backup_from_before_comes_to_an_empty_home_as_it_is(empty: Home, tmp_path: Path) -> None:
    old = restored(OLD_SCHEMA, tmp_path / "old.db")
    empty.restore(old)
    empty.store().close()
    assert not empty.own.exists()


def put(home: Home, text: str) -> None:
    store = home.store()
    store.put_state("reading", "tiny", text, at=AT)
    store.close()


def got(home: Home) -> str | None:
    store = home.store()
    try:
        return store.state("reading", "tiny", str)
    finally:
        store.close()


HOSTILE = (
    "/etc/cron.d/x.toml", "../evil.toml", "tiny/cards/../../../evil.toml", "tiny/../../evil.md", "..", "", ".", "tiny",
    "C:/evil.toml", "C:evil.toml", "tiny/cards/c:evil.toml", "tiny\\cards\\..\\..\\x.toml", "tiny/cards/..\\x.toml",
    "//server/share/x.toml", "tiny/notes//x.md", "tiny/./notes/x.md", "tiny/notes/x.md/", "tiny/notes/.md/..",
    "tiny/notes/x.md\n", "\ntiny/notes/x.md", "tiny/notes/x\x00.md", "tiny/notes/\x1b[31m.md", "./tiny/notes/x.md",
    "tiny/.git/config", "tiny/.git/hooks/x.toml", ".git/notes/x.md", ".ssh/notes/x.md", "tiny/notes/x.sh",
    "~/notes/x.md", "$HOME/notes/x.md",
    "tiny/cards/sub/x.toml", "Tiny/overrides.toml", "tiny/Overrides.toml", "study.db", "tiny/notes/x.MD",
    "tiny/cards/../cards/x.toml", "ti/ny/cards/x.toml", "../own/tiny/cards/x.toml", "tiny/cards/\u202e/x.toml",
)  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE)
def test_a_backup_that_names_another_file_is_refused_whole(home: Home, empty: Home, path: str) -> None:
    copy = home.backup()
    empty.store().close()
    spoil(copy, "INSERT INTO own_file VALUES (?, ?, ?)", path, "0" * 64, b"evil")
    before = sorted(each for each in empty.folder.parent.rglob("*") if each.name != "study.db-shm")
    with pytest.raises(Unreadable, match="is no file of your own"):
        empty.restore(copy)
    assert sorted(each for each in empty.folder.parent.rglob("*")) == before


@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.sampled_from(
            ["..", ".", "", "tiny", "cards", "notes", "x.toml", "x.md", "overrides.toml", "\\", "C:", "~", "/"]
        )
        | st.text(max_size=5),
        max_size=6,
    )
)
def test_no_path_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    from studytui.store.learner_state import _PATH

    path = "/".join(parts)
    if _PATH.fullmatch(path):
        folder = Path("/home/own")
        assert len(parts) in (2, 3)
        assert os.path.normpath(folder / path) == f"{folder}/{path}"


@pytest.mark.parametrize("content", [b"other bytes", "text", 7])
def test_a_damaged_file_in_a_backup_is_left_out_and_the_rest_comes_back(
    home: Home, empty: Home, content: object
) -> None:
    copy = home.backup()
    spoil(copy, "UPDATE own_file SET content = ? WHERE path = 'tiny/overrides.toml'", content)
    empty.write({"tiny/overrides.toml": b"# here"})
    empty.restore(copy)
    assert empty.files() == FILES | {"tiny/overrides.toml": b"# here"}
    assert empty.said[-1] == "Your tiny/overrides.toml is damaged in it and is here as it was."


@pytest.mark.parametrize("sql", ["DROP TABLE own_file", "ALTER TABLE own_file DROP COLUMN content"])
def test_a_backup_of_another_shape_ends_in_a_sentence_and_changes_nothing(home: Home, sql: str) -> None:
    copy = home.backup()
    spoil(copy, sql)
    try:
        home.restore(copy)
    except StoreError as error:
        assert error.hint
    assert home.files() == FILES
    home.store().close()


def test_links_are_followed_and_stay(home: Home, tmp_path: Path) -> None:
    copy = home.backup()
    dotfiles = tmp_path / "dotfiles"
    (home.own).rename(dotfiles)
    home.own.symlink_to(dotfiles)
    (dotfiles / "tiny/overrides.toml").rename(tmp_path / "overrides.toml")
    (dotfiles / "tiny/overrides.toml").symlink_to(tmp_path / "overrides.toml")
    (tmp_path / "overrides.toml").write_bytes(b"# newer")
    assert in_backup(home.backup(LATER)) == FILES | {"tiny/overrides.toml": b"# newer"}
    home.restore(copy, LATER + timedelta(hours=1))
    assert home.own.is_symlink()
    assert (dotfiles / "tiny/overrides.toml").is_symlink()
    assert (tmp_path / "overrides.toml").read_bytes() == FILES["tiny/overrides.toml"]


def test_a_link_round_in_a_circle_or_into_nothing_holds_nothing_up(home: Home) -> None:
    (home.own / "loop").symlink_to(home.own)
    (home.own / "tiny/notes/gone.md").symlink_to(home.own / "nowhere")
    (home.own / "round").symlink_to(home.own / "round")
    with pytest.raises(LeftOut, match="round"):
        home.backup()
    (home.own / "round").unlink()
    assert in_backup(home.backup(LATER)) == FILES


def test_a_file_that_cannot_be_read_is_named_and_the_backup_is_made(home: Home) -> None:
    (home.own / "tiny/notes/folder.md").mkdir()
    os.mkfifo(home.own / "tiny/notes/pipe.md")
    (home.own / "tiny/notes/zero.md").symlink_to("/dev/zero")
    store = home.store()
    with pytest.raises(LeftOut) as caught:
        store.daily_backup()
    for name in ("folder.md", "pipe.md", "zero.md"):
        assert name in str(caught.value)
    assert in_backup(backup.folder(home.database) / f"daily-{DAY}.db") == FILES
    assert store.daily_backup() is None
    store.close()


def test_a_folder_one_may_not_enter_is_named(open_folder: Path) -> None:
    home = Home(open_folder / "home")
    home.write(FILES)
    home.store().close()
    for path in (home.folder, *home.folder.rglob("*")):
        path.chmod(0o777)
    (home.own / "tiny/cards").chmod(0o000)
    (home.own / "tiny/notes/ex-1.md").chmod(0o000)
    with ordinary_user(), pytest.raises(LeftOut) as caught:
        home.backup()
    assert "tiny/cards (Permission denied)" in str(caught.value)
    assert "ex-1.md (Permission denied)" in str(caught.value)
    (home.own / "tiny/cards").chmod(0o755)


def test_an_own_file_that_cannot_be_written_leaves_everything_as_it_was(home: Home, tmp_path: Path) -> None:
    copy = home.backup()
    home.write(dict.fromkeys(FILES, b"# newer"))
    (home.own / "tiny/notes/ex-1.md").unlink()
    (home.own / "tiny/notes").rmdir()
    (home.own / "tiny/notes").write_bytes(b"a file in the way")
    before = home.files()
    put(home, "of now")
    with pytest.raises(ReadOnly, match=r"ex-1\.md"):
        home.restore(copy)
    assert home.files() == before
    assert got(home) == "of now"


def test_a_database_that_cannot_be_put_in_place_leaves_everything_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = home.backup()
    home.write(dict.fromkeys(FILES, b"# newer"))
    (home.own / "tiny/notes/ex-1.md").unlink()
    put(home, "of now")
    before = home.files()
    replace = backup._replace

    def refused(source: Path, target: Path) -> None:
        if target == home.database:
            raise DiskFull("The disk is full.")
        replace(source, target)

    monkeypatch.setattr(backup, "_replace", refused)
    with pytest.raises(DiskFull):
        home.restore(copy)
    assert home.files() == before
    assert got(home) == "of now"
    assert home.said == []


def test_a_disk_that_is_full_makes_no_backup_by_halves(home: Home) -> None:
    home.store().close()
    size = home.database.stat().st_size
    home.write({"tiny/cards/own.toml": b"#" * size})
    with no_file_beyond(size + 10_000), pytest.raises(DiskFull):
        home.backup()
    assert list(backup.folder(home.database).iterdir()) == []


def test_a_window_that_is_open_keeps_own_files_too(home: Home) -> None:
    copy = home.backup()
    store = home.store()
    store.put_state("reading", "tiny", 1, at=AT)
    home.write({"tiny/overrides.toml": b"# newer"})
    with pytest.raises(StoreError):
        home.restore(copy)
    assert home.files()["tiny/overrides.toml"] == b"# newer"
    store.close()
