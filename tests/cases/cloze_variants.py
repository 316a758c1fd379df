"""What people type into the blanks of a cloze: right answers in other clothes, and wrong ones that look like them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence

from studytui.domain.cards import Cloze
from studytui.domain.spelling import OTHER_WAYS, is_english, is_form_of, singular

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def variants(
    body: Cloze, others: Iterable[Cloze] = (), *, course_words: Container[str] = frozenset()
) -> Iterator[tuple[str, str, list[str]]]:
    """(kind, "right", "wrong" or "ask", what is typed into each blank) for one card.

    One blank is varied at a time, the others hold the author's first spelling. `others` are the course's other cards.
    """
    firsts = [blank.accepted[0] for blank in body.blanks]
    for index, blank in enumerate(body.blanks):
        for kind, text in (*_right(body, index), *_slips(blank.accepted[0], course_words)):
            yield kind, "right", _with(firsts, index, text)
        for kind, text in _wrong(blank.accepted, [one for one in others if one != body]):
            yield kind, "wrong", _with(firsts, index, text)
    if len(firsts) > 1 and not set(_words(firsts[0])) & set(_words(firsts[1])):
        yield "blanks exchanged", "wrong", [firsts[1], firsts[0], *firsts[2:]]
    yield "nothing", "ask", [""] * len(firsts)
    if len(firsts) > 1:
        yield "a blank left empty", "ask", [*firsts[:-1], " "]


def _right(body: Cloze, index: int) -> Iterator[tuple[str, str]]:
    accepted = body.blanks[index].accepted
    for spelling in accepted:
        yield "every accepted spelling", spelling
    first = accepted[0]
    for text in (first.upper(), first.lower(), f"  {first} ", f"“{first}”", f"{first}.", f"*{first}*"):
        yield "case, quotes and stops", text
    if first[:1].isalpha():
        yield "an article", f"the {first}"
    if "-" in first:
        yield "hyphens", first.replace("-", " ")
        yield "hyphens", first.replace("-", "\u2011")
        yield "hyphens", first.replace("-", "")
    last = re.split(r"[- ]", first)[-1]
    if len(last) > 3 and last.isalpha() and last.isascii() and not last.isupper():
        if last[-1] not in "sxzyhg":
            yield "plural and singular", f"{first}s"
        if singular(last.casefold()) == last.casefold()[:-1]:
            yield "plural and singular", first[:-1]
    before = re.findall(r"[^\W_]+", re.split(r"[.,;:?]", body.segments[index])[-1])
    after = re.findall(r"[^\W_]+", re.split(r"[.,;:?]", body.segments[index + 1])[0])
    after = [] if after and after[0] in ("a", "an") else after
    joined = body.segments[index + 1][:1].isspace() and body.segments[index][-1:].isspace()
    if after and joined:
        yield "the next word typed along", f"{first} {after[0]}"
    if before and joined:
        yield "the word before typed along", f"{before[-1]} {first}"
    if after and before and joined:
        yield "both neighbours typed along", f"{before[-1]} {first} {after[0]}"


def _slips(first: str, course_words: Container[str]) -> Iterator[tuple[str, str]]:
    """The longest word with a letter doubled, left out or swapped, where that makes no word."""
    words = [word for word in re.findall(r"[a-z]+", first) if len(word) > 5 and first.count(word) == 1]
    if not words or first != first.lower():
        return
    word = max(words, key=len)
    middle = len(word) // 2
    swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    for slip in (word[:middle] + word[middle - 1 :], word[:middle] + word[middle + 1 :], swapped):
        is_word = is_english(slip) or is_english(singular(slip)) or slip in course_words
        if slip != word and not is_word:
            yield "one slip of the finger", first.replace(word, slip)


def _wrong(accepted: Sequence[str], others: Sequence[Cloze]) -> Iterator[tuple[str, str]]:
    mine = {word for spelling in accepted for word in _words(spelling)}
    first = accepted[0].casefold()
    if first.isalpha() and first.isascii() and len(first) > 4:
        for word in sorted(set(_one_letter_off(first))):
            if is_english(word) and not any(is_form_of(singular(word), one) for one in mine):
                yield "a real word one letter off", word
        for prefix in ("un", "non-", "anti-", "re"):
            if f"{prefix}{first}".replace("-", "") not in mine:
                yield "a prefix more", f"{prefix}{first}"
    for other in others:
        for blank in other.blanks:
            words = _words(blank.accepted[0])
            if not mine & set(words) and not any(_says_the_same(words, spelling) for spelling in accepted):
                yield "another card's answer", blank.accepted[0]


def _says_the_same(words: Sequence[str], spelling: str) -> bool:
    return tuple(_words(spelling)) in OTHER_WAYS.get(tuple(words), ())


def _one_letter_off(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        yield from (word[:at] + letter + word[at:] for letter in ALPHABET)
        if at < len(word):
            yield word[:at] + word[at + 1 :]
            yield from (word[:at] + letter + word[at + 1 :] for letter in ALPHABET if letter != word[at])


def _words(spelling: str) -> list[str]:
    return [singular(word) for word in re.findall(r"[^\W_]+", spelling.casefold())]


def _with(firsts: list[str], index: int, text: str) -> list[str]:
    return [*firsts[:index], text, *firsts[index + 1 :]]
