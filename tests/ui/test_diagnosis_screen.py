"""The diagnosis by its keys, with the real worker: three ways of playing, what is refused, and the way from a card."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from textual.widgets import OptionList, Static

from labs.inspect.diagnosis import LENS_OF, LENSES, PRICES, Answer, Experiment, Fault, diagnose, next_experiment
from labs.inspect.game import ANSWERS, LIMITS, pose
from studytui.study.labs import LabClient
from studytui.ui.screens.diagnosis import ORDER, DiagnosisScreen
from studytui.ui.widgets.picture import PictureView
from tests.ui.tiny_course import CARDS_1, Running, running

PLANTED: dict[Fault, int] = {}
"""The first seed that plants each fault."""
for _seed in range(200):
    PLANTED.setdefault(pose(_seed).fault, _seed)

CARD = """
[[card]]
id = "which-lens"
section = "1.1"
covers = ["1.1-01"]
group = "b"
kind = "exercise"
front = "Play the round."
back = "By experiment."

[card.lab]
exercise = "inspect.diagnose"
"""


@asynccontextmanager
async def at_the_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, **options: Any
) -> AsyncIterator[Running]:
    """The screen of a round, its headline there."""
    async with running(tmp_path, monkeypatch, **{"size": (140, 45), **options}) as run:
        run.app.lab_client = LabClient()
        run.app.open_diagnosis(seed)
        await run.settle()
        yield run


def screen(run: Running) -> DiagnosisScreen:
    return cast(DiagnosisScreen, run.app.screen)


def shown(run: Running, selector: str) -> str:
    return str(run.app.screen.query_one(selector, Static).render())


async def buy(run: Running, experiment: Experiment, predicted: str = "a") -> None:
    await run.press(str(ORDER.index(experiment) + 1), predicted)


async def name(run: Running, said: Answer) -> int:
    """Name a lens: the score that the screen says."""
    await run.press("l", str(ANSWERS.index(said) + 1))
    found = re.search(r"(\d) of 5\.", shown(run, "#end"))
    assert found, run.text
    return int(found[1])


async def follow_the_rule(run: Running, chance: random.Random) -> Answer:
    while (experiment := next_experiment(screen(run).round.game.values)) is not None:
        await buy(run, experiment)
    return diagnose(screen(run).round.game.values)


async def guess(run: Running, chance: random.Random) -> Answer:
    return chance.choice(LENSES)


async def buy_everything(run: Running, chance: random.Random) -> Answer:
    game = screen(run).round.game
    while game.on_offer:
        await buy(run, chance.choice(game.on_offer))
    return chance.choice(sorted(game.open))


def then_pose(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Let the next new round be that of a seed."""
    monkeypatch.setattr("studytui.study.diagnosis.secrets.randbelow", lambda most: seed % most)


async def test_who_follows_the_rule_names_the_lens_and_earns_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Fault] = ["one shot", "haze", "one token", "98% healthy"]
    async with at_the_round(tmp_path, monkeypatch, PLANTED[faults[0]]) as run:
        for fault, following in zip(faults, [*faults[1:], faults[0]], strict=True):
            assert "at least 15 of 25 burned boards" in shown(run, "#headline")
            assert len(run.app.screen.query("#boards PictureView")) == 4
            said = await follow_the_rule(run, random.Random(0))
            assert said == LENS_OF[fault]
            assert await name(run, said) == 5
            end = shown(run, "#end")
            assert f"It was the {said}: {fault}." in end
            assert "brings the recall back" in end
            assert "The rule would have done this: probe the eye" in end
            assert end.count("· ") == len(screen(run).round.game.log)
            then_pose(monkeypatch, PLANTED[following])
            await run.press("n")
            assert not screen(run).round.game.log


@pytest.mark.parametrize(("way", "least", "most"), [(guess, 2, 5), (buy_everything, 1, 4)])
async def test_who_guesses_or_buys_everything_is_scored_by_what_was_bought(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[Running, random.Random], Any],
    least: int,
    most: int,
) -> None:
    chance = random.Random("two ways")
    async with at_the_round(tmp_path, monkeypatch, PLANTED["blur"]) as run:
        then_pose(monkeypatch, PLANTED["untrained bridge"])
        for _ in range(2):
            game = screen(run).round.game
            said = await way(run, chance)
            left = game.coins
            score = await name(run, said)
            assert score == game.grade(said)
            assert least <= score <= most
            assert (left == 0) == (way is buy_everything)
            await run.press("n")
            assert screen(run).round.game is not game
            assert shown(run, "#headline")


