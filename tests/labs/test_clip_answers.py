"""The CLIP lab: evidence that can be followed, slips that are named, and what learners bring of their own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from labs import catalog
from labs.clip import limits
from labs.protocol import ParamError
from tests.labs.solving import solved, verdict
from tests.quick import quickest


@pytest.mark.parametrize("name", [name for name in catalog.names() if name.startswith("clip.")])
def test_warm_answers_are_quick(name: str) -> None:
    solved(name, 1)
    for seed in range(2, 12):
        assert quickest(partial(solved, name, seed), 0.4) < 0.4


def test_the_right_option_varies() -> None:
    for name in ("clip.caption", "clip.temperature", "clip.ensemble", "clip.breaks", "clip.binding", "clip.probe"):
        places = set()
        for seed in range(20):
            problem, evidence = solved(name, seed)
            places.add(problem.options.index(str(evidence.value)))
        assert len(places) > 1, name


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
    own_picture = str(tmp_path / "own.png")
    own.save(own_picture)
    problem, evidence = solved(
        "clip.caption", 0, picture=own_picture, captions="a red square; a blue circle; a violet zebra"
    )
    assert problem.options == ("a red square", "a blue circle", "a violet zebra")
    assert "your picture" in problem.prompt
    assert evidence.value == "a red square"
    assert "200 × 120 px" in evidence.derivation[0]
    assert any("no embedding for violet, zebra" in line for line in evidence.derivation)
    assert "own.png" in evidence.pictures[0].alt
    assert solved("clip.temperature", 0, picture=own_picture, change="double", asked="winner")[1].value == "it rises"


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
        ("clip.breaks", {"task": "smell"}, "one of left or right"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError) as caught:
        catalog.exercise(name).pose(params, 0)
    assert says in str(caught.value)
