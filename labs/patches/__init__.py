"""How a picture becomes tokens: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", arXiv:2010.11929.

`cut` makes patches and a sequence of them, `signal` asks what a patch keeps, `encoders` takes whole ViTs apart, and
`visual_tokens` follows the tokens to a language model. `board` draws the picture that they look at.
"""

from typing import Final

from labs.patches import cut, encoders, signal, visual_tokens

EXERCISES: Final = (*cut.EXERCISES, *signal.EXERCISES, *encoders.EXERCISES, *visual_tokens.EXERCISES)
