"""The offline grader: an answer in words held against a question's rubric, without any network.

Each point is looked for in each sentence and clause of the answer, by shared words, by meaning and by what is denied;
a small tuned model turns that into the probability that the point was covered. The words that count are quoted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from studytui.course.loader import find_course
from studytui.domain.rubric import NOT_SURE, AnswerGrade, Coverage, Point, PointVerdict, Question, Quote
from studytui.study.grader.assertion import Status, claims

if TYPE_CHECKING:
    from studytui.study.grader.matching import Field, Match, Model, Rubric

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
_LEAST_JOINED: Final = 0.08
"""The same of words that join: articles, “of” and “and” stand in a list of nouns too."""
_KEYWORDS: Final = 6
_NOUNS: Final = 8
_LEAST_ORDER: Final = 0.6
_FEW_ORDERS: Final = 2
_LEAST_MEAN_ORDER: Final = 1.4
"""Deviations above a chance order of the same words: of a sentence to be more than partly, of an answer to be prose."""
_SWAP: Final = 0.35
_HALF_SWAP: Final = 0.22
"""How much nearer to a point a sentence comes without its negations, so that they deny the point, or may."""
_FEW: Final = 3
_SOME: Final = 6
_LEAN_OF_FEW: Final = 0.2
_LEAN: Final = 0.0
_LEAN_OF_MANY: Final = -0.1
"""How much nearer to a contradiction than to the point so many words must be to be called one."""
_NEAR_THE_POINT: Final = -0.05
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
_LEAST_WORDS: Final = 0.35
"""Below it, and below the field's least likeness, a sentence is about something else, whatever the model makes of it."""
_WRONG_FROM: Final = 0.5
_WRONG_FROM_OF_MANY: Final = 0.85


def grade(question: Question, answer: str, field: Field | None = None) -> AnswerGrade:
    """Every point of the question as covered, partly, missed, contradicted or unsure, with the learner's own words.

    `confidence` of a verdict is the probability that the point was covered; `field` is what the question's course is
    about, that of the course which comes along where none is given. The first call loads the word vectors: call it in
    a thread.

    Raises:
        NoEmbedding: the word vectors cannot be read.
    """
    from studytui.study.grader.matching import rubric_of
    from studytui.study.grader.own_course import field_of

    started = time.perf_counter()
    field = field or field_of(find_course())
    notes = [field.note] if field.note else []
    text = _readable(question, field, answer, notes)
    rubric = rubric_of(question, field)
    pieces = [_Piece(rubric, text, span) for span in _spans(question, text, notes)]
    verdicts = tuple(_verdict(question, rubric, number, text, pieces) for number in range(len(question.points)))
    return AnswerGrade(question, answer, verdicts, NAME, tuple(notes), time.perf_counter() - started)


class Span(NamedTuple):
    """A piece of the answer: a claim of a sentence, or else a clause of the last one.

    `most` is what its order of words leaves room for: a row of keywords names a point at most, a chance order nothing.
    `quote` is the sentence it stands in, frame and all.
    """

    start: int
    end: int
    status: Status
    frame: str
    quote: tuple[int, int]
    most: Literal["covered", "partly", "nothing"] = "covered"
    is_clause: bool = False


def _readable(question: Question, field: Field, answer: str, notes: list[str]) -> str:
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
    if len(words) >= _FEWEST_TO_TELL and _share_of_known_words(question, field, text) < _LEAST_KNOWN:
        notes.append("This does not read as English, and the grader reads English only. Judge each point yourself.")
        return " " * len(answer)
    return text


def _spans(question: Question, text: str, notes: list[str]) -> list[Span]:
    """The pieces of the answer in which points are looked for: what its sentences claim, and the clauses of long ones."""
    from rapidfuzz import fuzz

    asked = [question.ask[s.start : s.end].casefold() for s in split(question.ask)] + [question.ask.casefold()]
    sentences, copied = [], False
    for sentence in split(text):
        said = text[sentence.start : sentence.end]
        if _NO_ANSWER.match(said):
            continue
        if any(fuzz.ratio(said.casefold(), question_text) >= _COPIED for question_text in asked):
            copied = True
            continue
        sentences.append(sentence)
    if copied:
        notes.append("The question itself was left out; repeating it earns nothing.")
    found = claims(text, sentences)
    spans: list[Span] = []
    orders = _orders(text, sentences)
    if (said_in_order := _is_prose([z for z in orders if z is not None])) is False:
        notes.append("The words stand in no order that says something; say it in sentences.")
    for sentence, z in zip(sentences, orders, strict=True):
        quote = sentence.start, sentence.end
        for start, end, status, frame in (one for one in found if sentence.start <= one.start < sentence.end):
            most = _most_of(text[start:end], z) if said_in_order else "nothing"
            spans.append(Span(start, end, status, frame, quote, most))
            inside = [(max(start, a), min(end, b)) for a, b in sentence.clauses if max(start, a) < min(end, b)]
            if len(inside) > 1 and len(_WORD.findall(text[start:end])) >= _CLAUSES_FROM_WORDS:
                spans += [Span(a, b, status, frame, quote, most, is_clause=True) for a, b in inside]
    return spans


