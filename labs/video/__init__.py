"""From frames to tokens and back to frames: Bertasius et al. 2021 (TimeSformer), arXiv:2102.05095, and what followed.

`tokens` cuts a clip, `attention` weighs what its tokens compare, `latents` compresses it first, and `clips` measures
whether it holds together. `causal` is the small causal autoencoder.
"""

from typing import Final

from labs.video import attention, clips, latents, tokens

EXERCISES: Final = (*tokens.EXERCISES, *attention.EXERCISES, *latents.EXERCISES, *clips.EXERCISES)
