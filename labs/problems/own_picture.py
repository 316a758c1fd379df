"""The knob of exercises that are not yet built on the bench for a picture of the learner's own."""

from typing import Final

from labs.bench.knobs import readable_path as readable_path  # noqa: PLC0414  its name for those exercises
from labs.protocol import Param

PICTURE: Final = Param("picture", "path", "", "your own PNG, JPEG or WebP; empty: a drawn circuit board")
