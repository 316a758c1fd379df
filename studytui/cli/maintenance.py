"""Looking after the course and the database: check, doctor, backup, restore."""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

import studytui.course
from studytui.cli.console import print_json, progress, prompt, put_line
from studytui.cli.options import JSON, Options, UsageError, opened
from studytui.domain.cards import KINDS, Kind
from studytui.domain.plain_text import on_one_line, storable
from studytui.study.workspace import Workspace, own_folder

if TYPE_CHECKING:
    from studytui.course.lint import Report
    from studytui.domain.cards import DraftField


LONG_LOG: Final = 50_000
"""A log with fewer rows is read before anybody wonders."""


def check(
    context: typer.Context,
    as_json: JSON = False,
    wanted: Annotated[
        bool, typer.Option("--wanted", help="List the objectives with a lab idea instead, and what serves them.")
    ] = False,
    labs: Annotated[
        bool, typer.Option(help="Compute the answers of cards that link a lab, where the labs are installed.")
    ] = True,
    answers: Annotated[
        bool, typer.Option("--answers", help="Grade the answers that the authors of questions wrote; about a minute.")
    ] = False,
) -> None:
    """Lint a course: formats, ids, links, weak cards, contradictions. Exit code 1 if anything but a warning is found.

    Without --course, your own cards, notes and settings are looked at too.
    """
    from studytui.course import settings as settings_file
    from studytui.course.lint import Report, finding_of
    from studytui.course.lint import check as lint
    from studytui.course.loader import find_course, load_course
    from studytui.errors import CourseError
    from studytui.study.workspace import SystemClock

    options: Options = context.obj
    root = find_course(options.course)
    if wanted:
        _print_wanted(root, as_json=as_json)
        return
    own = settings = None
    if options.course is None:
        settings = settings_file.location()
        with contextlib.suppress(CourseError):
            own = own_folder(load_course(root).id)
    try:
        report = lint(root, today=SystemClock().now().date(), own=own, settings=settings)
        if labs:
            report = _with_labs(report, root, own)
        if answers:
            report = _with_answers(report, root)
    except CourseError as error:
        report = Report(0, 0, 0, 0, (finding_of(error),))
    if as_json:
        print_json(report.to_json())
    else:
        for finding in report.findings:
            put_line(str(finding))
        typer.echo(
            f"{report.cards} cards ({report.machine_checked} checked by machine), "
            f"{report.objectives_covered} of {report.objectives} objectives covered, "
            f"{len(report.findings)} finding{'s' * (len(report.findings) != 1)}."
        )
    if report.errors:
        raise typer.Exit(1)


def _with_labs(report: Report, root: Path, own: Path | None) -> Report:
    """The report and what the labs contradict; progress, and that they are not there, goes to standard error."""
    from studytui.course.lint import readable_cards
    from studytui.course.lint_cards import Places
    from studytui.study.maintenance import contradicted, linked

    cards = linked(readable_cards(root, own))
    if not cards:
        return report

    def computed(done: int, of: int) -> None:
        progress(f"The labs compute: {done} of {of} answers" if done < of else "")

    found, trouble = contradicted(cards, progress=computed)
    if trouble:
        typer.echo(f"The answers of {len(cards)} card{'s' * (len(cards) != 1)} were not computed. {trouble}", err=True)
    return report.with_more(map(Places(root).placed, found))


def _with_answers(report: Report, root: Path) -> Report:
    """The report and which of the authors' own answers the grader misjudges; progress goes to standard error."""
    from studytui.course.loader import load_course
    from studytui.course.quizzes import load_gate, load_interview
    from studytui.domain.gate import Written
    from studytui.study.grader.authored import misjudged
    from studytui.study.grader.own_course import field_of

    questions = load_interview(root)
    for head in load_course(root).gates:
        questions += [part.question for _, part in load_gate(root, head).parts() if isinstance(part, Written)]

    def graded(done: int, of: int) -> None:
        progress(f"Graded: {done} of {of} questions" if done < of else "")

    return report.with_more(misjudged(questions, graded, field_of(root)))


