"""Train the ViT of the eyes: on 30 to 1,500 digits, on scraps of digits, on drawn scenes."""

from __future__ import annotations

from labs.eyes.nets import LEARNED_FROM
from labs.eyes.training import train_eye
from labs.models.train import Report, Trained


def train(report: Report) -> Trained:
    """The networks of the ViT and their scores."""
    return train_eye("vit", (*(f"digits_{count}" for count in LEARNED_FROM), "scraps", "scenes"), report)
