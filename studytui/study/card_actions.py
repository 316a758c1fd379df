"""What a learner does to a card outside a review: hide it, mark it, move it, start it over. Each act is logged."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from studytui.course.user_cards import CardOverride, Place
from studytui.domain.cards import BODIES, Card, DraftField, Kind, Way
from studytui.domain.sm2 import Schedule, add_days
from studytui.errors import CourseError, StoreError
from studytui.store import CardState, Stamp, StoredCard, Undone
from studytui.store.records import Action, joined_tags
from studytui.study import moves
from studytui.study.today import together_uid, undo_newest
from studytui.study.workspace import Workspace, new_uid

if TYPE_CHECKING:
    from studytui.course.pictures import PictureLink
    from studytui.store.doctor import Defect

_AHEAD: Final = re.compile(r"\+?(\d{1,5})\s*d?")

_ACTS: Final[dict[Action, str]] = {
    "suspend": "suspending",
    "unsuspend": "bringing back",
    "bury": "burying",
    "unbury": "showing again",
    "flag": "flagging",
    "unflag": "taking the flag off",
    "set_due": "setting the day of",
    "reset": "resetting",
    "tag": "tagging",
    "untag": "taking a tag off",
    "move": "moving",
}
TAG_LETTERS: Final = 30
_TAG: Final = re.compile(r"[\w-]+")


@dataclass(slots=True)
class CardActions:
    """Acts on one card or several. Each returns what happened as a sentence, or raises StoreError and nothing happened.

    What is done to several is one act: an undo takes all of it back.
    """

    workspace: Workspace
    uid: str = field(init=False)

    def __post_init__(self) -> None:
        self.uid = new_uid(self.workspace.clock)

    @property
    def day(self) -> date:
        """Today's study day."""
        return self.workspace.today()

    def toggle_suspended(self, *numbers: int) -> str:
        """Take cards out of reviews; if all of them are out, bring them back."""
        cards = self._cards(numbers)
        action, changed = _turned(cards, "suspend", "unsuspend", lambda state: state.suspended)
        suspended = action == "suspend"
        self._act(action, {card.no: replace(card.state, suspended=suspended) for card in changed})
        return f"{_named(changed)} suspended." if suspended else f"{_named(changed)} back in reviews."

    def toggle_buried(self, *numbers: int) -> str:
        """Hide cards until tomorrow; if all of them are hidden, show them again today."""
        cards, stamp = self._cards(numbers), self.workspace.stamp(self.uid)
        action, changed = _turned(cards, "bury", "unbury", lambda state: state.buried_on == stamp.day)
        buried = action == "bury"
        after = {card.no: replace(card.state, buried_on=stamp.day if buried else None) for card in changed}
        self._act(action, after, stamp)
        return f"{_named(changed)} hidden until tomorrow." if buried else f"{_named(changed)} shown again today."

    def toggle_flagged(self, *numbers: int) -> str:
        """Flag cards; if all of them are flagged, take the flags off."""
        cards = self._cards(numbers)
        action, changed = _turned(cards, "flag", "unflag", lambda state: state.flagged)
        flagged = action == "flag"
        self._act(action, {card.no: replace(card.state, flagged=flagged) for card in changed})
        return f"{_named(changed)} flagged." if flagged else f"{_named(changed)} no longer flagged."

    def set_due(self, due_on: date, *numbers: int) -> str:
        """Make cards due on a day; their intervals and ease stay."""
        cards = self._cards(numbers)
        self._act(
            "set_due",
            {
                card.no: replace(card.state, schedule=replace(card.state.schedule, due_on=due_on, reask_on=None))
                for card in cards
            },
        )
        return f"{_named(cards)} due on {due_on:%Y-%m-%d}."

    def reset(self, *numbers: int) -> str:
        """Make cards new again; their log stays."""
        cards = self._cards(numbers)
        after = {card.no: replace(card.state, schedule=Schedule(), buried_on=None, leech=False) for card in cards}
        self._act("reset", after)
        return f"{_named(cards)} new again."

    def toggle_tags(self, typed: str, *numbers: int) -> str:
        """Give cards tags, typed with blanks or commas between; if all of them have all, take these off.

        Raises:
            TagError: one of the words cannot be a tag, or none is typed.
        """
        tags = read_tags(typed)
        cards = self._cards(numbers)
        action, changed = _turned(cards, "tag", "untag", lambda state: tags <= set(state.tags.split()))
        is_given = action == "tag"
        after = {}
        for card in changed:
            present = set(card.state.tags.split())
            after[card.no] = replace(card.state, tags=joined_tags(present | tags if is_given else present - tags))
        self._act(action, after)
        words = f"“{joined_tags(tags)}”"
        return f"{_named(changed)} tagged {words}." if is_given else f"{_named(changed)} no longer tagged {words}."

    def move(self, section: str, covers: Sequence[str], *numbers: int) -> str:
        """Move cards of the learner's own to another section, where they cover these objectives; () leaves theirs.

        Raises:
            CourseError: none of them can move, or a file cannot be changed.
        """
        cards = self._cards(numbers)
        own = [card for card in cards if moves.is_own(card)]
        if not own:
            what = cards[0].key if len(cards) == 1 else "None of these cards"
            raise CourseError(f"{what} cannot move: only cards that you wrote do; the course keeps its own in place.")
        before = {card: moves.place_of(card) for card in own}
        after = {card: Place(section, tuple(covers) or place.covers) for card, place in before.items()}
        moved = [card for card in own if before[card] != after[card]]
        if not moved:
            return f"{_named(own)} in section {section} already."
        moves.place_all(self.workspace.own, {card: after[card] for card in moved})
        evidence = {card.no: moves.told(before[card], after[card]) for card in moved}
        try:
            self._act("move", {card.no: card.state for card in moved}, evidence=evidence)
        except StoreError:
            moves.place_all(self.workspace.own, {card: before[card] for card in moved})
            raise
        self.workspace.reload()
        stay = len(cards) - len(own)
        left = f" {stay} of the course stay{'s' * (stay == 1)}: only your own can move." if stay else ""
        return f"{_named(moved)} now in section {section}.{left}"

    def undo(self) -> Undone | None:
        """Take back the last act on the course, a review or one of these."""
        return undo_newest(self.workspace.store, self.workspace.course_no, self.workspace.stamp(self.uid))

    def _cards(self, numbers: Sequence[int]) -> list[StoredCard]:
        found = [self.workspace.store.card_by_no(no) for no in numbers]
        if not found or None in found:
            raise LookupError("one of the cards is no longer in the database")
        return [card for card in found if card is not None]

    def _act(
        self,
        action: Action,
        after: Mapping[int, CardState],
        stamp: Stamp | None = None,
        *,
        evidence: Mapping[int, Mapping[str, Any]] = MappingProxyType({}),
    ) -> None:
        stamp = stamp or self.workspace.stamp(self.uid)
        if len(after) > 1:
            stamp = replace(stamp, session_uid=together_uid(self.workspace.clock))
        self.workspace.store.act(action, after, stamp, evidence=evidence)


