"""The report: evidence, date, course version and figures; whatever was typed forms no markup and loads nothing."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from labs.protocol import Curve, Evidence, Picture
from studytui.study.document import Document, to_html, to_markdown
from studytui.study.gate import Remade, deciding, gate_status
from studytui.study.reports import gate_document, save_gate, timeline_svg
from studytui.study.workspace import Workspace
from tests.gate.course import GOOD_PATCHES, POOR, answer, compute, later, pass_all, recall, recorder_of, workspace_at

HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(2)> [link](http://example.com) `code` \x1b[31m | *bold*'
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def report_of(workspace: Workspace, figures: dict[str, Remade] | None = None) -> Document:
    return gate_document(workspace, gate_status(workspace), figures or {})


def test_a_report_has_evidence_dates_version_and_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        answer(workspace, "patches/tell", GOOD_PATCHES)
        given = compute(workspace, "patches/count", right=False)
        recall(workspace, "latent-choice", 2)
        for text in (to_markdown(report_of(workspace)), to_html(report_of(workspace))):
            shown = re.sub(r"<[^>]+>|\\", "", text)
            assert "The small audit" in shown
            assert "2026-03-10 09:00 · Tiny course, version 1 · studytui" in shown
            assert "shaky: Count patches" in shown
            assert "passed: 100% of the rubric, 75% needed" in shown
            assert "A patch is a small square of the picture. Each patch is projected" in shown
            assert "covered" in shown
            assert f"patches.count with seed {given.computation.seed}" in shown
            assert given.computation.right in shown
            assert "latent-choice" in shown
            assert "Read again: 1.1 Patches" in shown
            assert "Nobody" not in shown


def test_whatever_was_typed_forms_nothing_and_loads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        given = answer(workspace, "patches/tell", f"{HOSTILE} {GOOD_PATCHES}")
        recorder_of(workspace).dispute(given, "square", HOSTILE)
        recorder_of(workspace).override(HOSTILE, [HOSTILE])
        page, plain = to_html(report_of(workspace)), to_markdown(report_of(workspace))
    tags = Tags()
    tags.feed(page)
    names = [tag for tag, _ in tags.found]
    assert "script" not in names
    assert "img" not in names
    assert "link" not in names
    assert not any(name.startswith("on") for _, attributes in tags.found for name in attributes)
    assert "http" not in re.sub(r"http://www\.w3\.org/2000/svg|http-equiv|http://example\.com", "", page)
    assert all("example.com" not in str(value) for _, attributes in tags.found for value in attributes.values())
    assert "\x1b" not in page + plain
    assert "default-src 'none'" in page
    assert "<mark" in page
    fenced = re.sub(r"(`{3,})text\n.*?\n\1", "", plain, flags=re.DOTALL)
    assert "<script>" not in fenced
    assert not re.search(r"(?<!\\)\]\(http", fenced)


def test_the_figures_are_inside_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        given = compute(workspace, "patches/count")
        found = gate_status(workspace)
        assert [each.uid for each in deciding(found)] == [given.uid]
        picture = Picture.from_png("grid", PNG, caption="The <grid>", alt='A "grid" of squares')
        curve = Curve("Cost", "side", "tokens", (1.0, 2.0), {"patches": (1.0, 4.0)})
        evidence = Evidence(4, pictures=(picture,), curves=(curve,))
        page = to_html(report_of(workspace, {given.uid: Remade(evidence)}))
        gone = to_html(report_of(workspace, {given.uid: Remade(None, "The labs need <torch>.")}))
    tags = Tags()
    tags.feed(page)
    (image,) = [attributes for tag, attributes in tags.found if tag == "img"]
    source = image["src"] or ""
    assert base64.b64decode(source.removeprefix("data:image/png;base64,")) == PNG
    assert image["alt"] == 'A "grid" of squares'
    assert "The &lt;grid&gt;" in page
    assert page.count("<svg") == 2  # when it was answered, and the lab's curve
    assert "@media print" in page
    assert "The labs need &lt;torch&gt;." in gone


def test_a_gate_that_was_tested_out_is_reported_with_the_answers_of_both_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        answer(workspace, "latents/tell", POOR)  # neither decides nor counts
        later(workspace, 1)
        pass_all(workspace)
        later(workspace, 1)
        pass_all(workspace)
        for text in (to_markdown(report_of(workspace)), to_html(report_of(workspace))):
            shown = re.sub(r"<[^>]+>|\\|\*", "", text)
            assert "tested out on 2026-03-11 and 2026-03-12" in shown
            assert shown.count("Answered on 2026-03-11 ") == shown.count("Answered on 2026-03-12 ") == 5
            assert POOR not in shown
            assert "1.1-01 Objective of 1.1." in shown


def test_the_timeline_marks_answers_recalls_and_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        assert timeline_svg(gate_status(workspace), gate_status(workspace).verdict.items[0]) == ""
        answer(workspace, "patches/tell", POOR)
        recall(workspace, "patch-count", 4)
        later(workspace, 3)
        answer(workspace, "patches/tell", GOOD_PATCHES)
        recall(workspace, "patch-count", 1)
        found = gate_status(workspace)
    root = ElementTree.fromstring(timeline_svg(found, found.verdict.items[0]))
    svg = "{http://www.w3.org/2000/svg}"
    discs = [each.findtext(f"{svg}title") for each in root.iter(f"{svg}circle")]
    crosses = [each.findtext(f"{svg}title") for each in root.iter(f"{svg}path")]
    assert discs == ["2026-03-13: passed", "2026-03-10: patch-count, graded 4"]
    assert crosses == ["2026-03-10: not passed", "2026-03-13: patch-count, graded 1"]


def test_reports_are_written_beside_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch) as workspace:
        first = save_gate(workspace, gate_status(workspace), {}, tmp_path / "out")
        second = save_gate(workspace, gate_status(workspace), {}, tmp_path / "out")
    assert [path.name for path in (*first, *second)] == [
        "audit-first-2026-03-10-0900.md",
        "audit-first-2026-03-10-0900.html",
        "audit-first-2026-03-10-0900-2.md",
        "audit-first-2026-03-10-0900-2.html",
    ]
    assert first[1].read_text(encoding="utf-8").startswith("<!doctype html>")
