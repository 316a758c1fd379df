"""Pictures of a question: side by side, and as a tape that is stepped and played from wherever the focus is."""

from __future__ import annotations

import io
from typing import ClassVar

import pytest
from PIL import Image
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.pilot import Pilot

from labs.protocol import Curve, Picture
from studytui.ui.keys import tape_keys
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets import question_pictures
from studytui.ui.widgets.answers import AnswerWidget, Number, Pick
from studytui.ui.widgets.picture import PictureView
from studytui.ui.widgets.question_pictures import QuestionPictures, Tape


def picture(name: str, *, clip: str = "", caption: str = "") -> Picture:
    data = io.BytesIO()
    Image.new("RGB", (32, 20), (90, 120, 40)).save(data, "PNG")
    return Picture.from_png(name, data.getvalue(), caption=caption, alt=f"words for {name}", clip=clip)


CLIP = [picture(f"frame {at}", clip="ball", caption=f"caption {at}") for at in range(5)]


class AskingScreen(StudyScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [*tape_keys("asking")]

    def __init__(self, shown: QuestionPictures, answer: AnswerWidget) -> None:
        super().__init__()
        self._shown, self._answer = shown, answer

    def compose(self) -> ComposeResult:
        yield self._shown
        yield self._answer


class AskingApp(App[None]):
    is_web = False

    def __init__(self, shown: QuestionPictures, answer: AnswerWidget) -> None:
        super().__init__()
        self._given = shown, answer

    def on_mount(self) -> None:
        self.push_screen(AskingScreen(*self._given))


async def tape_of(pilot: Pilot[None]) -> Tape:
    await pilot.pause()
    screen = pilot.app.screen
    screen.set_focus(screen.query_one(AnswerWidget).first_focus())
    return screen.query_one(Tape)


async def sees(pilot: Pilot[None], frame: int) -> None:
    """Wait until that frame alone takes room."""
    tape = pilot.app.screen.query_one(Tape)
    while [at for at, view in enumerate(tape.query(PictureView)) if view.region.height] != [frame]:
        await pilot.pause()


@pytest.mark.parametrize("answer", [lambda: Number("px"), lambda: Pick(["a", "b"], [0, 1])])
async def test_arrows_step_the_tape_while_the_answer_has_the_keys(answer) -> None:  # type: ignore[no-untyped-def]
    async with AskingApp(QuestionPictures(CLIP), answer()).run_test(size=(80, 24)) as pilot:
        tape = await tape_of(pilot)
        await sees(pilot, 0)
        await pilot.press("right", "right")
        await sees(pilot, 2)
        assert "caption 2" in tape.query_one(".caption").render().plain  # type: ignore[union-attr]
        await pilot.press("left", "left", "left")
        await sees(pilot, 0)
        await pilot.press(*["right"] * 9)
        await sees(pilot, len(CLIP) - 1)


async def test_in_a_field_that_holds_something_the_arrows_move_its_cursor() -> None:
    async with AskingApp(QuestionPictures(CLIP), Number()).run_test(size=(80, 24)) as pilot:
        await tape_of(pilot)
        await pilot.press("4", "2", "left", "7")
        await sees(pilot, 0)
        assert pilot.app.screen.query_one("#number").value == "472"  # type: ignore[attr-defined]


async def test_a_tape_plays_once_to_its_end_and_a_key_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_pictures, "FRAME_SECONDS", 0.01)
    async with AskingApp(QuestionPictures(CLIP), Number()).run_test(size=(80, 24)) as pilot:
        tape = await tape_of(pilot)
        await pilot.press("f7")
        await sees(pilot, len(CLIP) - 1)
        monkeypatch.setattr(question_pictures, "FRAME_SECONDS", 60)
        played = []
        for keys in (["f7"], ["right"], ["f7"], ["f7"]):  # from the start again
            await pilot.press(*keys)
            played.append((tape.is_playing, tape.at))
        assert played == [(True, 0), (False, 1), (True, 1), (False, 1)]


async def test_pictures_that_are_no_clip_stand_side_by_side_as_many_as_have_room() -> None:
    shown = QuestionPictures([picture(name, caption=name) for name in "abcd"])
    async with AskingApp(shown, Number()).run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        places = [view.region for view in shown.query(PictureView)]
        assert len({place.y for place in places}) == 1
        assert len({place.x for place in places}) == 4
        await pilot.resize_terminal(50, 30)
        while len({view.region.x for view in shown.query(PictureView)}) != 2:
            await pilot.pause()
        first, second, third, _ = (view.region for view in shown.query(PictureView))
        assert first.y == second.y < third.y
        assert second.right <= 50
        await pilot.press("right", "f7")  # no tape: nothing to move


async def test_curves_stand_below_and_nothing_takes_no_room() -> None:
    curve = Curve("Which is which?", "step", "share kept", (0.0, 1.0, 2.0), {"A": (1.0, 0.5, 0.0)})
    shown = QuestionPictures([], [curve])
    async with AskingApp(shown, Number()).run_test(size=(80, 30)) as pilot:
        await pilot.pause()
        assert shown.region.height > 5
        await shown.show([])
        await pilot.pause()
        assert shown.region.height == 0
        await shown.show(CLIP)
        await pilot.pause()
        assert shown.has_tape