class TagError(ValueError):
    """What was typed is no tag; the text says why."""


def read_tags(typed: str) -> set[str]:
    """The tags of a line, in small letters.

    Raises:
        TagError: there is none, or one that no filter could name.
    """
    tags = {word for word in _words(typed.casefold().replace("#", " ")) if word}
    for tag in tags:
        if len(tag) > TAG_LETTERS or not tag.isprintable() or not _TAG.fullmatch(tag):
            raise TagError(f"“{tag[:TAG_LETTERS]}” is not a tag: letters, digits, - and _, at most {TAG_LETTERS}.")
    if not tags:
        raise TagError("Type a tag, such as exam.")
    return tags


def _turned(
    cards: Sequence[StoredCard], on: Action, off: Action, is_on: Callable[[CardState], bool]
) -> tuple[Action, list[StoredCard]]:
    """What a switch does to several cards, and to which: on where it is off; off, if it is on everywhere."""
    changed = [card for card in cards if not is_on(card.state)]
    return (on, changed) if changed else (off, list(cards))


def _named(cards: Sequence[StoredCard]) -> str:
    return f"{cards[0].key} is" if len(cards) == 1 else f"{len(cards)} cards are"


def set_due_together(workspace: Workspace, days: Mapping[int, date]) -> str:
    """Make several cards due, each (by number) on its day, all or none; returns the group that `take_back` takes.

    Raises:
        StoreError: nothing was changed.
    """
    stamp = workspace.stamp(together_uid(workspace.clock))
    after: dict[int, CardState] = {}
    for no, day in days.items():
        if (stored := workspace.store.card_by_no(no)) is not None:
            after[no] = replace(stored.state, schedule=replace(stored.state.schedule, due_on=day, reask_on=None))
    workspace.store.act("set_due", after, stamp)
    return stamp.session_uid


