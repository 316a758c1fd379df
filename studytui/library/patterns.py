"""Regular expressions of authored rubrics, run by an engine whose time grows in a line with the text (RE2).

They come with a course, from anybody, and meet an answer of any length: Python's own engine could stand still for
hours on the two together. RE2 has no look-around and no back-references, and `\\d`, `\\w`, `\\s`, `\\b` mean ASCII.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import re

MOST_CHARACTERS: Final = 500
"""A longer pattern is no name and no number."""
_MEMORY_BYTES: Final = 1 << 20
_TOO_MUCH: Final = (
    "it uses what RE2 does not have, such as look-around, a back-reference or more than 1,000 repetitions"
)


class PatternError(ValueError):
    """A text is no regular expression, or one that cannot be held to a time; the text is a sentence."""


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern in any case of letters.

    Raises:
        PatternError: it cannot be used.
    """
    # Imported at the first rubric with a pattern: most courses have none.
    import re2  # type: ignore[import-untyped]

    shown = f"“{pattern[:60]}{'…' * (len(pattern) > 60)}”"
    if len(pattern) > MOST_CHARACTERS:
        raise PatternError(f"{shown} is longer than {MOST_CHARACTERS} characters.")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False  # else it writes them to the terminal itself
    options.max_mem = _MEMORY_BYTES
    try:
        found: re.Pattern[str] = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise PatternError(f"{shown} is not a regular expression: {_reason(error)}.") from None
    return found


def _reason(error: Exception) -> str:
    detail = error.args[0] if error.args else ""
    text = detail.decode(errors="replace") if isinstance(detail, bytes) else str(error)
    unknown = text.startswith(("invalid perl operator", "invalid escape sequence", "invalid repetition size"))
    return f"{text} ({_TOO_MUCH})" if unknown else text
