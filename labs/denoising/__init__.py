"""Noise against signal, and the way back: Ho et al. 2020, "Denoising Diffusion Probabilistic Models", arXiv:2006.11239.

`noising` follows the signal as noise comes in, `curves` the shape of a schedule; `reverse` goes back by one step,
`sampling` all the way with trained denoisers, and `latents` works in the code of an autoencoder. The equations stand in
`labs.diffusion`; `schedules` has them in plain Python for the prompts, `trained` the models, `frames` the pictures.
"""

from typing import Final

from labs.denoising import curves, latents, noising, reverse, sampling

EXERCISES: Final = (
    *noising.EXERCISES,
    *curves.EXERCISES,
    *reverse.EXERCISES,
    *sampling.EXERCISES,
    *latents.EXERCISES,
)
