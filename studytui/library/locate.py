"""Where the course is: a folder that was named, the repository's root, or inside the installed package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from studytui.library.errors import CourseError
from studytui.library.toml_source import is_there

COURSE_FILE: Final = "content/course.toml"
_PACKAGE: Final = Path(__file__).resolve().parent.parent
_PLACES: Final = (_PACKAGE.parent, _PACKAGE / "course")
"""An editable checkout has content/ beside the package, a wheel inside it."""


def find_course(folder: Path | None = None) -> Path:
    """The folder that holds content/ and quizzes/.

    Raises:
        CourseError: there is no course; the text says where it was looked for.
    """
    if folder is not None:
        try:
            root = folder.expanduser()
            if not root.is_dir():
                raise CourseError(f"--course {folder}: there is no such folder.")
            if not is_there(root, COURSE_FILE):
                raise CourseError(f"--course {folder}: a course has a file {COURSE_FILE}, and this folder has none.")
            return root.resolve()
        except RuntimeError:
            raise CourseError(f"--course {folder}: there is no such user.") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", "") or "no folder can have this name"
            raise CourseError(f"--course {str(folder)[:200]}: the folder cannot be read ({why}).") from None
    for place in _PLACES:
        if (place / COURSE_FILE).is_file():
            return place
    raise CourseError(
        f"The course is missing: no {COURSE_FILE} in {' or '.join(str(place) for place in _PLACES)}. "
        "Install studytui again, or name a course with --course FOLDER."
    )
