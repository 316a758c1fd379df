"""Counting what a module computes, without computing it: multiply-adds on torch's meta device.

A tensor on the meta device has a shape and no numbers, so a model of any size runs in milliseconds. torch's
FlopCounterMode watches the matrix products and convolutions go by and counts two FLOPs for each multiply-add;
everything here is in multiply-adds, half of that. Softmax, norms and additions are not counted by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

FLOPS_A_MULTIPLY_ADD: Final = 2


@dataclass(frozen=True, slots=True)
class Count:
    """Multiply-adds of one run, by kind: the learned layers, and the two products of attention QKᵀ and AV."""

    layers: int
    attention: int

    @property
    def total(self) -> int:
        return self.layers + self.attention

    def __add__(self, other: Count) -> Count:
        return Count(self.layers + other.layers, self.attention + other.attention)

    def __mul__(self, times: int) -> Count:
        return Count(self.layers * times, self.attention * times)


@torch.no_grad()
def count(run: Callable[[], object]) -> Count:
    """Multiply-adds of everything `run` does. Attention must be eager, so that its products are `bmm` calls."""
    with FlopCounterMode(display=False) as counter:
        run()
    flops = counter.get_flop_counts().get("Global", {})
    attention = sum(number for operation, number in flops.items() if "bmm" in str(operation))
    return Count(
        (sum(flops.values()) - attention) // FLOPS_A_MULTIPLY_ADD,
        attention // FLOPS_A_MULTIPLY_ADD,
    )


def parameters(module: nn.Module) -> int:
    """Learned numbers of a module: weights and biases."""
    return sum(parameter.numel() for parameter in module.parameters())


def blocks(model: nn.Module) -> nn.ModuleList:
    """The transformer blocks of an encoder.

    Raises:
        StopIteration: it has none.
    """
    return next(module for module in model.modules() if isinstance(module, nn.ModuleList))
