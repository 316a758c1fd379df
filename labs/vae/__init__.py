"""What a VAE keeps, and what it gives up: `spaces` has the trained autoencoders, `trade` asks about them.

Kingma and Welling 2014, "Auto-Encoding Variational Bayes", arXiv:1312.6114.
"""

from typing import Final

from labs.vae import trade

EXERCISES: Final = trade.EXERCISES
