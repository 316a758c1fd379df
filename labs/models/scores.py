"""How good samples are: distance between clouds of points, precision and recall. Each needs its floor beside it."""

from __future__ import annotations

import torch
from torch import Tensor


def sliced_wasserstein(a: Tensor, b: Tensor, directions: int = 64) -> float:
    """Mean distance of the sorted shadows of two clouds (n, 2) on lines in all directions.

    Of a larger cloud, a whole multiple of the smaller, every so-manyth point of its shadow counts. Two clouds drawn
    from the same data are not 0 apart: measure that floor too.
    """
    if len(a) < len(b):
        a, b = b, a
    times = len(a) // len(b)
    angles = torch.arange(directions) * (torch.pi / directions)
    lines = torch.stack([angles.cos(), angles.sin()])  # (2, directions)
    shadows_a, shadows_b = (a @ lines).sort(dim=0).values, (b @ lines).sort(dim=0).values  # (n, directions)
    return float((shadows_a[times // 2 :: times] - shadows_b).abs().mean())


def precision_recall(real: Tensor, made: Tensor, neighbours: int = 3) -> tuple[float, float]:
    """Kynkaanniemi et al. 2019, arXiv:1904.06991: the share of made pictures among real ones, and the other way round.

    (n, d), (m, d) -> each from 0 to 1. A picture is among others if it is nearer to one of them than that one's
    `neighbours`-th neighbour. Precision is quality, recall is variety.
    """
    return _inside(made, real, neighbours), _inside(real, made, neighbours)


def _inside(points: Tensor, cloud: Tensor, neighbours: int) -> float:
    radii = torch.cdist(cloud, cloud).kthvalue(neighbours + 1, dim=1).values  # (m,): the first is the point itself
    return float((torch.cdist(points, cloud) <= radii).any(dim=1).float().mean())


def spread(pictures: Tensor) -> float:
    """Mean distance between two pictures of a set: (n, …) -> root mean square difference of a pixel."""
    flat = pictures.flatten(1)
    distances = torch.pdist(flat) / flat.shape[1] ** 0.5
    return float(distances.mean())
