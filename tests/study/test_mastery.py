"""Mastery by section and objective, and the course map made of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studytui.study.progress import CourseMap, Share, course_map, mastery, statistics
from studytui.study.reading import Reading, begin_unread, mark
from tests.study.desk import Desk


def cells(found: CourseMap) -> dict[str, tuple[int, str | None]]:
    """Of each cell its cards and its weakest stage, by the filter that finds them."""
    return {
        cell.filter_text: (cell.share.total, cell.share.weakest) for row in found.rows for cell in row.cells if cell
    }


def test_an_objective_is_as_far_as_the_weakest_of_its_cards(desk: Desk) -> None:
    found = mastery(desk.workspace).objectives
    assert [(one.objective.id, one.state, one.share.total) for one in found.values()] == [
        ("1.1-01", "new", 2),
        ("1.2-01", "new", 1),
        ("2.1-01", "new", 1),
    ]
    desk.answer("patch-count", 4, 4, 4, 4)
    assert mastery(desk.workspace).objectives["1.1-01"].state == "new", "the other card was never seen"
    desk.answer("patch-what", 4, 0)
    found = mastery(desk.workspace).objectives
    assert found["1.1-01"].state == "lapsed"
    assert found["1.1-01"].share == Share(total=2, lapsed=1, mature=1)
    desk.answer("attention-cloze", 4, 4, 4)
    assert mastery(desk.workspace).objectives["1.2-01"].state == "young"


def test_an_objective_without_a_card_has_no_state(desk: Desk) -> None:
    source = desk.root / "content/cards/02.toml"
    source.write_text("", encoding="utf-8")
    desk.workspace.reload()
    found = mastery(desk.workspace)
    assert found.objectives["2.1-01"].state is None
    assert len(found.entries) == 3


def test_suspended_cards_count_in_their_stage_and_are_never_due(desk: Desk) -> None:
    desk.answer("attention-cloze", 4, days_ago=3)
    assert mastery(desk.workspace).objectives["1.2-01"].share == Share(total=1, learning=1, due=1)
    with desk.workspace.store.connection:
        desk.rows("UPDATE card SET suspended = 1 WHERE key = 'attention-cloze'")
    assert mastery(desk.workspace).objectives["1.2-01"].share == Share(total=1, learning=1)


def test_stats_tell_every_section_and_objective(desk: Desk) -> None:
    desk.answer("patch-count", 4, 4, 4, 4)
    desk.answer("patch-what", 4, 0)
    numbers = statistics(desk.workspace)
    data = numbers.to_json()
    stages = {"total": 2, "new": 0, "lapsed": 1, "learning": 0, "young": 0, "mature": 1, "due": 0}
    assert data["sections"][1] == {"id": "1.1", "title": "Patches", **stages}
    assert data["objectives"][0] == {
        "id": "1.1-01",
        "section": "1.1",
        "text": "Objective of 1.1.",
        "state": "lapsed",
        **stages,
    }
    assert [one["id"] for one in data["objectives"]] == ["1.1-01", "1.2-01", "2.1-01"]
    lines = list(numbers.lines())
    (section,) = [line for line in lines if line.startswith("  1.1 Patches")]
    assert section.split()[2:] == ["2", "0", "1", "0", "0", "1", "0"]
    (objective,) = [line for line in lines if line.startswith("1.1-01")]
    assert objective.split()[-8:] == ["2", "0", "1", "0", "0", "1", "0", "lapsed"]
    assert any("counts as its weakest card" in line for line in lines)
    assert not any("1.1-01" in line for line in numbers.lines(objectives=False))


def test_the_map_by_section_has_a_row_a_chapter_and_a_column_a_place(desk: Desk) -> None:
    desk.answer("latent-choice", 4, 4, 4)
    found = course_map(desk.workspace.course, mastery(desk.workspace), "section")
    assert found.columns == ("all", ".1", ".2")
    assert [row.title for row in found.rows] == ["1  First [bold]things[/bold]", "2  Second things"]
    assert cells(found) == {
        "chapter:1": (3, "new"),
        "section:1.1": (2, "new"),
        "section:1.2": (1, "new"),
        "chapter:2": (1, "young"),
        "section:2.1": (1, "young"),
    }
    assert found.rows[1].cells[2] is None
    assert [one.objective.id for one in found.rows[0].cells[0].objectives] == ["1.1-01", "1.2-01"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("helper", {"helper:eye": 1, "helper:eye chapter:1": 1}),
        ("lens", {"lens:eye": 1, "lens:eye chapter:1": 1}),
    ],
)
def test_the_map_by_helper_and_by_lens(desk: Desk, view: str, expected: dict[str, int]) -> None:
    found = course_map(desk.workspace.course, mastery(desk.workspace), view)  # type: ignore[arg-type]
    assert found.columns == ("all", "1", "2")
    assert {key: total for key, (total, _) in cells(found).items()} == expected
    cell = found.rows[0].cells[0]
    assert cell is not None
    assert [one.objective.id for one in cell.objectives] == [{"helper": "1.1-01", "lens": "1.2-01"}[view]]


def test_the_map_says_what_is_to_be_read_and_how_long_it_takes(desk: Desk) -> None:
    desk.workspace.settings = replace(desk.workspace.settings, read_first=True)
    begin_unread(desk.workspace)
    mark(desk.workspace, ["1.1"], "read")
    (row, _) = course_map(desk.workspace.course, mastery(desk.workspace), "section").rows
    whole, first, second = (cell for cell in row.cells if cell is not None)
    assert first.reading == Reading(2, "read")
    assert second.reading is not None
    assert second.reading.how is None
    assert [part.filter_text for part in whole.parts] == ["section:1.1", "section:1.2"]
    assert whole.section == ("1.2" if second.is_waited_for else "1.1"), "what waits to be read comes first"
