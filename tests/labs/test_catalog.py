"""The list of exercises: instant, free of heavy modules, and with parameters that say what they take."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from labs import catalog
from labs.exercise import Exercise, range_text, stream, validated
from labs.protocol import Param, ParamError, Scalar
from tests.quick import quickest

HEAVY = {"torch", "transformers", "numpy", "PIL", "studytui"}
SECONDS_TO_POSE = 0.05
"""Of the processor: posing happens while the learner waits for the key."""
SIDE = Param("side", "integer", 8, "a side", low=4, high=64, vary=(8, 16))
SHARE = Param("share", "number", 0.5, "a share", low=0, high=1)
MODE = Param("mode", "text", "a", "a mode", choices=("a", "b"))


def test_listing_and_posing_load_no_heavy_module() -> None:
    code = (
        "import json, sys\n"
        "from labs import catalog\n"
        "problems = [e.pose({}, 1) for e in catalog.exercises()]\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert set(json.loads(done.stdout)) & HEAVY == set()


def test_every_exercise_is_described_and_poses_the_same_problem_for_the_same_seed() -> None:
    for exercise in catalog.exercises():
        assert exercise.title
        assert exercise.sections
        assert exercise.covers
        assert catalog.exercise(exercise.name) is exercise
        for param in exercise.params:
            validated([param], {param.name: param.default})
            for value in param.vary:
                validated([param], {param.name: value})
        problem = exercise.pose({}, 7)
        assert problem == exercise.pose({}, 7)
        assert problem.exercise == exercise.name
        assert len(problem.hints) == 2
        assert set(problem.params) == {param.name for param in exercise.params}
        assert len({exercise.pose({}, seed).prompt for seed in range(30)}) > 3


def test_whatever_is_posed_has_what_a_learner_needs() -> None:
    kinds, families = set(), Counter(name.partition(".")[0] for name in catalog.names())
    assert families.keys() >= {"patches", "clip", "denoising", "video", "inspect", "search"}
    assert min(families[name] for name in ("patches", "clip", "denoising", "video", "inspect")) >= 12
    for exercise in catalog.exercises():
        for seed in range(50):
            problem = exercise.pose({}, seed)
            kinds.add(problem.answer_type)
            assert len(set(problem.hints)) == 2, exercise.name
            assert not set(problem.hints) & {problem.prompt}
            assert problem.prompt.rstrip(")")[-1] in "?.", problem.prompt
            if problem.tolerance or problem.tolerance_percent:
                assert problem.tolerance_reason, exercise.name
            if problem.answer_type in ("choice", "order"):
                assert len(set(problem.options)) == len(problem.options) >= 2, problem
            else:
                assert not problem.options
    assert kinds == {"integer", "number", "choice", "order"}


def test_sections_and_objectives_are_those_of_the_course() -> None:
    syllabus = tomllib.loads((Path(__file__).parents[2] / "content/syllabus.toml").read_text(encoding="utf-8"))
    objectives = {fact["id"]: fact["section"] for fact in syllabus["fact"]}
    for exercise in catalog.exercises():
        assert set(exercise.sections) <= set(objectives.values()), exercise.name
        assert set(exercise.covers) <= set(objectives), exercise.name


def test_every_exercise_is_linked_to_a_card() -> None:
    linked = set()
    for file in sorted((Path(__file__).parents[2] / "content/cards").glob("*.toml")):
        for card in tomllib.loads(file.read_text(encoding="utf-8"))["card"]:
            linked |= {card["lab"]["exercise"]} if "lab" in card else set()
    assert set(catalog.names()) == linked


def test_a_posed_problem_is_posed_again_from_its_own_parameters() -> None:
    for exercise in catalog.exercises():
        problem = exercise.pose({}, 3)
        assert exercise.pose(problem.params, 3) == problem


def test_an_unknown_exercise_names_the_closest() -> None:
    with pytest.raises(catalog.UnknownExercise, match=r"Did you mean patches\.count") as caught:
        catalog.exercise("patches.cuont")
    assert caught.value.close_matches[0] == "patches.count"
    with pytest.raises(KeyError, match="lab list"):
        catalog.exercise("?")


def test_a_name_is_registered_once() -> None:
    taken = catalog.exercise("patches.count")
    before = catalog.names()
    with pytest.raises(ValueError, match=r"patches\.count"):
        catalog.register([replace(taken, name="new.one"), taken])
    assert catalog.names() == before


def test_a_card_draws_from_its_lists_and_keeps_what_it_fixes() -> None:
    count = catalog.exercise("patches.count")
    vary: dict[str, list[Scalar]] = {"image_size": [224, 448], "patch_size": [14, 16]}
    drawn = [count.pose({"image_width": 896}, seed, vary).params for seed in range(60)]
    assert drawn[5] == count.pose({"image_width": 896}, 5, vary).params
    assert {(d["image_size"], d["patch_size"]) for d in drawn} == {(224, 14), (224, 16), (448, 14), (448, 16)}
    assert all(d["image_width"] == 896 for d in drawn)
    for exercise in (count, replace(count, varied=None, poser=count.pose)):
        with pytest.raises(ParamError, match="image_size"):
            exercise.pose({}, 1, {"image_size": []})
        assert exercise.pose({}, 3, {"image_size": [640]}).params["image_size"] == 640


def test_streams_of_different_names_are_independent() -> None:
    assert stream(1, "a").random() == stream(1, "a").random()
    assert stream(1, "a").random() != stream(1, "b").random()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"side": 3}, "a whole number from 4 to 64, not 3"),
        ({"side": 65}, "from 4 to 64"),
        ({"side": 8.0}, "a whole number"),
        ({"side": True}, "not True"),
        ({"side": "8"}, "not '8'"),
        ({"share": 1.5}, "a number from 0 to 1"),
        ({"share": float("nan")}, "a number from 0 to 1"),
        ({"mode": "c"}, "one of a, b"),
        ({"mode": 1}, "one of a, b"),
        ({"sied": 8}, "did you mean side"),
        ({"zzz": 8}, "there are side, share, mode"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_range(given: dict[str, object], says: str) -> None:
    with pytest.raises(ParamError) as caught:
        validated([SIDE, SHARE, MODE], given)  # type: ignore[arg-type]
    assert says in str(caught.value)
    assert caught.value.name in given


def test_ranges_are_said_in_words() -> None:
    assert range_text(SHARE) == "a number from 0 to 1"
    assert range_text(replace(SHARE, high=None)) == "a number of at least 0"
    assert range_text(replace(SHARE, low=None)) == "a number of at most 1"
    assert range_text(Param("p", "path", "", "")) == "the path of a file"


@pytest.mark.parametrize("exercise", [one.name for one in catalog.exercises()])
def test_a_knob_turned_to_any_value_is_posed_at_once_with_values_that_are_allowed(exercise: str) -> None:
    chosen = catalog.exercise(exercise)
    draw = stream(1, exercise)
    chosen.pose({}, 0)
    for knob in chosen.params:
        values: list[Scalar] = list(knob.choices)
        if not values and knob.kind == "integer" and knob.low is not None and knob.high is not None:
            values = [int(knob.low), int(knob.high), *(draw.randint(int(knob.low), int(knob.high)) for _ in range(6))]
        for value in values:
            posed = partial(pose_with, chosen, knob.name, value, draw.randrange(10**6))
            assert quickest(posed, SECONDS_TO_POSE) < SECONDS_TO_POSE, (knob.name, value)


def pose_with(chosen: Exercise, name: str, value: Scalar, seed: int) -> None:
    with contextlib.suppress(ParamError):
        problem = chosen.pose({name: value}, seed)
        assert validated(chosen.params, problem.params) == problem.params
        assert problem.params[name] == value


@pytest.mark.parametrize(
    ("exercise", "params"), [("denoising.latent_size", {"height": 99}), ("video.tubelets", {"tubelet": 13})]
)
def test_numbers_that_hardly_go_together_are_posed_or_refused_at_once(exercise: str, params: dict[str, Scalar]) -> None:
    chosen = catalog.exercise(exercise)
    chosen.pose({}, 0)

    def posed() -> None:
        with contextlib.suppress(ParamError):
            problem = chosen.pose(params, 1)
            assert int(problem.params["frames"]) % 13 == 0

    assert quickest(posed, SECONDS_TO_POSE) < SECONDS_TO_POSE
