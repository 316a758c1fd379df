"""What a trained eye sees and misses: a small ViT and a small CNN, Dosovitskiy et al. 2021, arXiv:2010.11929.

`damage` hides, moves, blurs, turns and shrinks what it looks at; `learned` asks what it has learned and where it looks.
`nets` are the networks, `training` makes their weights.
"""

from typing import Final

from labs.eyes import damage, learned

EXERCISES: Final = (*damage.EXERCISES, *learned.EXERCISES)
