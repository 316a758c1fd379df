"""Samples of the shipped models for cards, which load no torch: `python -m labs.denoising.card_pictures FOLDER`.

Six digits of 8 × 8 pixels a picture: data, the VAE, and the denoiser asked for a 3 at two guidance scales.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from labs.denoising.sampling import sample_digits
from labs.denoising.trained import digit_vae
from labs.models.digits import TRAINING, digits
from labs.scenes.strokes import grey, pixels, to_png

_COLUMNS, _ROWS = 3, 2
_COUNT: Final = _COLUMNS * _ROWS
_ASKED: Final = 3


def made() -> dict[str, Tensor]:
    """The six digits of each picture, (6, 1, 8, 8) from -1 (paper) to 1 (ink), by its name."""
    model, codes = digit_vae()
    chance = torch.Generator().manual_seed(5)
    drawn = torch.randn(_COUNT, codes.shape[1], generator=chance)
    asked = torch.full((_COUNT,), _ASKED)
    with torch.no_grad():
        return {
            "six-digits-a": digits()[0][TRAINING : TRAINING + _COUNT],
            "six-digits-b": model.decode(drawn),
            "six-digits-c": sample_digits(asked, 0.0, 5),
            "six-digits-d": sample_digits(asked, 4.0, 5),
        }


def sheet(six: Tensor) -> bytes:
    """A PNG of six digits in two rows, a pixel apart."""
    ink = (six[:, 0].clamp(-1, 1) + 1) / 2  # (6, 8, 8)
    rows = []
    for row in range(_ROWS):
        tiles = ink[row * _COLUMNS : (row + 1) * _COLUMNS]
        rows += [[grey(float(value)) for tile in tiles for value in (*tile[y], 0.25)] for y in range(8)]
        rows.append([grey(0.25)] * (9 * _COLUMNS))
    return to_png(pixels(rows))


def main(folder: Path) -> None:
    """Write the pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, six in made().items():
        (folder / f"{name}.png").write_bytes(sheet(six))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