def take_back(workspace: Workspace, group_uid: str) -> int:
    """Take back what several cards went through together, except those something happened to since; returns how many.

    Raises:
        StoreError: nothing was changed.
    """
    return workspace.store.undo_session(group_uid, workspace.stamp(new_uid(workspace.clock)))


def undone_words(undone: Undone, grade_word: str = "") -> str:
    """What an undo took back, of which card and where that stands. `grade_word` is what the learner calls the grade."""
    if undone.cards > 1 and not undone.was_spread:
        return f"Undone: {_ACTS.get(undone.action, undone.action)} {undone.cards} cards."
    if undone.cards > 1:
        return f"Undone: spreading {undone.cards} cards over days. New cards come again."
    card = f"“{undone.key}”{f' (section {undone.section})' if undone.section else ''}"
    if undone.grade is not None:
        return f"Undone: {grade_word or undone.grade} on {card}."
    return f"Undone: {_ACTS.get(undone.action, undone.action)} {card}."


def read_day(text: str, today: date) -> date | None:
    """A day as it is typed: today, tomorrow, 3 or +3 (days from today), 2026-12-01. None if it is none of these."""
    text = text.strip().casefold()
    if text in {"today", "tomorrow"}:
        return add_days(today, int(text == "tomorrow"))
    if ahead := _AHEAD.fullmatch(text):
        return add_days(today, int(ahead[1]))
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# Cards whose days come from a time when the clock was ahead: which, and one act that makes them due today


@dataclass(frozen=True, slots=True)
class ClockAhead:
    """The cards, of the course and of its interview questions, and the latest day one of them waits for."""

    cards: tuple[int, ...]
    latest: date

    @property
    def words(self) -> str:
        """What was found, as a sentence. Whether the clock was wrong then or is wrong now, only the learner knows."""
        count = len(self.cards)
        return f"{count} card{'s are' if count > 1 else ' is'} dated after now (up to {self.latest.isoformat()})."


def clock_ahead(workspace: Workspace) -> ClockAhead | None:
    """The cards that a wrong clock sent ahead; None where there are none. It may be called in any thread.

    Raises:
        StoreError: the database cannot be read.
    """
    courses = [no for no in (workspace.course_no, workspace.interview_no) if no is not None]
    with workspace.store.reading() as store:
        found = store.cards_ahead(courses, workspace.clock.now(), workspace.today())
    return ClockAhead(tuple(card.no for card in found), found[0].due_on) if found else None


def bring_back(workspace: Workspace, ahead: ClockAhead) -> str:
    """Make the cards due today, all or none; returns what `card_actions.take_back` takes.

    Raises:
        StoreError: nothing was changed.
    """
    day = workspace.today()
    return set_due_together(workspace, dict.fromkeys(ahead.cards, day))


# A card as a form or a command line takes it: a text for each field, a line for each element of a list


OWN_PREFIX: Final = "own-"
_WORD: Final = re.compile(r"[a-z0-9]+")
_ID_LETTERS: Final = 40


