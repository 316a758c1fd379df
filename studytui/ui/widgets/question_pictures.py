"""Pictures of a question: side by side, or as the tape of a clip that is stepped and played; curves below them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from textual.app import ComposeResult
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.events import Resize
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from labs.protocol import Curve, Picture
from studytui.ui.host import safe
from studytui.ui.keys import PLAY
from studytui.ui.widgets.picture import PictureView

FRAME_SECONDS: Final = 0.35
"""How long a played frame stands: long enough to see what changed."""
SIDE_BY_SIDE: Final = 20
"""Columns a picture takes at least; with less room they stand in several rows."""
WIDEST: Final = 44
"""Columns a picture takes at most, so that the question and its answer stay in sight beside it."""


class QuestionPictures(Vertical):
    """What a question shows before the answer. Frames with the same `clip` in a row are one tape.

    Keys belong to the screen, which finds this widget: `step` and `play` move every tape in it.
    """

    DEFAULT_CSS = """
    QuestionPictures { height: auto; margin-bottom: 1; }
    QuestionPictures .caption { color: $foreground-muted; height: auto; }
    QuestionPictures Beside { height: auto; grid-rows: auto; grid-gutter: 0 1; }
    QuestionPictures Beside > Vertical { height: auto; }
    QuestionPictures Tape { height: auto; }
    QuestionPictures Tape PictureView { display: none; }
    QuestionPictures Tape PictureView.-shown { display: block; }
    """

    def __init__(
        self, pictures: Sequence[Picture] = (), curves: Sequence[Curve] = (), *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._pictures, self._curves = tuple(pictures), tuple(curves)
        self.display = bool(pictures or curves)

    def compose(self) -> ComposeResult:
        for clip, group in groupby(self._pictures, key=lambda picture: picture.clip):
            found = tuple(group)
            yield Tape(found) if clip and len(found) > 1 else Beside(found)
        if self._curves:
            from studytui.ui.widgets.evidence import curve_plot  # loads the plots

            for curve in self._curves:
                yield curve_plot(curve)

    async def show(self, pictures: Sequence[Picture], curves: Sequence[Curve] = ()) -> None:
        """Show others instead; with none of them the widget takes no room."""
        self._pictures, self._curves = tuple(pictures), tuple(curves)
        self.display = bool(pictures or curves)
        await self.recompose()

    @property
    def has_tape(self) -> bool:
        """Whether there is something to step through."""
        return bool(self.query(Tape))

    def step(self, frames: int) -> None:
        """Go so many frames on, or back; a tape that plays stops."""
        for tape in self.query(Tape):
            tape.step(frames)

    def play(self) -> None:
        """Play each tape once, from the start where it stands at the end; stop one that plays."""
        for tape in self.query(Tape):
            tape.play()


class Beside(Grid):
    """Pictures side by side, each with its caption; as many in a row as have room."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        super().__init__()
        self._pictures = pictures

    def compose(self) -> ComposeResult:
        for picture in self._pictures:
            with Vertical():
                yield PictureView(picture.png, picture.alt)
                yield _caption(picture.caption)

    def on_resize(self, event: Resize) -> None:
        count = len(self._pictures)
        fits = max(1, (event.size.width + 1) // (SIDE_BY_SIDE + 1))
        rows = -(-count // min(fits, count))
        columns = -(-count // rows)  # rows of equal length
        self.styles.grid_size_columns = columns
        self.styles.max_width = columns * (WIDEST + 1) - 1


class Tape(Vertical):
    """The frames of a clip, one at a time."""

    def __init__(self, frames: Sequence[Picture]) -> None:
        super().__init__()
        self._frames = frames
        self._at = 0
        self._playing: Timer | None = None

    def compose(self) -> ComposeResult:
        for frame in self._frames:
            view = PictureView(frame.png, frame.alt)
            view.styles.max_width = WIDEST
            yield view
        yield Static(classes="place", markup=False)
        yield _caption("")

    def on_mount(self) -> None:
        self._show(0)

    @property
    def at(self) -> int:
        """The frame in sight, from 0."""
        return self._at

    @property
    def is_playing(self) -> bool:
        """Whether it moves by itself."""
        return self._playing is not None

    def step(self, frames: int) -> None:
        self._stop()
        self._show(self._at + frames)

    def play(self) -> None:
        if self._playing is not None:
            self._stop()
            self._show(self._at)
            return
        self._playing = self.set_interval(FRAME_SECONDS, self._next)
        self._show(0 if self._at == len(self._frames) - 1 else self._at)

    def _next(self) -> None:
        if self._at >= len(self._frames) - 2:
            self._stop()
        self._show(self._at + 1)

    def _stop(self) -> None:
        if self._playing is not None:
            self._playing.stop()
            self._playing = None

    def _show(self, at: int) -> None:
        self._at = max(0, min(len(self._frames) - 1, at))
        for place, view in enumerate(self.query(PictureView)):
            view.set_class(place == self._at, "-shown")
        letter, function_key = PLAY.split(",")
        done = "■" * (self._at + 1) + "·" * (len(self._frames) - 1 - self._at)
        what = "stops" if self.is_playing else "plays"
        line = Content.assemble(
            (done, "$text-primary"),
            f"  frame {self._at}, of 0 to {len(self._frames) - 1}",
            (f"   ← → step, {letter} ({function_key.upper()}) {what}", "$foreground-muted"),
        )
        self.query_one(".place", Static).update(line)
        caption = self.query_one(".caption", Static)
        caption.update(safe(self._frames[self._at].caption))
        caption.display = bool(self._frames[self._at].caption)


def _caption(text: str) -> Widget:
    caption = Static(safe(text), markup=False, classes="caption")
    caption.display = bool(text)
    return caption
