"""Notes on cards and other wordings of them: the schedule stays, an update of the course does no harm."""

from __future__ import annotations

import pytest

from studytui.course.loader import decode
from studytui.errors import CourseError
from studytui.study import card_actions
from tests.study.desk import Desk, examine
from tests.ui.tiny_course import CARDS_1


def keep(desk: Desk, key: str, **texts: str) -> bool:
    found = card_actions.wording(desk.workspace, desk.card(key).no)
    return card_actions.save_wording(
        desk.workspace, found.card, **{"note": found.mine.note, "front": found.front, "back": found.back} | texts
    )


def update(desk: Desk, before: str, after: str) -> None:
    """The course's author changes a text."""
    path = desk.root / "content/cards/01.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    desk.workspace.reload()


def told(desk: Desk) -> list[str]:
    return [f"{finding.level}: {finding.what}" for finding in examine(desk.workspace)]


def test_a_note_and_a_wording_are_shown_and_the_schedule_stays(desk: Desk) -> None:
    desk.answer("patch-what", 4)
    before = desk.card("patch-what").state
    assert keep(desk, "patch-what", note="Mine.", front="And a patch is?")
    card = decode(desk.card("patch-what").payload)
    assert (card.front, card.back, card.note) == ("And a patch is?", "A small square.", "Mine.")
    assert desk.card("patch-what").state == before
    assert "And a patch is?" in (desk.workspace.own / "overrides.toml").read_text(encoding="utf-8")
    assert not keep(desk, "patch-what"), "nothing changed"


def test_what_equals_the_authors_text_follows_the_author(desk: Desk) -> None:
    keep(desk, "patch-what", note="Mine.", back="My back.")
    update(desk, "What is a *patch*?", "What, again, is a patch?")
    update(desk, "A small square.", "A tile.")
    card = decode(desk.card("patch-what").payload)
    assert (card.front, card.back, card.note) == ("What, again, is a patch?", "My back.", "Mine.")
    assert card_actions.wording(desk.workspace, desk.card("patch-what").no).card.back == "A tile."


def test_the_authors_text_brought_back_takes_the_override_away(desk: Desk) -> None:
    keep(desk, "patch-what", note="Mine.", front="Other?")
    keep(desk, "patch-count", note="Also mine.")
    author = card_actions.wording(desk.workspace, desk.card("patch-what").no).card
    assert keep(desk, "patch-what", note="", front=author.front, back=author.back)
    text = (desk.workspace.own / "overrides.toml").read_text(encoding="utf-8")
    assert "patch-what" not in text
    assert "patch-count" in text
    assert decode(desk.card("patch-what").payload).note == ""


def test_only_the_lines_of_that_card_are_exchanged(desk: Desk) -> None:
    path = desk.workspace.own / "overrides.toml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "# my notes\n\n[[override]]\nid = 'patch-count'   # first\n# think of 14\n"
        "note = '''\nold\n# no comment\n[[override]]\n'''\n"
        "\n# about the next\n[[override]]\nid = 'patch-what'\nnote = 'stays'  # as it is\n",
        encoding="utf-8",
    )
    desk.workspace.reload()
    assert keep(desk, "patch-count", note="new")
    assert path.read_text(encoding="utf-8") == (
        "# my notes\n\n[[override]]\nid = 'patch-count'   # first\n# think of 14\nnote = \"new\"\n"
        "\n# about the next\n[[override]]\nid = 'patch-what'\nnote = 'stays'  # as it is\n"
    )
    assert keep(desk, "attention-cloze", note="third")
    assert path.read_text(encoding="utf-8").endswith(
        'note = \'stays\'  # as it is\n\n[[override]]\nid = "attention-cloze"\nnote = "third"\n'
    )
    assert keep(desk, "patch-what", note="")
    assert '# about the next\n# as it is\n\n[[override]]\nid = "attention-cloze"' in path.read_text(encoding="utf-8")


def test_a_cloze_keeps_its_blanks(desk: Desk) -> None:
    with pytest.raises(CourseError, match="the new front has 2") as caught:
        keep(desk, "attention-cloze", front="{{Softmax}} of {{scores}}.")
    assert caught.value.field == "front"
    with pytest.raises(CourseError, match="at least one blank"):
        keep(desk, "attention-cloze", front="No blank.")
    assert not (desk.workspace.own / "overrides.toml").exists()
    assert keep(desk, "attention-cloze", front="Scores go through {{softmax|a softmax}}.")
    assert decode(desk.card("attention-cloze").payload).front.startswith("Scores go")


def test_an_update_that_gives_a_cloze_other_blanks_wins_and_is_named(desk: Desk) -> None:
    keep(desk, "attention-cloze", front="Scores go through {{softmax}}.", note="Row by row!")
    update(desk, "Attention is {{softmax}} of scores.", "Attention is {{softmax}} of {{scores}}.")
    card = decode(desk.card("attention-cloze").payload)
    assert card.front == "Attention is {{softmax}} of {{scores}}."
    assert card.note == "Row by row!"
    (finding,) = told(desk)
    assert finding.startswith('info: Your front of "attention-cloze" has other blanks')


def test_a_card_that_left_the_course_leaves_a_note_that_waits(desk: Desk) -> None:
    desk.answer("attention-cloze", 4)
    keep(desk, "attention-cloze", note="Mine.")
    path = desk.root / "content/cards/01.toml"
    path.write_text(CARDS_1[: CARDS_1.rindex("[[card]]")], encoding="utf-8")
    desk.workspace.reload()
    assert [line for line in told(desk) if "note" in line] == [
        'info: Your note on "attention-cloze" belongs to a card that is not in the course.'
    ]
    path.write_text(CARDS_1, encoding="utf-8")
    desk.workspace.reload()
    card = desk.card("attention-cloze")
    assert decode(card.payload).note == "Mine."
    assert card.state.schedule.repetitions == 1
    assert told(desk) == []


def test_a_wrong_file_is_told_with_its_line_and_not_written_over(desk: Desk) -> None:
    found = card_actions.wording(desk.workspace, desk.card("patch-what").no)
    path = desk.workspace.own / "overrides.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[[override]]\nid = 'patch-what'\nnoot = 'x'\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"overrides\.toml:3"):
        card_actions.save_wording(desk.workspace, found.card, note="new")
    assert "noot" in path.read_text(encoding="utf-8")
    assert any(line.startswith("error: Your notes cannot be read.") for line in told(desk))
