"""The schedulers of diffusers, which has no types, for the differential tests of the denoising labs."""

from __future__ import annotations

from typing import Any, Final

import diffusers

_LIBRARY: Final[Any] = diffusers


def ddpm(timesteps: int, **options: Any) -> Any:
    return _LIBRARY.DDPMScheduler(num_train_timesteps=timesteps, **options)


def ddim(**options: Any) -> Any:
    return _LIBRARY.DDIMScheduler(**options)
