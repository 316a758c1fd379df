"""The CLIP lab: evidence that can be followed, slips that are named, and what learners bring of their own."""

from __future__ import annotations

import io
import math
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labs import catalog, clip
from labs.problems import clip_limits as limits
from labs.protocol import Evidence, ParamError, Problem, SolveRequest
from tests.labs import clip_by_hand as hand
from tests.labs.clip_solving import NAMES, quiet, solved, verdict


@pytest.mark.parametrize("name", NAMES)
def test_evidence_shows_how_the_value_came_about(name: str) -> None:
    problem, evidence = solved(name, 4)
    assert re.search(r"\(\d+, \d+", "\n".join(evidence.derivation)), "no shape is shown"
    assert evidence.derivation[-1].startswith("Source: Radford")
    assert evidence.code.startswith(("def ", "@torch"))
    assert evidence.unit == problem.unit
    assert {"python", "torch", "transformers"} <= set(evidence.versions)
    for picture in evidence.pictures:
        assert len(picture.png) <= 60_000
        image = Image.open(io.BytesIO(picture.png))
        image.load()
        assert max(image.size) <= 448
        assert picture.alt
        assert picture.caption
    assert Evidence.from_json(evidence.to_json()) == evidence
    assert SolveRequest.from_line(SolveRequest("1", problem).to_line()).problem == problem
    assert clip.solve(problem, quiet).value == evidence.value
    assert len(problem.prompt) < 700
    assert problem.tolerance_reason or not (problem.tolerance or problem.tolerance_percent)


@pytest.mark.parametrize("name", NAMES)
def test_warm_answers_are_quick(name: str) -> None:
    solved(name, 1)
    seconds = []
    for seed in range(2, 12):
        started = time.process_time()
        solved(name, seed)
        seconds.append(time.process_time() - started)
    assert sorted(seconds)[7] < 0.4


def test_the_right_option_varies() -> None:
    for name in ("clip.caption", "clip.temperature", "clip.ensemble", "clip.breaks", "clip.binding", "clip.probe"):
        places = set()
        for seed in range(20):
            problem, evidence = solved(name, seed)
            places.add(problem.options.index(str(evidence.value)))
        assert len(places) > 1, name


@pytest.mark.parametrize(
    ("name", "params", "mistakes"),
    [
        ("clip.probability", {}, ["forgot the logit scale", "used the parameter", "gave the cosine"]),
        ("clip.odds", {"factor": 2}, ["multiplied", "left it", "inverse power", "added"]),
        (
            "clip.logit_scale",
            {"parameter": 2.66, "wanted": "scale"},
            ["forgot the exponential", "took one for the other"],
        ),
        ("clip.entry", {}, ["rows for columns", "forgot the scale", "divided by the scale", "the matching pair"]),
        ("clip.loss", {"direction": "both"}, ["summed the batch", "base two", "forgot the scale", "took the start"]),
        ("clip.uniform_loss", {"batch": 32}, ["base two", "base ten", "gave the probability", "summed the directions"]),
        ("clip.negatives", {"batch": 16, "workers": 4, "counted": "each"}, ["counted the match", "one worker only"]),
        (
            "clip.negatives",
            {"batch": 16, "workers": 1, "counted": "all"},
            ["one row only", "halved it", "counted the diagonal"],
        ),
        ("clip.recall", {"k": 5}, ["gave the count", "took chance", "counted the misses"]),
        ("clip.unseen", {"labels": "pairs"}, ["took chance", "expected nothing"]),
        ("clip.counting", {"count": 2}, ["took chance"]),
    ],
)
def test_known_mistakes_are_named(name: str, params: dict[str, Any], mistakes: list[str]) -> None:
    named: set[str] = set()
    for seed in range(6):
        problem, evidence = solved(name, seed, **params)
        for typed in slips(problem, evidence):
            judged = verdict(f"{typed:.6g}", problem, evidence)
            if not judged.correct and judged.mistake:
                assert judged.message.endswith(".")
                named.add(judged.mistake)
    assert set(mistakes) <= named


