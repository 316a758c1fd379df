"""`studytui new-card` by its options, and what check and review make of the card."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from studytui.cli import maintenance
from tests.cli.command import Shell
from tests.ui.tiny_course import CARDS_2

COMMON = ("--section", "1.1", "--covers", "01", "--front", "What is mine?", "--back", "This.")


def test_a_card_from_options_alone(shell: Shell, tmp_path: Path) -> None:
    done = shell.run(
        "new-card", "--kind", "choice", *COMMON, "--right", "A code", "--wrong", "A pixel :: Decoded.", "--hint", "x",
        "--helper", "eye", "--lens", "eye", "--tag", "mine", "--group", "g", "--dated", "2026-11-01", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    added = json.loads(done.out)
    path = tmp_path / "home/own/tiny/cards/own.toml"
    assert added == {"id": "own-what-is-mine", "path": str(path), "line": 4}
    text = path.read_text(encoding="utf-8")
    for line in ('kind = "choice"', '{ text = "A code", correct = true }', 'dated = "2026-11-01"', 'tags = ["mine"]'):
        assert line in text
    rows = json.loads(shell.run("cards", "id:own", "--json").out)
    assert [(row["id"], row["covers"], row["state"]) for row in rows] == [("own-what-is-mine", ["1.1-01"], "new")]
    done = shell.run("cram", "--tag", "mine", "--plain", stdin="1\n4\n")
    assert "[own-what-is-mine]" in done.out


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("basic", []),
        ("order", ["--step", "a", "--step", "b", "--step", "c"]),
        ("match", ["--pair", "a = b", "--pair", "c = d", "--pair", "= e"]),
        ("numeric", ["--answer", "14", "--unit", "px", "--tolerance", "1", "--mistake", "7 :: half"]),
        ("numeric", ["--answer", "14", "--tolerance-percent", "5", "--accept", "fourteen"]),
        ("open", ["--point", "a", "--point", "b"]),
        ("exercise", ["--lab", "patches.count image_size=224 patch_size=14|16"]),
    ],
)
def test_every_kind_has_its_options(shell: Shell, kind: str, options: list[str]) -> None:
    done = shell.run("new-card", "--kind", kind, *COMMON, *options)
    assert done.code == 0, done.err
    assert re.match(r"Added own-\S+ \(\S+own\.toml:\d+\)\.", done.out)


def test_what_is_missing_is_named_where_nobody_can_be_asked(shell: Shell) -> None:
    done = shell.run("new-card", "--kind", "choice", "--front", "What?")
    assert done.code == 2
    assert "a card of kind choice also needs: section, objectives, options." in done.err


def test_what_is_wrong_is_one_sentence_and_code_2(shell: Shell) -> None:
    done = shell.run("new-card", *COMMON, "--id", "patch-count")
    assert done.code == 2
    assert "[patch-count] id: this id is already used in content/cards/01.toml:2; choose another." in done.err
    done = shell.run("new-card", *COMMON, "--lens", "nose")
    assert (done.code, "the course has no lens “nose”" in done.err) == (2, True)


def test_at_a_terminal_what_is_missing_is_asked_for(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_may_ask", lambda: True)
    done = shell.run("new-card", stdin="order\n1.1\n01\nIn which order?\nsplit\nflatten\nproject\n\nReasons.\n")
    assert done.code == 0, done.err
    assert "1.1-01  Objective of 1.1." in done.out, "the objectives of the section are shown to choose from"
    done = shell.run("cards", "kind:order", "--json")
    assert [row["front"] for row in json.loads(done.out)] == ["In which order?"]


def test_check_looks_at_own_cards_unless_a_course_is_named(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studytui.course import loader

    folder = tmp_path / "home/own/tiny/cards"
    folder.mkdir(parents=True)
    (folder / "own.toml").write_text(CARDS_2.replace("2.1-01", "2.1-99"), encoding="utf-8")
    (folder / "more.toml").write_text("[[card]]\nid = 'own-x'\nkind = 'essay'\n", encoding="utf-8")
    (folder.parent / "overrides.toml").write_text("[[override]]\nid = 'x'\nnoot = ''\n", encoding="utf-8")
    done = shell.run("check", "--json")
    assert not [one for one in json.loads(done.out)["findings"] if "own" in one["path"]]

    monkeypatch.setattr(loader, "_PLACES", (shell.course,))
    monkeypatch.setattr("sys.argv", ["studytui", "check", "--json"])
    from studytui.__main__ import main

    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    data = json.loads(shell.capsys.readouterr().out)
    found = {(one["path"], one["line"], one["rule"]) for one in data["findings"] if "/own/" in one["path"]}
    assert found == {
        (f"{folder}/own.toml", 2, "duplicate-id"),
        (f"{folder}/own.toml", 5, "unknown-objective"),
        (f"{folder}/more.toml", 3, "schema"),
        (f"{folder.parent}/overrides.toml", 3, "schema"),
    }
    assert data["cards"] == 4, "own cards are not the course's"


def test_a_note_is_read_out_as_the_learners_own(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "home/own/tiny"
    folder.mkdir(parents=True)
    (folder / "overrides.toml").write_text('[[override]]\nid = "attention-cloze"\nnote = "Mine."\n', encoding="utf-8")
    done = shell.run("review", "--section", "1.2", "--plain", stdin="softmax\n\nq\n")
    assert "Row by row.\nYour note: Mine." in done.out
    (folder / "overrides.toml").write_text('[[override]]\nid = "gone"\nnote = "Mine."\n', encoding="utf-8")
    done = shell.run("doctor")
    assert done.code == 0
    assert 'info: Your note on "gone" belongs to a card that is not in the course.' in done.out