async def test_each_outcome_stands_beside_the_reference_and_the_prediction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_round(tmp_path, monkeypatch, PLANTED["haze"], size=(80, 24)) as run:
        await run.press("1")
        assert "above or below 0.85?" in shown(run, "#question")
        await run.press("b")
        entry = screen(run).round.game.log[0]
        assert entry.came_true
        assert entry.outcome.value < LIMITS["probe"] < entry.outcome.reference
        said = shown(run, "#outcome")
        assert f"{entry.outcome.value:.2f}, reference {entry.outcome.reference:.2f}" in said
        assert "as you said (below 0.85)" in said
        line = str(run.app.screen.query_one(OptionList).get_option_at_index(0).prompt)
        assert "✓ said below 0.85" in line
        assert "4 left" in shown(run, "#coins")
        assert len(run.app.screen.query("#heat PictureView")) == 1
        await run.press("1")
        assert "it ran already" in run.text
        await buy(run, "crops", "b")
        await buy(run, "told", "b")
        await buy(run, "zoom", "b")
        assert [entry.came_true for entry in screen(run).round.game.log] == [True, True, False, True]
        await run.press("6")
        assert "it costs 1, you have 0" in run.text
        await run.press("u")
        assert "stays bought" in run.text
        await buy(run, "blank", "b")
        assert len(screen(run).round.game.log) == 5
        assert await name(run, "not decided") == 2


async def test_the_mouse_plays_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_the_round(tmp_path, monkeypatch, PLANTED["no concept"]) as run:
        await run.pilot.click("#experiments", offset=(5, ORDER.index("told")))
        await run.settle()
        await run.pilot.click("#below")
        await run.settle()
        assert screen(run).round.game.values["told"] < 0.5
        await run.press("l")
        await run.pilot.click(f"#answer-{ANSWERS.index('reasoner') + 1}")
        await run.settle()
        assert "5 of 5" in shown(run, "#end")


async def test_a_stopped_experiment_costs_nothing_and_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_round(tmp_path, monkeypatch, PLANTED["haze"]) as run:
        client = cast(LabClient, run.app.lab_client)
        solve = client.solve

        async def stopped(*args: Any, **more: Any) -> Any:
            await client.cancel()
            client.solve = solve  # type: ignore[method-assign]
            from studytui.study.labs import Cancelled

            return Cancelled()

        client.solve = stopped  # type: ignore[method-assign]
        await buy(run, "probe", "b")
        assert "The lab was stopped. It cost nothing." in run.text
        assert screen(run).round.game.coins == 6
        await run.press("b")
        assert screen(run).round.game.coins == 4


async def test_escape_stops_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.app.lab_client = LabClient()
        run.app.open_diagnosis(PLANTED["haze"])
        await run.pilot.pause()
        await run.pilot.press("escape")
        await run.settle()
        assert screen(run).round.headline is None
        assert "The lab was stopped" in run.text
        await run.press("t")
        assert screen(run).round.headline is not None


async def test_words_stand_where_no_picture_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYTUI_PICTURES", "words")
    async with at_the_round(tmp_path, monkeypatch, PLANTED["haze"]) as run:
        await buy(run, "crops", "b")
        words = [str(view.render()) for view in run.app.screen.query(PictureView)]
        assert any("This system: highest" in text and "Reference: highest" in text for text in words)
        assert sum("a burn of" in text for text in words) == 4


async def test_a_round_with_coins_spent_is_left_only_after_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_round(tmp_path, monkeypatch, PLANTED["haze"]) as run:
        await run.press("1", "escape")
        assert run.screen == "DiagnosisScreen"
        await buy(run, "told")
        await run.press("escape")
        assert run.screen == "ConfirmScreen"
        await run.press("n")
        assert run.screen == "DiagnosisScreen"
        await run.press("escape", "y")
        assert run.screen == "HomeScreen"


async def test_a_card_opens_its_round_and_takes_the_score_as_its_suggestion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = CARDS_1.partition("[[card]]")[0] + CARD
    async with running(tmp_path, monkeypatch, size=(140, 45), cards=cards) as run:
        run.app.lab_client = LabClient()
        await run.press("enter")
        assert "Which lens failed?" in run.text
        await run.press("l")
        assert run.screen == "DiagnosisScreen"
        said = await follow_the_rule(run, random.Random(0))
        assert await name(run, said) == 5
        await run.press("n")  # no other round: the card asked for this one
        assert screen(run).round.is_over
        await run.press("escape")
        await run.settle()
        assert run.screen == "ReviewScreen"
        assert "✓ Right." in run.text
        assert "Suggested: Easy" in run.text
        await run.press("enter")
        assert run.rows("SELECT grade FROM review") == [(5,)]


async def test_the_labs_list_and_the_palette_lead_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        run.app.lab_client = LabClient()
        await run.press("l")
        await run.type("burned capacitor")
        await run.settle()
        await run.press("down", "enter")
        assert run.screen == "DiagnosisScreen"


def test_every_fault_can_be_planted_and_every_instrument_has_its_place() -> None:
    assert set(PLANTED) == set(LENS_OF)
    assert set(ORDER) == set(PRICES)