def slips(problem: Problem, evidence: Evidence) -> list[float]:
    """Numbers people type by a slip, worked out from the numbers of the prompt and the evidence."""
    right, p, facts = float(str(evidence.value)), problem.params, evidence.facts
    match problem.exercise:
        case "clip.probability":
            cosines, at = np.array([float(c) for c in facts["cosines"]]), int(str(facts["asked"]))  # type: ignore[union-attr]
            bare = 100 * hand.softmax(cosines)[at]
            stored = 100 * hand.softmax(cosines * math.log(hand.SCALE))[at]
            return [bare, stored, 100 * cosines[at]]
        case "clip.odds":
            before = float(str(facts["before"]))
            return [2 * before, before, before**0.5, before + 2]
        case "clip.logit_scale":
            return [2.66, math.exp(-2.66)]
        case "clip.entry":
            diagonal = [float(one) for one in facts["diagonal"]]  # type: ignore[union-attr]
            cosine = right / hand.SCALE
            return [float(str(facts["mirrored"])), cosine, cosine / hand.SCALE, *diagonal]
        case "clip.loss":
            return [3 * right, right / math.log(2), float(str(facts["unscaled"])), math.log(3)]
        case "clip.uniform_loss":
            return [5, math.log10(32), 1 / 32, 2 * math.log(32)]
        case "clip.negatives":
            n = int(p["batch"]) * int(p["workers"])
            return [n, n - 1, n * n, n * (n - 1) / 2, int(p["batch"]) - 1]
        case "clip.recall":
            return [right / 10, 100 - right, 0.5]
        case "clip.unseen":
            return [1.56, 0]
        case _:
            return [20]


def test_a_miss_on_a_choice_says_what_was_seen() -> None:
    problem, evidence = solved("clip.caption", 0)
    for option in problem.options:
        judged = verdict(option, problem, evidence)
        if not judged.correct:
            assert "%" in judged.message
    problem, evidence = solved("clip.temperature", 1, change="double", asked="winner")
    assert verdict("it falls", problem, evidence).mistake == "turned the temperature round"
    assert verdict("3", problem, evidence).mistake == "thought only the order counts"
    problem, evidence = solved("clip.temperature", 1, change="add")
    assert verdict("it rises", problem, evidence).mistake == "thought a constant matters"
    problem, evidence = solved("clip.breaks", 1, task="left or right")
    assert verdict(limits.BANDS[2], problem, evidence).mistake == "trusted it too much"
    problem, evidence = solved("clip.probe", 1, target="across")
    assert verdict(limits.READERS[0], problem, evidence).mistake == "trusted both"


def test_a_learners_own_picture_and_captions_are_compared(tmp_path: Path) -> None:
    own = Image.new("RGB", (200, 120), (30, 30, 30))
    own.paste((214, 36, 40), (60, 30, 130, 100))
    own.save(tmp_path / "own.png")
    problem, evidence = solved(
        "clip.caption", 0, picture=str(tmp_path / "own.png"), captions="a red square; a blue circle; a violet zebra"
    )
    assert problem.options == ("a red square", "a blue circle", "a violet zebra")
    assert "your picture" in problem.prompt
    assert evidence.value == "a red square"
    assert "200 × 120 px" in evidence.derivation[0]
    assert any("no embedding for violet, zebra" in line for line in evidence.derivation)
    assert "own.png" in evidence.pictures[0].alt
    assert solved("clip.temperature", 0, picture=str(tmp_path / "own.png"), change="double")[1].value == "it rises"


def test_a_learners_own_prompt_and_query_are_used() -> None:
    problem, evidence = solved("clip.prompts", 0, template="the colour of a {} is seen", shown="one thing")
    assert "the colour of a " in problem.prompt
    assert any("colour" in line and "seen" in line for line in evidence.derivation)
    problem, evidence = solved("clip.search", 0, query="Three red hearts, please")
    assert "Three red hearts, please" in problem.prompt
    assert isinstance(evidence.value, int)


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("clip.caption", {"captions": "one alone"}, "from 2 to 8 captions"),
        ("clip.caption", {"captions": "; ;"}, "no caption"),
        ("clip.caption", {"captions": "a cat; A  cat"}, "the same"),
        ("clip.caption", {"captions": f"a; {'b' * 300}"}, "at most 200"),
        ("clip.caption", {"picture": "/nowhere/at/all.png"}, "there is no file"),
        ("clip.caption", {"model": "/nowhere/at/all"}, "there is no folder"),
        ("clip.caption", {"model": "a\0b"}, "no folder and no name"),
        ("clip.caption", {"model": "a b"}, "there is no folder"),
        ("clip.prompts", {"template": "a photo"}, "must hold {} once"),
        ("clip.prompts", {"template": "{} {}"}, "must hold {} once"),
        ("clip.prompts", {"template": "{0}{}"}, "must hold {} once"),
        ("clip.prompts", {"template": "{}" + "x" * 300}, "at most 200"),
        ("clip.search", {"query": "a cat"}, "must name a colour"),
        ("clip.search", {"query": "something red"}, "must name a shape"),
        ("clip.negatives", {"batch": 64, "workers": 8}, "at most 128"),
        ("clip.uniform_loss", {"batch": 1}, "from 2 to 64"),
        ("clip.counting", {"count": 6}, "from 1 to 5"),
        ("clip.breaks", {"task": "smell"}, "one of colour"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError) as caught:
        catalog.exercise(name).pose(params, 0)
    assert says in str(caught.value)
