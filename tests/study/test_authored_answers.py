"""`check --answers`: what the authors wrote is graded, and what is misjudged is named with its field."""

from __future__ import annotations

from dataclasses import replace

from studytui.domain.rubric import CommonMistake, Point, Probe, Question
from studytui.study.grader.authored import misjudged

SOUND = Question(
    id="int-cut",
    ask="What becomes of a picture in a ViT?",
    model="The image is cut into square patches. A learned linear layer embeds each patch.",
    points=(
        Point("split", "The image is cut into square patches", ("it is cut up",), ("each pixel is one token",)),
        Point("embed", "A learned linear layer embeds each patch", ("a trained matrix maps each patch to a vector",)),
    ),
    mistakes=(CommonMistake("Every pixel is a token.", "A token stands for a whole square patch of the image."),),
    probes=(Probe("split", "Into what is it cut?", "It is cut into square patches of the same size."),),
)  # fmt: skip


def found(question: Question) -> list[tuple[str, str]]:
    told: list[tuple[int, int]] = []
    rules = [(one.rule, one.field) for one in misjudged([question], lambda *done: told.append(done))]
    assert told == [(0, 1), (1, 1)]
    return rules


def test_answers_that_are_judged_as_they_are_meant_bring_nothing() -> None:
    assert found(SOUND) == []


def test_each_answer_that_is_misjudged_is_named() -> None:
    mistakes = (CommonMistake("The image is cut into square patches.", "Each pixel is one token."),)
    wrong = replace(
        SOUND,
        model="I like trains and boats.",
        mistakes=mistakes,
        probes=(Probe("split", "Into what is it cut?", "?!"),),
    )
    assert found(wrong) == [
        ("model-misjudged", "model"),
        ("mistake-covered", "mistake.0.says"),
        ("correction-contradicted", "mistake.0.correction"),
        ("probe-misjudged", "probe.0.model"),
    ]
