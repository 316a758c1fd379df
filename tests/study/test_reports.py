"""Documents as files: both reports as Markdown line by line, and what a page shows, escapes and leaves out."""

from __future__ import annotations

import secrets
from itertools import count
from pathlib import Path

import pytest

from labs.protocol import Curve, Evidence, Picture
from studytui import __version__
from studytui.domain.rubric import JudgedPoint, Quote
from studytui.study import document as doc
from studytui.study.gate import Remade, gate_status
from studytui.study.rehearsal import QuestionChoice, scorecard
from studytui.study.reports import gate_document, rehearsal_document
from tests.gate.course import GOOD_PATCHES, POOR, answer, compute, later, recall, recorder_of, workspace_at
from tests.gate.test_report import HOSTILE, PNG
from tests.rehearsal.tiny_interview import desk

COPIES = Path(__file__).parent / "reports"


def page_of(*blocks: doc.Block) -> str:
    page = doc.to_html(doc.Document("T", blocks))
    return page[page.index("<h1>T</h1>") + len("<h1>T</h1>") : page.index("</body>")].strip()


def markdown_of(*blocks: doc.Block) -> str:
    return doc.to_markdown(doc.Document("T", blocks)).removeprefix("# T\n\n")


def test_a_rehearsal_as_markdown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        first = at.rehearsal("chapter", "1")
        while step := first.next_step():
            at.answer(first, step, *["missed"] * len(step.task.question.points), answer="")  # type: ignore[arg-type]
        rehearsal = at.rehearsal("chapter", "1")
        step = rehearsal.next_step()
        assert step is not None
        at.answer(rehearsal, step, "covered", "partly", "contradicted", confidence=4, seconds_given=None)
        step = rehearsal.next_step()
        assert step is not None
        at.answer(rehearsal, step, "covered", answer=f"{HOSTILE}\n```\n# head\n| a |")
        while step := rehearsal.next_step():
            at.answer(rehearsal, step, "partly", answer="Softmax.")
        card = scorecard(at.entries.values(), rehearsal.uid)
        text = doc.to_markdown(rehearsal_document(at.workspace, QuestionChoice("one", "*all*"), card))
    assert text == (COPIES / "rehearsal.md").read_text(encoding="utf-8")


def test_a_gate_as_markdown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = count(1)
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(seeds))
    with workspace_at(tmp_path, monkeypatch) as workspace:
        given = answer(workspace, "patches/tell", f"{HOSTILE}\n\n{GOOD_PATCHES}")
        recorder_of(workspace).dispute(given, "square", f"No:\n{HOSTILE}")
        answer(workspace, "latents/tell", POOR)
        recall(workspace, "patch-count", 4)
        later(workspace, 3)
        recall(workspace, "latent-choice", 1)
        computed = compute(workspace, "patches/count", right=False)
        recorder_of(workspace).override("I have *to*", ["all"])
        picture = Picture.from_png("grid", PNG, caption="The <grid>", alt='A "grid" of squares')
        curve = Curve("Cost", "side", "tokens", (1.0, 2.0), {"patches": (1.0, 4.0)})
        figures = {computed.uid: Remade(Evidence(4, pictures=(picture,), curves=(curve,)))}
        text = doc.to_markdown(gate_document(workspace, gate_status(workspace), figures))
    assert text.replace(__version__, "VERSION") == (COPIES / "gate.md").read_text(encoding="utf-8")


def test_data_is_shown_as_it_is_everywhere() -> None:
    text = '<b>x</b> **y** [z](javascript:a) | &amp; \x1b[31m "q"'
    escaped = "&lt;b&gt;x&lt;/b&gt; **y** [z](javascript:a) | &amp;amp; ␛[31m &#34;q&#34;"
    point = JudgedPoint("a", "A", True, 1, (), "covered", None, 1.0, Quote(0, 200, text), "", "offline")
    blocks = (
        doc.Heading(2, text), doc.Paragraph(text), doc.Paragraph(doc.Strong(text)), doc.BulletList((text,)),
        doc.Table((text,), ((text,),)), doc.Answer(text), doc.Answer(text, (point,)), doc.Points((point,)),
        doc.Code(text), doc.Picture("", text, text), doc.Drawing("<svg/>", text),
    )  # fmt: skip
    for block in blocks:
        assert escaped in page_of(block), block
        assert "\x1b" not in markdown_of(block), block
    assert f"<title>{escaped}</title>" in doc.to_html(doc.Document(text, ()))
    assert markdown_of(doc.Table((text,), ((text,),))).count("\n") == 3


def test_authored_markdown_is_markup_in_which_nothing_runs_or_loads() -> None:
    text = (
        "**b** of 2*3*4:\n\n- $a*b*c$\n- [web](https://example.org) [x](javascript:a) [y](#z) ![p](https://e.org/p.png)"
    )
    assert page_of(doc.Authored(text)) == (
        "<div><p><strong>b</strong> of 2*3*4:</p>\n<ul>\n<li>$a*b*c$</li>\n"
        '<li><a href="https://example.org">web</a> [x](javascript:a) [y](#z) !<a href="https://e.org/p.png">p</a></li>\n'
        "</ul>\n</div>"
    )
    assert "[x] (link left out)" in markdown_of(doc.Authored(text))
    assert page_of(doc.Paragraph(doc.Authored("<img src=x> *i*"))) == "<p>&lt;img src=x&gt; <em>i</em></p>"
    assert markdown_of(doc.Paragraph(("a|b: ", doc.Authored("*c*\n d")))) == "a\\|b: *c* d\n"


def test_a_page_needs_nothing_and_follows_the_readers_light() -> None:
    page = doc.to_html(doc.Document("T", (doc.Drawing("<svg><circle/></svg>", "c"), doc.Picture('"><x>', "c", "a"))))
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    assert "prefers-color-scheme: dark" in page
    assert "<figure><svg><circle/></svg><figcaption>c</figcaption></figure>" in page
    assert 'src="data:image/png;base64,x"' in page
    assert "http://" not in page
    assert "https://" not in page


def test_a_link_leads_to_its_heading() -> None:
    links = ((doc.Link(doc.Authored("*to* a|b"), "q1"),), (doc.Link("*x* a|b", "q1"),))
    blocks = (doc.Table(("a",), links), doc.Heading(2, "There", "q1"))
    assert '<td><a href="#q1"><em>to</em> a|b</a></td>' in page_of(*blocks)
    assert '<h2 id="q1">There</h2>' in page_of(*blocks)
    assert markdown_of(*blocks) == "| a |\n|---|\n| *to* a\\|b |\n| \\*x\\* a\\|b |\n\n## There\n"
