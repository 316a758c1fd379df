"""The load on the screen, by its keys: a break, today alone, a sitting, and what a number of new cards will mean."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from studytui.domain.settings import Settings
from studytui.store.doctor import examine
from studytui.study.review import Answer, open_session
from tests.study.test_plan import card
from tests.ui.tiny_course import Running, running

CARDS = "".join(card(number, "1.1") for number in range(40))


def back_after_a_break(run: Running) -> None:
    for number in range(30):
        run.review(f"card-{number}", 4, days_ago=12)


async def choose(run: Running, text: str) -> None:
    """Go down to the line and press Enter."""
    await run.press("home")
    for _ in range(20):
        listed = run.app.screen.query_one("Choices")
        if text in str(listed.get_option_at_index(listed.highlighted or 0).prompt):  # type: ignore[attr-defined]
            await run.press("enter")
            return
        await run.press("down")
    raise AssertionError(f"there is no line “{text}”:\n{run.text}")


async def test_a_break_is_offered_on_home_spread_and_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=CARDS) as run:
        back_after_a_break(run)
        await run.press("f5")
        assert "Back after 12 days: 30 cards are overdue. p spreads them over some days." in run.text
        assert "30 due" in run.text
        await run.press("p")
        assert "Spread over 3 days: about 10 a day" in run.text
        await choose(run, "Spread over 3 days")
        assert "Today: 10 due, 0 new" in run.text
        assert not examine(run.workspace.store, now=run.clock.now())
        await run.press("escape")
        assert "10 due   0 new" in run.text
        # The line is wrapped where it stands.
        assert "p undoes it" in " ".join(run.text.replace("▌", " ").split())
        await run.press("p", "u")
        assert "Today: 30 due, 10 new" in run.text
        assert not examine(run.workspace.store, now=run.clock.now())


async def test_doing_it_all_opens_the_review_and_asks_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=CARDS) as run:
        back_after_a_break(run)
        await run.press("p")
        await choose(run, "Do it all: 30 now")
        assert run.screen == "ReviewScreen"
        await run.press("escape", "escape")
        assert "Back after" not in run.text


async def test_today_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=CARDS) as run:
        await run.press("p")
        await choose(run, "Fewer: 0 due and 5 new")
        assert "Today: 0 due, 5 new" in run.text
        await choose(run, "More: 10 more new cards")
        assert "Today: 0 due, 15 new" in run.text
        await choose(run, "No new cards")
        await run.press("escape")
        assert "0 due   0 new" in run.text
        await run.press("p")
        await choose(run, "As usual")
        assert "Today: 0 due, 10 new" in run.text
        await run.press("escape")
        run.clock.moment += timedelta(days=1)
        await run.press("f5")
        assert "10 new" in run.text


async def test_ten_minutes_have_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=CARDS) as run:
        await run.press("p")
        await choose(run, "10 minutes")
        assert run.screen == "ReviewScreen"
        await run.press("enter", "3")
        assert run.screen == "ReviewScreen"
        run.clock.moment += timedelta(minutes=10)
        await run.press("enter", "3")
        assert run.screen == "SummaryScreen"
        assert "10 minutes done. 8 cards are left today." in run.text


async def test_the_load_is_told_where_new_cards_are_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=CARDS, size=(100, 30)) as run:
        await run.press("p")
        assert "10 a day: about " in run.text
        await run.press("n", "end", "backspace", "backspace", "5", "enter")
        assert "5 a day: about " in run.text
        assert "minutes a day over 17 weeks" in run.text
        await run.press("escape")
        assert "Today: 0 due, 5 new" in run.text


async def test_a_leech_is_named_on_home_and_suspended_only_if_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(start_labs=False, new_per_day=1, leech_lapses=3, suspend_leeches=False)
    async with running(tmp_path, monkeypatch, cards=CARDS, settings=settings) as run:
        for _ in range(4):
            run.workspace.settings = Settings(start_labs=False, new_per_day=1, leech_lapses=3, suspend_leeches=False)
            session = open_session(run.workspace)
            turn = session.next()
            assert turn is not None
            assert turn.card.id == "card-0"
            became = session.answer(turn, 2, Answer()).became_leech
            run.clock.moment += timedelta(days=1)
        assert became
        await run.press("f5")
        assert "1 card you keep forgetting: card-0 (1.1)." in run.text
        assert run.rows("SELECT leech, suspended FROM card WHERE key = 'card-0'") == [(1, 0)]


async def test_a_day_to_be_ready_by_is_reckoned_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=CARDS, size=(100, 40)) as run:
        await run.press("p", "b")
        assert "Type the day as YYYY-MM-DD" in run.text
        await run.type("soon")
        await run.press("enter")
        assert "“soon” is not a day" in run.text
        await run.press("ctrl+s")
        assert run.screen == "DatePlanScreen"
        await run.press("end", "backspace", "backspace", "backspace", "backspace")
        await run.type("2026-03-20")
        await run.press("enter")
        assert "Ready for the course by 2026-03-20: 5 new cards a day (you have 10)." in run.text
        assert "Known on 2026-03-20: " in run.text
        await run.press("down", "right")
        assert "Ready for chapter 1 by 2026-03-20: 4 new cards a day" in run.text
        await run.press("left", "ctrl+s")
        assert run.screen == "PlanScreen"
        assert run.workspace.settings.new_per_day == 5
        assert "On the way to 2026-03-20: " in run.text
        await run.press("escape")
        assert "On the way to 2026-03-20: " in run.text
        run.workspace.save_settings(new_per_day=1)
        await run.press("f5")
        assert "Ready by 2026-03-20 needs 5 new cards a day; you have 1." in run.text
