"""Retrieval: recall@k from ranks, and what stands on top when a gallery of 1,000 pictures is searched by text.

Radford et al. 2021, arXiv:2103.00020, section 3.1; recall@k is the share of searches that find theirs:

    recall@k = |{q : rank(q) <= k}| / |{q}|

Axes: q queries, b pictures, d dimensions of the shared space.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from labs.bench import Draw, Facts, Show, Text, Whole, later
from labs.clip.common import AnyClip, Clip, stated
from labs.clip.scenes import embed_set, note_vocabulary, picture_of, share, strip
from labs.exercise import stream
from labs.protocol import ParamError, Params
from labs.scenes.captions import COLOURS, SHAPES, Pair, many, one, plural
from labs.scenes.showings import GALLERY, gallery

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from labs.clip import space
    from labs.models import clip_checkpoint
else:
    torch, space = later("torch"), later("labs.clip.space")
    clip_checkpoint = later("labs.models.clip_checkpoint")

TOP: Final = 5
QUERIES: Final = 10


class Recall(Clip):
    """Recall@k from the ranks of ten searches."""

    name, title, covers = "clip.recall", "Recall among 1,000 pictures", "2.4-12 6.4-03"
    k = Whole(5, 1, 20, draw=(1, 3, 5, 10), help="how many pictures are looked at")
    added = ("searches",)
    searches = Whole(-1, 0, 9_999, help="which ten searches; -1: drawn from the seed")
    prompt = (
        "Ten captions each search 1,000 pictures for the one they belong to. It stands at these ranks: {listed} (1 is "
        "the nearest). What is recall@{k} of these ten, in percent?"
    )
    answer_type, unit = "number", "%"
    hints = (
        "A search counts as a hit if its picture is among the first {k}.",
        "Recall@k is the share of searches with a hit, whatever the rank within the first k.",
    )
    right = "100 × hits / 10"
    slips = {
        "hits": "gave the count: That is how many of the 10 were found; as a percentage it is ten times as much.",
        "100 − 10 × hits": "counted the misses: Those are the searches that failed.",
        "10 × before if apart": "left out rank k: A picture at rank {k} is among the first {k}.",
        "10 × at_top if apart": "took recall@1: That counts only the pictures in first place.",
        "100 × k / 1,000": "took chance: That is what guessing {k} of 1,000 pictures reaches.",
        "10 × hits / k if k ≠ 1": "took precision: That is precision@k: hits among all pictures shown. Recall asks how "
        "many searches succeed.",
        "reciprocal if apart": "took reciprocal ranks: That is the mean reciprocal rank, which rewards early places; "
        "recall@k does not.",
    }

    @classmethod
    def settled(cls, params: Params, draw: Draw) -> Params:
        if int(params["searches"]) >= 0 or not draw.attempt:  # the first draw is that of the seed
            return params
        return {**params, "searches": draw.chance.randrange(10_000)}

    def facts(self) -> Facts:
        chance = stream(self.seed, "queries") if self.searches < 0 else stream(self.searches, "searches")
        wanted = queries_of(chance, self.k)
        ranks = [int(stated()["gallery_ranks"][i]) for i in wanted]
        return {
            "wanted": wanted,
            "listed": ", ".join(map(str, ranks)),
            "hits": sum(rank <= self.k for rank in ranks),
            "before": sum(rank < self.k for rank in ranks),
            "at_top": sum(rank == 1 for rank in ranks),
            "reciprocal": 10 * sum(1 / rank for rank in ranks),
        }

    def run(self, show: Show) -> float:
        """Search the gallery with ten captions and count those that find their picture among the first k."""
        clip = clip_checkpoint.checkpoint()
        k = self.k
        pictures = embed_set(clip, "gallery", gallery(), show)
        wanted = torch.tensor(self.wanted)
        captions = [gallery()[i].caption for i in self.wanted]
        show.progress(0.95, "searching")
        ranks = space.rank(clip.embed_texts(captions), pictures, wanted)
        every = space.rank(gallery_captions(), pictures, torch.arange(len(pictures)))
        hits = ranks <= k
        show.line(
            f"({QUERIES}, {pictures.shape[1]}) @ {tuple(pictures.T.shape)} -> ({QUERIES}, {len(pictures)}): each "
            "caption with each picture",
            f"ranks of the pictures that belong to them: {', '.join(map(str, ranks.tolist()))}",
            f"{int(hits.sum())} of {QUERIES} at rank {k} or better",
            f"all {len(pictures):,} captions: recall@1 {share(every <= 1):.1f}%, recall@5 {share(every <= 5):.1f}%; "
            f"guessing: recall@{k} {100 * k / GALLERY:.1f}%",
        )
        found = list(zip(captions, ranks.tolist(), strict=True))
        rows = [(caption, rank, "yes" if rank <= k else "no") for caption, rank in found]
        show.table("The ten searches", f"caption | rank | among the first {k}", rows)
        images = [picture_of(gallery()[i], "gallery", i) for i in self.wanted]
        caption = "The ten pictures and the rank at which their captions find them"
        show.picture("wanted", strip(images, [f"rank {rank}" for _, rank in found]), caption, "; ".join(captions))
        ks = (1, 2, 3, 5, 10, 20, 50, 100)
        series = {
            "all captions": [share(every <= one_k) for one_k in ks],
            "guessing": [100 * one_k / GALLERY for one_k in ks],
        }
        show.curve(f"Recall among {len(pictures):,} pictures", "k", "recall@k in %", ks, series)
        return share(hits)


def queries_of(chance: random.Random, k: int) -> list[int]:
    """Ten pictures of the gallery, some of which are found among the first k by their captions and some are not."""
    ranks = stated()["gallery_ranks"]
    missed = [i for i, rank in enumerate(ranks) if rank > k]
    found = [i for i, rank in enumerate(ranks) if rank <= k]
    lost = min(chance.randint(2, 5), len(missed))
    chosen = chance.sample(missed, lost) + chance.sample(found, QUERIES - lost)
    chance.shuffle(chosen)
    return chosen


@lru_cache(maxsize=1)
def gallery_captions() -> Tensor:
    """(1000, d): the captions of the gallery in the tiny model's space."""
    texts: Tensor = clip_checkpoint.checkpoint().embed_texts([scene.caption for scene in gallery()])
    return texts


