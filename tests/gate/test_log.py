"""A gate's log in the database: durable rows with their evidence, read back, and what stands after each."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from labs import catalog
from studytui.domain.gate import PartAttempt
from studytui.domain.sm2 import Schedule
from studytui.errors import Busy
from studytui.store import Stamp
from studytui.store.doctor import examine
from studytui.study import gate as standing_module
from studytui.study.card_actions import set_due_together, take_back
from studytui.study.gate import (
    GateRecorder,
    GateStatus,
    NoGate,
    cards_to_move,
    evidence_name,
    gate_head,
    gate_home_line,
    gate_line,
    gate_status,
    gate_status_at,
    missing_lines,
    path_lines,
    pose_item,
)
from studytui.study.review import open_session
from studytui.study.workspace import Workspace
from tests.examples import examples
from tests.gate import oracle
from tests.gate.course import (
    AUDIT,
    GATE,
    GOOD_LATENTS,
    GOOD_PATCHES,
    POOR,
    answer,
    compute,
    later,
    pass_all,
    recall,
    recorder_of,
    workspace_at,
    write_gated,
)
from tests.gate.logs import CARDS, Log, Review, logs
from tests.ui.tiny_course import COURSE, TestClock

REPOSITORY = Path(__file__).parents[2]


def states(found: GateStatus) -> dict[str, str]:
    """The state of every item, part and retention part."""
    seen: dict[str, str] = {item.item.id: item.state for item in found.verdict.items}
    for item in found.verdict.items:
        seen |= {part.key: part.state for part in item.parts}
        seen[f"{item.item.id}/retention"] = item.retention.state
    return seen


def test_an_untouched_gate_is_not_yet_seen_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        found = gate_status(workspace)
        assert set(states(found).values()) == {"unseen"}
        assert found.verdict.is_untouched
        assert gate_line(found) == "Module 9 is locked: its gap audit of 2 items has not been started."
        assert workspace.store.connection.execute("SELECT count(*) FROM course").fetchone() == (1,)


def test_an_answer_in_words_is_a_row_with_its_points_and_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        given = answer(workspace, "patches/tell", GOOD_PATCHES)
        row = workspace.store.connection.execute(
            "SELECT r.action, r.grade, r.correct, r.evidence, r.state_before, r.state_after, c.key, k.key FROM review r"
            " JOIN card c ON c.id = r.card_id JOIN course k ON k.id = c.course_id"
        ).fetchone()
        assert row[:3] == ("cram", 5, 1)
        assert row[4] == row[5]
        assert row[6:] == ("patches/tell", "tiny/gate:first")
        evidence = json.loads(row[3])
        assert evidence["answer"] == GOOD_PATCHES
        assert evidence["course_version"] == "1"
        assert evidence["points"][0]["coverage"] == "covered"
        quote = evidence["points"][0]["quote"]
        assert GOOD_PATCHES[quote["start"] : quote["end"]] == quote["text"]
        assert given.passed
        assert gate_status(workspace).log.of("patches/tell") == (given,)
        assert states(gate_status(workspace))["patches/tell"] == "ready"


def test_a_vague_answer_says_what_was_said_and_what_was_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        answer(workspace, "patches/tell", POOR)
        found = gate_status(workspace)
        assert (states(found)["patches"], states(found)["patches/tell"]) == ("vague", "vague")
        lines = "\n".join(missing_lines(found.verdict))
        assert "You said: I like trains." in lines
        assert "Missing: A patch is a small square of the picture" in lines
        assert "1.1 Patches" in "\n".join(path_lines(found, workspace.course))


def test_a_learners_own_word_for_a_point_does_not_pass_a_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        recorder = recorder_of(workspace)
        item, part = next(iter(recorder.gate.parts()))
        from studytui.study.gate import grade_written

        raised = grade_written(part, POOR)  # type: ignore[arg-type]
        for verdict in raised.verdicts:
            raised = raised.choose(verdict.point_id, "covered")
        given = recorder.written(item, part, raised)  # type: ignore[arg-type]
        assert not given.passed
        assert {point.coverage for point in given.points} == {"missed"}


def test_a_dispute_is_noted_and_changes_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        given = answer(workspace, "patches/tell", POOR)
        disputed = recorder_of(workspace).dispute(given, "square", "trains have square windows")
        assert [dispute.note for dispute in disputed.disputes] == ["trains have square windows"]
        assert not disputed.passed
        found = gate_status(workspace)
        assert found.log.of("patches/tell") == (disputed,)
        assert states(found)["patches/tell"] == "vague"


def test_a_number_is_a_row_from_which_the_problem_can_be_posed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        given = compute(workspace, "patches/count", right=False)
        assert given.computation.exercise == "patches.count"
        again = catalog.exercise("patches.count").pose(given.computation.params, given.computation.seed)
        assert (again.prompt, evidence_name(again)) == (given.ask, given.problem)
        evidence = json.loads(workspace.store.connection.execute("SELECT evidence FROM review").fetchone()[0])
        assert {"exercise", "params", "seed", "value", "answer", "right", "derivation"} <= set(evidence)
        assert given.missing[0].endswith(f"Measured: {given.computation.right}.")


def test_every_attempt_has_numbers_that_no_earlier_one_had_while_there_are_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        names = [compute(workspace, "patches/count").problem for _ in range(6)]
        assert len(set(names)) == 6
        recorder = recorder_of(workspace)
        _, part = list(recorder.gate.parts())[1]
        oldest = pose_item(part, recorder.answers("patches/count"))  # type: ignore[arg-type]
        assert evidence_name(oldest) == names[0]


def test_parts_two_recalls_and_three_days_between_them_open_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        pass_all(workspace)
        for key in ("patch-count", "latent-choice"):
            recall(workspace, key)
        assert not gate_status(workspace).verdict.is_ready
        assert str(gate_status(workspace).verdict.retention_on) == "2026-03-13"
        assert "retention from 2026-03-13" in gate_line(gate_status(workspace))
        later(workspace, 3)
        for key in ("patch-what", "latent-choice"):  # another card of the same objective does as well
            recall(workspace, key)
        found = gate_status(workspace)
        assert found.verdict.is_ready
        assert [item.retention.by for item in found.verdict.items] == ["recall", "recall"]
        assert gate_home_line(workspace) == "Module 9 is open: all 2 items of its gap audit are ready."


def test_a_pass_fades_with_a_lapse_and_comes_back_with_a_recall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        pass_all(workspace)
        for _ in range(2):
            for key in ("patch-count", "latent-choice"):
                recall(workspace, key)
            later(workspace, 3)
        assert gate_status(workspace).verdict.is_ready
        recall(workspace, "latent-choice", 2)
        found = gate_status(workspace)
        assert found.verdict.has_faded
        assert states(found)["latents/tell"] == "ready"
        assert (states(found)["latents"], states(found)["latents/retention"]) == ("vague", "vague")
        assert (
            gate_line(found) == "The gap audit for Module 9 has faded: you missed 1 card; ready again from 2026-03-17."
        )
        assert found.path.answer == found.path.labs == found.path.sections == ()
        assert [step.key for step in found.path.cards] == ["latent-choice"]
        later(workspace, 1)
        recall(workspace, "latent-choice", 4)
        assert gate_status(workspace).verdict.is_ready


def test_testing_out_takes_two_days_with_fresh_numbers_and_no_cards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        pass_all(workspace)
        assert not gate_status(workspace).verdict.is_ready
        later(workspace, 1)
        pass_all(workspace)
        found = gate_status(workspace)
        assert found.verdict.is_ready
        assert [item.retention.by for item in found.verdict.items] == ["test-out", "test-out"]


def test_what_was_taken_back_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        answer(workspace, "latents/tell", GOOD_LATENTS)
        number = workspace.store.course_no("tiny/gate:first")
        assert number is not None
        workspace.store.undo(number, workspace.stamp("s"))
        assert states(gate_status(workspace))["latents/tell"] == "unseen"
        recall(workspace, "latent-choice")
        open_session(workspace).undo()
        assert all(not card.reviews for card in gate_status(workspace).recalled)


def test_an_override_opens_and_a_lock_closes_and_both_are_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        recorder = recorder_of(workspace)
        with pytest.raises(ValueError, match="needs a reason"):
            recorder.override("  ", [])
        recorder.override("I teach this", missing_lines(gate_status(workspace).verdict))
        found = gate_status(workspace)
        assert (found.is_open, found.verdict.is_ready) == (True, False)
        assert found.log.override is not None
        assert found.log.override.reason == "I teach this"
        assert any("What patches are" in line for line in found.log.override.missing)
        assert gate_line(found) == "Module 9 was opened on 2026-03-10 without its gap audit: 0 of 2 items ready."
        recorder.lock()
        assert not gate_status(workspace).is_open
        kinds = [
            json.loads(row[0])["kind"] for row in workspace.store.connection.execute("SELECT evidence FROM review")
        ]
        assert kinds == ["override", "lock"]


def test_the_parts_follow_their_file_and_answers_to_parts_that_left_it_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        answer(workspace, "latents/tell", GOOD_LATENTS)
    write_gated(
        tmp_path / "course",
        audit=AUDIT.replace('id = "tell"\ntitle = "Explain lat', 'id = "say"\ntitle = "Explain lat'),
    )
    with workspace_at(tmp_path, monkeypatch, tmp_path / "course") as workspace:
        assert states(gate_status(workspace))["latents/say"] == "unseen"
        answer(workspace, "latents/say", GOOD_LATENTS)
        keys = workspace.store.connection.execute(
            "SELECT key, archived FROM card WHERE key LIKE 'latents/%'"
        ).fetchall()
        assert sorted(keys) == [("latents/say", 0), ("latents/tell", 1)]


def test_two_windows_may_answer_the_same_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as one, workspace_at(tmp_path, monkeypatch, tmp_path / "course") as other:
        answer(one, "latents/tell", POOR)
        answer(other, "latents/tell", GOOD_LATENTS)
        answer(one, "latents/tell", POOR)
        assert [each.passed for each in gate_status(other).log.of("latents/tell")] == [False, True, False]


def test_a_database_that_cannot_be_written_loses_nothing_and_may_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        answer(workspace, "patches/tell", POOR)
        real = workspace.store.answer

        def refuse(*_: object) -> int:
            raise Busy("Another window holds the database.")

        workspace.store.answer = refuse  # type: ignore[method-assign, assignment]
        with pytest.raises(Busy):
            answer(workspace, "patches/tell", GOOD_PATCHES)
        workspace.store.answer = real  # type: ignore[method-assign]
        assert answer(workspace, "patches/tell", GOOD_PATCHES).passed


def test_the_doctor_finds_nothing_after_an_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        pass_all(workspace)
        recorder_of(workspace).override("why not", [])
        recall(workspace, "patch-count")
        assert examine(workspace.store) == []


def test_a_row_that_holds_nothing_of_a_gate_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        answer(workspace, "patches/tell", POOR)
        workspace.store.connection.execute('UPDATE review SET evidence = \'{"kind": "explain"}\'')
        assert gate_status(workspace).verdict.is_untouched


def test_cards_come_forward_to_the_day_that_counts_and_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        recall(workspace, "patch-count", 5)
        later(workspace, 1)
        recall(workspace, "patch-count", 5)  # due in six days now; the third day is enough
        found = gate_status(workspace)
        days = cards_to_move(found, ["patch-count", "patch-what"])
        assert {key: str(days[card.no]) for key, card in found.cards.items() if card.no in days} == {
            "patch-count": "2026-03-13"
        }
        moved = set_due_together(workspace, days)
        card = workspace.store.card(workspace.course_no, "patch-count")
        assert card is not None
        assert str(card.state.schedule.due_on) == "2026-03-13"
        assert cards_to_move(gate_status(workspace), ["patch-count"]) == {}
        assert take_back(workspace, moved) == 1
        card = workspace.store.card(workspace.course_no, "patch-count")
        assert card is not None
        assert str(card.state.schedule.due_on) == "2026-03-17"
        assert examine(workspace.store) == []


def test_a_new_card_is_brought_to_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        found = gate_status(workspace)
        days = cards_to_move(found)
        moved = set_due_together(workspace, days)
        assert {key: str(days[card.no]) for key, card in found.cards.items() if card.no in days} == {
            "patch-count": "2026-03-10",
            "latent-choice": "2026-03-10",
        }
        assert take_back(workspace, moved) == 2
        card = workspace.store.card(workspace.course_no, "latent-choice")
        assert card is not None
        assert card.state.schedule == Schedule()


def test_a_gate_is_found_by_its_module_its_id_and_what_it_unlocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        assert {gate_head(workspace.course, name).id for name in ("", "9", "first", "module 9", "FIRST")} == {"first"}
        with pytest.raises(NoGate, match="there are: 9"):
            gate_head(workspace.course, "14")
        with pytest.raises(NoGate, match="has no gap audit"):
            gate_head(replace(workspace.course, gates=()))


def test_the_home_screens_line_follows_the_log_through_every_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, opened = "Module 9 is locked: ", "Module 9 is open: all 2 items of its gap audit are ready."
    with workspace_at(tmp_path, monkeypatch) as workspace:

        def line() -> str:
            """What a window that knows nothing but the database says."""
            with workspace_at(tmp_path, monkeypatch, workspace.root) as other:
                other.clock.moment = workspace.clock.now()  # type: ignore[attr-defined]
                return gate_home_line(other)

        assert line() == f"{locked}its gap audit of 2 items has not been started."
        answer(workspace, "patches/tell", POOR)
        assert line() == f"{locked}0 of 2 ready, 1 shaky; retention from 2026-03-13."
        pass_all(workspace)
        assert line() == f"{locked}0 of 2 ready; retention from 2026-03-13."
        recorder_of(workspace).override("for a talk", [])
        assert line() == "Module 9 was opened on 2026-03-10 without its gap audit: 0 of 2 items ready."
        recorder_of(workspace).lock()
        for key in ("patch-count", "latent-choice"):
            recall(workspace, key)
        later(workspace, 3)
        recall(workspace, "latent-choice")
        assert line() == f"{locked}1 of 2 ready; retention from 2026-03-13."
        recall(workspace, "patch-count")
        assert line() == opened
        later(workspace, 5)
        assert line() == opened
        recall(workspace, "patch-count", 2)
        assert line() == "The gap audit for Module 9 has faded: you missed 1 card; ready again from 2026-03-19."
        later(workspace, 1)
        session = open_session(workspace)
        recall(workspace, "patch-count", 4)
        assert line() == opened
        session.undo()
        assert "has faded" in line()
        answer(workspace, "latents/tell", POOR)
        assert line() == f"{locked}0 of 2 ready, 2 shaky; retention from 2026-03-19."


def test_the_home_screen_tells_of_the_first_gate_that_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = GATE.replace('"first"', '"second"').replace('"9"', '"10"').replace("Module 9", "Module 10")
    root = write_gated(tmp_path / "course", gate=GATE + second)
    with workspace_at(tmp_path, monkeypatch, root) as workspace:
        assert gate_home_line(workspace).startswith("Module 9 is locked")
        for _ in range(2):
            pass_all(workspace)
            later(workspace, 1)
        assert gate_home_line(workspace) == "Module 10 is locked: its gap audit of 2 items has not been started."


def test_an_answer_is_in_the_log_though_the_app_is_killed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        answer(workspace, "patches/tell", POOR)
    script = (
        "import os, signal, sys, pytest\n"
        "from pathlib import Path\n"
        "from tests.gate.course import compute, workspace_at\n"
        "where = Path(sys.argv[1])\n"
        "with workspace_at(where, pytest.MonkeyPatch(), where / 'course') as workspace:\n"
        "    compute(workspace, 'patches/count')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=REPOSITORY, check=False)
    assert ended.returncode == -signal.SIGKILL
    with workspace_at(tmp_path, monkeypatch, tmp_path / "course") as workspace:
        found = gate_status(workspace)
        assert states(found)["patches/tell"] == "vague"
        assert found.verdict.item("patches").parts[1].right == 1
        assert examine(workspace.store) == []


CARD_FILE = "".join(
    f'[[card]]\nid = "{key}"\nsection = "1.1"\ncovers = {json.dumps(list(covers))}\ngroup = "{key}"\n'
    'kind = "basic"\nfront = "?"\nback = "!"\n\n'
    for key, covers in CARDS.items()
)


@given(logs())
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_replaying_a_log_gives_its_verdicts_and_the_home_screens_line(
    tmp_path_factory: pytest.TempPathFactory, log: Log
) -> None:
    tmp_path = tmp_path_factory.mktemp("replay")
    root = write_gated(tmp_path / "course")
    (root / "content/cards/01.toml").write_text(CARD_FILE, encoding="utf-8")
    assert "[[gate]]" not in COURSE
    with pytest.MonkeyPatch.context() as patch, workspace_at(tmp_path, patch, root) as workspace:
        write_log(workspace, log)
        workspace.clock.moment = workspace.clock.moment.replace(  # type: ignore[attr-defined]
            year=log.day.year, month=log.day.month, day=log.day.day
        )
        found = gate_status_at(workspace.store, workspace.course.id, log.gate, log.day)
        for item in found.verdict.items:
            assert item.state == oracle.item_state(log, item.item)
            assert item.retention.state == oracle.retention_state(log, item.item)
            for part in item.parts:
                assert part.state == oracle.part_state(log, item.item, part.part)
        patch.setattr(standing_module, "gate_of", lambda *_: log.gate)
        line = gate_home_line(workspace)
        assert line == gate_line(found)
        true = [oracle.item_state(log, item) for item in log.gate.items]
        assert ("is open" in line) == (true == ["ready", "ready"])
        if "2 ready" in line:
            assert f"{true.count('ready')} of 2 ready" in line
            assert (f"{true.count('vague')} shaky" in line) == ("vague" in true)
        assert examine(workspace.store) == []


def write_log(workspace: Workspace, log: Log) -> None:
    """Make the log happen, in the order of its days; what was taken back is taken back at once."""
    clock = workspace.clock
    assert isinstance(clock, TestClock)
    recorder = GateRecorder(workspace, log.gate)
    number = recorder._course_no()
    made: list[PartAttempt | Review] = [*log.attempts, *log.reviews]
    events = sorted(made, key=lambda event: event.day)
    for event in events:
        clock.moment = clock.moment.replace(year=event.day.year, month=event.day.month, day=event.day.day)
        if isinstance(event, Review):
            if event.grade is None:
                stored = workspace.store.card(workspace.course_no, event.card)
                assert stored is not None
                after = replace(stored.state, schedule=Schedule())
                workspace.store.act("reset", {stored.no: after}, Stamp(clock.now(), event.day, "s"))
            else:
                recall(workspace, event.card, event.grade)
        else:
            evidence = {
                "kind": "compute", "title": "", "ask": "", "answer": "", "course_version": "1", "exercise": "x",
                "passed": event.passed, "params": {}, "seed": 1, "right": "", "message": "", "derivation": [],
                "versions": {}, "problem": event.problem,
            }  # fmt: skip
            recorder._row(event.key, evidence, correct=event.passed)
        if event.undone:
            course = workspace.course_no if isinstance(event, Review) else number
            workspace.store.undo(course, Stamp(clock.now(), event.day, "s"))
