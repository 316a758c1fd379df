"""The trained models of the denoising labs, loaded once: denoisers of digits and of points, a judge, an autoencoder.

Ho and Salimans 2022, "Classifier-Free Diffusion Guidance", arXiv:2207.12598; Kingma and Welling 2014, arXiv:1312.6114.
How they were trained and how good they are stands on their cards in labs/models.

Axes: b samples, c channels, h rows, w columns, d numbers of a code.
"""

from __future__ import annotations

from functools import cache
from typing import cast

import torch
from torch import Tensor

from labs.devices import placed
from labs.diffusion import Denoiser, Prediction, guide
from labs.models import weights
from labs.models.digits import NO_CLASS, DigitDenoiser, DigitVae, Judge, digits
from labs.models.shapes_2d import PointDenoiser


@cache
def digit_denoiser() -> DigitDenoiser:
    """The trained denoiser of 8 × 8 digits.

    Raises:
        WeightsDamaged: its weights are not those of its card.
    """
    model = DigitDenoiser()
    model.load_state_dict(weights.load("denoiser_digits"))
    return placed(model.eval())


@cache
def judge() -> Judge:
    """The trained classifier of 8 × 8 digits.

    Raises:
        WeightsDamaged: its weights are not those of its card.
    """
    model = Judge()
    model.load_state_dict(weights.load("digits_judge"))
    return placed(model.eval(), "features")


@cache
def point_denoiser(prediction: Prediction) -> PointDenoiser:
    """The trained denoiser of points that predicts the noise, or v.

    Raises:
        WeightsDamaged: its weights are not those of its card.
    """
    model = PointDenoiser()
    prefix = f"{prediction}."
    tensors = weights.load("denoiser_2d")
    model.load_state_dict({name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)})
    return placed(model.eval())


@cache
def digit_vae() -> tuple[DigitVae, Tensor]:
    """The trained VAE and the codes of all digits: (1797, d).

    Raises:
        WeightsDamaged: its weights are not those of its card.
    """
    model = DigitVae()
    model.load_state_dict(weights.load("digits_vae"))
    placed(model.eval(), "encode", "decode")
    codes, _ = model.encode(digits()[0])
    return model, codes.detach()


def guided(model: DigitDenoiser, labels: Tensor, scale: float) -> Denoiser:
    """A denoiser of digits of these classes (b,); one batch holds the predictions with the class and without."""

    def denoise(x: Tensor, t: Tensor) -> Tensor:
        without = torch.full_like(labels, NO_CLASS)
        if scale in {0.0, 1.0}:  # the other prediction would have the weight 0
            return cast(Tensor, model(x, t, labels if scale else without))
        both = model(torch.cat([x, x]), torch.cat([t, t]), torch.cat([without, labels]))  # (2b, 1, 8, 8)
        unconditional, conditional = both.chunk(2)
        return guide(unconditional, conditional, scale)

    return denoise


def start_noise(count: int, generator: torch.Generator) -> Tensor:
    """Noise to begin with: (count, 1, 8, 8)."""
    return torch.randn(count, 1, 8, 8, generator=generator)


def judged_right(pictures: Tensor, labels: Tensor) -> float:
    """The share of pictures (b, 1, 8, 8) in which the judge sees the digit that was asked for (b,)."""
    return float((judge()(pictures).argmax(dim=1) == labels).float().mean())
