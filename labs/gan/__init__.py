"""The duel of generator and discriminator, trained while one waits and worked out by hand.

Goodfellow et al. 2014, "Generative Adversarial Nets", arXiv:1406.2661. `training` trains one on 25 clusters, `live`
asks what comes out, `theory` has the losses, the best discriminator and the game x·y.
"""

from typing import Final

from labs.gan import live, theory

EXERCISES: Final = (*theory.EXERCISES, *live.EXERCISES)