_HEAD: Final = (
    DraftField("section", "Section", "2.2", required=True),
    DraftField("covers", "Objectives", "2.2-03, or 03 within the section", required=True),
    DraftField("front", "Front", "the question; a cloze has its blanks in {{answer|other spelling}}", lines=4,
               required=True),
)  # fmt: skip
_TAIL: Final = (
    DraftField("picture", "Picture", "photo.png :: what it shows; copied to your cards", reads="picture"),
    DraftField("lab", "Lab", "patches.count image_size=224 patch_size=14|16; 14|16 picks one at random",
               reads="lab"),
    DraftField("back", "Back", "the answer with its reason", lines=4),
    DraftField("hints", "Hints", "one per line", lines=2, reads="lines"),
    DraftField("helpers", "Helpers", "eye patch", reads="words"),
    DraftField("lens", "Lenses", "eye, where it is about a failure", reads="words"),
    DraftField("tags", "Tags", "words of your own", reads="words"),
    DraftField("group", "Group", "cards of one group are not shown on one day"),
    DraftField("dated", "Fact checked on", "2026-11-01"),
    DraftField("id", "Id", "made from the front if empty; the schedule belongs to it"),
)  # fmt: skip
FIELDS: Final = (*_HEAD, *(field for body in BODIES.values() for field in body.draft), *_TAIL)
"""Those of every kind."""


def fields_of(kind: Kind) -> tuple[DraftField, ...]:
    """The fields of a kind, in the order they are asked for."""
    return (*_HEAD, *BODIES[kind].draft, *_TAIL)


def missing_fields(kind: Kind, texts: Mapping[str, str]) -> list[DraftField]:
    """The fields that a card of this kind needs and that are still empty."""
    # The lab of an exercise asks, so that its front may be empty.
    needed = {"lab"} if kind == "exercise" else {"front"}
    needed |= {field.name for field in fields_of(kind) if field.required and field.name != "front"}
    return [field for field in fields_of(kind) if field.name in needed and not texts.get(field.name, "").strip()]


def draft_row(kind: Kind, texts: Mapping[str, str], taken: Container[str] = ()) -> dict[str, Any]:
    """The table of a card from the texts of its fields; empty ones are left out. `taken` are ids that are in use.

    Raises:
        CourseError: a text cannot be read as what its field holds; the schemas judge the rest.
    """
    fields = fields_of(kind)
    given = {field.name: texts.get(field.name, "").strip() for field in fields}
    row: dict[str, Any] = {
        "id": given["id"] or own_id(given["front"] or given["back"], taken),
        "section": given["section"],
        "covers": [_objective(word, given["section"]) for word in _words(given["covers"])],
        "kind": kind,
    }
    for each in fields:
        if (text := given[each.name]) and each.name not in row:
            row |= _READERS[each.reads](each.name, text)
    return row


def own_id(front: str, taken: Container[str] = ()) -> str:
    """An id from the first words of a text: own-how-many-patches, with a number where that is taken."""
    plain = unicodedata.normalize("NFKD", front).encode("ascii", "ignore").decode().lower()
    slug = "-".join(_WORD.findall(plain))[:_ID_LETTERS].rstrip("-") or "card"
    number = 1
    while (name := f"{OWN_PREFIX}{slug}{f'-{number}' if number > 1 else ''}") in taken:
        number += 1
    return name


def _objective(word: str, section: str) -> str:
    return f"{section}-{word.zfill(2)}" if word.isdigit() else word


def _words(text: str) -> list[str]:
    return re.split(r"[\s,;]+", text.strip()) if text.strip() else []


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _options(name: str, text: str) -> dict[str, Any]:
    options: list[dict[str, Any]] = []
    for line in _lines(text):
        words, _, why = (part.strip() for part in line.removeprefix("*").partition("::"))
        options.append(
            {"text": words} | ({"correct": True} if line.startswith("*") else {}) | ({"why": why} if why else {})
        )
    if not any(option.get("correct") for option in options):
        raise CourseError("begin the line of the right option with *.", field=name)
    return {name: options}


