"""`python -m labs.models.train NAME …`: make a weights file again, and its card. Without a name: all of them.

Each model's recipe is a module with `train(report) -> Trained`. It fixes seeds and iterations, never seconds, and runs
on one thread, so that the same machine gives the same bits.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from labs.evidence import versions
from labs.models import weights

if TYPE_CHECKING:
    from torch import Tensor

Report = Callable[[str], None]
"""Called with one line on how far the training is."""

RECIPES: Final[dict[str, str]] = {
    "denoiser_2d": "labs.models.denoiser_2d_recipe",
    "digits_judge": "labs.models.digits_judge_recipe",
    "denoiser_digits": "labs.models.denoiser_digits_recipe",
    "digits_vae": "labs.models.digits_vae_recipe",
    "clip": "labs.models.clip_recipe",
}
"""Each model's name and the module that trains it."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a recipe gives: the tensors, the measured scores, and the facts for the card (data, seed, iterations)."""

    tensors: Mapping[str, Tensor]
    scores: Mapping[str, float]
    facts: Mapping[str, Any] = field(default_factory=dict)


def make(name: str, folder: Path = weights.FOLDER, report: Report = print) -> Path:
    """Train one model and write its weights and card into `folder`.

    Raises:
        KeyError: there is no recipe of that name.
    """
    import torch

    recipe = importlib.import_module(RECIPES[name])
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    started = time.perf_counter()
    trained: Trained = recipe.train(report)
    facts = {
        **trained.facts,
        "seconds": round(time.perf_counter() - started),
        "scores": {key: round(value, 4) for key, value in trained.scores.items()},
        "versions": versions("torch", "transformers", "numpy"),
    }
    return weights.save(name, trained.tensors, facts, folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m labs.models.train", description="Train the labs' tiny models.")
    parser.add_argument("name", nargs="*", choices=[*RECIPES, []], help=f"one of {', '.join(RECIPES)}; none: all")
    parser.add_argument("--out", type=Path, default=weights.FOLDER, help="folder to write to")
    options = parser.parse_args(arguments)
    for name in options.name or RECIPES:
        path = make(name, options.out)
        print(f"{path} written: {weights.card(name, options.out)['scores']}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
