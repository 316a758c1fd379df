"""Questions on retrieval: recall@k from ranks, and what stands on top when a gallery is searched."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_number
from labs.exercise import fitting, stream
from labs.problems.clip_common import (
    MODEL,
    SLOW_SECONDS,
    called,
    exercise,
    model_name,
    number,
    numbers,
    stated,
)
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict
from labs.scenes.captions import COLOURS, SHAPES, Pair, many, one, plural
from labs.scenes.showings import GALLERY, gallery

TOP: Final = 5
QUERIES: Final = 10
_K: Final = Param("k", "integer", 5, "how many pictures are looked at", low=1, high=20, vary=(1, 3, 5, 10))
_QUERY: Final = Param(
    "query", "text", "", "a search of your own that names a colour and a shape; empty: one of this showing"
)


def queries_of(seed: int, k: int) -> list[int]:
    """Ten pictures of the gallery, some of which are found among the first k by their captions and some are not."""
    ranks = stated()["gallery_ranks"]
    chance = stream(seed, "queries")
    missed = [i for i, rank in enumerate(ranks) if rank > k]
    found = [i for i, rank in enumerate(ranks) if rank <= k]
    share = min(chance.randint(2, 5), len(missed))
    chosen = chance.sample(missed, share) + chance.sample(found, QUERIES - share)
    chance.shuffle(chosen)
    return chosen


def pose_recall(params: Params, seed: int) -> Problem:
    """Recall@k from the ranks of ten searches."""
    full = fitting((_K,), params, seed, lambda _: True) or dict(params)
    k = int(full["k"])
    ranks = [stated()["gallery_ranks"][i] for i in queries_of(seed, k)]
    return Problem(
        "clip.recall",
        full,
        seed,
        f"Ten captions each search {GALLERY:,} pictures for the one they belong to. It stands at these ranks: "
        f"{', '.join(map(str, ranks))} (1 is the nearest). What is recall@{k} of these ten, in percent?",
        "number",
        unit="%",
        hints=(
            f"A search counts as a hit if its picture is among the first {k}.",
            "Recall@k is the share of searches with a hit, whatever the rank within the first k.",
        ),
    )


def check_recall(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The share of hits; names misses, the next k, reciprocal ranks, a count."""
    k = int(problem.params["k"])
    ranks = numbers(evidence, "ranks")
    hits = sum(rank <= k for rank in ranks)
    reciprocal = 10 * sum(1 / rank for rank in ranks)
    mistakes = [
        Mistake(
            hits,
            "gave the count",
            f"That is how many of the {QUERIES} were found; as a percentage it is ten times as much.",
        ),
        Mistake(100 - 10 * hits, "counted the misses", "Those are the searches that failed."),
        Mistake(
            10 * sum(rank < k for rank in ranks), "left out rank k", f"A picture at rank {k} is among the first {k}."
        ),
        Mistake(
            10 * sum(rank == 1 for rank in ranks), "took recall@1", "That counts only the pictures in first place."
        ),
        Mistake(100 * k / GALLERY, "took chance", f"That is what guessing {k} of {GALLERY:,} pictures reaches."),
        Mistake(
            round(100 * hits / (QUERIES * k), 1),
            "took precision",
            "That is precision@k: hits among all pictures shown. Recall asks how many searches succeed.",
        ),
        Mistake(
            round(reciprocal),
            "took reciprocal ranks",
            "That is the mean reciprocal rank, which rewards early places; recall@k does not.",
        ),
        Mistake(
            round(reciprocal, 1),
            "took reciprocal ranks",
            "That is the mean reciprocal rank, which rewards early places; recall@k does not.",
        ),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_search(params: Params, seed: int) -> Problem:
    """How many of the pictures on top show what was searched for."""
    full: Params = {_QUERY.name: "", MODEL.name: "", **params}
    full = {**full, _QUERY.name: " ".join(str(full[_QUERY.name]).split()), MODEL.name: model_name(full)}
    query = query_of(full, seed)
    pair = named_pair(query)
    return Problem(
        "clip.search",
        full,
        seed,
        f"{called(full)} searches a gallery of drawn pictures for “{query}”. How many of the "
        f"{TOP} pictures on top hold {one(pair)}, alone, among others of its kind or beside something else?",
        "integer",
        unit="pictures",
        tolerance=1,
        tolerance_reason="a forecast of a search: one picture more or less is within what nobody can foresee",
        hints=(
            "The gallery holds single things, two to five alike and two in a relation, of 56 colour-shape pairs.",
            "Colour and shape are what this space keeps best; numbers and relations pull only a little.",
        ),
    )


def check_search(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The number of pictures on top that hold what was named."""
    mistakes = [
        Mistake(
            100 * number(evidence, "share"), "in percent", f"That is the share in percent; asked is how many of {TOP}."
        ),
        Mistake(
            number(evidence, "in_gallery"),
            "counted the gallery",
            f"That is how many the gallery holds; asked are the {TOP} on top.",
        ),
    ]
    return check_number(problem, answer, evidence, mistakes)


def query_of(params: Params, seed: int) -> str:
    """The learner's query, or one for a picture of the gallery, put in one of several ways."""
    if params[_QUERY.name]:
        return str(params[_QUERY.name])
    chance = stream(seed, "query")
    scene = chance.choice(gallery())
    pair = scene.things[0].pair
    return chance.choice((scene.caption, scene.caption, one(pair), many(pair, chance.randint(2, 5))))


def named_pair(query: str) -> Pair:
    """The first colour and shape a query names.

    Raises:
        ParamError: it names no colour or no shape of the gallery.
    """
    words = query.lower().replace(",", " ").replace(".", " ").split()
    singular = {**{plural(shape): shape for shape in SHAPES}, **{shape: shape for shape in SHAPES}}
    colour = next((word for word in words if word in COLOURS), "")
    shape = next((singular[word] for word in words if word in singular), "")
    if not colour or not shape:
        lacking = f"a colour ({', '.join(COLOURS)})" if not colour else f"a shape ({', '.join(SHAPES)})"
        raise ParamError(_QUERY.name, f"it must name {lacking}, so that the pictures found can be judged")
    if len(query) > 200:
        raise ParamError(_QUERY.name, "has at most 200 characters")
    return colour, shape


EXERCISES: Final = (
    exercise(
        "clip.recall",
        "Recall among 1,000 pictures",
        covers=("2.4-12", "6.4-03"),
        params=(_K,),
        poser=pose_recall,
        checker=check_recall,
    ),
    exercise(
        "clip.search",
        "Search a gallery",
        covers=("2.4-12", "2.4-14", "6.4-02"),
        params=(_QUERY, MODEL),
        poser=pose_search,
        checker=check_search,
        seconds_allowed=SLOW_SECONDS,
    ),
)
