"""One word for one thing: what the app shows and its pages say keeps to the words below."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

WORDS = {
    "to repeat": r"\bsettl(?:e|ed|es|ing)\b|\bre-?asks?\b|\basked again (?:today|(?:on )?the same day)\b",
    "practice": r"\bextra (?:study|cards?)\b|\bcram(?:s|med|ming)?\b|\bbeside the schedule\b|\bbeyond what is due\b",
    "interview": r"\brehears\w+",
    "gap audit": r"(?<!gap[ -])\baudits?\b|(?<!\()\bgates?\b(?! to)",
    "objective": r"\blearning (?:objective|goal)s?\b|\blearning target",
    "undo": r"\bt(?:ake|akes|aken|ook|aking)(?: (?:it|this|that|them|all(?: of them)?|one))? back\b",
    "fix, rebuild": r"\bmend(?:s|ed|ing)?\b|\bmade anew\b|\bmakes? anew\b",
    "work out": r"\breckon\w*",
    "shaky, not started": r"^vague\b|[\d,] vague\b|\bnot yet seen\b|\bnot begun\b",
    "previous": r"^Last match$|\b(?:row|point|field|card|line|match|setting) before$",
    "same objective": r"\bsiblings?\b",
    "practice only, no change": r"\bmoves? (?:no schedule|nothing)\b|\bschedule stays$",
    "per line": r"\bone a line\b",
    "how it is computed": r"\bcomes about\b",
    "does it have": r"\bHow many [a-z ]+? has [^.?]*\?|\bbecomes of\b",
    "correct form": r"\bis no (?:number|day|pair|UTF)|\bstands in [{/]",
}
"""What to say, and what is not said in its place."""

COMMANDS = re.compile(
    r"`[^`\n]*`"  # commands, keys and files in a text
    r"|studytui (?:rehearse|audit|cram)\b|\b(?:rehearse|audit|cram) --[a-z]+|studytui-rehearsals"
    r"|[\w/]*\b(?:gap-)?audit\.(?:toml|md)|\[\[?gate\]?\]|\bGATE\b"
)
"""Commands, files and keys keep their names."""

FOR_SCRIPTS = {"not yet seen"}
"""Values of JSON."""

FENCES = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PAGES = (  # all but the one on the code, which keeps its own names
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md") if path.name != "architecture.md"),
)
SOURCES = sorted(
    path
    for room in ("studytui/ui", "studytui/cli", "studytui/study", "studytui/domain", "studytui/course", "labs/problems")
    for path in (ROOT / room).rglob("*.py")
    if path.name != "assertion.py"  # patterns of what learners say
)


def shown(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a source that may reach an eye, with their lines: no styles, no documentation of code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="DEFAULT_CSS")], value=value):
                hidden.add(value)
            case ast.Expr(value=ast.Constant(value=str()) as text):
                hidden.add(text)
            case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError" | "TypeError" | "KeyError"), args=args)):
                hidden.update(inner for arg in args for inner in ast.walk(arg))  # what a programmer did wrong
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in hidden:
            continue
        if node.value in FOR_SCRIPTS:
            continue
        if " " in node.value.strip() or node.value[:1].isupper():
            yield node.lineno, node.value


def told(path: Path) -> Iterator[tuple[int, str]]:
    """Docstrings that are shown: the help of commands, and what the settings say of themselves."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _is_command(node):
            yield node.lineno, ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef) and node.name == "Settings":
            for inner in node.body:
                if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
                    yield inner.lineno, str(inner.value.value)


def _is_command(node: ast.FunctionDef) -> bool:
    return any("Annotated" in ast.unparse(one.annotation) for one in node.args.args if one.annotation)


def wrong(texts: Iterator[tuple[int, str]]) -> list[str]:
    return [
        f"{line}: say “{right}”: …{text[max(0, found.start() - 30) : found.end() + 30]!r}"
        for line, text in texts
        for right, pattern in WORDS.items()
        for found in re.finditer(pattern, COMMANDS.sub("§", text), re.IGNORECASE | re.MULTILINE)
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_shown_has_one_word_for_one_thing(source: Path) -> None:
    assert wrong(shown(source)) == []
    assert wrong(told(source)) == []


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_say_the_same_words(page: str) -> None:
    lines = FENCES.sub("", (ROOT / page).read_text(encoding="utf-8"))
    assert wrong((number, line) for number, line in enumerate(lines.split("\n"), 1)) == []


@pytest.mark.parametrize("file", sorted((ROOT / "content/cards").glob("*.toml")), ids=lambda path: path.name)
def test_cards_ask_in_english(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    odd = r"^front = .*(?:How many [a-z ]+? has |becomes of|\bshall\b|fit for language).*$"
    assert re.findall(odd, text, re.MULTILINE) == []


def test_the_words_are_found() -> None:
    """The patterns see what they are for: each of these is a text that once stood on a screen."""
    said = [
        "3 to settle", "Extra study", "Beyond what is due", "Interview rehearsal", "Audit: The small one",
        "Two learning objectives", "u takes it back", "until it is mended", "cannot be reckoned", "vague",
        "Last match", "cards of a sibling", "moves no schedule", "one a line", "How it comes about",
        "How many values has it?", "“x” is no number", "Which gates are open?",
    ]  # fmt: skip
    assert [text for text in said if not wrong(iter([(1, text)]))] == []
    right = [
        "3 to repeat",
        "The gap audit (the gate to Module 14)",
        "Run `studytui rehearse --plain`",
        "audit --status",
    ]
    assert [text for text in right if wrong(iter([(1, text)]))] == []
