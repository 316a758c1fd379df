"""Train the inspection model, eye, bridge and reasoner, fit its probe, and set its thresholds."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import torch
from torch import Tensor

from labs.inspect.diagnosis import threshold_for
from labs.inspect.measure import (
    FALSE_ALARMS,
    HEALTHY_BOARDS,
    OF_EACH_SIZE,
    by_size,
    healthy_boards,
    healthy_scores,
    share,
)
from labs.inspect.system import WORKFLOWS, System
from labs.models.inspection.parts import Eye, stored
from labs.models.inspection.training import (
    BATCH,
    DIAMETER_PX,
    EYE_STEPS,
    PAIRS,
    REASONER_STEPS,
    SEED,
    TOLD,
    Lessons,
    fit_probe,
    patch_tokens,
    train_eye,
    train_reasoner,
    training_views,
)
from labs.models.train import Report, Trained
from labs.scenes.burns import PARTS

DATA: Final = (
    f"{PAIRS:,} drawn boards of labs.scenes.burns and their healthy twins, five views of each; burns of "
    f"{DIAMETER_PX[0]:g} to {DIAMETER_PX[1]:g} px on boards of 256 px"
)
PROBED: Final = 8
"""Every so-manyth view is one the probe is fitted on."""


def train(report: Report) -> Trained:
    """Eye, bridge, reasoner and probe; recall by size and false alarms for each workflow."""
    drawn = training_views()
    report(f"{len(drawn.pictures):,} views drawn")
    eye = train_eye(drawn, report)
    tokens = tokens_of(eye)
    labels = torch.from_numpy(drawn.labels[::PROBED, ..., PARTS.index("burned")]).flatten()
    probe = fit_probe(tokens[::PROBED].float().flatten(0, 1), labels).half()
    report("probe fitted")
    bridge, reasoner = train_reasoner(Lessons(drawn, tokens, f"{SEED}:inspection lessons"), report)
    system = System("clear", eye, bridge, reasoner, "25 crops", 0.0, 0.0)
    scores, stated = measured(system)
    report(f"{scores}")
    parts = {"eye": eye, "bridge": bridge, "reasoner": reasoner}
    tensors = {**stored(parts), "probe": probe}
    return Trained(
        tensors,
        scores,
        {
            "data": DATA,
            "seed": SEED,
            "iterations": EYE_STEPS + REASONER_STEPS,
            "batch": BATCH,
            "optimizer": "Muon for the matrices inside, rate 0.02, AdamW for the rest, rate 0.002; both fall to 0",
            "model": "Eye: convolutions and two transformer blocks of width 64, trained on parts by patch; Bridge: 2 x "
            f"2 merge and MLP to 16 slots; Reasoner: two blocks of width 96, {TOLD:.0%} of its batches told in words",
            "weights": sum(tensor.numel() for tensor in tensors.values()),
            "storage": "float16",
            "score": f"recall of {OF_EACH_SIZE} burned boards by diameter in px, at {FALSE_ALARMS:.0%} false alarms on "
            f"{HEALTHY_BOARDS} healthy boards, by workflow; false alarms where the likelier word decides",
            "weakness": "burns are drawn on capacitors alone, in one manner; it says nothing of where they are",
            "stated": stated,
        },
    )


@lru_cache(maxsize=1)
def _tokens(eye: Eye) -> Tensor:
    return patch_tokens(eye, training_views().pictures).half()


def tokens_of(eye: Eye) -> Tensor:
    """What an eye says of the training views, in half precision: (n, 64 patches, 64)."""
    return _tokens(eye)


def measured(system: System) -> tuple[dict[str, float], dict[str, Any]]:
    """Scores of the card, and the thresholds it states: each workflow has its own."""
    healthy = healthy_boards()
    best = {workflow: healthy_scores(system.swap(workflow=workflow), healthy) for workflow in WORKFLOWS}
    thresholds = {workflow: threshold_for(found, FALSE_ALARMS) for workflow, found in best.items()}
    recalls = by_size(
        {workflow: system.swap(workflow=workflow, threshold=thresholds[workflow]) for workflow in WORKFLOWS},
        "inspection sizes",
    )
    scores: dict[str, float] = {}
    for workflow in WORKFLOWS:
        name = workflow.replace(" ", "_")
        scores |= {f"recall_{name}_{size}_px": value for size, value in recalls[workflow].items()}
        scores[f"false_alarms_{name}_likelier_word"] = share(score > 0 for score in best[workflow])
        scores[f"false_alarms_{name}_one_shot_threshold"] = share(
            score > thresholds["one shot"] for score in best[workflow]
        )
    return scores, {"thresholds": {workflow: round(value, 4) for workflow, value in thresholds.items()}}