def _orders(text: str, sentences: list[Sentence]) -> list[float | None]:
    """How far the words of each sentence stand above a chance order of them; None where there are too few."""
    from studytui.study.grader.order import kinds, order

    return [order().z(kinds(text[sentence.start : sentence.end])) for sentence in sentences]


def _is_prose(orders: list[float]) -> bool:
    """Whether the sentences together are in an order that English gives its words."""
    if len(orders) < _FEW_ORDERS:
        return True
    return sum(orders) / len(orders) >= _LEAST_MEAN_ORDER


def _most_of(said: str, z: float | None) -> Literal["covered", "partly"]:
    words = _WORD.findall(said)
    is_row = (len(words) >= _KEYWORDS and _share_of_function_words(said) < _LEAST_PROSE) or (
        len(words) >= _NOUNS and _share_of_joining_words(said) < _LEAST_JOINED
    )
    if is_row or (z is not None and z < _LEAST_ORDER):
        return "partly"
    return "covered"


class _Piece:
    """A span with what it matches, and with what is left of it once its own negations are taken out."""

    def __init__(self, rubric: Rubric, text: str, span: Span) -> None:
        self.span = span
        self.text = text
        self.rubric = rubric
        units = rubric.field.read(text, span.start, span.end)
        self.match = self.rubric.match(units, text[span.start : span.end]) if units else None

    @cached_property
    def plain(self) -> Match | None:
        """The same without “not”, “never”, “nobody”; None where nothing is denied."""
        from studytui.study.grader.assertion import without_negation

        left = without_negation(self.text[self.span.start : self.span.end])
        if left is None or self.match is None:
            return None
        units = self.rubric.field.read(left)
        return self.rubric.match(units, left) if units else None

    @cached_property
    def framed(self) -> Match | None:
        """The whole sentence, the frame of a denial with it."""
        start, end = self.span.quote
        units = self.rubric.field.read(self.text, start, end)
        return self.rubric.match(units, self.text[start:end]) if units else None


class _Seen(NamedTuple):
    """What a piece does to a point: probabilities that it covers, contradicts and denies it, and the contradiction."""

    covered: float
    wrong: float
    denied: float
    piece: _Piece | None = None


def _seen(piece: _Piece, number: int, before: _Seen | None) -> _Seen:
    """A piece held against a point; `before` is the whole claim that a clause is part of."""
    from studytui.study.grader.matching import features

    span, tuned, match = piece.span, piece.rubric.field.model, piece.match
    if match is None or span.most == "nothing":
        return _UNSEEN
    if span.status == "mentioned" or (span.status == "asked" and not piece.rubric.asks[number]):
        return _UNSEEN
    values = features(piece.rubric, match, number)
    covered, _, wrong = tuned.probabilities(values)
    denied = 0.0
    one_word = len({unit.stem for unit in match.units}) < 2 and all(unit.value is None for unit in match.units)
    least = piece.rubric.field.least_likeness
    if one_word or (values["cosine_own"] < least and values["f_own"] < _LEAST_WORDS):
        covered = min(covered, tuned.partly_from / 2)
    if values["cosine_wrong"] < least and values["cosine_own"] < least:
        wrong = min(wrong, _WRONG_FROM / 2)
    if span.status == "denied":
        denied, wrong = covered, 0.0
        covered = _covered_by_denial(piece, number, denied)
    elif piece.plain is not None and covered >= tuned.partly_from:
        other = features(piece.rubric, piece.plain, number)
        lean = 2 * (other["like_own"] - values["like_own"]) + other["net_own"] - values["net_own"]
        if lean >= _SWAP:
            denied, covered = tuned.probabilities(other)[0], 0.0
        elif lean >= _HALF_SWAP:
            covered = min(covered, tuned.covered_from - 0.01)
    if span.is_clause and before is not None:
        covered, wrong = (covered + before.covered) / 2, (wrong + before.wrong) / 2
        if before.denied >= tuned.covered_from:
            covered = 0.0
    if _SUPPOSED.match(piece.text, span.start, span.end):
        wrong = 0.0
    if span.most == "partly":
        covered, denied = min(covered, tuned.covered_from - 0.01), 0.0
    return _Seen(covered, wrong, denied, piece)


_UNSEEN: Final = _Seen(0.0, 0.0, 0.0)


def _covered_by_denial(piece: _Piece, number: int, inside: float) -> float:
    """A denial says a point where it denies the point's contradiction, and its inside is nothing like the point."""
    from studytui.study.grader.matching import features, leaning

    tuned = piece.rubric.field.model
    if inside >= tuned.partly_from or piece.framed is None or piece.match is None:
        return 0.0
    lean, _ = leaning(piece.rubric, piece.match, number)
    if lean < 0:
        return 0.0
    return tuned.probabilities(features(piece.rubric, piece.framed, number))[0]


