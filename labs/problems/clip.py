"""The CLIP lab's questions, in the order of a lesson: the space, its temperature, its training, its use, its limits."""

from __future__ import annotations

from typing import Final

from labs.exercise import Exercise
from labs.problems import clip_batch, clip_captions, clip_limits, clip_prompts, clip_search, clip_temperature

EXERCISES: Final[tuple[Exercise, ...]] = (
    *clip_captions.EXERCISES,
    *clip_prompts.EXERCISES,
    *clip_temperature.EXERCISES,
    *clip_batch.EXERCISES,
    *clip_search.EXERCISES,
    *clip_limits.EXERCISES,
)
