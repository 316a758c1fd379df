"""Every authored file loads and lints clean; every card that is checked by machine takes its own answer as typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from labs import catalog
from studytui.course.lint import Report, check, wanted
from studytui.course.loader import card_files, find_course, load_cards, load_chapter, load_course, load_syllabus
from studytui.course.quizzes import EXERCISES_FILE, RECALL_FILE, load_prompts, load_tasks
from studytui.domain.cards import BODIES, Card, Choice, Cloze, Match, Numeric, Open, Order
from studytui.domain.judging import present
from studytui.domain.verdict import Response, format_number
from studytui.study.attempt import judge
from studytui.study.pictures import scene_in_words
from tests.benchmarks import options

ROOT = find_course()
COURSE = load_course(ROOT)
CARD_FILES = card_files(COURSE)
TODAY = date(2026, 11, 30)
"""The day dated lists are held against: a test must not fail because time goes by."""
NEAR_WORD = "near-word"
"""A patch is one letter from a batch, whoever writes the course: the warning is told and stays."""
SHUFFLES = 100
SEEDS_POSED = 100
DASHES = ("-", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212")


@cache
def report() -> Report:
    return check(ROOT, today=TODAY)


@cache
def cards_of(path: str) -> tuple[Card, ...]:
    return tuple(load_cards(ROOT, path))


def every_card() -> list[Card]:
    return [card for path in CARD_FILES for card in cards_of(path)]


def findings(path: str) -> list[str]:
    return [str(finding) for finding in report().findings if finding.path == path and finding.rule != NEAR_WORD]


@pytest.mark.parametrize("path", CARD_FILES)
def test_a_file_of_cards_loads_and_lints_clean(path: str) -> None:
    assert cards_of(path)
    assert findings(path) == []


@pytest.mark.parametrize("chapter", COURSE.chapters, ids=lambda chapter: chapter.text)
def test_a_chapter_has_all_its_sections_and_lints_clean(chapter: object) -> None:
    found = next(one for one in COURSE.chapters if one == chapter)
    _, sections = load_chapter(ROOT, found)
    assert [section.id for section in sections] == [section.id for section in found.sections]
    assert findings(f"content/{found.text}") == []


@pytest.mark.parametrize(
    ("path", "load", "least"),
    [(RECALL_FILE, load_prompts, 10), (EXERCISES_FILE, load_tasks, 6)],
    ids=["recall", "exercises"],
)
def test_a_file_of_quizzes_loads_and_lints_clean(path: str, load: Callable[[Path], list[object]], least: int) -> None:
    assert len(load(ROOT)) >= least
    assert findings(path) == []


def test_nothing_else_is_wrong_with_the_course() -> None:
    assert {finding.rule: finding.level for finding in report().findings} == {NEAR_WORD: "warning"}


def test_every_objective_is_on_a_card_and_most_cards_are_checked_by_machine() -> None:
    found = report()
    assert found.cards >= 450
    assert found.machine_checked / found.cards >= 0.55
    assert (found.objectives_covered, found.objectives) == (369, 369)
    assert len(load_syllabus(ROOT)) == 369


def test_most_cards_ask_for_an_answer_out_of_ones_own_head_and_every_objective_has_one() -> None:
    share, only_recognised = options.recognition(every_card())
    assert share <= options.MOST_RECOGNITION
    assert only_recognised == []


def test_options_without_their_questions_give_little_away() -> None:
    assert options.score(every_card(), partings=2) <= options.MOST
    letters = {line[-1] for line in options.asked(every_card(), 40, 1, key=True)}
    assert letters == set("abcd"), "the right option stands in any place"


def test_ids_are_unique_in_the_whole_course() -> None:
    ids = [card.id for card in every_card()]
    assert len(ids) == len(set(ids))


LINKED = [card for card in every_card() if card.lab is not None]


@pytest.mark.parametrize("card", LINKED, ids=lambda card: card.id)
def test_an_exercise_that_a_card_links_poses_at_every_seed(card: Card) -> None:
    assert card.lab is not None
    exercise = catalog.exercise(card.lab.exercise)
    prompts = {exercise.pose(card.lab.fixed, seed, card.lab.vary).prompt for seed in range(SEEDS_POSED)}
    assert all(prompts)
    if card.lab.vary:
        assert len(prompts) > 1


@pytest.mark.parametrize("family", ["patches", "clip", "denoising", "video", "inspect"])
def test_every_exercise_of_a_lab_is_linked_from_a_card(family: str) -> None:
    linked = {card.lab.exercise for card in LINKED if card.lab is not None}
    exercises = {name for name in catalog.names() if name.startswith(f"{family}.")}
    assert exercises
    assert exercises - linked == set()


def test_an_objective_that_an_exercise_serves_has_a_card_that_runs_it() -> None:
    served = [one for one in wanted(load_syllabus(ROOT), every_card()) if one.is_served]
    assert len(served) >= 63
    assert [one.objective for one in served if not one.linked] == []


@pytest.mark.parametrize("path", CARD_FILES)
def test_a_card_takes_its_own_answer_in_every_spelling(path: str) -> None:
    refused = []
    for card in cards_of(path):
        for response in right_responses(card):
            verdict = judge(card, response)
            if verdict is None or not verdict.correct:
                refused.append((card.id, response, verdict.message if verdict else ""))
    assert refused == []


@pytest.mark.parametrize("path", CARD_FILES)
def test_a_card_refuses_each_wrong_answer_it_lists(path: str) -> None:
    taken = []
    for card in drawn(cards_of(path)):
        for response, reason in wrong_responses(card):
            verdict = judge(card, response)
            if verdict is None or verdict.correct or reason not in verdict.message:
                taken.append((card.id, response, verdict.message if verdict else ""))
    assert taken == []


@pytest.mark.parametrize("path", CARD_FILES)
def test_a_card_asks_where_nothing_is_given_and_tells_whoever_does_not_know(path: str) -> None:
    odd = []
    for card in cards_of(path):
        if isinstance(card.body, Open):
            continue
        nothing: Response = [""] * len(card.body.blanks) if isinstance(card.body, Cloze) else None
        asked, told = judge(card, nothing), judge(card, None, dont_know=True)
        if asked is None and told is None:
            continue
        if asked is None or not asked.asks or told is None or told.asks or told.correct:
            odd.append((card.id, asked, told))
    assert odd == []


@pytest.mark.parametrize("path", CARD_FILES)
def test_options_steps_and_rights_are_shuffled_at_each_showing(path: str) -> None:
    stuck = []
    for card in cards_of(path):
        showings = [present(card, review_uid=str(seed), seed=seed) for seed in range(SHUFFLES)]
        match card.body:
            case Choice() as body:
                places = {showing.permutation.index(body.right) for showing in showings}
                if len(places) < len(body.options):
                    stuck.append(card.id)
            case Order() as body:
                if any(showing.permutation == tuple(range(len(body.steps))) for showing in showings):
                    stuck.append(f"{card.id} is shown solved")
                if len({showing.permutation for showing in showings}) < 3:
                    stuck.append(card.id)
            case Match():
                if len({showing.permutation for showing in showings}) < 2:
                    stuck.append(card.id)
    assert stuck == []


def test_the_longest_option_is_no_sign_of_the_right_one() -> None:
    longest = []
    choices = [card for card in every_card() if isinstance(card.body, Choice)]
    for card in choices:
        assert isinstance(card.body, Choice)
        lengths = [len(option.text) for option in card.body.options]
        right = lengths[card.body.right]
        longest.append(right == max(lengths) and lengths.count(right) == 1)
    assert sum(longest) / len(choices) < 0.35


@pytest.mark.parametrize("path", CARD_FILES)
def test_a_card_with_fresh_numbers_takes_its_answer_at_every_draw(path: str) -> None:
    refused = []
    for card in drawn(cards_of(path)):
        if card.template is not None and isinstance(card.body, Numeric):
            verdict = judge(card, repr(card.body.answer))
            if verdict is None or not verdict.correct:
                refused.append((card.id, card.front))
    assert refused == []


def test_most_numeric_cards_ask_with_fresh_numbers() -> None:
    fresh = [card for card in every_card() if card.template is not None and card.scene is None]
    assert len(fresh) >= 60
    assert all(len({one.front for one in drawn([card])}) >= 2 for card in fresh)


def test_many_cards_ask_about_a_picture_that_is_another_one_each_time() -> None:
    shown = [card for card in every_card() if card.scene is not None]
    assert len(shown) >= 120
    assert sum(BODIES[card.kind].form in ("number", "blanks", "reveal", "points") for card in shown) >= 60
    for card in shown:
        assert card.scene is not None
        told = {tuple(scene_in_words(one).splitlines()) for one in drawn([card])}
        assert len(told) > 1 or card.scene.kind == "diagram", card.id


def drawn(cards: Iterable[Card]) -> Iterator[Card]:
    """Every card; one with fresh numbers at each draw."""
    for card in cards:
        yield from map(card.drawn, range(len(card.template) if card.template else 1))


def right_responses(card: Card) -> Iterator[Response]:
    """What people type or pick who know the answer."""
    match card.body:
        case Numeric() as body:
            yield from numbers(body)
        case Cloze() as body:
            own = [blank.accepted[0] for blank in body.blanks]
            for at, blank in enumerate(body.blanks):
                for accepted in blank.accepted:
                    for typed in spellings(accepted):
                        yield [*own[:at], typed, *own[at + 1 :]]
        case Choice() as body:
            yield body.right
        case Order() as body:
            yield list(range(len(body.steps)))
        case Match() as body:
            yield list(range(len(body.pairs)))


def wrong_responses(card: Card) -> Iterator[tuple[Response, str]]:
    """Each wrong answer the author listed or implied, with what the verdict must say about it."""
    match card.body:
        case Numeric() as body:
            for mistake in body.mistakes:
                for typed in (f"{mistake.value:g}", format_number(mistake.value, body.unit), repr(mistake.value)):
                    if float(typed.split()[0].replace(",", "")) == mistake.value:
                        yield typed, mistake.why
        case Choice() as body:
            for at, option in enumerate(body.options):
                if not option.correct:
                    yield at, option.why
        case Order() as body:
            places = list(range(len(body.steps)))
            yield places[::-1], "out of place"
            for a, b in pairwise(places):
                yield [*places[:a], b, a, *places[b + 1 :]], "out of place"
        case Match() as body:
            places = list(range(len(body.pairs)))
            for a, b in pairwise(places):
                yield [*places[:a], b, a, *places[b + 1 :]], ""
            for at in range(len(body.pairs), len(body.listed)):
                yield [at, *places[1:]], ""


def numbers(body: Numeric) -> Iterator[str]:
    """196, 196 tokens, 196 Token, about 196, 14 x 14 = 196, 14 × 14."""
    plain = repr(int(body.answer)) if float(body.answer).is_integer() else repr(body.answer)
    written = {plain, f" {plain} ", f"= {plain}", f"about {plain}", plain.replace("-", "−")}
    if float(body.answer).is_integer():
        written |= {f"{int(body.answer):,}", f"{int(body.answer):,}".replace(",", " "), f"{plain}.0"}
    if body.unit:
        written |= {f"{number} {body.unit}" for number in set(written)}
        written |= {f"{plain} {name}" for name in (body.unit.upper(), body.unit.capitalize(), *forms(body.unit))}
    for accepted in body.accept:
        written |= {accepted, accepted.upper(), f" {accepted} "}
        written |= {accepted.replace(" x ", " × "), accepted.replace("·", "*")}
        written |= {accepted.replace("-", dash) for dash in DASHES}
        if re.search(r"\d\s*[x×*·]\s*\d", accepted):
            written.add(f"{accepted.split('=')[0].strip()} = {plain}")
    yield from sorted(written)


def forms(unit: str) -> Iterator[str]:
    """A unit that is a word, for one and for many: patch and patches, token and tokens; `px` and `%` have one form."""
    if not unit.isalpha() or len(unit) < 4:
        return
    if unit.endswith(("ches", "shes", "xes", "sses")):
        yield unit[:-2]
    elif unit.endswith("s"):
        yield unit[:-1]
    else:
        yield f"{unit}s"


def spellings(accepted: str) -> Iterator[str]:
    """Case, hyphens, Unicode dashes, an article, a full stop, singular and plural."""
    written = {accepted, accepted.upper(), accepted.lower(), accepted.capitalize(), f"  {accepted} ", f"{accepted}."}
    written |= {f"the {accepted}"} if accepted[:1].isalpha() else set()
    if "-" in accepted or " " in accepted:
        written |= {re.sub(r"[- ]", dash, accepted) for dash in (*DASHES, " ")} | {accepted.replace("-", "")}
    last = re.split(r"[- ]", accepted)[-1]
    if len(last) > 3 and last.isascii() and last.isalpha() and last[-1] not in "sxzyuih":
        written.add(f"{accepted}s")
    if len(last) > 4 and last.isalpha() and last.endswith("s") and not last.endswith(("ss", "us", "is", "ies", "sses")):
        written.add(accepted[:-1])
    yield from sorted(written)
