"""Study beyond what is due: which cards, and that no schedule moves unless asked to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from studytui.domain.queue import REASK_GAPS
from studytui.domain.settings import Settings
from studytui.study import cram, progress
from studytui.study.card_actions import CardActions
from studytui.study.cards import FilterError
from studytui.study.cram import CramChoice, CramSession
from studytui.study.cram import start_cram as start
from studytui.study.review import Answer, open_session
from tests.study.desk import Desk, examine, open_desk
from tests.ui.tiny_course import CARDS_1

MANY = "".join(
    f'[[card]]\nid = "card-{n}"\nsection = "1.1"\ncovers = ["1.1-01"]\ngroup = "g{n}"\nkind = "basic"\n'
    f'front = "Question {n}?"\nback = "Because {n}."\ntags = ["shapes"]\n\n'
    for n in range(8)
)


def chosen(desk: Desk, **wanted: object) -> list[str]:
    known = cram.read_pool(desk.workspace)
    return [entry.card.id for entry in cram.select_cards(known, CramChoice(**wanted))]  # type: ignore[arg-type]


def session(desk: Desk, **wanted: object) -> CramSession:
    choice = CramChoice(**wanted)  # type: ignore[arg-type]
    return start(desk.workspace, choice, cram.select_cards(cram.read_pool(desk.workspace), choice))


def take(at: CramSession, grade: int) -> str:
    """Answer the next card; its id."""
    turn = at.next()
    assert turn is not None
    at.answer(turn, grade, Answer(response="typed", duration_ms=2000))
    return turn.card.id


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["patch-count", "patch-what", "attention-cloze", "latent-choice"]),
        ({"section": "1"}, ["patch-count", "patch-what", "attention-cloze"]),
        ({"section": "1.2"}, ["attention-cloze"]),
        ({"helper": "eye"}, ["patch-count"]),
        ({"lens": "eye"}, ["attention-cloze"]),
        ({"section": "1", "filter_text": "kind:basic"}, ["patch-what"]),
        ({"section": "2", "helper": "eye"}, []),
    ],
)
def test_cards_by_section_helper_lens_and_filter(desk: Desk, wanted: dict[str, str], expected: list[str]) -> None:
    assert chosen(desk, **wanted) == expected


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"section": "9"}, "No card has the section “9”; there are 1, 1.1, 1.2, 2, 2.1."),
        ({"helper": "ear"}, "No card has the helper “ear”; there are eye."),
        ({"tag": "x"}, "No card has the tag “x”; there are none."),
        ({"filter_text": "state:dew"}, "There is no state “dew”"),
    ],
)
def test_what_the_course_does_not_have_is_named(desk: Desk, wanted: dict[str, str], text: str) -> None:
    with pytest.raises(FilterError, match=text.split(";", maxsplit=1)[0]) as caught:
        chosen(desk, **wanted)
    assert text in str(caught.value)


def test_cards_by_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_desk(
        tmp_path, monkeypatch, cards=CARDS_1.replace('group = "b"', 'group = "b"\ntags = ["shapes"]')
    ) as desk:
        assert chosen(desk, tag="shapes") == ["patch-what"]


def test_forgotten_today_and_this_week(desk: Desk) -> None:
    desk.answer("patch-what", 4, 2, days_ago=7)
    desk.answer("attention-cloze", 4, 2, days_ago=6)
    desk.answer("patch-count", 4, 3)
    desk.answer("latent-choice", 2)
    assert chosen(desk, forgotten="today") == ["latent-choice"]
    assert chosen(desk, forgotten="week") == ["attention-cloze", "latent-choice"]
    CardActions(desk.workspace).undo()
    assert chosen(desk, forgotten="today") == []


def test_the_hardest_have_most_lapses_then_the_lowest_ease(desk: Desk) -> None:
    desk.answer("patch-count", 4, 3, 3)
    desk.answer("patch-what", 4, 0, 4, 0)
    desk.answer("attention-cloze", 5, 5)
    assert chosen(desk, hardest=9) == ["patch-what", "patch-count", "attention-cloze"], "a new card is not hard"
    assert chosen(desk, hardest=1) == ["patch-what"]


def test_suspended_and_archived_cards_are_left_out(desk: Desk) -> None:
    CardActions(desk.workspace).toggle_suspended(desk.card("patch-count").no)
    (desk.root / "content/cards/02.toml").write_text("", encoding="utf-8")
    desk.workspace.reload()
    assert chosen(desk) == ["patch-what", "attention-cloze"]


def test_no_schedule_moves_and_every_answer_is_in_the_log(desk: Desk) -> None:
    desk.answer("patch-count", 4, 4, days_ago=1)
    before = desk.schedules()
    limits = progress.today_overview(desk.workspace)
    at = session(desk)
    assert at.counts.due == 4
    assert {take(at, 5) for _ in range(4)} == {"patch-count", "patch-what", "attention-cloze", "latent-choice"}
    assert at.next() is None
    assert desk.schedules() == before
    assert (
        desk.rows("SELECT action, grade, response, duration_ms FROM review WHERE session_uid = ?", at.uid)
        == [("cram", 5, '"typed"', 2000)] * 4
    )
    assert progress.today_overview(desk.workspace) == limits, "no daily limit is touched"
    assert examine(desk.workspace) == []


def test_neither_due_days_nor_limits_hold_anything_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(start_labs=False, new_per_day=0, reviews_per_day=0)
    with open_desk(tmp_path, monkeypatch, settings=settings) as desk:
        assert open_session(desk.workspace).next() is None
        assert session(desk).next() is not None


def test_a_card_that_is_not_good_comes_back_after_some_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_desk(tmp_path, monkeypatch, cards=MANY) as desk:
        at = session(desk, section="1.1")
        failed = take(at, 2)
        assert (at.counts.due, at.counts.reask) == (7, 1)
        between = [take(at, 4) for _ in range(REASK_GAPS[0])]
        assert failed not in between
        assert take(at, 3) == failed
        rest = [take(at, 4) for _ in range(3)]
        assert rest[-1] == failed
        assert at.next() is None


def test_each_session_has_an_order_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_desk(tmp_path, monkeypatch, cards=MANY) as desk:
        orders = set()
        for _ in range(5):
            at = session(desk, section="1.1")
            orders.add(tuple(take(at, 4) for _ in range(8)))
        assert len(orders) > 1


def test_grades_say_beforehand_that_nothing_moves(desk: Desk) -> None:
    free, counting = session(desk), session(desk, counts=True)
    turn, counted = free.next(), counting.next()
    assert turn is not None
    previews = free.previews(turn)
    assert not any(preview.moves for preview in previews.values())
    assert [grade for grade, preview in previews.items() if preview.asks_again] == [2, 3]
    assert counted is not None
    assert counting.previews(counted)[4].moves
    assert counting.previews(counted)[4].interval_days == 1


def test_asked_to_the_grades_count_as_reviews(desk: Desk) -> None:
    desk.answer("patch-what", 4, 4, days_ago=1)
    at = session(desk, section="1.1", counts=True)
    taken = [take(at, 2), take(at, 4), take(at, 4)]
    assert sorted(taken) == ["patch-count", "patch-what", taken[0]] or sorted(taken)[0] != sorted(taken)[-1]
    assert at.next() is None
    actions = desk.rows("SELECT action FROM review WHERE session_uid = ? ORDER BY id", at.uid)
    assert [action for (action,) in actions] == ["review", "review", "reask"]
    assert all(desk.card(key).state.schedule.reviewed_on == desk.clock.now().date() for key in taken)
    assert progress.today_overview(desk.workspace).reviews_done == 1
    assert examine(desk.workspace) == []


def test_undo_takes_the_answer_back_and_shows_the_card_again(desk: Desk) -> None:
    at = session(desk)
    first, second = take(at, 4), take(at, 2)
    undone = at.undo()
    assert undone is not None
    assert undone.action == "cram"
    turn = at.next()
    assert turn is not None
    assert turn.card.id == second
    assert (at.counts.due, at.counts.reask) == (3, 0)
    at.undo()
    assert take(at, 4) == first
    assert take(at, 4) == second
    assert {take(at, 4), take(at, 4)}.isdisjoint({first, second})
    assert at.next() is None


def test_a_card_put_aside_leaves_the_session(desk: Desk) -> None:
    at = session(desk)
    buried = at.next()
    assert buried is not None
    at.bury(buried)
    suspended = at.next()
    assert suspended is not None
    at.suspend(suspended)
    assert {take(at, 4), take(at, 4)}.isdisjoint({buried.card.id, suspended.card.id})
    assert at.next() is None
    at.undo()
    at.undo()
    at.undo()
    turn = at.next()
    assert turn is not None
    assert turn.card.id == suspended.card.id


def test_an_answer_in_another_window_is_not_asked_again_where_grades_count(desk: Desk) -> None:
    from studytui.errors import StaleCard

    at = session(desk, section="1.2", counts=True)
    turn = at.next()
    assert turn is not None
    desk.answer("attention-cloze", 4)
    with pytest.raises(StaleCard):
        at.answer(turn, 2, Answer())
    assert at.next() is None


def test_the_summary_of_a_session_tells_them_apart(desk: Desk) -> None:
    at = session(desk)
    take(at, 2)
    for _ in range(4):
        take(at, 4)
    found = progress.session_summary(desk.workspace, at.uid)
    assert (found.reviews, found.crammed, found.crammed_passed) == (0, 5, 4)
    assert found.seconds == 10
    assert found.grades == {2: 1, 4: 4}
    assert found.accuracy is None


def test_offers_count_their_cards_within_the_filter(desk: Desk) -> None:
    desk.answer("patch-what", 4, 0)
    known = cram.read_pool(desk.workspace)
    found = {(one.group, one.title): one.cards for one in cram.scope_options(known, desk.workspace.course)}
    assert found[("", "Forgotten today")] == 1
    assert found[("", "The 20 hardest")] == 1
    assert found[("", "Everything")] == 4
    assert found[("Chapter", "1  First [bold]things[/bold]")] == 3
    assert found[("Section", "1.2  Attention")] == 1
    assert found[("Helper", "The eye")] == 1
    assert found[("Lens", "Did the eye fail?")] == 1
    within = cram.scope_options(known, desk.workspace.course, "section:1.2")
    assert {(one.group, one.title): one.cards for one in within if one.cards} == {
        ("", "Everything"): 1,
        ("Lens", "Did the eye fail?"): 1,
        ("Chapter", "1  First [bold]things[/bold]"): 1,
        ("Section", "1.2  Attention"): 1,
    }
    for one in within:
        assert len(cram.select_cards(known, one.choice)) == one.cards


def test_the_log_tells_extra_study_from_reviews(desk: Desk) -> None:
    from studytui.study.cards import card_story

    desk.answer("patch-count", 4, days_ago=1)
    take(session(desk, helper="eye"), 2)
    told = card_story(desk.workspace, desk.card("patch-count").no)
    assert [event.what for event in told.events] == ["review", "practice"]
    assert told.events[1].before == told.events[1].after
    assert "due today" in told.why
    assert timedelta(days=1) == desk.clock.now().date() - told.events[0].day
