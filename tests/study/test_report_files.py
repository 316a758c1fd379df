"""A course's Markdown in a report: what it says stays, and no link or tag in it does anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from studytui.course.markdown import markdown_to_html, without_scripts
from tests.examples import examples
from tests.quick import quickest

SCRIPTS = [
    "[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))", "[a]( javascript:alert(1))", "[a](<javascript:alert(1)>)",
    "[a](&#106;avascript:alert(1))", "[a](&#x6A;avascript&colon;alert(1))", "[a](java&Tab;script:alert(1))",
    "[a](javascript\\:alert\\(1\\))", "[a](\njavascript:alert(1))", "[a](vbscript:x)", "[a](data:text/html,<script>)",
    "[a](data:text/html;base64,PHNjcmlwdD4=)", "![a](data:image/svg+xml,<svg>)", "[a][b]\n\n[b]: javascript:alert(1)",
    "[b]\n\n[b]: <javascript:alert(1)>", "[b]\n\n[b]:\n  javascript:alert(1)", "[b]\n\n  [b]:\tJAVASCRIPT:x 'title'",
    "[![p](x.png)](javascript:alert(1))", "[a](file:///etc/passwd)", "[a](\x01javascript:x)", "[a](java\u200bscript:x)",
    "[a](intent://x)", "[a](javascript&#58;x)", "<javascript:alert(1)>", "<a href='javascript:alert(1)'>x</a>",
    "\\<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- x -->", "[a](javascript:alert('(')) b",
    "[a](&amp;#106;avascript:x)", "[a](javascript:x 'title')", "[a\\]](javascript:x)", "[a](ftp://x/y)",
]  # fmt: skip
KEPT = [
    "[a](https://example.org/a_(b)?q=1#c)", "[a](http://example.org)", "[a](mailto:a@example.org)", "[a](../b.md#c)",
    "[a](#part)", "[a](b.png \"title\")", "[b]\n\n[b]: https://example.org", "**bold** *it* `code[0](x)` a < b",
    "a list:\n\n- one\n- two [x]: no", "|a|b|\n|-|-|\n|1|2|", "[a](//example.org/b)", "f[i](x) and g[j]: 3",
]  # fmt: skip


def rendered(text: str) -> str:
    """The HTML that a renderer makes which allows everything."""
    parser = MarkdownIt("commonmark", {"html": True})
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return str(parser.render(text))


def does_something(html: str) -> bool:
    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    known = re.compile(r"(https?|mailto):", re.IGNORECASE)
    odd = [each for each in addresses if re.match(r"\s*[A-Za-z0-9+.%&;#-]*:", each) and not known.match(each)]
    return bool(odd) or re.search(r"<(script|img [^>]*onerror|a href='|!--)", html) is not None


@pytest.mark.parametrize("text", SCRIPTS)
def test_no_link_leads_to_a_script_and_no_tag_is_one(text: str) -> None:
    for around in ("{}", "before {} after", "> {}", "- {}"):
        assert not does_something(rendered(without_scripts(around.format(text)))), without_scripts(around.format(text))
    assert "](javascript" not in without_scripts(text).lower()


def test_the_texts_above_would_do_something() -> None:
    assert sum(does_something(rendered(text)) for text in SCRIPTS) > 25


@pytest.mark.parametrize("text", KEPT)
def test_other_links_and_words_stay_as_they_are(text: str) -> None:
    assert without_scripts(text) == text
    assert rendered(without_scripts(text)) == rendered(text)


def test_what_a_dropped_link_said_stays() -> None:
    assert (
        without_scripts("See [the **paper**](javascript:x), then go on.")
        == "See [the **paper**] (link left out), then go on."
    )


PIECES = [*"[]()<>a \n\\:x`/", "javascript:", "&#58;", "![", "](", "]:", "&lt;"]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(max_examples=examples(1_500), deadline=None)
def test_no_arrangement_of_brackets_makes_a_script(text: str) -> None:
    assert "javascript" not in "".join(re.findall(r'(?:href|src)="([^"]*)"', rendered(without_scripts(text))))


MARKUP = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@given(
    st.lists(
        st.sampled_from([*PIECES, "https://a", "<img src=x>", "|a|\n|-|\n", "`", "*", "[b]: ", "\x1b"]), max_size=14
    )
)
@settings(max_examples=600, deadline=None)
def test_a_page_has_no_tag_but_markdowns_and_no_link_but_to_the_web(pieces: list[str]) -> None:
    text = "".join(pieces)
    for page in (markdown_to_html(text), markdown_to_html(text, inline=True)):
        assert "\x1b" not in page
        for tag, attributes in Tags(page).found:
            assert tag in MARKUP
            assert set(attributes) <= {"href", "title", "class", "style", "start"}
            assert re.match("https:|$", attributes.get("href") or "")


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_page_shows_a_script_as_it_was_typed(text: str) -> None:
    page = Tags(markdown_to_html(text))
    assert not [tag for tag, _ in page.found if tag not in MARKUP]
    assert not [attributes for _, attributes in page.found if "href" in attributes]


@pytest.mark.parametrize("unit", ["](", "](javascript:", "[a](x", "]:", "<", "](\n", "](" + " " * 50, "[" * 50])
def test_long_texts_take_no_time(unit: str) -> None:
    assert quickest(lambda: without_scripts(unit * (200_000 // len(unit))), 15) < 15
