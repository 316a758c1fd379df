"""The denoising lab's exercises, in the order they build on one another."""

from __future__ import annotations

from typing import Final

from labs.exercise import Exercise
from labs.problems import (
    denoising_compare,
    denoising_forward,
    denoising_guidance,
    denoising_latents,
    denoising_reverse,
    denoising_sampling,
    denoising_shapes,
)

EXERCISES: Final[tuple[Exercise, ...]] = (
    *denoising_forward.EXERCISES,
    *denoising_compare.EXERCISES,
    *denoising_shapes.EXERCISES,
    *denoising_reverse.EXERCISES,
    *denoising_guidance.EXERCISES,
    *denoising_sampling.EXERCISES,
    *denoising_latents.EXERCISES,
)