def _pairs(name: str, text: str) -> dict[str, Any]:
    pairs, extra = [], []
    for line in _lines(text):
        left, equals, right = (part.strip() for part in line.partition("="))
        if not equals or not right:
            raise CourseError(f"“{line[:40]}” is not a pair; write left = right.", field=name)
        if left:
            pairs.append([left, right])
        else:
            extra.append(right)
    return {name: pairs} | ({"extra": extra} if extra else {})


def _mistakes(name: str, text: str) -> dict[str, Any]:
    found = []
    for line in _lines(text):
        value, _, why = (part.strip() for part in line.partition("::"))
        found.append({"value": _number(name, value), "why": why})
    return {name: found}


def _lab(name: str, text: str) -> dict[str, Any]:
    exercise, *settings = text.split()
    link: dict[str, Any] = {"exercise": exercise}
    for setting in settings:
        knob, equals, value = setting.partition("=")
        if not equals or not value:
            raise CourseError(f"“{setting}” sets nothing; write image_size=224.", field=name)
        values = [_scalar(one) for one in value.split("|")]
        where = "vary" if len(values) > 1 else "set"
        link[where] = link.get(where, {}) | {knob: values if where == "vary" else values[0]}
    return {name: link}


def _scalar(text: str) -> int | float | bool | str:
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _number(name: str, text: str) -> int | float:
    value = _scalar(text.replace(",", ""))
    if isinstance(value, bool | str):
        raise CourseError(f"“{text[:40]}” is not a number.", field=name)
    return value


_READERS: Final[dict[Way, Callable[[str, str], dict[str, Any]]]] = {
    "text": lambda name, text: {name: text},
    "number": lambda name, text: {name: _number(name, text)},
    "lines": lambda name, text: {name: _lines(text)},
    "words": lambda name, text: {name: _words(text)},
    "options": _options,
    "pairs": _pairs,
    "mistakes": _mistakes,
    "lab": _lab,
    "picture": lambda name, text: {},  # noqa: ARG005  a file that `add_own_card` copies, and a link in the front
}


# Cards of the learner's own: checked like the course's, written beside it, scheduled with it


@dataclass(frozen=True, slots=True)
class AddedCard:
    """A card that was written: its id, and where it stands."""

    id: str
    path: Path
    line: int

    def to_json(self) -> dict[str, Any]:
        """Keys: id, path, line."""
        return {"id": self.id, "path": str(self.path), "line": self.line}


def add_own_card(workspace: Workspace, kind: Kind, texts: Mapping[str, str]) -> AddedCard:
    """Write a new card into the learner's folder and take it into the schedule.

    Raises:
        CourseError: a field is wrong, and nothing was written; `field` names it. Or the card is written, and waits for
            another file to be mended, which is said.
        StoreError: the card is written, and the database cannot take it in now; it will at the next start.
    """
    from studytui.course.user_cards import add_card, read_draft

    row = draft_row(kind, texts, _Taken(workspace))
    card = read_draft(row)
    _fits(workspace, card)
    if picture := texts.get("picture", "").strip():
        row["front"] = f"{row.get('front', '')}\n\n{_picture(workspace, picture).markdown}".strip()
    written = add_card(workspace.own, row)
    workspace.reload()
    if workspace.store.card(workspace.course_no, written.id) is None:
        why = " ".join(problem.message for problem in workspace.problems[:1])
        raise CourseError(f"the card is saved, and joins the schedule once this is fixed: {why}", card=card.id)
    return AddedCard(written.id, workspace.source_file(written.source.path), written.source.line)


def _picture(workspace: Workspace, text: str) -> PictureLink:
    """The picture of a new card, copied beside the learner's own.

    Raises:
        CourseError: it is not told what it shows, or the file is none that can be shown.
    """
    from studytui.course.pictures import NoPicture, take_over

    path, _, alt = (part.strip() for part in text.partition("::"))
    if not alt:
        raise CourseError("say what the picture shows, for a reader without it: photo.png :: a board", field="picture")
    try:
        return take_over(Path(path), workspace.own, alt)
    except NoPicture as error:
        raise CourseError(f"{error}.", field="picture") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be copied ({error.strerror or error}).", field="picture") from None