class Search(AnyClip):
    """How many of the pictures on top show what was searched for."""

    name, title, covers = "clip.search", "Search a gallery", "2.4-12 2.4-14 6.4-02"
    query = Text(help="a search of your own that names a colour and a shape; empty: one of this showing")
    prompt = (
        "{who} searches a gallery of drawn pictures for “{asked}”. How many of the 5 pictures on top hold {thing}, "
        "alone, among others of its kind or beside something else?"
    )
    unit, tolerance = "pictures", 1
    tolerance_reason = "a forecast of a search: one picture more or less is within what nobody can foresee"
    hints = (
        "The gallery holds single things, two to five alike and two in a relation, of 56 colour-shape pairs.",
        "Colour and shape are what this space keeps best; numbers and relations pull only a little.",
    )
    slips = {
        "percent if apart": "in percent: That is the share in percent; asked is how many of 5.",
        "in_gallery if apart": "counted the gallery: That is how many the gallery holds; asked are the 5 on top.",
    }

    def facts(self) -> Facts:
        asked = " ".join(self.query.split()) or drawn_query(self.seed)
        pair = named_pair(asked)
        return {"asked": asked, "pair": pair, "thing": one(pair), "who": self.called()}

    def run(self, show: Show) -> int:
        """The pictures nearest to a query, and how many of them hold what it names."""
        clip = clip_checkpoint.checkpoint(self.model)
        scenes = gallery() if clip.tiny else gallery()[:100]
        pictures = embed_set(clip, "gallery", scenes, show)
        show.progress(0.95, "searching")
        similar = (pictures @ clip.embed_texts([self.asked])[0]).topk(TOP)
        top = similar.indices.tolist()
        holds = [any(thing.pair == self.pair for thing in scene.things) for scene in scenes]
        found: int = sum(holds[i] for i in top)
        cosines = [f"{value:.3f}" for value in similar.values.tolist()]
        note_vocabulary(show, clip, [self.asked])
        show.line(f"{tuple(pictures.shape)} @ ({pictures.shape[1]},) -> ({len(pictures)},): a cosine for each picture")
        show.line(f"on top: {', '.join(cosines)}")
        show.line(f"{found} of {TOP} hold {self.thing}; the gallery holds it {sum(holds)} times among {len(scenes):,}")
        rows = [
            (scenes[i].caption, cosine, "yes" if holds[i] else "no") for i, cosine in zip(top, cosines, strict=True)
        ]
        show.table(f"The {TOP} on top for “{self.asked}”", f"picture | cosine | holds {self.thing}", rows)
        images = [picture_of(scenes[i], "gallery", i) for i in top]
        labels = [f"{place}: {cosine}" for place, cosine in enumerate(cosines, 1)]
        alt = "; ".join(scenes[i].caption for i in top)
        show.picture("found", strip(images, labels), f"The {TOP} pictures nearest to “{self.asked}”", alt)
        show.fact(percent=100 * found / TOP, in_gallery=sum(holds))
        return found


def drawn_query(seed: int) -> str:
    """A query for a picture of the gallery, put in one of several ways."""
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
        raise ParamError("query", f"it must name {lacking}, so that the pictures found can be judged")
    if len(query) > 200:
        raise ParamError("query", "has at most 200 characters")
    return colour, shape


EXERCISES: Final = (Recall, Search)
