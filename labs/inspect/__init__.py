"""The inspection system that can be diagnosed: four parts, faults planted in one of them, experiments, and the rule."""

from typing import Final

from labs.inspect import game

EXERCISES: Final = (game.EXERCISE,)
