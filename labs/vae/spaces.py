"""The trained autoencoders of the sweep, loaded once, and what is measured of their latent spaces.

Axes: b pictures, d numbers of a code.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from labs.devices import placed
from labs.models import weights
from labs.models.digits import TRAINING, DigitVae, digits
from labs.models.vae_sweep_recipe import name_of

_LAPLACE: Final = torch.tensor([[[[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]]])


@cache
def autoencoder(size: int, kl_weight: float) -> DigitVae:
    """The trained autoencoder with a code of that size and that KL weight.

    Raises:
        WeightsDamaged: its weights are not those of its card.
    """
    model, begin = DigitVae(size), f"{name_of(size, kl_weight)}/"
    tensors = weights.load("vae_sweep")
    model.load_state_dict({name.removeprefix(begin): t for name, t in tensors.items() if name.startswith(begin)})
    return placed(model.eval(), "encode", "decode")


def held_out() -> Tensor:
    """The digits that no model was trained on: (297, 1, 8, 8)."""
    return digits()[0][TRAINING:]


def rebuilt(model: DigitVae) -> Tensor:
    """These digits, encoded to the means of their codes and decoded: (297, 1, 8, 8)."""
    return model.decode(model.encode(held_out())[0])


def error(pictures: Tensor) -> float:
    """Mean squared error of a pixel (-1 to 1) against the digits they should be."""
    return float((pictures - held_out()).square().mean())


def crispness(pictures: Tensor) -> float:
    """High-frequency energy, as a share of that of real digits: the mean square of the Laplacian of the pixels."""
    return float(conv2d(pictures, _LAPLACE).square().mean() / conv2d(held_out(), _LAPLACE).square().mean())


def same_label(points: Tensor) -> float:
    """The share of the 10 nearest training points with the same label, of points of all digits: (1797, d)."""
    labels = digits()[1]
    nearest = torch.cdist(points[TRAINING:], points[:TRAINING]).topk(10, largest=False).indices
    return float((labels[nearest] == labels[TRAINING:, None]).float().mean())


def among_digits(pictures: Tensor) -> float:
    """The share of pictures that lie among real digits, by Kynkaanniemi et al. 2019, arXiv:1904.06991."""
    from labs.models.scores import precision_recall

    return precision_recall(digits()[0][:TRAINING].flatten(1), pictures.flatten(1))[0]
