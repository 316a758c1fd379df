"""Train the parts with a planted fault, set their thresholds, and measure what each experiment gives on each fault."""

from __future__ import annotations

from typing import Final

from torch import nn

from labs.inspect.diagnosis import LENS_OF, POOL, SHOWN, Fault, threshold_for
from labs.inspect.measure import (
    HEALTHY_BOARDS,
    Record,
    by_size,
    calibrated,
    decidable,
    figures,
    healthy_boards,
    healthy_scores,
    named_right,
    record,
    shift,
)
from labs.inspect.recipe import DATA, tokens_of
from labs.inspect.system import Bench, FaultyPart, System, pair, plant, reference
from labs.models.inspection.parts import Bridge, stored
from labs.models.inspection.training import (
    BATCH,
    BRIDGE_STEPS,
    MOSTLY_HEALTHY,
    NO_CONCEPT_STEPS,
    PRIOR_STEPS,
    SEED,
    Lessons,
    train_bridge,
    training_views,
    tune_reasoner,
    untrained_bridge,
)
from labs.models.train import Report, Trained

ORDER: Final = sorted(LENS_OF, key=lambda fault: LENS_OF[fault] == "eye")
"""Faults behind the clear camera first, so that what the eye said is kept for all of them."""


def train(report: Report) -> Trained:
    """Two bridges and two reasoners with a fault, beside the reference, which must be there."""
    good = reference()
    parts = fit(good, report)
    healthy, pool = healthy_boards(), Bench([pair(index) for index in range(POOL)])
    scores: dict[str, float] = {}
    thresholds: dict[Fault, float] = {}
    seeds: dict[Fault, list[int]] = {}

    def row(name: str, system: System) -> Record:
        found = record(system, pool)
        row_of = figures(system, pool, found)
        scores.update({f"{name.replace(' ', '_').replace('%', '')}_{key}": value for key, value in row_of.items()})
        report(f"{name}: {row_of}")
        return found

    row("reference", good)
    for fault in ORDER:
        system = plant(fault, good, parts.__getitem__)
        if LENS_OF[fault] == "eye":
            healthy.forget()
            pool.forget()
        own = round(calibrated(system, healthy), 4)
        thresholds[fault] = own
        system = system.swap(calibrated=own, threshold=good.threshold if LENS_OF[fault] == "reasoner" else own)
        found = row(fault, system)
        seeds[fault] = decidable(found, fault)
        for number in (15, SHOWN):
            right = named_right(found, LENS_OF[fault], number)
            scores[f"{fault.replace(' ', '_').replace('%', '')}_named_right_at_{number}_pairs"] = right
    healthy.forget()
    pool.forget()
    scores |= prior_and_tokens(good, parts)
    tensors = stored({name: part for name, part in parts.items() if name != "bridge_untrained"})
    return Trained(
        tensors,
        scores,
        {
            "data": DATA,
            "seed": SEED,
            "iterations": 2 * BRIDGE_STEPS + PRIOR_STEPS + NO_CONCEPT_STEPS,
            "batch": BATCH,
            "optimizer": "as inspection; reasoners, which had learned already, at rates 0.004 and 0.0005",
            "model": "Bridge of one token and of four, trained for the reference's reasoner; Reasoner tuned further "
            f"with healthy boards counting {MOSTLY_HEALTHY:.0%}, and without ever being asked of a burned board",
            "weights": sum(tensor.numel() for tensor in tensors.values()),
            "storage": "float16",
            "score": f"{POOL} pairs with burns of 8 to 16 px, thresholds from {HEALTHY_BOARDS} other healthy boards; "
            "named_right is the share of 300 sets drawn from them on which the rule of labs.inspect.diagnosis is right",
            "weakness": "each fault is one training, at one seed; the sets are drawn from the same 60 pairs",
            "stated": {"thresholds": thresholds, "seeds": seeds},
        },
    )


def fit(good: System, report: Report) -> dict[FaultyPart, nn.Module]:
    """The parts with a fault; the reference's other parts stay as they are."""
    drawn, tokens = training_views(), tokens_of(good.eye)

    def lessons(name: str) -> Lessons:
        return Lessons(drawn, tokens, f"{SEED}:inspection {name}")

    return {
        "bridge_one_token": train_bridge(lessons("one token"), good.reasoner, 1, report),
        "bridge_four_tokens": train_bridge(lessons("four tokens"), good.reasoner, 4, report),
        "bridge_untrained": untrained_bridge(),
        "reasoner_98_healthy": tune_reasoner(
            lessons("98% healthy"), good.bridge, good.reasoner, report, healthy_share=MOSTLY_HEALTHY
        ),
        "reasoner_no_concept": tune_reasoner(
            lessons("no concept"), good.bridge, good.reasoner, report, asked_of_burns=False, steps=NO_CONCEPT_STEPS
        ),
    }


def prior_and_tokens(good: System, parts: dict[FaultyPart, nn.Module]) -> dict[str, float]:
    """What a prior and fewer tokens do to boards that are shown whole."""
    healthy = healthy_boards()
    sceptic = plant("98% healthy", good, parts.__getitem__)
    four = parts["bridge_four_tokens"]
    assert isinstance(four, Bridge)
    moved, correlation = shift(sceptic, good, healthy)
    whole = {
        "16_tokens": good,
        "4_tokens": good.swap(bridge=four),
        "1_token": plant("one token", good, parts.__getitem__),
    }
    systems = {
        name: system.swap(threshold=threshold_for(healthy_scores(system.swap(workflow="one shot"), healthy)))
        for name, system in whole.items()
    }
    systems |= {
        "50_healthy_likelier_word": good.swap(threshold=0.0),
        "98_healthy_likelier_word": sceptic.swap(threshold=0.0),
    }
    shown = {name: system.swap(workflow="one shot") for name, system in systems.items()}
    found = {
        f"recall_one_shot_{name}_{size}_px": recall
        for name, sizes in by_size(shown, "inspection tokens").items()
        for size, recall in sizes.items()
    }
    return {"prior_shift_nats": moved, "prior_correlation": correlation, **found}