class _Taken:
    """The ids in use: those of the course's cards, archived ones too, and of the learner's own."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __contains__(self, key: object) -> bool:
        workspace = self._workspace
        return workspace.store.card(workspace.course_no, str(key)) is not None


def _fits(workspace: Workspace, card: Card) -> None:
    """Raises CourseError if the card names what the course does not have, or has an id that is in use."""
    from studytui.course.lint_cards import unknown_links
    from studytui.course.loader import load_syllabus

    if (other := workspace.store.card(workspace.course_no, card.id)) is not None:
        raise CourseError(
            f"this id is already used in {other.path}:{other.line}; choose another.", card=card.id, field="id"
        )
    for place, message in unknown_links(workspace.course, load_syllabus(workspace.root), card):
        raise CourseError(message, card=card.id, field=place)


# The learner's note on a card, and another wording of its front or back; the card's schedule is not touched


@dataclass(frozen=True, slots=True)
class Wording:
    """A card as its author wrote it, and what the learner says to it."""

    card: Card
    mine: CardOverride

    @property
    def front(self) -> str:
        """The front as it is shown."""
        return self.mine.front or self.card.written[0]

    @property
    def back(self) -> str:
        """The back as it is shown."""
        return self.mine.back or self.card.written[1]


def wording(workspace: Workspace, card_no: int) -> Wording:
    """The card's text in its author's words, and the learner's. Reads the course's file: call it in a thread.

    Raises:
        CourseError: the card's file, or the learner's, cannot be read.
        LookupError: there is no card of that number, or its file no longer has it.
        StoreError: the database cannot be read.
    """
    from studytui.course.user_cards import load_overrides
    from studytui.study.course_sync import load_file

    stored = workspace.store.card_by_no(card_no)
    if stored is None:
        raise LookupError(f"there is no card of number {card_no}")
    cards = load_file(workspace.root, workspace.own, stored.path)
    card = next((card for card in cards if card.id == stored.key), None)
    if card is None:
        raise LookupError(f"{stored.key} is no longer in {stored.path}")
    return Wording(card, load_overrides(workspace.own).get(stored.key, CardOverride(stored.key)))


def save_wording(workspace: Workspace, card: Card, *, note: str = "", front: str = "", back: str = "") -> bool:
    """Keep what the learner says to a card; what equals the author's text is the author's. True if it changed.

    Raises:
        CourseError: the front of a cloze has other blanks, or a file is wrong or cannot be written; `field` names it.
        StoreError: the database cannot take it in now; it will at the next start.
    """
    from studytui.course.user_cards import save_override

    front, back = front.strip(), back.strip()
    mine = CardOverride(
        card.id,
        front="" if front == card.written[0] else front,
        back="" if back == card.written[1] else back,
        note=note.strip(),
    )
    try:
        mine.applied(card)
    except ValueError as error:
        raise CourseError(f"{error}.", card=card.id, field="front") from None
    save_override(workspace.own, mine)
    return workspace.reload() is not None


def orphaned_overrides(own: Path, shown: Mapping[str, str]) -> list[Defect]:
    """Overrides in the learner's folder of cards that are not in the course, and fronts that no longer fit.

    They do no harm. `shown` are the payloads of the course's cards by their id.
    """
    from studytui.course.loader import decode
    from studytui.course.user_cards import load_overrides
    from studytui.store.doctor import Defect

    try:
        overrides = load_overrides(own)
    except CourseError as error:
        return [Defect("error", f"Your notes cannot be read. {error}", "Fix the file.")]
    found = []
    for key, override in overrides.items():
        if key not in shown:
            what = f'Your note on "{key}" belongs to a card that is not in the course.'
            found.append(Defect("info", what, "Nothing to do: it waits for the card to come back."))
        elif override.front and decode(shown[key]).written[0] != override.front:
            what = f'Your front of "{key}" has other blanks than the card has now, so the course\'s is shown.'
            found.append(Defect("info", what, "Reword it again: n on the card."))
    return found
