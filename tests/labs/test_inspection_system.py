"""The shipped inspection system: one part differs in each fault, and cards hold what the bench teaches."""

from __future__ import annotations

import math
from dataclasses import fields
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from labs.inspect import system as inspection
from labs.inspect.diagnosis import LENS_OF, LENSES, POOL, SHOWN, Experiment, Fault, boards_of
from labs.inspect.system import (
    EXPERIMENTS,
    WORKFLOWS,
    ZOOM,
    Bench,
    System,
    answers,
    faulty_part,
    margins,
    pair,
    planted,
    probed,
    recall,
    reference,
    scores,
)
from labs.models import train, weights
from labs.models.inspection.parts import DAMAGED, Bridge, ids
from labs.scenes.burns import VIEW_PX, views

NAMES = ("inspection", "inspection_faults")
PART_OF = {"eye": "camera", "translator": "bridge", "reasoner": "reasoner", "workflow": "workflow"}


@cache
def bench() -> Bench:
    """Four pairs: what an eye said of a view is kept for all tests."""
    return Bench([pair(index) for index in range(4)])


@cache
def shown(name: str) -> dict[str, float]:
    """The scores of a card."""
    found: dict[str, float] = weights.card(name)["scores"]
    return found


def of(fault: Fault | str, key: str) -> float:
    return shown("inspection_faults")[f"{fault.replace(' ', '_').replace('%', '')}_{key}"]


def test_files_are_small_whole_and_described() -> None:
    for name in NAMES:
        assert name in train.RECIPES
        card = weights.card(name)
        tensors = weights.load(name)
        assert sum(tensor.numel() for tensor in tensors.values()) == card["weights"]
        assert all(torch.isfinite(tensor).all() for tensor in tensors.values())
        assert {"data", "seed", "iterations", "seconds", "scores", "weakness", "versions"} <= set(card)
    assert sum(weights.card(name)["bytes"] for name in NAMES) < 4_000_000
    order = list(train.RECIPES)
    assert order.index("inspection") < order.index("inspection_faults")  # which needs the reference


def test_a_card_may_name_a_fault_in_words(tmp_path: Path) -> None:
    facts = {"stated": {"thresholds": {"98% healthy": 1.5, "haze": 2}, "a b": {"c": [1, 2]}}}
    weights.save("faults", {"x": torch.zeros(2)}, facts, tmp_path)
    assert weights.card("faults", tmp_path)["stated"] == facts["stated"]


@pytest.mark.parametrize("fault", list(LENS_OF))
def test_a_fault_is_one_part_that_is_not_the_references(fault: Fault) -> None:
    good, bad = reference(), planted(fault)
    differ = {field.name for field in fields(System) if getattr(good, field.name) is not getattr(bad, field.name)}
    assert differ - {"threshold", "calibrated"} == {PART_OF[LENS_OF[fault]]}
    assert (bad.threshold == good.threshold) is (LENS_OF[fault] == "reasoner")
    mended = bad.swap(**{PART_OF[LENS_OF[fault]]: getattr(good, PART_OF[LENS_OF[fault]])}, threshold=good.threshold)
    assert scores(mended, bench()) == scores(good, bench())


def test_a_boards_score_is_the_best_margin_of_its_views() -> None:
    good = reference()
    found = margins(good, bench())
    assert found.shape == (8, len(WORKFLOWS["25 crops"]))
    burned, healthy = scores(good, bench())
    assert burned == found[:4].amax(dim=1).tolist()
    assert healthy == found[4:].amax(dim=1).tolist()
    said = answers(good, bench())
    assert said == ([s > good.threshold for s in burned], [s > good.threshold for s in healthy])
    assert recall(good, bench()) == sum(said[0]) / 4


def test_margins_are_what_the_parts_say_of_a_view_by_themselves() -> None:
    good = reference()
    one = pair(2)
    pixels = torch.from_numpy(views(one.burned, [one.zoom])).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        slots = good.bridge(good.eye(pixels))
        logits = good.reasoner(slots, ids(DAMAGED)[None])[0, -1]
    by_hand = float(logits[int(ids("burned"))] - logits[int(ids("looks"))])
    assert float(margins(good, bench(), ZOOM)[2, 0]) == pytest.approx(by_hand, abs=1e-3)
    said = good.reasoner.answers(slots, ids(DAMAGED)[None])[0]
    assert said == ("burned capacitor" if by_hand > 0 else "looks fine")


