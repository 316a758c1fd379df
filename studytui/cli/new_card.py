"""A card of the learner's own from the command line; what is missing is asked for if there is a terminal."""

from __future__ import annotations

import sys
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from studytui.cli.console import print_json, prompt, put_line
from studytui.cli.failure import UsageError
from studytui.cli.opening import opened
from studytui.cli.options import JSON, Options
from studytui.domain.cards import KINDS, Kind
from studytui.domain.plain_text import storable
from studytui.services.workspace import Workspace

if TYPE_CHECKING:
    from studytui.services.card_draft import DraftField

KindName = Enum("KindName", {kind: kind for kind in KINDS}, type=str)  # type: ignore[misc]
Texts = list[str] | None


def _option(name: str, text: str) -> object:
    return typer.Option(f"--{name}", help=text, show_default=False)


def new_card(  # noqa: PLR0917  typer reads options from the signature
    context: typer.Context,
    kind: Annotated[KindName | None, _option("kind", "What kind of card.")] = None,
    section: Annotated[str, _option("section", "The section it belongs to: 2.4.")] = "",
    covers: Annotated[Texts, _option("covers", "An objective it covers: 2.4-03, or 03; may be repeated.")] = None,
    front: Annotated[str, _option("front", "The question; a cloze has blanks as {{answer|other spelling}}.")] = "",
    back: Annotated[str, _option("back", "The answer with its reason.")] = "",
    right: Annotated[str, _option("right", "choice: the right option.")] = "",
    wrong: Annotated[Texts, _option("wrong", "choice: a wrong option, as TEXT :: WHY; may be repeated.")] = None,
    step: Annotated[Texts, _option("step", "order: a step, in the right order; may be repeated.")] = None,
    pair: Annotated[Texts, _option("pair", "match: LEFT = RIGHT, or = RIGHT for one of none; may be repeated.")] = None,
    answer: Annotated[str, _option("answer", "numeric: the number.")] = "",
    unit: Annotated[str, _option("unit", "numeric: its unit.")] = "",
    tolerance: Annotated[str, _option("tolerance", "numeric: as far off as this is right.")] = "",
    tolerance_percent: Annotated[str, _option("tolerance-percent", "numeric: the same in percent.")] = "",
    accept: Annotated[Texts, _option("accept", "numeric: another spelling that is right; may be repeated.")] = None,
    mistake: Annotated[Texts, _option("mistake", "numeric: NUMBER :: WHY it is wrong; may be repeated.")] = None,
    point: Annotated[Texts, _option("point", "open: a point an answer must make; may be repeated.")] = None,
    lab: Annotated[str, _option("lab", "A lab: 'patches.count image_size=224 patch_size=14|16'.")] = "",
    hint: Annotated[Texts, _option("hint", "A hint; may be repeated.")] = None,
    helper: Annotated[Texts, _option("helper", "One of the course's helpers; may be repeated.")] = None,
    lens: Annotated[Texts, _option("lens", "One of the course's lenses; may be repeated.")] = None,
    tag: Annotated[Texts, _option("tag", "A word of your own; may be repeated.")] = None,
    group: Annotated[str, _option("group", "Cards of one group are not shown on one day.")] = "",
    dated: Annotated[str, _option("dated", "The day a fact that ages was true: 2026-11-01.")] = "",
    card_id: Annotated[str, _option("id", "Its id; made from the front if not given.")] = "",
    as_json: JSON = False,
) -> None:
    """Write a card of your own; it is scheduled with the course's and stays in a folder of yours."""
    from studytui.services import own_cards

    texts = {
        "section": section, "covers": _lines(covers), "front": front, "back": back,
        "options": _lines([f"* {right}"] * bool(right) + (wrong or [])), "steps": _lines(step), "pairs": _lines(pair),
        "answer": answer, "unit": unit, "tolerance": tolerance, "tolerance_percent": tolerance_percent,
        "accept": _lines(accept), "mistakes": _lines(mistake), "points": _lines(point), "lab": lab,
        "hints": _lines(hint), "helpers": _lines(helper), "lens": _lines(lens), "tags": _lines(tag),
        "group": group, "dated": dated, "id": card_id,
    }  # fmt: skip
    texts = {name: storable(text) for name, text in texts.items()}
    options: Options = context.obj
    with opened(options.course) as workspace:
        chosen = _kind(kind.value if kind else "")
        _ask_for_missing(workspace, chosen, texts)
        added = own_cards.add(workspace, chosen, texts)
    if as_json:
        print_json(added.to_json())
    else:
        put_line(f"{added.id} is in the schedule; it stands in {added.path}:{added.line}.")


def _lines(texts: Texts) -> str:
    return "\n".join(texts or ())


def _kind(given: str) -> Kind:
    """The kind, asked for where it was not given; basic where nobody can be asked."""
    if not given and _may_ask():
        given = prompt(f"Kind ({', '.join(KINDS)})", default="basic")
    known = next((kind for kind in KINDS if kind == (given or "basic")), None)
    if known is None:
        raise UsageError(f"There is no kind “{given}”; there are {', '.join(KINDS)}.")
    return known


def _ask_for_missing(workspace: Workspace, kind: Kind, texts: dict[str, str]) -> None:
    """Ask for what a card of this kind needs, and for its back.

    Raises:
        UsageError: something is missing and there is no terminal to ask at.
    """
    from studytui.services.card_draft import missing

    needed = missing(kind, texts)
    if needed and not _may_ask():
        names = ", ".join(field.title.lower() for field in needed)
        raise UsageError(
            f"new-card: a card of kind {kind} also needs: {names}. `studytui new-card --help` lists the options."
        )
    for field in needed:
        if field.name == "covers":
            _show_objectives(workspace, texts["section"])
        texts[field.name] = _ask(field)
    if needed and not texts["back"]:
        texts["back"] = prompt("Back (the answer with its reason)", default="", show_default=False)


def _ask(field: DraftField) -> str:
    """The field's text; a list line by line until an empty one."""
    if field.lines == 1 or field.name == "front":
        return prompt(f"{field.title} ({field.how})")
    typer.echo(f"{field.title} ({field.how}; an empty line ends):")
    lines: list[str] = []
    while line := prompt(f"  {len(lines) + 1}", default="", show_default=False):
        lines.append(line)
    return "\n".join(lines)


def _show_objectives(workspace: Workspace, section: str) -> None:
    from studytui.services.reading import objectives

    for one in objectives(workspace).get(section.strip(), ()):
        put_line(f"  {one.id}  {one.text}")


def _may_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