def _print_wanted(root: Path, *, as_json: bool) -> None:
    from studytui.course.lint import wanted
    from studytui.course.loader import card_files, load_cards, load_course, load_syllabus

    cards = [card for path in card_files(load_course(root)) for card in load_cards(root, path)]
    found = wanted(load_syllabus(root), cards)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    for one in found:
        put_line(str(one))
    served = sum(one.is_served for one in found)
    typer.echo(
        f"{len(found)} objectives with a lab idea: {served} served by an exercise, {len(found) - served} wanted."
    )


def doctor(
    context: typer.Context,
    as_json: JSON = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Rebuild what is only a copy: texts from the course's files, states from the log."
        ),
    ] = False,
) -> None:
    """Examine all that is stored: each row's digest, the log's replay, the course's files. Exit code 1 if anything is
    wrong. With --repair a backup is made first, and the log is never touched.
    """
    from studytui.study.maintenance import Checkup

    options: Options = context.obj
    checkup = Checkup.of(options.course)
    told: dict[str, Any] = {}
    if repair:
        repaired = checkup.repair(progress=_show_progress)
        findings = repaired.findings
        told = {"backup": repaired.backup and str(repaired.backup), "done": repaired.done}
    else:
        findings = checkup.findings(progress=_show_progress)
    wrong = any(finding.level != "info" for finding in findings)
    if as_json:
        told["findings"] = [finding.to_json() for finding in findings]
        print_json(told)
    else:
        if told:
            put_line(
                f"The database as it was is kept in {told['backup']}." if told["backup"] else "Nothing needs repair."
            )
        for line in (*told.get("done", ()), *findings):
            put_line(str(line))
        if not wrong:
            typer.echo("The database is sound: every card's state follows from its log.")
    if wrong:
        raise typer.Exit(1)


def _show_progress(done: int, count: int) -> None:
    """On a terminal, while a long log is read."""
    if count > LONG_LOG:
        progress(f"{done:,} of {count:,} rows of the log" if done < count else "")


def backup(
    context: typer.Context,
    target: Annotated[Path | None, typer.Argument(help="File to write; default: the backups folder.")] = None,
) -> None:
    """Copy the database, with your own cards and notes, while it may be in use."""
    options: Options = context.obj
    with opened(options.course, to_read=True) as workspace:
        put_line(f"Saved to {workspace.backup(target)}.")


