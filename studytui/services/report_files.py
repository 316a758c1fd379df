"""A report as two files side by side: Markdown to keep and HTML to print."""

from __future__ import annotations

from pathlib import Path


def write_both(folder: Path, stem: str, *, markdown: str, html: str) -> tuple[Path, Path]:
    """Write `stem`.md and `stem`.html, numbered where a report of that name stands already; returns both paths.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number, name = 1, stem
    while (folder / f"{name}.md").exists() or (folder / f"{name}.html").exists():
        number += 1
        name = f"{stem}-{number}"
    files = folder / f"{name}.md", folder / f"{name}.html"
    for path, text in zip(files, (markdown, html), strict=True):
        path.write_text(text, encoding="utf-8", errors="replace")
    return files
