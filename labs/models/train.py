"""`python -m labs.models.train NAME …`: make a weights file again, and its card. Without a name: all of them.

Each model's recipe is a module with `train(report) -> Trained`. It fixes seeds and iterations, never seconds, and runs
on one thread, so that the same machine gives the same bits. A second core takes what does not wait for the rest.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
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
    "vae_sweep": "labs.models.vae_sweep_recipe",
    "inspection": "labs.inspect.recipe",
    "inspection_faults": "labs.inspect.faults_recipe",
    "eyes_vit": "labs.eyes.vit_recipe",
    "eyes_cnn": "labs.eyes.cnn_recipe",
    "clip": "labs.models.clip_recipe",
}
"""Each model's name and the module that trains it, in order: a recipe may load what stands before it."""
ON_ITS_OWN: Final = "clip"
"""The model that takes as long as all others together, and needs none of them."""


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


def make_all(names: Sequence[str], folder: Path = weights.FOLDER) -> bool:
    """Make models, one process each for those that need nothing of each other. Returns whether all were made."""
    apart = [[name for name in names if (name == ON_ITS_OWN) is alone] for alone in (True, False)]
    shares = [share for share in apart if share] if (os.cpu_count() or 1) > 1 else [list(names)]
    if len(shares) == 1:
        _make_each(shares[0], folder)
        return True
    fresh = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    processes = [fresh.Process(target=_make_each, args=(share, folder)) for share in shares]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return all(process.exitcode == 0 for process in processes)


def _make_each(names: Sequence[str], folder: Path) -> None:
    for name in names:
        path = make(name, folder)
        print(f"{path} written: {weights.card(name, folder)['scores']}", flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m labs.models.train", description="Train the labs' tiny models.")
    parser.add_argument("name", nargs="*", choices=[*RECIPES, []], help=f"one of {', '.join(RECIPES)}; none: all")
    parser.add_argument("--out", type=Path, default=weights.FOLDER, help="folder to write to")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    return 0 if make_all(options.name or list(RECIPES), options.out) else 1


if __name__ == "__main__":
    sys.exit(main())
