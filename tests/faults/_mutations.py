"""What happens to files: a byte turns, a line is lost or doubled, somebody pastes what no author would write."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

PASTED: Final = (
    b'\\"""', b'"""', b"'''", b'"', b"'", b"\\", b"\\u0000", b"\\u202e", b"\\U0010ffff", b"\\ud800", b"\\x1b",
    b"[[override]]\n", b"[[card]]\n", b'[["card"]]\n', b"[card]\n", b"\n[[card]]\nid = 'x'\n", b"card = []\n",
    "\u2028".encode(), "\u0085".encode(), "\u200b".encode(), "\u202e\u2066".encode(), "\ufeff".encode(),
    "\u3164".encode(),
    b"\x00", b"\x1b]52;c;UFdO\x07", b"\x9b31m", b"\xff\xfe", b"\xc2", b"\x7f", b"\r", b"\r\n", b"\f", b"\v", b"\t",
    b"9" * 4400, b"1" + b"0" * 350, b"1e400", b"nan", b"-inf", b"0x" + b"f" * 300, b"[" * 5000, b"{a=" * 2000,
    b"a." * 3000, b"[" + b"a." * 3000 + b"a]\n", b" " * 20_000, b"#" * 20_000, b"\n" * 5000, b"x" * 120_000,
    b"= ", b"#", b",", b"]", b"}", b"{{", b"}}", b"|", b"{{a|}}", b"(a+)+$", b"## 1.1 " + b" " * 4000 + b"x\n",
    b"{{" * 40_000, b"{{a}}" * 200, b'"' + b"a " * 45_000 + b'"', b"`" * 30_000, b"*a " * 20_000, b"|" * 30_000,
    b"<!-- dated: 9999-99-99 -->\n", b"```\n", b"9999-12-31", b"0000-00-00", b"1979-05-27T07:32:00Z",
)  # fmt: skip
VALUES: Final = (
    b'""', b'" "', b'"\\u200b"', b"''", b'"\\u0000"', b'"\\u001b]0;x\\u0007"', b'"a\\nb"', b"0",
    b"-1", b"1.5", b"true", b"nan", b"inf",
    b"1e308", b"9" * 380, b"9" * 4400, b"[]", b"[[]]", b'[""]', b"[1]", b"[{}]", b"{}", b"{ a = 1 }", b"1979-05-27",
    b"07:32:00", b'"' + b"x" * 120_000 + b'"', b'"../../x"', b'"/dev/zero"', b'"~nouser/x"', b'"1.1"', b'"1.1-01"',
    b'"patch-what"', b'"x"', b'"(a+)+$"', b'"[bold]"', b'"{{}}"', b'"{{a}}"', b'"{{a|}} {{b}}"', b'["a", "a", "a"]',
    b'[["a", "b"], ["c", "d"]]', b'{ exercise = "patches.count" }', b'{ exercise = "x", vary = { a = [] } }',
    b'{ exercise = "patches.count", set = { patch_size = 0 } }',
    b'{ exercise = "patches.count", set = { image_size = 1e99 }, vary = { patch_size = [14, "x"] } }',
    b'[{ text = "a", correct = true }, { text = "b" }]', b'"basic"', b'"cloze"', b'"exercise"', b'"open"', b'"numeric"',
)  # fmt: skip


def flip(data: bytearray, random: Random) -> None:
    """One to eight bits."""
    for _ in range(random.randint(1, 8)):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def cut(data: bytearray, random: Random) -> None:
    """A part is lost."""
    at = random.randrange(len(data))
    del data[at : at + random.choice((1, 2, 5, 40, 400))]


def truncate(data: bytearray, random: Random) -> None:
    """The end is lost."""
    del data[random.randrange(len(data)) :]


def paste(data: bytearray, random: Random) -> None:
    """Something is put in anywhere."""
    at = random.randrange(len(data) + 1)
    data[at:at] = random.choice(PASTED)


def paste_between_lines(data: bytearray, random: Random) -> None:
    """Something is put in where a line begins."""
    ends = [at + 1 for at, byte in enumerate(data) if byte == 10] or [0]
    at = random.choice(ends)
    data[at:at] = random.choice(PASTED)


def change_value(data: bytearray, random: Random) -> None:
    """A key gets another value, mostly of another kind."""
    lines = bytes(data).split(b"\n")
    keyed = [at for at, line in enumerate(lines) if b" = " in line or b"=" in line]
    if keyed:
        at = random.choice(keyed)
        lines[at] = lines[at].partition(b"=")[0] + b"= " + random.choice(VALUES)
    data[:] = b"\n".join(lines)


def change_lines(data: bytearray, random: Random) -> None:
    """A line is lost, doubled, or goes elsewhere."""
    lines = bytes(data).split(b"\n")
    at, to = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(to, lines[at])
        case 2:
            lines[at], lines[to] = lines[to], lines[at]
        case 3:
            lines[min(at, to) : max(at, to)] *= 2
    data[:] = b"\n".join(lines)


def other_lines(data: bytearray, random: Random) -> None:
    """The file comes back from another system or program."""
    match random.randrange(5):
        case 0:
            data[:] = data.replace(b"\n", b"\r\n")
        case 1:
            data[:] = data.replace(b"\n", b"\r")
        case 2:
            data[:] = b"\xef\xbb\xbf" + data
        case 3:
            data[:] = bytes(data).decode(errors="replace").encode("utf-16")
        case 4:
            data[:] = data.rstrip()


def rubbish(data: bytearray, random: Random) -> None:
    """What stood there is something else."""
    data[:] = random.choice(
        (b"", b"\n", b"\x00" * 500, b"\xff" * 10, random.randbytes(300), bytes(data) * 2, b"SQLite format 3\x00")
    )


KINDS: Final[tuple[Callable[[bytearray, Random], None], ...]] = (
    flip, cut, truncate, paste, paste, paste_between_lines, change_value, change_value, change_value, change_lines,
    other_lines, rubbish,
)  # fmt: skip


def mutated(data: bytes, random: Random) -> bytes:
    """The file after one to three of these."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if not changed:
            break
        random.choice(KINDS)(changed, random)
    return bytes(changed)
