"""Where the labs compute: the CPU, or an accelerator that the learner asked for and the machine has.

The CPU is the default, and the only one whose results are repeatable to the bit.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from labs.protocol import DEVICE_VARIABLE

if TYPE_CHECKING:
    import torch


@cache
def device() -> torch.device:
    """The device of this process. What was asked for and is not there falls back to the CPU: a lab always answers."""
    import torch

    wanted = os.environ.get(DEVICE_VARIABLE, "cpu")
    if wanted in ("cuda", "auto") and torch.cuda.is_available():
        return torch.device("cuda")
    if wanted in ("mps", "auto") and torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")
