"""Pictures and captions in one space, with a small CLIP that really was trained, or a real one.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision", arXiv:2103.00020. `space`
has what is computed; `zero_shot`, `temperature`, `training`, `search` and `limits` ask, in the order of a lesson.
`common` has the knobs, `scenes` the pictures; the model and its training stand in `labs.models`.
"""

from typing import Final

from labs.clip import limits, search, temperature, training, zero_shot

EXERCISES: Final = (
    *zero_shot.EXERCISES,
    *temperature.EXERCISES,
    *training.EXERCISES,
    *search.EXERCISES,
    *limits.EXERCISES,
)
