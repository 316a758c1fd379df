"""A search in two stages with the tiny CLIP, and its finding and its answering scored apart.

Nogueira and Cho 2019, "Passage Re-ranking with BERT", arXiv:1901.04085: a cheap first stage keeps k of n, a dearer one
orders the k. What the first stage did not keep, the second never sees: recall@k of the first bounds the whole.

Axes: q queries, b pictures, d dimensions of the shared space, k places of a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from labs.bench import OneOf, Show, Whole, later
from labs.clip.common import Clip
from labs.clip.limits import task_captions, task_set
from labs.clip.scenes import embed_set, picture_of, share, strip
from labs.clip.search import gallery_captions
from labs.scenes.showings import gallery
from labs.search.scale import ALL, BANDS, FEW, MOST, band

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from labs.clip import space
    from labs.models import clip_checkpoint
else:
    torch, space = later("torch"), later("labs.clip.space")
    clip_checkpoint = later("labs.models.clip_checkpoint")

FIRST: Final = 5
"""Places of the result that is looked at."""
GOOD: Final = 80
"""Percent from which a stage is said to hold."""
BOTH: Final = "both stages hold"
FINDS: Final = "it finds, but answers wrongly"
ANSWERS: Final = "it answers, but does not find"
NEITHER: Final = "neither holds"
ASKED: Final = {
    "colour": "which of two colours the thing has",
    "shape": "which of two shapes it is",
    "one or many": "whether it is one thing or four",
    "left or right": "which of two things is on the left",
    "above or below": "which of two things is above",
}


class Rerank(Clip):
    """What a second stage can mend, and what it cannot."""

    name, title = "search.rerank", "Re-rank what a cheap first stage kept"
    sections, covers, source = "2.4 6.4", "2.4-14", "Nogueira and Cho 2019, arXiv:1901.04085"
    axes = Whole(4, 2, 16, draw=(4, 4, 6, 8), help="numbers of an embedding that the first stage compares")
    kept = Whole(20, 5, 200, draw=(5, 10, 20, 50, 100), help="how many pictures it keeps for the second stage")
    prompt = (
        "1,000 captions each search 1,000 pictures with a small CLIP. The first stage compares only {axes} of the 64 "
        "numbers of an embedding (the main axes of the pictures) and keeps {kept} pictures; the second orders those "
        "by all 64. A search with all 64 throughout finds 99% of the pictures among the first 5. How many do the two "
        "stages find there?"
    )
    answer_type, options, is_shuffled = "choice", BANDS, False
    hints = (
        "The second stage orders well. What must hold before it can do so?",
        "How often does the picture that is searched for come through the first stage at all?",
    )

    def known(self) -> Mapping[str, str]:
        measured = "The first stage keeps the picture in {kept_share:.1f}% of searches; found in the end: {found:.1f}%."
        trusted = f"took the second stage for the whole: It only orders what it is given. {measured}"
        feared = f"took the first stage for the whole: Its rough order is made again by the second. {measured}"
        right = str(self.names.get("right"))
        whys = {MOST: {ALL: trusted}, FEW: {ALL: trusted, MOST: trusted}, ALL: {MOST: feared, FEW: feared}}
        return {"*": f": {measured}", **whys.get(right, {})}

    def run(self, show: Show) -> str:
        """Keep pictures by some axes, order them by the whole embedding, and see how many searches find theirs."""
        pictures = embed_set(clip_checkpoint.checkpoint(), "gallery", gallery(), show)
        texts = gallery_captions()
        show.progress(0.95, "searching twice")
        own = torch.arange(len(texts))
        rough = rough_scores(texts, pictures, self.axes)  # (q, b)

        def found(kept: int) -> tuple[float, float]:
            shortlist = rough.topk(kept).indices  # (q, kept)
            fine = torch.einsum("qd,qkd->qk", texts, pictures[shortlist])
            best = shortlist.gather(1, fine.topk(FIRST).indices)  # (q, 5)
            return tuple(share((places == own[:, None]).any(dim=1)) for places in (shortlist, best))  # type: ignore

        kept_share, both = found(self.kept)
        alone = share(space.rank(texts, pictures, own) <= FIRST)
        first = share((rough.topk(FIRST).indices == own[:, None]).any(dim=1))
        show.line(
            f"{tuple(texts.shape)} and {tuple(pictures.shape)}, {self.axes} axes of each -> {tuple(rough.shape)}",
            f"the first stage by itself: the picture among its first {FIRST} in {first:.1f}% of searches, among its "
            f"first {self.kept} in {kept_share:.1f}%",
            f"ordered again: among the first {FIRST} in {both:.1f}%; all numbers throughout: {alone:.1f}%",
        )
        steps = (5, 10, 20, 50, 100, 200)
        series = list(zip(*(found(kept) for kept in steps), strict=True))
        named = {"kept by the first stage": series[0], "among the first 5 after the second": series[1]}
        show.curve("What the first stage keeps bounds the whole", "kept", "searches in %", steps, named)
        show.fact(kept_share=kept_share, found=both)
        return band(both / 100)


def rough_scores(texts: Tensor, pictures: Tensor, axes: int) -> Tensor:
    """Cosines along the main axes of the pictures, each kind centred first: (q, d), (b, d) -> (q, b)."""
    centred = [one - one.mean(dim=0) for one in (texts, pictures)]
    main = torch.linalg.svd(centred[1], full_matrices=False).Vh[:axes]  # (axes, d)
    q, b = (torch.nn.functional.normalize(one @ main.T) for one in centred)
    return q @ b.T


class Apart(Clip):
    """Finding and answering, each by its own figure."""

    name, title = "search.apart", "Score finding and answering apart"
    sections, covers = "6.4 2.4", "6.4-02 6.4-03"
    source = "Radford et al. 2021, arXiv:2103.00020; Thrush et al. 2022, arXiv:2204.03162"
    task = OneOf(
        *ASKED,
        draw=("colour", "shape", "one or many", "left or right", "left or right", "above or below", "above or below"),
        help="what is asked of a picture",
    )
    k = Whole(5, 1, 20, draw=(1, 1, 5, 10), help="how many of the pictures found are looked at")
    prompt = (
        "A small CLIP searches 1,000 pictures by caption: a search counts if its picture is {place}. Of 120 "
        "others it then answers {asked}, by the nearer of two captions. A stage holds from 80% on. "
        "What do the two figures show?"
    )
    answer_type, options, is_shuffled = "choice", (BOTH, FINDS, ANSWERS, NEITHER), False
    hints = (
        "What does the shared space keep, and what did no negative of its training punish?",
        "Two figures, not their mean: recall@{k} of the search, and the share of right answers.",
    )

    def facts(self) -> Mapping[str, str]:
        return {"asked": ASKED[self.task], "place": "on top" if self.k == 1 else f"among the first {self.k}"}

    def known(self) -> Mapping[str, str]:
        measured = "Recall@{k} is {recall:.0f}%, {answered:.0f}% of the answers are right (guessing: 50%)."
        mean = f"a mean hides it: The mean of the two, {{mean:.0f}}%, shows neither. {measured}"
        return {"*": f": {measured}", **({BOTH: mean} if self.names.get("right") != BOTH else {})}

    def run(self, show: Show) -> str:
        """Recall@k of the gallery, and the share of right answers about pictures."""
        clip = clip_checkpoint.checkpoint()
        pictures, texts = embed_set(clip, "gallery", gallery(), show), gallery_captions()
        ranks = space.rank(texts, pictures, torch.arange(len(texts)))
        recall = share(ranks <= self.k)
        scenes, captions = task_set(self.task, 120)
        seen = embed_set(clip, f"task {self.task}", scenes, show)
        right = space.choose(seen, task_captions(clip, self.task, len(scenes))) == 0
        answered = share(right)
        show.line(
            f"{tuple(texts.shape)} @ {tuple(pictures.T.shape)} -> ({len(texts)},) ranks: recall@{self.k} {recall:.1f}%",
            f"{tuple(seen.shape)} with two captions each -> {int(right.sum())} of {len(scenes)} answers right, "
            f"{answered:.1f}%",
        )
        rows = [("finding", f"recall@{self.k}", f"{recall:.1f}%"), ("answering", self.task, f"{answered:.1f}%")]
        show.table(
            "Two figures", "stage | measured | share", [*rows, ("merged", "", f"{(recall + answered) / 2:.1f}%")]
        )
        wrong_first = right.to(torch.int64).argsort(stable=True)[:5].tolist()
        images = [picture_of(scenes[i], f"task {self.task}", i) for i in wrong_first]
        labels = ["right" if right[i] else "wrong" for i in wrong_first]
        alt = "; ".join(captions[i][0] for i in wrong_first)
        show.picture("answered", strip(images, labels), f"Asked {self.asked}: the wrong answers first", alt)
        ks = (1, 2, 3, 5, 10, 20)
        series = {"recall@k": [share(ranks <= k) for k in ks], "answers right": [answered] * len(ks)}
        show.curve("Finding and answering", "k", "share in %", ks, series)
        show.fact(recall=recall, answered=answered, mean=(recall + answered) / 2)
        return {(True, True): BOTH, (True, False): FINDS, (False, True): ANSWERS, (False, False): NEITHER}[
            recall >= GOOD, answered >= GOOD
        ]


EXERCISES: Final = (Rerank, Apart)
