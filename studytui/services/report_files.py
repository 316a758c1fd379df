"""A report as two files side by side: Markdown to keep and HTML to print."""

from __future__ import annotations

from pathlib import Path

from studytui.files import write_atomically


def write_both(folder: Path, stem: str, *, markdown: str, html: str) -> tuple[Path, Path]:
    """Write `stem`.md and `stem`.html, numbered where a report of that name stands already; returns both paths.

    Raises:
        OSError: the folder cannot be written.
    """
    number, name = 1, stem
    while (folder / f"{name}.md").exists() or (folder / f"{name}.html").exists():
        number += 1
        name = f"{stem}-{number}"
    files = folder / f"{name}.md", folder / f"{name}.html"
    for path, text in zip(files, (markdown, html), strict=True):
        write_atomically(path, text.encode(errors="replace"))
    return files