def restore(
    source: Annotated[Path, typer.Argument(help="A backup made by studytui.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the database and your own files; what is there now is kept as a backup."""
    from studytui.study.workspace import require_restorable, restore_backup

    require_restorable(source)
    if not yes:
        typer.confirm(
            f"Replace the study database by {on_one_line(str(source))}? The present one is kept as a backup.",
            abort=True,
        )
    said: list[str] = []
    kept = restore_backup(source, say=said.append)
    put_line(f"Restored {source}." + (f" The database that was there is kept at {kept}." if kept else ""))
    for sentence in said:
        put_line(sentence)


def merge(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A backup, a conflicting copy, or another machine's database.")],
) -> None:
    """Add the answers that another copy of the database holds and this one lacks; cards are scheduled from both."""
    options: Options = context.obj
    with opened(options.course) as workspace:
        added = workspace.merge(source)
    put_line(f"{added} row{'s' * (added != 1)} of the log came from {source}.")


# A course of one's own


STARTER: Final = Path(studytui.course.__file__).with_name("starter")
"""A small course that is copied for a new one."""


def new_course(
    folder: Annotated[Path, typer.Argument(help="Where to write it; made if it is missing.", show_default=False)],
    title: Annotated[str, typer.Option(help="What the course is called.", show_default="the folder's name")] = "",
    as_json: JSON = False,
) -> None:
    """Write a small course to begin with: a chapter, cards of four kinds, a lab, a question, a gap audit."""
    from studytui.course.schema import is_blank
    from studytui.course.toml_file import literal
    from studytui.files import write_atomically

    try:
        folder = folder.expanduser().absolute()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"new-course: {folder} is not empty; name a new folder.")
        title = next((one for one in (title, folder.name) if not is_blank(one)), "A new course")
        title = on_one_line(storable(title)).strip()
        course_id = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80].rstrip("-") or "my-course"
        written = {path.relative_to(STARTER): path.read_text("utf-8") for path in sorted(STARTER.rglob("*.*"))}
        about = Path("content/course.toml")
        written[about] = (
            written[about].replace('"new-course"', literal(course_id)).replace('"A new course"', literal(title))
        )
        for name, text in written.items():
            write_atomically(folder / name, text.encode())
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", "") or str(error)
        raise UsageError(f"new-course: {folder} cannot be written: {why}.") from None
    if as_json:
        print_json({"folder": str(folder), "id": course_id, "title": title, "files": [str(name) for name in written]})
        return
    quoted = shlex.quote(str(folder))
    put_line(f"“{title}” is in {folder}. Open it with: studytui --course {quoted}")
    put_line(f"Change its files, and check them with: studytui --course {quoted} check")


# A card of the learner's own from the command line; what is missing is asked for if there is a terminal


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
    picture: Annotated[str, _option("picture", "A PNG or JPEG to ask about, as FILE :: WHAT IT SHOWS.")] = "",
    lab: Annotated[str, _option("lab", "A lab: 'patches.count image_size=224 patch_size=14|16'.")] = "",
    hint: Annotated[Texts, _option("hint", "A hint; may be repeated.")] = None,
    helper: Annotated[Texts, _option("helper", "One of the course's helpers; may be repeated.")] = None,
    lens: Annotated[Texts, _option("lens", "One of the course's lenses; may be repeated.")] = None,
    tag: Annotated[Texts, _option("tag", "A word of your own; may be repeated.")] = None,
    group: Annotated[str, _option("group", "Cards of one group are not shown on one day.")] = "",
    dated: Annotated[str, _option("dated", "The day the fact was checked: 2026-11-01.")] = "",
    card_id: Annotated[str, _option("id", "Its id; made from the front if not given.")] = "",
    as_json: JSON = False,
) -> None:
    """Write a card of your own; it is scheduled with the course's and stays in a folder of yours."""
    from studytui.study import card_actions

    texts = {
        "section": section, "covers": _lines(covers), "front": front, "back": back,
        "options": _lines([f"* {right}"] * bool(right) + (wrong or [])), "steps": _lines(step), "pairs": _lines(pair),
        "answer": answer, "unit": unit, "tolerance": tolerance, "tolerance_percent": tolerance_percent,
        "accept": _lines(accept), "mistakes": _lines(mistake), "points": _lines(point), "lab": lab, "picture": picture,
        "hints": _lines(hint), "helpers": _lines(helper), "lens": _lines(lens), "tags": _lines(tag),
        "group": group, "dated": dated, "id": card_id,
    }  # fmt: skip
    texts = {name: storable(text) for name, text in texts.items()}
    options: Options = context.obj
    with opened(options.course) as workspace:
        chosen = _kind(kind.value if kind else "")
        _ask_for_missing(workspace, chosen, texts)
        added = card_actions.add_own_card(workspace, chosen, texts)
    if as_json:
        print_json(added.to_json())
    else:
        put_line(f"Added {added.id} ({added.path}:{added.line}).")


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
    from studytui.study.card_actions import missing_fields

    needed = missing_fields(kind, texts)
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
    from studytui.study.learner_state import objectives

    for one in objectives(workspace).get(section.strip(), ()):
        put_line(f"  {one.id}  {one.text}")


def _may_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
