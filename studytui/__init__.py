"""studytui: spaced repetition in the terminal, with answers checked by running a model."""

__version__ = "0.2.0"
