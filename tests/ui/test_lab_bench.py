"""The lab bench by its keys: predict first, then see; turn knobs, compare runs, save, cancel, survive."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from textual.widgets import Input

from labs.protocol import Curve, Evidence, Picture, Problem, Table
from studytui.study.attempt import Attempt
from studytui.study.bench import Bench, Run
from studytui.study.labs import Cancelled, Crashed, LabClient, Solved
from studytui.ui.widgets.controls import Cycle
from studytui.ui.widgets.evidence import CurvePlot
from tests.ui.tiny_course import HOSTILE, Running, running

SET = {"image_size": 224, "patch_size": 16}
CURVE = Curve(
    "SNR of the schedule", "t", "SNR", (0.0, 500.0, 999.0), {"linear": (10.0, 1.0, 0.1), "cosine": (9.0, 2.0, 0.2)}
)


class Scripted:
    """Answers with evidence made for the test, or waits until it is cancelled."""

    ready = True

    def __init__(self, outcome: Any = None) -> None:
        self.outcome = outcome
        self.asked: list[Problem] = []
        self.cancelled = asyncio.Event()

    async def solve(self, problem: Problem, *, on_progress: Any = None, **_: Any) -> Any:
        self.asked.append(problem)
        if self.outcome is None:
            while not self.cancelled.is_set():
                on_progress(0.5, "counting [red]patches[/]")
                await asyncio.sleep(0.02)
            return Cancelled()
        return self.outcome

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def cancel(self) -> None:
        self.cancelled.set()


def evidence(**more: Any) -> Evidence:
    return Evidence(
        value=196,
        unit="patches",
        derivation=("(1, 3, 224, 224) -> (1, 196, 768)",),
        code="def count(pixels):\n    return 196",
        facts={"rows": 14, "columns": 14, "embedding_width": 768},
        versions={"torch": "2"},
        **more,
    )


async def at_the_bench(run: Running, client: Any, exercise: str = "patches.count", params: Any = None) -> None:
    run.app.lab_client = client
    run.app.open_lab(exercise, dict(SET) if params is None else params)
    await run.settle()
    assert run.screen == "LabScreen"


async def test_a_prediction_comes_before_the_real_computation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        await at_the_bench(run, LabClient())
        assert "224 × 224" in run.text
        assert "->" not in run.text
        await run.type("195")
        await run.press("enter")
        await run.settle()
        assert "Measured: 196 patches" in run.text
        assert "off by −1 (0.5%)" in run.text
        assert "(1, 3, 224, 224) -> (1, 768, 14, 14)" in run.text
        assert "▀" in run.text
        assert "torch 2." in run.text


async def test_knobs_are_turned_and_runs_stand_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        await at_the_bench(run, LabClient())
        await run.press("escape", "r")
        await run.settle()
        assert "Measured: 196 patches" in run.text
        await run.press("k")
        await run.press(*["backspace"] * 3)
        await run.type("448")
        await run.press("enter")
        assert "448 × 448" in run.text
        await run.press("escape", "r")
        await run.settle()
        text = " ".join(run.text.replace("│", " ").split())
        assert "Measured: 784 patches" in text
        assert "2 448 – 784 patches" in text
        assert "1 224 – 196 patches" in text


async def test_a_knob_out_of_range_says_what_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 45)) as run:
        await at_the_bench(run, Scripted(Solved(evidence())))
        await run.press("escape", "k")
        await run.type("9")
        await run.press("enter")
        assert "✗ image_size: must be a whole number" in run.text
        assert "224 × 224" in run.text
        await run.press("escape", "r")
        assert "Measured: 196" in run.text


async def test_a_knob_counts_when_its_field_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        client = Scripted(Solved(evidence()))
        await at_the_bench(run, client)
        names = [knob.name for knob in run.app.screen.bench.knobs]  # type: ignore[attr-defined]
        await run.press("f4")
        for name, text in (("image_size", "448"), ("patch_size", "14")):
            while run.app.focused is None or run.app.focused.id != f"knob-{name}":
                await run.press("tab")
            field = run.app.focused
            assert isinstance(field, Input)
            await run.press(*["backspace"] * len(field.value))
            await run.type(text)
            await run.press("tab")
            assert run.app.focused is not None
            assert run.app.focused.id == f"knob-{names[names.index(name) + 1]}"
        assert "448 × 448" in run.text
        assert "14 × 14" in run.text
        await run.press("escape", "r")
        assert (client.asked[-1].params["image_size"], client.asked[-1].params["patch_size"]) == (448, 14)


async def test_a_knob_just_typed_counts_for_the_run_and_for_new_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        client = Scripted(Solved(evidence()))
        await at_the_bench(run, client)
        for text, key in (("448", "r"), ("336", "n")):
            await run.press("f4")
            await run.press(*["backspace"] * 3)
            await run.type(text)
            await run.pilot.press("escape", key)  # without waiting between them
            await run.settle()
            assert f"{text} × {text}" in run.text
        assert client.asked[-1].params["image_size"] == 448


async def test_a_knob_turned_while_the_lab_computes_counts_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        client = Scripted()
        await at_the_bench(run, client)
        await run.pilot.press("escape", "r")
        await run.pilot.pause(0.1)
        await run.pilot.press("f4")
        await run.pilot.press(*["backspace"] * 3, *"448", "enter")
        await run.pilot.pause(0.1)
        assert "224 × 224" in run.text
        await run.pilot.press("escape")
        await run.settle()
        client.outcome = Solved(evidence())
        await run.press("escape", "r")
        assert [problem.params["image_size"] for problem in client.asked] == [224, 448]
        assert "448 × 448" in run.text


async def test_new_numbers_keep_the_knobs_that_are_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        client = Scripted(Solved(evidence()))
        await at_the_bench(run, client, params={"patch_size": 16})
        for _ in range(6):
            await run.press("escape", "r", "n")
        assert {problem.params["patch_size"] for problem in client.asked} == {16}
        assert len({problem.params["image_size"] for problem in client.asked}) > 1


async def test_progress_is_shown_and_escape_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 40)) as run:
        client = Scripted()
        await at_the_bench(run, client)
        await run.pilot.press("escape", "r")
        await run.pilot.pause(0.4)
        assert "50 %" in run.text
        assert "counting [red]patches[/]  (esc stops it)" in run.text
        await run.pilot.press("escape")
        await run.settle()
        assert "The lab was stopped." in run.text
        assert run.screen == "LabScreen"
        await run.press("escape", "escape")  # out of the field, then out of the lab
        assert run.screen == "HomeScreen"


async def test_a_crash_leaves_the_prediction_to_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 40)) as run:
        client = Scripted(Crashed("MemoryError"))
        await at_the_bench(run, client)
        await run.type("196")
        await run.press("enter")
        assert "The lab crashed: MemoryError." in run.text
        client.outcome = Solved(evidence())
        await run.press("enter")
        assert "✓ Right" in run.text


async def test_pictures_are_saved_and_code_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, "PNG")
    picture = Picture.from_png("grid", data.getvalue(), caption="a [b]grid[/b]", alt="A grid.")
    monkeypatch.chdir(tmp_path)
    async with running(tmp_path, monkeypatch, size=(100, 60)) as run:
        await at_the_bench(run, Scripted(Solved(evidence(pictures=(picture,)))))
        await run.press("escape", "r", "p", "p")
        saved = sorted(path.name for path in (tmp_path / "studytui-pictures").iterdir())
        assert saved == ["patches.count-grid-1.png", "patches.count-grid.png"]
        assert "a [b]grid[/b]" in run.text
        assert "count(pixels):" not in run.text
        await run.press("c")
        assert "count(pixels):" in run.text


async def test_curves_and_tables_are_drawn_at_80_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("Schedules", ("t", "SNR"), (("500", "1.0"),))
    async with running(tmp_path, monkeypatch, size=(80, 60)) as run:
        await at_the_bench(run, Scripted(Solved(evidence(curves=(CURVE,), tables=(table,)))))
        await run.press("escape", "r")
        assert run.app.screen.query(CurvePlot)
        for text in ("SNR of the schedule", "linear", "cosine", "Schedules"):
            assert text in run.text


async def test_hints_cost_the_suggested_grade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 40)) as run:
        await at_the_bench(run, Scripted(Solved(evidence())))
        await run.press("f2")
        assert "Hint 1." in run.text
        await run.type("196")
        await run.press("enter")
        assert "Suggested: Hard" in run.text


async def test_a_lab_that_does_not_exist_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await at_the_bench(run, Scripted(), "patches.cuont", {})
        assert "Did you mean patches.count" in " ".join(run.text.replace("▌", " ").split())


@pytest.mark.parametrize("typed", ["clip.temperature", "temperature"])
async def test_a_lab_is_found_by_its_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("l")
        await run.settle()
        await run.type(typed)
        for _ in range(100):  # the list searches in the background
            if "clip.temperature" in run.text.replace(f"🔎 {typed}", ""):
                break
            await asyncio.sleep(0.05)
        assert "clip.temperature" in run.text.replace(f"🔎 {typed}", "")


async def test_hostile_evidence_is_shown_not_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Evidence(
        value=196, derivation=(HOSTILE,), code=HOSTILE, facts={"rows": 14, "columns": 14, "embedding_width": 8}
    )
    async with running(tmp_path, monkeypatch, size=(100, 60)) as run:
        await at_the_bench(run, Scripted(Solved(shown)))
        await run.press("escape", "c", "r")
        assert "[bold red]not red[/]" in run.text
        assert "\x1b" not in run.text


async def test_a_far_prediction_is_worth_less_than_a_near_one() -> None:
    from dataclasses import replace

    bench = Bench.of("patches.count", dict(SET))
    assert bench.problem is not None

    async def predicted(text: str) -> Run:
        assert bench.problem is not None
        attempt = Attempt(problem=replace(bench.problem, tolerance=5))
        assert attempt.answer(text) == ""
        assert await attempt.measure(cast("LabClient", Scripted(Solved(evidence()))), lambda *_: None) == ""
        return bench.add(attempt)

    near, far, right = await predicted("205"), await predicted("500"), await predicted("198")
    assert (near.suggested_grade, far.suggested_grade, right.suggested_grade) == (2, 1, 5)
    assert [row["run"] for row in bench.compared()] == ["3", "2", "1"]
    assert json.dumps(bench.compared())


async def test_a_pick_and_an_order_are_predictions_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (other := tmp_path / "order").mkdir()
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        await at_the_bench(run, LabClient(), "denoising.curve", {"quantity": "beta", "schedule": "linear"})
        assert "▁▂▃▄▅▆▇█  straight" in run.text
        rows = [row.region for row in run.app.screen.query("Pick Row")]
        assert all(below.y - row.bottom == 1 for row, below in pairwise(rows))
        problem = run.app.screen.bench.problem  # type: ignore[attr-defined]
        right = 1 + next(n for n, option in enumerate(problem.options) if option.endswith("straight"))
        await run.press(str(right))
        await run.settle()
        assert "✓ Right" in run.text
        assert run.app.screen.query(CurvePlot)
    async with running(other, monkeypatch, size=(140, 45)) as run:
        await at_the_bench(run, LabClient(), "denoising.order_by_signal", {"count": 3})
        await run.press("enter")
        assert "Nothing is in order yet" in run.text
        await run.press("2", "1", "3", "enter")
        await run.settle()
        assert "Measured:" in run.text
        assert "Suggested:" in run.text


async def test_a_slow_prediction_is_worth_less_and_one_after_a_break_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 40)) as run:
        await at_the_bench(run, Scripted(Solved(evidence())))
        await run.type("196")
        await run.press("enter")
        assert "Suggested: Easy" in run.text
        await run.press("n")
        watch = run.app.screen._attempt.watch  # type: ignore[attr-defined]
        watch._before += 250  # as if it had taken so many seconds
        await run.type("196")
        await run.press("enter")
        assert "Suggested: Hard" in run.text
        await run.press("n")
        run.app.screen._attempt.watch._before += 3_000  # type: ignore[attr-defined]
        await run.type("196")
        await run.press("enter")
        assert "Suggested: Good" in run.text


async def test_new_numbers_take_the_old_result_away_and_a_knob_says_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        await at_the_bench(run, Scripted(Solved(evidence())))
        await run.press("escape", "r")
        assert "(1, 3, 224, 224) -> (1, 196, 768)" in run.text
        await run.press("k")
        await run.press(*["backspace"] * 3)
        await run.type("448")
        await run.press("enter")
        assert "Still shown: run 1." in run.text
        assert "(1, 3, 224, 224) -> (1, 196, 768)" in run.text
        await run.press("escape", "n")
        assert "->" not in run.text
        assert "Still shown" not in run.text


async def test_knobs_and_hints_are_a_key_away_from_every_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, exercise in enumerate(("patches.count", "clip.breaks", "denoising.order_by_signal")):
        (home := tmp_path / str(number)).mkdir()
        async with running(home, monkeypatch, size=(80, 24)) as run:
            await at_the_bench(run, Scripted(Solved(evidence())), exercise, {})
            assert "F4 Knobs" in run.text or "k Knobs" in run.text
            await run.press("f2")
            assert "Hint 1." in run.text
            await run.press("f4")
            assert isinstance(run.app.focused, Input | Cycle)
            assert run.app.focused.id == f"knob-{run.app.screen.bench.knobs[0].name}"  # type: ignore[attr-defined]


async def test_a_prediction_stands_on_a_line_as_it_is_typed_and_the_measurement_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        await at_the_bench(run, LabClient())
        assert "Where you put it" not in run.text
        await run.type("20")
        assert "Where you put it" in run.text
        assert "▼ you: 20" in run.text
        await run.type("0")
        assert "▼ you: 200" in run.text
        await run.press("enter")
        assert "You and the measurement" in run.text
        lines = run.text.splitlines()
        you = next(line for line in lines if "▼ you: 200" in line)
        measured = next(line for line in lines if "◆ measured: 196" in line)
        assert measured.index("◆") < you.index("▼")


@pytest.mark.parametrize(("exercise", "params", "typed"), [("patches.count", SET, "195"), ("video.when", {}, "1")])
async def test_verdict_and_value_are_in_sight_at_80_by_24(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exercise: str, params: Any, typed: str
) -> None:
    async with running(tmp_path, monkeypatch, size=(80, 24)) as run:
        await at_the_bench(run, LabClient(), exercise, params)
        await run.type(typed)
        await run.press("enter")
        assert "Suggested:" in run.text
        assert "Measured:" in run.text
        assert "◆ measured:" in run.text


async def test_another_picture_keeps_the_numbers_and_the_command_asks_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shlex

    from typer.testing import CliRunner

    from studytui.cli.main import app

    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        await at_the_bench(run, LabClient(), "video.when", {"frames": 8})
        bench = run.app.screen.bench  # type: ignore[attr-defined]
        params, seed = bench.problem.params, bench.problem.seed
        await run.press("escape", "w")
        assert bench.problem.params == params
        assert bench.problem.seed != seed
        await run.press("escape", "y")
        command = run.app.clipboard
        assert command == bench.command
        posed = bench.problem
    words = shlex.split(command)
    assert words[:3] == ["studytui", "lab", "run"]
    done = await asyncio.to_thread(CliRunner().invoke, app, [*words[1:], "--answer", "3", "--json"])
    said = json.loads(done.stdout)
    assert (said["prompt"], said["params"], said["seed"]) == (posed.prompt, posed.params, posed.seed)


async def test_a_knob_is_swept_after_its_curve_was_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(tmp_path, monkeypatch, size=(120, 40)) as run:
        await at_the_bench(run, LabClient(), "patches.count", {"image_size": 224, "image_width": 224})
        await run.press("f4")
        while run.app.focused is None or run.app.focused.id != "knob-patch_size":
            await run.press("tab")
        await run.press("escape", "s")
        if run.screen == "PickScreen":
            await run.type("patch")
            await run.press("enter")
        assert run.screen == "SweepScreen"
        assert "patch size goes from 4 to" in run.text
        await run.press("enter")
        assert "Draw first" in run.text
        await run.press("9", "8", "up", "up", "backspace", "2", "enter")
        assert run.app.screen.query(CurvePlot)
        sweep = run.app.screen._sweep  # type: ignore[attr-defined]
        assert sweep.drawn[:2] == [9, 2]
        assert sweep.measured == [(224 / patch) ** 2 for patch in sweep.places]
        assert f"Measured: from {sweep.measured[-1]:g} to {sweep.measured[0]:g} patches." in run.text
        assert f"in 1 of {len(sweep.places) - 1} steps" in run.text
        await run.press("p", "p")
        saved = sorted(path.name for path in (tmp_path / "studytui-pictures").iterdir())
        stem = "patches.count-sweep-patch_size"
        assert saved == [f"{stem}-1.csv", f"{stem}-1.svg", f"{stem}.csv", f"{stem}.svg"]
        table = (tmp_path / "studytui-pictures" / f"{stem}.csv").read_text().splitlines()
        assert table[0] == "x,measured,you"
        assert len(table) == len(sweep.places) + 1
        await run.press("escape")
        assert run.screen == "LabScreen"


async def test_a_sweep_is_stopped_and_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(120, 40)) as run:
        client = Scripted()
        await at_the_bench(run, client, "denoising.crossing", {})
        await run.press("escape", "s")
        assert run.screen == "SweepScreen"
        await run.pilot.press("f5")
        await run.pilot.pause(0.1)
        assert "timesteps = 200" in run.text
        await run.pilot.press("escape")
        await run.settle()
        assert "The lab was stopped." in run.text
        client.outcome = Solved(evidence())
        await run.press("f5")
        sweep = run.app.screen._sweep  # type: ignore[attr-defined]
        assert [problem.params["timesteps"] for problem in client.asked[1:]] == sweep.places
        assert "Measured: from 196 to 196" in run.text


async def test_an_answer_that_is_no_number_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 45)) as run:
        await at_the_bench(run, LabClient(), "video.fault", {})
        await run.press("s")
        assert run.screen == "LabScreen"
        assert "There is nothing to sweep here" in run.text
