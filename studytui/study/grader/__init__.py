"""The offline grader: an answer in words held against a question's rubric, without any network.

Each point is looked for in each sentence and clause of the answer, by shared words, by meaning and by what is denied;
a small tuned model turns that into the probability that the point was covered. The words that count are quoted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from studytui.domain.rubric import AnswerGrade, Coverage, PointVerdict, Question, Quote

if TYPE_CHECKING:
    from studytui.study.grader.matching import Match

NAME: Final = "offline"
MOST_WORDS: Final = 3_000
"""Words read of an answer; a spoken answer of two minutes has 300."""
MOST_CHARACTERS: Final = 20 * MOST_WORDS
"""Characters read of an answer, whatever its words are."""
_WORD: Final = re.compile(r"[^\W_]+")
_CONTROL: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f]")
_CODE: Final = re.compile(r"import |from \w+ import|def |class |return |for .*:$|if .*:$|[{}();]+$|.*[;{}]$")
_FEWEST_TO_TELL: Final = 5
_LEAST_KNOWN: Final = 0.5
"""In an answer of so many words, the least share that are English function words, the course's or the rubric's."""
_LEAST_PROSE: Final = 0.15
"""The least share of function words in a sentence that is more than a row of keywords."""
_KEYWORDS: Final = 6
_CLAUSES_FROM_WORDS: Final = 16
"""A shorter sentence is judged whole only; in a longer one a clause counts half, for the rest may take it back."""
_COPIED: Final = 88.0
_NO_ANSWER: Final = re.compile(
    r"\W*(?:(?:honestly|sorry|well)\W+)?(?:i (?:really )?(?:do not|don['’]?t|can['’]?t) (?:know|say|remember)"
    r"|no idea|not sure|i['’]?m not sure|i (?:would|['’]d) have to look)[^.]{0,40}$",
    re.IGNORECASE,
)
_SUPPOSED: Final = re.compile(
    r"(?:and |but |so |then )?(?:if|unless|whether|suppose|assume|say)\b[^,;:]*[,;:]?$", re.IGNORECASE
)
"""What is only supposed contradicts nothing."""
_LEAST_LIKENESS: Final = 0.15
_LEAST_WORDS: Final = 0.35
"""Below both, a sentence is about something else, whatever the model makes of so little."""
_WRONG_FROM: Final = 0.5
_WRONG_FROM_OF_MANY: Final = 0.85


def grade(question: Question, answer: str) -> AnswerGrade:
    """Every point of the question as covered, partly, missed or contradicted, with the learner's own words.

    `confidence` of a verdict is the probability that the point was covered. The first call loads the word vectors:
    call it in a thread.

    Raises:
        NoEmbedding: the word vectors cannot be read.
    """
    started = time.perf_counter()
    notes: list[str] = []
    text = _readable(question, answer, notes)
    spans = _spans(question, text, notes)
    matches = [_matched(question, text, span) for span in spans]
    verdicts = tuple(_verdict(question, number, text, spans, matches) for number in range(len(question.points)))
    return AnswerGrade(question, answer, verdicts, NAME, tuple(notes), time.perf_counter() - started)


class Span(NamedTuple):
    """A piece of the answer: a row of keywords perhaps, and a sentence or else a clause of the last one."""

    start: int
    end: int
    is_keywords: bool
    is_clause: bool = False


def _readable(question: Question, answer: str, notes: list[str]) -> str:
    """The answer with all that is not prose blanked out in place, so that every quote keeps its offsets."""
    if len(answer) > MOST_CHARACTERS:
        notes.append(f"Only the first {MOST_CHARACTERS:,} of {len(answer):,} characters were read.")
    text = _CONTROL.sub(lambda match: " " * len(match[0]), answer[:MOST_CHARACTERS])
    words = list(_WORD.finditer(text))
    if not words:
        notes.append("Nothing was said.")
        return " " * len(answer)
    if len(words) > MOST_WORDS:
        notes.append(f"Only the first {MOST_WORDS:,} of {len(words):,} words were read.")
        text = text[: words[MOST_WORDS].start()]
    lines = text.split("\n")
    code = [bool(_CODE.match(line.strip())) for line in lines]
    if sum(code) >= 3:
        notes.append("What looks like code was skipped; say it in words.")
        text = "\n".join(" " * len(line) if is_code else line for line, is_code in zip(lines, code, strict=True))
    if len(words) >= _FEWEST_TO_TELL and _share_of_known_words(question, text) < _LEAST_KNOWN:
        notes.append("This does not read as English, and the grader reads English only. Judge each point yourself.")
        return " " * len(answer)
    return text


def _spans(question: Question, text: str, notes: list[str]) -> list[Span]:
    """The pieces of the answer in which points are looked for: sentences, and the clauses of long ones."""
    from rapidfuzz import fuzz

    spans: list[Span] = []
    copied = False
    asked = [question.ask[s.start : s.end].casefold() for s in split(question.ask)] + [question.ask.casefold()]
    for sentence in split(text):
        said = text[sentence.start : sentence.end]
        if _NO_ANSWER.match(said):
            continue
        if any(fuzz.ratio(said.casefold(), question_text) >= _COPIED for question_text in asked):
            copied = True
            continue
        count = len(_WORD.findall(said))
        keywords = count >= _KEYWORDS and _share_of_function_words(said) < _LEAST_PROSE
        spans.append(Span(sentence.start, sentence.end, keywords))
        if len(sentence.clauses) > 1 and count >= _CLAUSES_FROM_WORDS:
            spans += [Span(start, end, keywords, is_clause=True) for start, end in sentence.clauses]
    if copied:
        notes.append("The question itself was left out; repeating it earns nothing.")
    return spans


def _verdict(
    question: Question, number: int, text: str, spans: list[Span], matches: list[Match | None]
) -> PointVerdict:
    from studytui.course.quizzes import compiled
    from studytui.study.grader.matching import features, model, rubric_of

    point = question.points[number]
    for pattern in point.patterns:
        if found := compiled(pattern).search(text):
            return PointVerdict(point.id, "covered", 0.95, _quote(text, *found.span()), "named as the rubric wants it")
    rubric, tuned = rubric_of(question), model()
    of_sentence = 0.0, 0.0
    best: tuple[float, Span | None] = (0.0, None)
    worst: tuple[float, Span | None] = (0.0, None)
    for span, match in zip(spans, matches, strict=True):
        if match is None:
            continue
        values = features(rubric, match, number)
        covered, _, wrong = tuned.probabilities(values)
        if span.is_clause:
            covered, wrong = (covered + of_sentence[0]) / 2, (wrong + of_sentence[1]) / 2
        else:
            of_sentence = covered, wrong
        one_word = len({unit.stem for unit in match.units}) < 2 and all(unit.value is None for unit in match.units)
        if one_word or (values["cosine_own"] < _LEAST_LIKENESS and values["f_own"] < _LEAST_WORDS):
            covered = min(covered, tuned.partly_from / 2)
        if values["cosine_wrong"] < _LEAST_LIKENESS and values["cosine_own"] < _LEAST_LIKENESS:
            wrong = min(wrong, _WRONG_FROM / 2)
        if _SUPPOSED.match(text, span.start, span.end):
            wrong = 0.0
        if span.is_keywords:
            covered = min(covered, tuned.covered_from - 0.01)
        best = max(best, (covered, span), key=lambda pair: pair[0])
        worst = max(worst, (wrong, span), key=lambda pair: pair[0])
    many = sum(not span.is_clause for span in spans) > 1
    return _judged(text, point.id, best, worst, many=many)


def _judged(
    text: str, point_id: str, best: tuple[float, Span | None], worst: tuple[float, Span | None], *, many: bool
) -> PointVerdict:
    """The verdict from the span that covers the point best and the one that contradicts it most."""
    from studytui.study.grader.matching import model

    tuned, (covered, chosen) = model(), best
    verdict: Coverage = "missed"
    why = "nothing in the answer says this"
    # Of several sentences one may set the contrast (“a plain autoencoder gives one code”): what another covers stands.
    stands = many and covered >= tuned.partly_from and worst[1] != chosen
    if not stands and worst[0] >= (_WRONG_FROM_OF_MANY if many else _WRONG_FROM) and worst[0] > covered:
        verdict, chosen, why = "contradicted", worst[1], "this says the opposite, or denies it"
    elif covered >= tuned.covered_from:
        verdict, why = "covered", "these words say it"
    elif covered >= tuned.partly_from:
        verdict, why = "partly", "these words come near it"
        if chosen is not None and chosen.is_keywords:
            why = "the words are named, but nothing is said with them"
    else:
        chosen = None
    quote = _quote(text, chosen.start, chosen.end) if chosen else None
    return PointVerdict(point_id, verdict, round(covered, 4), quote, why)


def _matched(question: Question, text: str, span: Span) -> Match | None:
    from studytui.study.grader.matching import rubric_of
    from studytui.study.grader.words import read

    units = read(text, span.start, span.end)
    return rubric_of(question).match(units, text[span.start : span.end]) if units else None


def _quote(text: str, start: int, end: int) -> Quote:
    return Quote(start, end, text[start:end])


def _share_of_function_words(text: str) -> float:
    from studytui.study.grader.words import lexicon

    words = [word.casefold() for word in _WORD.findall(text)]
    return sum(word in lexicon().function_words for word in words) / max(1, len(words))


def _share_of_known_words(question: Question, text: str) -> float:
    """Among words of two letters and more; numbers are no language."""
    from studytui.study.grader.matching import known_words
    from studytui.study.grader.words import lexicon, stem

    words = [word.casefold() for word in _WORD.findall(text) if len(word) > 1 and not word.isdigit()]
    known, function_words = known_words(question), lexicon().function_words
    hits = sum(1 for word in words if word in function_words or stem(word) in known)
    return hits / len(words) if words else 1.0


# An answer cut into sentences and clauses, each with the place where it stands; only white space is left out


SentenceSpan: TypeAlias = tuple[int, int]

SHORTEST_CLAUSE_WORDS: Final = 3
"""A shorter piece belongs to the clause before it."""
LONGEST_CLAUSE_WORDS: Final = 26
"""Dictated answers come without stops; a longer clause is cut at its next “and”, or in the middle."""

_BREAK: Final = re.compile(
    r"""
    (?P<stop>(?<![.!?…])[.!?…]++["')\]”’]*+(?=\s|$))   # a full stop, not the point of 1.5
    | (?P<blank>\n[ \t\r\f\v]*\n)          # an empty line
    | (?P<item>\n(?=[ \t]*(?:[-*•–]|\(?\d{1,2}[.)]|\(?[a-z][.)])[ \t]))   # the next item of a list
    """,
    re.VERBOSE,
)
_ABBREVIATION: Final = re.compile(
    r"(?:(?:^|[\s(])(?:e\.?g|i\.?e|vs|cf|approx|resp|fig|eq|dr|mr|ms|al|incl|ca|w\.r\.t)|(?:^|\n)\s{0,9}(?:[a-z]|\d{1,2}))\.$",
    re.IGNORECASE,
)
_JOINT: Final = re.compile(
    r"""
    (?<=[,;:)\]])\s++ | (?<!\s)\s++(?=[(\[])
    | (?:→|⇒|[-=]>)\s*+ | (?<!\s)\s++(?:→|⇒|[-=]>)\s*+ | (?<!\s)\s++[-–—]++\s++ | —
    | (?<!\s)\s++(?=(?:but|while|whereas|whilst|although|though|because|since|which|whose|unless|until|however|instead|therefore
        |thus|hence|so|then|otherwise|and)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_AND: Final = re.compile(r"(?<!\s)\s++(?=(?:and|or|plus|also)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence from `start` to `end` and the clauses it is made of, in order; together they hold all its words."""

    start: int
    end: int
    clauses: tuple[SentenceSpan, ...]


def split(text: str) -> list[Sentence]:
    """The sentences of a text in their order. Every character that is not white space stands in exactly one clause."""
    return [Sentence(start, end, tuple(_clauses(text, start, end))) for start, end in _sentences(text)]


def _sentences(text: str) -> Iterator[SentenceSpan]:
    start = 0
    for found in _BREAK.finditer(text):
        end = found.end() if found["stop"] else found.start()
        if found["stop"] == "." and _ABBREVIATION.search(text, max(0, end - 12), end):
            continue
        if span := _trimmed(text, start, end):
            yield span
        start = end
    if span := _trimmed(text, start, len(text)):
        yield span


def _clauses(text: str, start: int, end: int) -> list[SentenceSpan]:
    pieces = _cut(text, start, end, _JOINT)
    pieces = [part for piece in pieces for part in _shortened(text, piece)]
    merged: list[SentenceSpan] = []
    for piece in pieces:
        if merged and (_words(text, piece) < SHORTEST_CLAUSE_WORDS or _words(text, merged[-1]) < SHORTEST_CLAUSE_WORDS):
            merged[-1] = (merged[-1][0], piece[1])
        else:
            merged.append(piece)
    return merged


def _cut(text: str, start: int, end: int, joint: re.Pattern[str]) -> list[SentenceSpan]:
    """The pieces between joints. What a joint itself consists of (an arrow, a dash) stays with the piece before it."""
    found, here = [], start
    for match in joint.finditer(text, start, end):
        if span := _trimmed(text, here, match.end()):
            found.append(span)
        here = match.end()
    if span := _trimmed(text, here, end):
        found.append(span)
    return found


def _shortened(text: str, piece: SentenceSpan) -> list[SentenceSpan]:
    if _words(text, piece) <= LONGEST_CLAUSE_WORDS:
        return [piece]
    parts: list[SentenceSpan] = []
    for part in _cut(text, *piece, _AND):
        words = list(_WORD.finditer(text, *part))
        start = part[0]
        for at in range(LONGEST_CLAUSE_WORDS, len(words), LONGEST_CLAUSE_WORDS):
            cut = words[at].start()
            if span := _trimmed(text, start, cut):
                parts.append(span)
            start = cut
        if span := _trimmed(text, start, part[1]):
            parts.append(span)
    return parts


def _words(text: str, span: SentenceSpan) -> int:
    return sum(1 for _ in _WORD.finditer(text, *span))


def _trimmed(text: str, start: int, end: int) -> SentenceSpan | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
