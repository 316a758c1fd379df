"""The burned capacitor: a system misses burns, experiments cost coins and are predicted first, a lens is named."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from labs.inspect.diagnosis import COINS, PRICES, Answer, Experiment, Lens
from labs.inspect.game import ANSWERS, DEFINITION, INSTRUMENTS, LIMITS, NAME, Prediction
from labs.models.weights import WeightsDamaged
from labs.protocol import Evidence
from studytui.errors import StoreError
from studytui.study.diagnosis import NO_UNDO, PARTS, READS, Diagnosis, Named, outcome_line, question, shown
from studytui.study.labs import LabClient
from studytui.study.next_steps import note_lab
from studytui.ui.host import NARROW_OR_WIDE, host, safe
from studytui.ui.keys import KeyBar, page_keys
from studytui.ui.screens import Notice, StudyScreen
from studytui.ui.widgets.card_sheet import VerdictPanel
from studytui.ui.widgets.picture import PictureView

MUTED = "$foreground-muted"
ORDER: tuple[Experiment, ...] = tuple(PRICES)
WIDTHS: dict[Lens, int] = {"workflow": 18, "eye": 9, "translator": 8, "reasoner": 19}
"""Cells inside the box of each part."""


class DiagnosisScreen(StudyScreen[Named | None]):
    """One round, or more where no card asked for it; on leaving it answers with how the last one ended."""

    CSS_PATH = "diagnosis.tcss"
    AUTO_FOCUS = "#experiments"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    ABOUT = (
        "A system of four parts has one fault. Pick an experiment, say what you expect, and it runs beside the "
        f"reference. {DEFINITION} {NO_UNDO}"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "predict('above')", "Above", id="diagnosis.above",
                tooltip="Predict that it is at the limit or above, and run it"),
        Binding("b", "predict('below')", "Below", id="diagnosis.below",
                tooltip="Predict that it is below the limit, and run it"),
        Binding("l", "name", "Name the lens", id="diagnosis.name",
                tooltip="Say which lens failed, or that it is not decided"),
        Binding("n", "again", "New round", id="diagnosis.again", tooltip="Play again with another system"),
        Binding("t", "retry", "Try again", id="diagnosis.retry", tooltip="Start the lab again after it failed"),
        *(
            Binding(str(place), f"number({place})", f"Line {place}", show=False, id=f"diagnosis.{place}",
                    tooltip="Pick that experiment, or that lens while you name one")
            for place in range(1, len(ORDER) + 1)
        ),
        Binding("u", "undo", "Undo", show=False, id="diagnosis.undo", tooltip="Says why there is no undo here"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="diagnosis.leave",
                tooltip="Stop the computation; take a choice back; leave the round"),
        *page_keys("diagnosis"),
    ]  # fmt: skip

    def __init__(self, seed: int | None = None, *, for_card: bool = False) -> None:
        super().__init__()
        self._seed = seed
        self._for_card = for_card
        self._round: Diagnosis | None = None
        self._chosen: Experiment | None = None
        self._naming = False
        self._computing = False
        self._failed = False

    def compose(self) -> ComposeResult:
        yield Static("The burned capacitor · which lens failed?", id="title", classes="title", markup=False)
        with Container(id="bench"):
            with Vertical(id="work"):
                yield Static(id="headline", markup=False)
                yield Static(id="chain", markup=False)
                yield Static(id="coins", markup=False)
                yield OptionList(id="experiments", markup=False)
                with Vertical(id="ask"):
                    yield Static(id="question", markup=False)
                    yield Horizontal(id="buttons")
                yield VerdictPanel(id="running")
                yield Static(id="outcome", markup=False)
                yield Static(DEFINITION, id="definition", classes="muted", markup=False)
                yield Static(id="end", markup=False)
            with Vertical(id="result"):
                yield Vertical(id="heat")
                yield Static("Burned boards that it says fine of", id="examples", classes="heading", markup=False)
                yield Horizontal(id="boards")
        yield Notice()
        yield KeyBar()

    async def on_mount(self) -> None:
        await self._begin(self._seed)

    @property
    def round(self) -> Diagnosis:
        """The round; only asked for once it is posed."""
        assert self._round is not None
        return self._round

    @property
    def _client(self) -> LabClient:
        client = host(self).lab_client
        assert client is not None
        return client

    async def _begin(self, seed: int | None) -> None:
        """Pose a round and have its headline computed."""
        self.say("")
        try:
            self._round = Diagnosis.of(seed)
        except WeightsDamaged as error:
            self.say(str(error), problem=True)
            return
        with suppress(StoreError):
            note_lab(host(self).workspace, NAME)
        self._chosen, self._naming = None, False
        for slot in ("#heat", "#boards"):
            await self.query_one(slot).remove_children()
        self.query_one("#examples").display = False
        for line in ("#outcome", "#end"):
            self._write(line, Content(""))
        await self._show()
        self.action_retry()

    def action_retry(self) -> None:
        """Have the headline computed, the first time or again."""
        self._compute(self._first_look())

    # What is on the screen

    async def _show(self) -> None:
        """Everything as the round stands."""
        game = self.round.game
        over = self.round.is_over
        self._write("#headline", Content.styled(safe(self.round.in_short), "bold"))
        self._write("#chain", self._chain())
        left = "●" * game.coins + "○" * (COINS - game.coins)
        told = "The round is over." if over else "Enter or a number picks one; predict, and it runs."
        self._write(
            "#coins",
            Content.assemble(
                ("Coins ", "bold"), (left, "$text-warning"), (f" {game.coins} left. ", "bold"), (told, MUTED)
            ),
        )
        listed = self.query_one("#experiments", OptionList)
        at = listed.highlighted
        listed.clear_options()
        listed.add_options([Option(self._line(place, name)) for place, name in enumerate(ORDER, 1)])
        listed.highlighted = at if at is not None else 0
        await self._ask()
        self.refresh_bindings()

    def _line(self, place: int, name: Experiment) -> Content:
        """An experiment with its price; once it ran, what was predicted and what came."""
        game = self.round.game
        price = PRICES[name]
        bought = next((entry for entry in game.log if entry.experiment == name), None)
        title = f"{place}  {INSTRUMENTS[name].title:<24}"
        if bought is None:
            afford = name in game.on_offer and not self.round.is_over
            cost = f"{price} coin{'' if price == 1 else 's'}" if price else "free"
            return Content.styled(f"{title}{cost}", "" if afford else MUTED)
        sign, style = ("✓", "$text-success") if bought.came_true else ("✗", "$text-error")
        said = f"{bought.predicted} {LIMITS[name]:g}"
        return Content.assemble(
            title, (f"{sign} said {said:<11}", style), (f"{shown(name, bought.outcome.value):<11}", "bold"),
            (f"reference {shown(name, bought.outcome.reference)}", MUTED),
        )  # fmt: skip

    def _chain(self) -> Content:
        """The parts from board to answer, each with the numbers of its instruments; at the end the one that failed."""
        rows: list[list[Content]] = [[], [], [], []]
        over = self.round.is_over
        for lens, part in PARTS.items():
            wide = WIDTHS[lens]
            is_it = over and lens == self.round.game.posed.lens
            style = "bold $text-error" if is_it else ""
            inside = [self._instruments(lens, 0), self._instruments(lens, 2)]
            head = f"╭ {'✗ ' if is_it else ''}{part} "
            rows[0].append(Content.styled(head + "─" * (wide + 3 - len(head)) + "╮", style))
            for row, cells in zip(rows[1:3], inside, strict=True):
                row.append(
                    Content.styled("│ ", style) + cells + " " * (wide - cells.cell_length) + Content.styled(" │", style)
                )
            rows[3].append(Content.styled("╰" + "─" * (wide + 2) + "╯", style))
        gaps = (" ", "→", " ", " ")
        return Content("\n").join([Content(gap).join(row) for gap, row in zip(gaps, rows, strict=True)])

    def _instruments(self, lens: Lens, start: int) -> Content:
        """Two of the instruments of a part; what was run is marked."""
        names = [name for name in ORDER if READS[name] == lens][start : start + 2]
        found = [
            Content.styled(f"{ORDER.index(name) + 1} {name}", "bold" if name in self.round.game.values else MUTED)
            for name in names
        ]
        return Content(" · ").join(found)

    async def _ask(self) -> None:
        """What is to be decided now, with a button for each answer."""
        buttons = self.query_one("#buttons", Horizontal)
        await buttons.remove_children()
        text = ""
        if self._chosen is not None:
            name = self._chosen
            text = f"{INSTRUMENTS[name].title}. {question(name)}"
            await buttons.mount(
                Button("Above (a)", id="above", variant="primary", compact=True),
                Button("Below (b)", id="below", variant="primary", compact=True),
            )
        elif self._naming:
            text = f"Which lens failed? {DEFINITION}"
            await buttons.mount_all(
                Button(f"{answer} ({place})", id=f"answer-{place}", compact=True)
                for place, answer in enumerate(ANSWERS, 1)
            )
        self._write("#question", Content(safe(text)))
        self.query_one("#ask").display = bool(text)
        self.query_one("#definition").display = not text and not self.round.is_over
        if text:
            self.call_after_refresh(self._into_sight, self.query_one("#ask"))

    def _write(self, selector: str, text: Content) -> None:
        line = self.query_one(selector, Static)
        line.update(text)
        line.display = bool(text.plain)

    def _into_sight(self, widget: Widget) -> None:
        self.scrolled_column.scroll_to_widget(widget, animate=False)

    @property
    def scrolled_column(self) -> Widget:
        return self.query_one("#work" if self.has_class("-wide") else "#bench")

    def scrolled(self) -> list[Widget]:
        return [self.query_one("#result") if self.has_class("-wide") else self.query_one("#bench")]

    # What the learner does

    @on(OptionList.OptionSelected)
    async def _picked(self, event: OptionList.OptionSelected) -> None:
        await self._choose(ORDER[event.option_index])

    async def action_number(self, place: int) -> None:
        """Pick an experiment, or a lens while one is named."""
        if self._naming:
            if place <= len(ANSWERS):
                self._answer(ANSWERS[place - 1])
        else:
            self.query_one("#experiments", OptionList).highlighted = place - 1
            await self._choose(ORDER[place - 1])

    async def _choose(self, name: Experiment) -> None:
        if self._computing or self.round.headline is None or self.round.is_over:
            return
        game = self.round.game
        if name not in game.on_offer:
            why = "it ran already" if name in game.values else f"it costs {PRICES[name]}, you have {game.coins}"
            self.say(f"{INSTRUMENTS[name].title}: {why}.")
            return
        self.say("")
        self._chosen, self._naming = name, False
        await self._ask()
        self.refresh_bindings()

    def action_predict(self, said: Prediction) -> None:
        """Run the experiment that was picked."""
        if self._chosen is not None:
            self._compute(self._run(self._chosen, said))

    async def action_name(self) -> None:
        """Ask which lens failed."""
        self._chosen, self._naming = None, True
        await self._ask()
        self.refresh_bindings()

    def _answer(self, said: Answer) -> None:
        self._compute(self._finish(said))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        match event.button.id:
            case "above":
                self.action_predict("above")
            case "below":
                self.action_predict("below")
            case str(answer):
                self._answer(ANSWERS[int(answer.removeprefix("answer-")) - 1])

    async def action_again(self) -> None:
        """Play again with a new system."""
        await self._begin(None)
        self.query_one("#experiments").focus()

    def action_undo(self) -> None:
        self.say(NO_UNDO)

    async def action_leave(self) -> None:
        """Stop the computation, take a choice back, or leave."""
        if self._computing:
            await self._client.cancel()
        elif self._chosen is not None or self._naming:
            self._chosen, self._naming = None, False
            await self._ask()
            self.refresh_bindings()
            self.query_one("#experiments").focus()
        elif self._round is not None and self.round.game.log and not self.round.is_over:
            self.confirm("Leave the round? What was bought is lost.", "Leave", lambda: self.dismiss(None))
        else:
            self.dismiss(self._round.named if self._round is not None else None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if self._round is None:
            return action not in ("predict", "name", "again", "retry", "number", "undo")
        plays = self.round.headline is not None and not self.round.is_over and not self._computing
        match action:
            case "predict":
                return plays and self._chosen is not None
            case "name":
                return plays and not self._naming
            case "number":
                return plays
            case "again":
                return self.round.is_over and not self._computing and not self._for_card
            case "retry":
                return self.round.headline is None and not self._computing
        return True

    # What the lab does meanwhile

    def _compute(self, work: Coroutine[Any, Any, str]) -> None:
        if self._computing:
            work.close()
            return
        self._computing = True
        self.say("")
        self.query_one("#ask").display = False
        self._write("#outcome", Content(""))
        self.refresh_bindings()
        self.run_worker(self._computed(work), group="lab", exclusive=True)

    async def _computed(self, work: Coroutine[Any, Any, str]) -> None:
        trouble = await work
        self._computing = False
        self.query_one("#running", VerdictPanel).clear()
        await self._show()
        if trouble:
            self.say(f"{trouble} It cost nothing.", problem=True)

    def _progress(self, fraction: float, words: str) -> None:
        if self._computing:
            self.query_one("#running", VerdictPanel).show_progress(fraction, words)

    async def _first_look(self) -> str:
        trouble = await self.round.begin(self._client, self._progress)
        if self.round.headline is not None:
            await self._show_boards(self.round.headline)
        return trouble

    async def _run(self, name: Experiment, said: Prediction) -> str:
        trouble = await self.round.run(self._client, name, said, self._progress)
        if not trouble:
            self._chosen = None
            self._write("#outcome", Content(safe(outcome_line(self.round.game.log[-1]))))
            await self._show_heat(self.round.shown[name])
            self.query_one("#experiments").focus()
            self.call_after_refresh(self._into_sight, self.query_one("#outcome"))
        return trouble

    async def _finish(self, said: Answer) -> str:
        trouble = await self.round.name(self._client, said, self._progress)
        if self.round.end is not None:
            self._naming = False
            await self._show_heat(self.round.end)
            self._show_end()
        return trouble

    def _show_end(self) -> None:
        assert self.round.named is not None
        grade = self.round.named.grade
        score, *more = self.round.lines_at_the_end()
        style = f"bold $text-{'success' if grade >= 4 else 'warning' if grade == 3 else 'error'}"
        parts = [
            Content.styled(f"{'✓' if grade >= 4 else '◐' if grade == 3 else '✗'} {safe(score)}", style),
            *(Content(safe(line)) for line in more),
        ]
        if lessons := self.round.lessons():
            parts += [Content.styled("What your experiments said", "bold")]
            parts += [Content(safe(f"· {line}")) for line in lessons]
        if self._for_card:
            parts.append(Content.styled("Esc goes back to the card: your answer and this score stand there.", MUTED))
        self._write("#end", Content("\n").join(parts))
        self.call_after_refresh(self._into_sight, self.query_one("#end"))

    async def _show_boards(self, found: Evidence) -> None:
        boards = self.query_one("#boards", Horizontal)
        await boards.remove_children()
        await boards.mount_all(
            Vertical(
                PictureView(picture.png, picture.alt), Static(safe(picture.caption), classes="muted", markup=False)
            )
            for picture in found.pictures
        )
        self.query_one("#examples").display = bool(found.pictures)

    async def _show_heat(self, found: Evidence) -> None:
        """The board with its views, if this experiment shows one; else the last one stays."""
        if not found.pictures:
            return
        heat = self.query_one("#heat", Vertical)
        await heat.remove_children()
        for picture in found.pictures:
            await heat.mount(
                PictureView(picture.png, picture.alt), Static(safe(picture.caption), classes="muted", markup=False)
            )
