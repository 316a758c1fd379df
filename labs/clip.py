"""The CLIP lab: pictures and captions in one space, with a small CLIP that really was trained, or a real one.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision", arXiv:2103.00020. What is
computed stands in `labs.clip_space`, how a question becomes evidence in the modules imported below, the model and its
training in `labs.models.clip_model` and `labs.models.clip_recipe`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import torch

from labs import clip_limits, clip_search, clip_training, clip_zero_shot
from labs.clip_space import PAPER
from labs.evidence import versions
from labs.protocol import Evidence, Problem, Progress

SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "clip.caption": clip_zero_shot.solve_caption,
    "clip.probability": clip_zero_shot.solve_probability,
    "clip.unseen": clip_zero_shot.solve_unseen,
    "clip.prompts": clip_zero_shot.solve_prompts,
    "clip.ensemble": clip_zero_shot.solve_ensemble,
    "clip.temperature": clip_training.solve_temperature,
    "clip.odds": clip_training.solve_odds,
    "clip.logit_scale": clip_training.solve_logit_scale,
    "clip.entry": clip_training.solve_entry,
    "clip.loss": clip_training.solve_loss,
    "clip.uniform_loss": clip_training.solve_uniform_loss,
    "clip.negatives": clip_training.solve_negatives,
    "clip.recall": clip_search.solve_recall,
    "clip.search": clip_search.solve_search,
    "clip.breaks": clip_limits.solve_breaks,
    "clip.counting": clip_limits.solve_counting,
    "clip.binding": clip_limits.solve_binding,
    "clip.probe": clip_limits.solve_probe,
}


@torch.no_grad()
def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this lab.

    Raises:
        KeyError: the exercise is not of this lab.
        ParamError: the learner's picture cannot be read, or there is no such model on this computer.
        WeightsDamaged: the tiny model's file is not the one of its card.
    """
    started = time.perf_counter()
    evidence = SOLVE[problem.exercise](problem, progress)
    return replace(
        evidence,
        derivation=(*evidence.derivation, f"Source: {PAPER}"),
        versions=versions("torch", "transformers", "pillow"),
        seconds=time.perf_counter() - started,
    )