def test_what_an_eye_said_is_kept_by_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Bench([pair(0)])
    seen: list[int] = []
    real = inspection.see

    def counted(system: System, pictures: NDArray[np.uint8]) -> torch.Tensor:
        seen.append(len(pictures))
        return real(system, pictures)

    monkeypatch.setattr(inspection, "see", counted)
    one_shot = planted("one shot")
    margins(one_shot, small)
    probed(one_shot, small)
    margins(reference(), small)
    assert seen == [2, 50]  # the whole board once, then the crops alone
    margins(planted("haze").swap(workflow="one shot"), small)
    assert seen == [2, 50, 2]
    small.forget()
    margins(one_shot, small)
    assert seen[-1] == 2


def test_every_experiment_answers_and_repeats() -> None:
    for name, experiment in EXPERIMENTS.items():
        first, again = experiment(planted("98% healthy"), bench()), experiment(planted("98% healthy"), bench())
        assert first == again
        assert math.isfinite(first["value"])
        if name != "blank":
            assert 0 <= first["value"] <= 1
    outcome = inspection.run("told", planted("no concept"), bench())
    assert outcome.value < 0.5 < outcome.reference
    assert set(outcome.besides) == {"false alarms"}


def test_a_bridge_of_one_token_says_the_same_in_every_slot() -> None:
    bridge = faulty_part("bridge_one_token")
    assert isinstance(bridge, Bridge)
    slots = bridge(torch.randn(2, 64, VIEW_PX, generator=torch.Generator().manual_seed(0)))
    assert torch.equal(slots, slots[:, :1].expand_as(slots))


def test_the_cards_hold_what_separates_the_lenses() -> None:
    for fault, lens in LENS_OF.items():
        assert (of(fault, "auc_probe") >= 0.85) is (lens in {"translator", "reasoner"}), fault
        assert (of(fault, "auc_crops") >= 0.85) is (lens in {"workflow", "reasoner"}), fault
        assert (of(fault, "auc_answer") >= of("reference", "auc_answer") - 0.05) is (lens == "reasoner"), fault
        assert (of(fault, "told_says_burned") < 0.5) is (fault == "no concept"), fault
        assert of(fault, f"named_right_at_{SHOWN}_pairs") >= 0.99
        assert of(fault, "named_right_at_15_pairs") >= 0.95
        assert of(fault, "says_burned") < of("reference", "says_burned") - 0.15
    assert of("reference", "auc_answer") > 0.93


def test_the_rules_that_are_false_are_seen_to_be_false() -> None:
    assert of("98% healthy", "told_says_burned") > 0.9  # right when told, and yet the reasoner failed
    assert of("one token", "zoom_says_burned") > 0.6  # right on a close view, and yet not the workflow
    assert of("reference", "blank_margin") < 0  # a blank board is fine to all of them


def test_a_prior_shifts_all_margins_alike_by_the_log_odds() -> None:
    found = shown("inspection_faults")
    assert found["prior_shift_nats"] == pytest.approx(math.log(0.98 / 0.02), rel=0.25)
    assert found["prior_correlation"] > 0.85
    for size in ("16", "24", "32"):
        often, seldom = (
            found[f"recall_one_shot_{healthy}_healthy_likelier_word_{size}_px"] for healthy in ("50", "98")
        )
        assert seldom < often
    tokens = [found[f"recall_one_shot_{count}_24_px"] for count in ("16_tokens", "4_tokens", "1_token")]
    assert tokens == sorted(tokens, reverse=True)


def test_crops_find_smaller_burns_and_raise_more_alarms() -> None:
    found = shown("inspection")
    for size in ("12", "16"):
        one, nine, crops = (found[f"recall_{name}_{size}_px"] for name in ("one_shot", "nine_crops", "25_crops"))
        assert one < nine < crops
    whole = [found[f"recall_one_shot_{size}_px"] for size in (12, 16, 24, 40)]
    assert whole == sorted(whole)
    assert whole[-1] > 0.9
    for rule in ("likelier_word", "one_shot_threshold"):
        one, nine, crops = (found[f"false_alarms_{name}_{rule}"] for name in ("one_shot", "nine_crops", "25_crops"))
        assert one < min(nine, crops)
    assert found["false_alarms_one_shot_one_shot_threshold"] == pytest.approx(0.05, abs=0.011)


def test_every_fault_has_sets_on_which_it_can_be_named() -> None:
    seeds = weights.card("inspection_faults")["stated"]["seeds"]
    assert set(seeds) == set(LENS_OF)
    assert set(LENS_OF.values()) == set(LENSES)
    for fault in LENS_OF:
        assert len(set(seeds[fault])) == 24
    assert max(index for seed in seeds["haze"] for index in boards_of(seed)) < POOL


def test_experiments_that_cost_nothing_say_nothing() -> None:
    free: Experiment = "blank"
    said = [EXPERIMENTS[free](planted(fault), bench())["value"] > 0 for fault in ("98% healthy", "no concept")]
    assert not any(said)
