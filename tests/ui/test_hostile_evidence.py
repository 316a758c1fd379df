"""Whatever evidence passes the border is shown: in the terminal, as SVG, on the command line and in the log."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll

from labs.protocol import Curve, Evidence, Look, Problem, ProtocolError, Solved, event_from_line
from studytui.cli import lab as lab_command
from studytui.study import labs
from studytui.study.attempt import Attempt, look_lines
from studytui.study.bench import Run
from studytui.study.reports import plot_svg
from studytui.ui.widgets.charts import Mark, number_line
from studytui.ui.widgets.evidence import CurvePlot, EvidenceView
from tests.labs.hostile import as_line, honest, hostile

PROBLEM = Problem("patches.count", {"image_size": 224}, 7, "How many?", "integer")
NUMBERS = (0, 1, -1, 1e100, -1e100, 5e-324, -5e-324, 1e-100, 1.0000000001, 1e16, 10**99, 3.5, 2.2250738585072014e-308)


def accepted(count: int) -> Iterator[Evidence]:
    """Hostile evidence that the protocol lets through, and curves of extreme numbers."""
    passed = 0
    for seed in itertools.count(10_000):
        try:
            event = event_from_line(as_line(hostile(seed)))
        except ProtocolError:
            continue
        assert isinstance(event, Solved)
        yield event.evidence
        passed += 1
        if passed == count:
            break
    rng = random.Random(1)
    for size in (1, 2, 3, 60):
        for _ in range(5):
            data = honest()
            series = {name: [rng.choice(NUMBERS) for _ in range(size)] for name in ("a", "[b]", "c" * 200)}
            data["curves"] = [data["curves"][0] | {"x": [rng.choice(NUMBERS) for _ in range(size)], "series": series}]
            data["value"] = rng.choice(NUMBERS)
            yield Evidence.from_json(data)


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield EvidenceView()


@pytest.mark.parametrize("size", [(80, 24), (30, 8)])
async def test_what_passes_the_border_is_shown_on_the_screen(size: tuple[int, int]) -> None:
    app = Shown()
    async with app.run_test(size=size) as pilot:
        view = app.query_one(EvidenceView)
        for evidence in accepted(40):
            await view.show(evidence, with_code=True)
            await pilot.pause()
        assert view.children


def test_what_passes_the_border_is_written_printed_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, evidence in enumerate(accepted(300)):
        for curve in evidence.curves:
            drawn = plot_svg(curve)
            assert "nan" not in drawn.replace("mant", "")
        json.dumps(labs.for_log(PROBLEM, evidence), allow_nan=False)
        assert isinstance(labs.show_value(evidence), str)
        for line in look_lines(Look(evidence.pictures, evidence.curves)):
            assert isinstance(line, str)
        if isinstance(evidence.value, int | float):
            marks = [Mark(value, "▼", "here", "") for value in (196.0, float(evidence.value))]
            assert number_line(marks, 40, is_share=number % 2 == 0).plain.count("▼") == 2
            assert number_line(marks[1:], 40).plain
        run = Run(PROBLEM, "196", evidence, None, None)
        assert isinstance(run.measured + run.distance, str)
        attempt = Attempt(problem=PROBLEM, measured=evidence)
        lab_command._print(attempt, with_question=True)
        if number % 20 == 0:
            lab_command._write(tmp_path / str(number), attempt)
    assert "Measured: " in capsys.readouterr().out


@pytest.mark.parametrize("png", [b"", b"\x89PNG\r\n\x1a\n", None])
async def test_a_picture_whose_bytes_are_damaged_is_shown_as_words(png: bytes | None) -> None:
    event = event_from_line(as_line(honest()))
    assert isinstance(event, Solved)
    (picture,) = event.evidence.pictures
    rng = random.Random(3)
    app = Shown()
    async with app.run_test() as pilot:
        for _ in range(40):
            data = bytearray(picture.png)
            for _ in range(rng.randrange(1, 5)):
                data[rng.randrange(24, len(data))] = rng.randrange(256)
            damaged: Any = type(picture).from_png("a", bytes(data) if png is None else png, caption="", alt="in words")
            await app.query_one(EvidenceView).show(replace(event.evidence, pictures=(damaged,)))
            await pilot.pause()


async def test_a_curve_on_a_logarithmic_axis_is_drawn_again_as_it_was() -> None:
    event = event_from_line(as_line(honest()))
    assert isinstance(event, Solved)
    app = Shown()
    async with app.run_test(size=(80, 40)) as pilot:
        await app.query_one(EvidenceView).show(event.evidence)
        await pilot.pause()
        (plot,) = app.query(CurvePlot)
        first = str(plot.render())
        assert "10000" in first
        assert str(plot.render()) == first
        await pilot.resize_terminal(60, 40)
        await pilot.pause(0.1)
        assert "10000" in str(plot.render())


async def test_the_marks_of_a_plot_are_round() -> None:
    app = Shown()
    async with app.run_test(size=(80, 40)) as pilot:
        curve = Curve("SNR", "t", "dB", (0.0, 250.0, 499.0, 999.0), {"linear": (30.7, 12.7, -5.3, -23.3)})
        await app.query_one(EvidenceView).mount(CurvePlot(curve))
        await pilot.pause()
        text = str(app.query_one(CurvePlot).render())
        assert all(f" {mark}┤" in text for mark in (20, 0))
        assert "-20┤" in text
        assert "249.8" not in text
        assert "30.7" not in text