def _verdict(question: Question, rubric: Rubric, number: int, text: str, pieces: list[_Piece]) -> PointVerdict:
    from studytui.course.quizzes import compiled

    point = question.points[number]
    for pattern in point.patterns:
        for found in compiled(pattern).finditer(text):
            if any(_asserts(piece, found.start(), found.end()) for piece in pieces):
                quote = _quote(text, *found.span())
                return PointVerdict(point.id, "covered", 0.95, quote, "named as the rubric wants it")
    seen: list[_Seen] = []
    whole: _Seen | None = None
    for piece in pieces:
        one = _seen(piece, number, whole if piece.span.is_clause else None)
        whole = whole if piece.span.is_clause else one
        seen.append(one)
    many = sum(not piece.span.is_clause for piece in pieces) > 1
    return _judged(point, number, text, seen, rubric.field.model, many=many)


def _asserts(piece: _Piece, start: int, end: int) -> bool:
    span = piece.span
    return span.status == "asserted" and span.most != "nothing" and span.start <= start and end <= span.end


def _judged(point: Point, number: int, text: str, seen: list[_Seen], tuned: Model, *, many: bool) -> PointVerdict:
    """The verdict from the piece that covers the point best, and those that deny or contradict it most."""
    best = max(seen, key=lambda one: one.covered, default=_UNSEEN)
    worst = max(seen, key=lambda one: one.wrong, default=_UNSEEN)
    denial = max(seen, key=lambda one: one.denied, default=_UNSEEN)
    covered = best.covered

    def told(coverage: Coverage, why: str, by: _Seen) -> PointVerdict:
        quote = None
        if by.piece is not None:
            span = by.piece.span
            bounds = span.quote if span.status == "denied" else (span.start, span.end)
            quote = _quote(text, *bounds)
        return PointVerdict(point.id, coverage, round(covered, 4), quote, why)

    if denial.denied >= tuned.covered_from:
        if covered >= tuned.partly_from:
            return told("unsure", f"said, and denied as well; {NOT_SURE}", denial)
        frame = denial.piece.span.frame if denial.piece is not None else ""
        return told("contradicted", f"denied by “{frame}”" if frame else "this denies it", denial)
    # Of several sentences one may set the contrast (“a plain autoencoder gives one code”): what another covers stands.
    stands = many and covered >= tuned.partly_from and worst.piece is not best.piece
    if not stands and worst.wrong >= (_WRONG_FROM_OF_MANY if many else _WRONG_FROM) and worst.wrong > covered:
        return _contradicted(told, worst, number, covered)
    if covered >= tuned.covered_from:
        return told("covered", "these words say it", best)
    if covered >= tuned.partly_from:
        named = best.piece is not None and best.piece.span.most == "partly"
        why = "the words are named, but nothing is said with them" if named else "these words come near it"
        return told("partly", why, best)
    return told("missed", "nothing in the answer says this", _UNSEEN)


def _contradicted(
    told: Callable[[Coverage, str, _Seen], PointVerdict], worst: _Seen, number: int, covered: float
) -> PointVerdict:
    """A contradiction where the words are nearer to one that the rubric names than to the point, and it is named."""
    from studytui.study.grader.matching import leaning

    piece = worst.piece
    assert piece is not None and piece.match is not None
    lean, named = leaning(piece.rubric, piece.match, number)
    words = len(piece.match.units)
    if lean >= (_LEAN_OF_FEW if words <= _FEW else _LEAN if words <= _SOME else _LEAN_OF_MANY):
        return told("contradicted", f"this comes near “{named}”", worst)
    if covered >= piece.rubric.field.model.partly_from or lean <= _NEAR_THE_POINT:
        return told("partly", "these words come near it", worst)
    return told("unsure", NOT_SURE, worst)


def _quote(text: str, start: int, end: int) -> Quote:
    return Quote(start, end, text[start:end])


def _share_of_function_words(text: str) -> float:
    from studytui.study.grader.words import lexicon

    words = [word.casefold() for word in _WORD.findall(text)]
    return sum(word in lexicon().function_words for word in words) / max(1, len(words))


_JOINING_NOT: Final = frozenset({"a", "an", "the", "of", "and", "or", "s"})


def _share_of_joining_words(text: str) -> float:
    from studytui.study.grader.words import lexicon

    words = [word.casefold() for word in _WORD.findall(text)]
    known = lexicon().function_words - _JOINING_NOT
    return sum(word in known for word in words) / max(1, len(words))


def _share_of_known_words(question: Question, field: Field, text: str) -> float:
    """Among words of two letters and more; numbers are no language."""
    from studytui.study.grader.matching import known_words
    from studytui.study.grader.words import lexicon, stem

    words = [word.casefold() for word in _WORD.findall(text) if len(word) > 1 and not word.isdigit()]
    known, function_words = known_words(question, field), lexicon().function_words
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
