"""`studytui doctor`, and every other command, on a database with damaged rows."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from studytui.store.records import CARD_DIGEST_OF, seal, text_sha256
from studytui.study.workspace import DATABASE
from tests.cli.command import Done, Shell

ADVICE = "Run `studytui doctor`"
READING = (["due"], ["stats"], ["stats", "--json"], ["cards"], ["review", "--plain"], ["cram", "--plain"])
DAMAGE = {
    "a day that is none": "UPDATE card SET due_on = '9999-99-99' WHERE key = 'patch-count'",
    "a card's text": "UPDATE card_text SET payload = 'x'",
    "a number in a card's text": "UPDATE card_text SET payload = replace(payload, '196', '697')",
    "text that is none": "UPDATE card SET section = CAST(x'31FF' AS TEXT)",
    "an answer that is no text": "UPDATE review SET response = CAST(x'31FF' AS TEXT)",
    "a state": "UPDATE review SET state_after = '{}'",
    "a moment": "UPDATE review SET at_utc = 'noon'",
    "a column": "ALTER TABLE review RENAME COLUMN grade TO grbde",
    "a table": "ALTER TABLE card RENAME TO cbrd",
    "a schema that never was": "UPDATE alembic_version SET version_num = '0000'",
    "no schema": "UPDATE alembic_version SET version_num = ''",
    "an older schema": "UPDATE alembic_version SET version_num = '0001'",
    "an index": "DROP INDEX ix_card_due",
}


@pytest.fixture
def studied(shell: Shell) -> Shell:
    """One answer."""
    assert "Saved" in shell.run("review", "--plain", stdin="196\n\nq\n").out
    assert shell.run("doctor").code == 0
    return shell


def database(shell: Shell) -> Path:
    return shell.course.parent / "home" / DATABASE


def damage(shell: Shell, sql: str) -> None:
    with closing(sqlite3.connect(database(shell))) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute(sql)
        connection.commit()


def told(done: Done) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(done.out)["findings"]
    return found


@pytest.mark.parametrize("what", DAMAGE)
def test_each_command_answers_or_says_what_to_do_in_a_sentence(studied: Shell, what: str) -> None:
    damage(studied, DAMAGE[what])
    for words in READING:
        done = studied.run(*words, stdin="")
        assert done.code in (0, 2), (words, done)
        if done.code == 2:
            assert done.err.startswith("studytui: "), (words, done)
            assert done.err.count("\n") == 1, (words, done)
            assert ADVICE in done.err, (words, done)


@pytest.mark.parametrize("what", DAMAGE)
def test_doctor_finds_it_and_never_sends_to_itself(studied: Shell, what: str) -> None:
    damage(studied, DAMAGE[what])
    done = studied.run("doctor")
    assert done.code == 1, done
    assert done.out.startswith("error: ")
    assert ADVICE not in done.out + done.err
    assert "Traceback" not in done.out + done.err
    findings = told(studied.run("doctor", "--json"))
    assert all(finding["how_to_fix"] for finding in findings)


@pytest.mark.parametrize(
    "what", ["a day that is none", "a card's text", "text that is none", "a schema that never was", "an index"]
)
def test_repair_makes_it_anew_after_a_copy(studied: Shell, what: str) -> None:
    before = [studied.run(*words).out for words in (["cards", "--json"], ["stats", "--json"])]
    damage(studied, DAMAGE[what])
    done = studied.run("doctor", "--repair")
    assert done.code == 0, done
    assert done.out.startswith("The database as it was is kept in ")
    assert "sound" in done.out
    assert len(list(database(studied).parent.glob("backups/unrepaired-*.db"))) == 1
    assert [studied.run(*words).out for words in (["cards", "--json"], ["stats", "--json"])] == before


def test_repair_says_as_json_what_it_did_and_what_is_left(studied: Shell) -> None:
    damage(studied, "UPDATE review SET response = '1'")
    damage(studied, "UPDATE card SET interval_days = 77 WHERE key = 'patch-what'")
    done = studied.run("doctor", "--repair", "--json")
    assert done.code == 1
    data = json.loads(done.out)
    assert Path(data["backup"]).exists()
    assert data["done"] == ["The state of 1 card was rebuilt from the log."]
    assert [(finding["table"], finding["row"]) for finding in data["findings"]] == [("review", 1)]
    assert "patch-count" in data["findings"][0]["what"]


def test_a_sound_database_is_not_repaired(studied: Shell) -> None:
    before = database(studied).read_bytes()
    done = studied.run("doctor", "--repair")
    assert (done.code, done.out.splitlines()[0]) == (0, "Nothing needs repair.")
    assert database(studied).read_bytes() == before
    assert not list(database(studied).parent.glob("backups/unrepaired-*"))


def test_a_text_that_is_not_as_compiled_is_compiled_anew_before_it_is_shown(studied: Shell) -> None:
    before = studied.run("cards", "--json").out
    damage(studied, DAMAGE["a number in a card's text"])
    assert studied.run("cards", "--json").out == before
    damage(studied, DAMAGE["a card's text"])
    assert studied.run("review", "--plain", stdin="q\n").code == 0
    assert studied.run("doctor").code == 0


def test_where_the_files_are_wrong_the_card_is_named(studied: Shell) -> None:
    damage(studied, DAMAGE["a card's text"])
    damage(studied, "UPDATE source_file SET digest = ''")
    cards = studied.course / "content" / "cards" / "01.toml"
    written = cards.read_text(encoding="utf-8")
    done = studied.run("doctor")
    cards.write_text(written.replace('kind = "', 'kindd = "', 1), encoding="utf-8")
    told_now = studied.run("doctor").out
    assert "Cards cannot be compared with their file: content/cards/01.toml:" in told_now
    assert done.code == 1


def test_cards_that_are_not_what_the_files_give_are_found_though_their_digests_fit(studied: Shell) -> None:
    damage(studied, "UPDATE card_text SET payload = replace(payload, '196', '697')")
    with closing(sqlite3.connect(database(studied))) as connection:
        for no, payload in connection.execute("SELECT card_id, payload FROM card_text").fetchall():
            connection.execute("UPDATE card_text SET sha256 = ? WHERE card_id = ?", (text_sha256(payload), no))
            sealed = f"SELECT {CARD_DIGEST_OF} FROM card c JOIN card_text t ON t.card_id = c.id WHERE c.id = ?"
            row = connection.execute(sealed, (no,)).fetchone()
            connection.execute("UPDATE card_text SET digest = ? WHERE card_id = ?", (seal(row), no))
        connection.commit()
    (finding,) = told(studied.run("doctor", "--json"))
    assert finding["what"] == (
        'Row 1 of card_text: card "patch-count" is not what content/cards/01.toml:2 gives (sha256, payload).'
    )
    assert studied.run("doctor", "--repair").code == 0


def test_a_card_file_that_changed_since_is_no_damage(studied: Shell) -> None:
    cards = studied.course / "content" / "cards" / "01.toml"
    cards.write_text(cards.read_text(encoding="utf-8").replace("196", "197"), encoding="utf-8")
    assert studied.run("doctor").code == 0
    assert studied.run("due").code == 0
    assert studied.run("doctor").code == 0


def test_a_card_that_is_out_of_the_course_and_stands_in_its_file_is_found(studied: Shell) -> None:
    damage(studied, "UPDATE card SET archived = 1 WHERE key = 'patch-what'")
    findings = told(studied.run("doctor", "--json"))
    assert any(finding["table"] == "card" and finding["row"] == 2 for finding in findings)
    assert studied.run("doctor", "--repair").code == 0


def test_a_copy_of_another_machine_is_a_warning(studied: Shell) -> None:
    other = database(studied).with_name("study (conflicted copy).db")
    other.write_bytes(database(studied).read_bytes())
    done = studied.run("doctor")
    assert done.code == 1
    assert done.out.startswith("warning: study (conflicted copy).db lies beside study.db")


def test_a_home_without_a_database_is_sound(shell: Shell) -> None:
    assert shell.run("doctor").code == 0


def test_a_file_that_is_no_database_is_said_in_a_sentence(shell: Shell) -> None:
    database(shell).parent.mkdir(parents=True)
    database(shell).write_bytes(b"Dear diary\n" * 1000)
    done = shell.run("doctor")
    assert done.code == 2
    assert "no database" in done.err
    assert "restore" in done.err
    assert ADVICE not in done.err
