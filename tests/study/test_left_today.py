"""What a day promises is what it brings, and every screen promises the same."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studytui.domain.queue import Counts, Limits, Scope
from studytui.domain.simulation import GradeRates
from studytui.domain.statistics import Pace
from studytui.study.plan import Learner, forecast
from studytui.study.review import open_session, outlook
from tests.examples import examples
from tests.study.learning import forgetful, student

DAYS = 90


def groups_of(seed: int, cards: int) -> list[str]:
    """Sibling groups of one to fourteen cards, most of them small, their cards side by side or far apart."""
    chance = Random(seed)
    found: list[str] = []
    while len(found) < cards:
        found += [f"group-{len(found)}"] * chance.choice((1, 1, 1, 2, 2, 3, 5, 14))
    found = found[:cards]
    if seed % 2:
        chance.shuffle(found)
    return found


@pytest.mark.parametrize(
    ("seed", "ways"),
    [
        (0, {"new_cards": "after", "new_per_day": 8}),
        (1, {"new_cards": "before", "new_per_day": 8}),
        (2, {"new_cards": "mixed", "new_per_day": 8, "review_order": "hardest"}),
        (3, {"new_cards": "after", "new_per_day": 20, "reviews_per_day": 12, "review_order": "shuffled"}),
        (4, {"new_cards": "mixed", "new_per_day": 8, "bury_siblings": False}),
        (5, {"new_cards": "after", "new_per_day": 3, "reviews_per_day": 0}),
        (6, {"new_cards": "after", "new_per_day": 8, "weekend_cards": 6}),
        (7, {"new_cards": "before", "new_per_day": 8, "weekend_new": False, "weekend_cards": 30}),
    ],
)
def test_ninety_days_bring_what_each_morning_promised(tmp_path: Path, seed: int, ways: dict[str, Any]) -> None:
    with student(tmp_path / "study.db", groups_of(seed, 120), **ways) as learner:
        grade = forgetful(seed)
        for number in range(DAYS):
            promised = learner.left().counts
            ahead = outlook(learner.store, learner.course_no, learner.day, learner.settings)
            assert (ahead.left, ahead.due.get("", 0)) == (promised, promised.due)
            learner.study(grade, most=7)
            learner.study(grade)
            came = learner.came(learner.day)
            assert (came.new, came.due) == (promised.new, promised.due), f"on day {number}"
            assert learner.left().counts == Counts()
            # Now and then a holiday, from which one comes back to a backlog.
            learner.sleep(9 if number % 30 == 29 else 1)


@pytest.mark.parametrize("group", [2, 5, 14])
def test_no_sibling_is_kept_out_for_ever(tmp_path: Path, group: int) -> None:
    """Two groups, and a learner who fails nearly everything: something of each group is due every day."""
    groups = ["a"] * group + ["b"] * group
    with student(tmp_path / "study.db", groups, new_per_day=2, leech_lapses=99) as learner:
        for _ in range(4 * group):
            learner.study(2)
            learner.sleep()
        assert learner.store.counts(1, learner.day, limits=Limits(99, 0), bury_siblings=False).new == 0


def test_a_new_card_goes_before_its_due_sibling_only_where_no_other_would_come(tmp_path: Path) -> None:
    groups = ["a", "a", *(str(n) for n in range(30))]
    with student(tmp_path / "study.db", groups, new_per_day=3) as learner:
        met: list[str] = []
        for _ in range(14):
            met += [key for origin, key in learner.study(lambda turn: 2) if origin == "new"]
            learner.sleep()
        assert met.index("card-1") >= 27, "card-0 was due every day, and others were new"
        assert len(met) == 32


def test_what_is_left_of_a_scope_is_what_its_session_brings(tmp_path: Path) -> None:
    chance = Random(5)
    groups = groups_of(5, 90)
    home = {group: chance.choice(("1.1", "1.2", "2.1")) for group in groups}
    sections = [home[group] for group in groups]
    with student(tmp_path / "study.db", groups, sections=sections, new_per_day=12) as learner:
        grade = forgetful(5)
        for number in range(40):
            due = outlook(learner.store, learner.course_no, learner.day, learner.settings).due
            for scope in (Scope(section="1.2"), Scope(chapter="1"), Scope()):
                promised = learner.left(scope).counts
                if scope.section:
                    assert promised.due == due.get(scope.section, 0)
                before = len(learner.shown)
                learner.study(grade, scope=scope)
                origins = [origin for _, origin, _ in learner.shown[before:]]
                assert (origins.count("new"), origins.count("due")) == (promised.new, promised.due), f"on day {number}"
            learner.sleep()


PERFECT = GradeRates({"new": (0, 0, 0, 1), "due": (0, 0, 0, 1), "reask": (0, 0, 0, 1)})


def test_cards_are_spread_over_the_days_ahead_as_they_then_come(tmp_path: Path) -> None:
    """Who answers everything right sees the simulation come true, card by card."""
    with student(tmp_path / "study.db", groups_of(7, 100), new_per_day=15) as learner:
        for _ in range(12):
            learner.study(forgetful(7))
            learner.sleep()
        learner.sleep(8)
        learner.set(new_per_day=2, reviews_per_day=9, new_cards="after")
        cards = tuple(learner.store.live_cards(learner.course_no))
        foreseen = Learner(
            learner.day, cards, PERFECT, Pace(), learner.settings, lambda _, day: learner.settings.limits_on(day)
        ).simulate(8)
        assert foreseen.days[0].due == 9
        came = []
        for _ in range(8):
            learner.study(5)
            came.append(learner.came(learner.day))
            learner.sleep()
        assert [(load.due, load.new) for load in foreseen.days] == [(day.due, day.new) for day in came]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    groups=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=14),
    days=st.lists(
        st.tuples(
            st.lists(st.sampled_from(("right", "wrong", "bury", "suspend", "undo")), max_size=25), st.integers(0, 3)
        ),
        max_size=6,
    ),
    new_per_day=st.integers(0, 6),
    reviews_per_day=st.integers(0, 6),
)
def test_whatever_a_learner_does_what_is_left_is_what_comes(
    tmp_path_factory: pytest.TempPathFactory,
    groups: list[str],
    days: list[tuple[list[str], int]],
    new_per_day: int,
    reviews_per_day: int,
) -> None:
    path = tmp_path_factory.mktemp("left") / "study.db"
    with student(path, groups, new_per_day=new_per_day, reviews_per_day=reviews_per_day) as learner:
        for acts, sleep in days:
            session = learner.session()
            for act in acts:
                if act == "undo":
                    session.undo()
                elif (turn := session.next()) is not None:
                    if act in {"bury", "suspend"}:
                        getattr(session, act)(turn)
                    else:
                        learner.clock.moment = learner.clock.moment.replace(second=len(learner.shown) % 60)
                        learner.shown.append((learner.day, turn.origin, turn.card.id))
                        session.answer(turn, 4 if act == "right" else 2, _answer())
                assert session.counts == learner.left().counts, "counted along is counted anew"
            promised = learner.left().counts
            before = len(learner.shown)
            learner.study(4)
            origins = [origin for _, origin, _ in learner.shown[before:]]
            assert Counts(origins.count("new"), origins.count("due"), origins.count("reask")) == promised
            assert learner.left().counts == Counts()
            learner.sleep(sleep)


def _answer() -> Any:
    from studytui.study.review import Answer

    return Answer()


def test_home_review_command_statistics_and_forecast_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from studytui.domain.settings import Settings
    from studytui.study.progress import (
        advice,
        dashboard,
        mastery,
        session_summary,
        statistics,
        today_overview,
        waiting_words,
    )
    from tests.study.desk import open_desk
    from tests.ui.tiny_course import CARDS_1

    cards = "".join(
        CARDS_1.replace('id = "', f'id = "n{n}-').replace('group = "', f'group = "{n % 4}') for n in range(8)
    )
    with open_desk(tmp_path, monkeypatch, cards=cards, settings=Settings(reviews_per_day=9, new_per_day=5)) as desk:
        for card in range(5):
            desk.answer(f"n{card}-patch-count", 4, 4, days_ago=12)
            desk.answer(f"n{card}-patch-what", 4, days_ago=3 + card)
            desk.answer(f"n{card}-attention-cloze", 2, days_ago=1)
        desk.answer("n5-patch-what", 2)
        now = today_overview(desk.workspace)
        counts = now.counts
        assert counts.due == 9 < now.overdue == 15
        assert counts.reask == 1
        assert open_session(desk.workspace).counts == counts
        board = dashboard(desk.workspace)
        assert board.forecast.total[0] == board.shares[""].due == counts.due
        told = statistics(desk.workspace).to_json()
        assert (told["due"], told["overdue"], told["new"], told["reasks"]) == (9, 15, counts.new, 1)
        assert told["forecast"][0] == told["totals"]["due"] == 9
        assert board.shares["1.1"].due == open_session(desk.workspace, Scope(section="1.1")).counts.due
        found = mastery(desk.workspace)
        assert len(found.today) == 11, "without the limit: one of each group, and none of the group answered today"
        assert waiting_words(now) == f"9 today of 15 overdue, {counts.new} new, 1 to repeat (2026-03-10)."
        assert advice(now).startswith(f"Review what is due first, then {counts.new} new (about ")
        assert session_summary(desk.workspace, "nobody").due_tomorrow == board.forecast.total[1]


@pytest.mark.parametrize(
    ("counts", "minutes", "said"),
    [
        (Counts(reask=3, new=16), 9, "Repeat the 3 cards you missed, then 16 new (about 9 minutes)."),
        (Counts(reask=1), 1, "Repeat the 1 card you missed (about 1 minute)."),
        (Counts(due=91, new=16), 34, "Review what is due first, then 16 new (about 34 minutes)."),
        (Counts(new=20), 8, "Start 20 new cards (about 8 minutes), or read a section first."),
        (Counts(), 0, "Done for today. Read ahead, or try a lab."),
    ],
)
def test_the_advice_names_all_that_waits(counts: Counts, minutes: int, said: str) -> None:
    from datetime import date

    from studytui.study.progress import TodayOverview, advice

    assert advice(TodayOverview(date(2026, 3, 10), counts, 0, 0, minutes=minutes)) == said


def test_a_weekend_brings_no_more_than_was_asked_for(tmp_path: Path) -> None:
    with student(tmp_path / "study.db", [str(n) for n in range(90)], new_per_day=8, weekend_cards=5) as learner:
        for _ in range(14):
            learner.study(forgetful(1))
            came = learner.came(learner.day)
            if learner.day.weekday() >= 5:
                assert came.due + came.new == 5
                assert came.new == 0
            learner.sleep()


def test_the_forecast_has_what_new_cards_and_buried_ones_will_bring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.study.desk import open_desk

    with open_desk(tmp_path, monkeypatch) as desk:
        workspace = desk.workspace
        desk.answer("patch-count", 4, days_ago=1)
        left = open_session(workspace).counts
        assert (left.due, left.new) == (1, 3)
        ahead = forecast(workspace, left)
        assert ahead.due[:2] == (1, 0)
        assert ahead.from_new[:2] == (0, 3), "each card met today comes again tomorrow, whatever its grade"
        assert sum(ahead.due) >= 2, "the card of today comes back"
        desk.workspace.store.connection.execute(
            "UPDATE card SET buried_on = ? WHERE key = 'patch-count'", (workspace.today().isoformat(),)
        )
        ahead = forecast(workspace, open_session(workspace).counts)
        assert ahead.due[:2] == (0, 1), "what is buried comes tomorrow"
        assert ahead.total[:2] == (0, ahead.from_new[1] + 1)
