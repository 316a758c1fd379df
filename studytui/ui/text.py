"""Text from cards and learners on the screen; see `studytui.domain.plain_text`."""

from studytui.domain.plain_text import LONGEST_LINE, safe

__all__ = ["LONGEST_LINE", "safe"]
