"""The inspection system that can be diagnosed: four parts, faults planted in one of them, experiments, and the rule.

`system` is the model, `diagnosis` the rule, `game` a round of it. `looking`, `deciding` and `lenses` ask; `common` has
what they share, and `kept` what was worked out on fixed boards.
"""

from typing import Final

from labs.inspect import deciding, game, lenses, looking

EXERCISES: Final = (*looking.EXERCISES, *deciding.EXERCISES, *lenses.EXERCISES, game.EXERCISE)
