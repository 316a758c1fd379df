"""Solving the CLIP lab's questions on retrieval: a gallery of 1,000 pictures, searched by text."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from labs.clip_scenes import embed_set, picture_of, share, strip, vocabulary_note
from labs.clip_space import rank
from labs.evidence import shape_text, source_of
from labs.models.clip_checkpoint import checkpoint
from labs.problems.clip_search import QUERIES, TOP, named_pair, queries_of, query_of
from labs.protocol import Curve, Evidence, Problem, Progress, Table
from labs.scenes.captions import one
from labs.scenes.showings import GALLERY, gallery


def solve_recall(problem: Problem, progress: Progress) -> Evidence:
    """Search the gallery with ten captions and count those that find their picture among the first k."""
    clip = checkpoint()
    k = int(problem.params["k"])
    pictures = embed_set(clip, "gallery", gallery(), progress)
    wanted = torch.tensor(queries_of(problem.seed, k))
    captions = [gallery()[i].caption for i in wanted.tolist()]
    progress(0.95, "searching")
    ranks = rank(clip.embed_texts(captions), pictures, wanted)
    hits = ranks <= k
    every = rank(_gallery_captions(), pictures, torch.arange(len(pictures)))
    ks = (1, 2, 3, 5, 10, 20, 50, 100)
    return Evidence(
        value=share(hits),
        unit="%",
        derivation=(
            f"({QUERIES}, {pictures.shape[1]}) @ {shape_text(pictures.T.shape)} -> ({QUERIES}, {len(pictures)}): "
            "each caption with each picture",
            f"ranks of the pictures that belong to them: {', '.join(map(str, ranks.tolist()))}",
            f"{int(hits.sum())} of {QUERIES} at rank {k} or better = {share(hits):.0f}%",
            f"all {len(pictures):,} captions: recall@1 {share(every <= 1):.1f}%, recall@5 {share(every <= 5):.1f}%; "
            f"guessing: recall@{k} {100 * k / GALLERY:.1f}%",
        ),
        tables=(
            Table(
                "The ten searches",
                ("caption", "rank", f"among the first {k}"),
                tuple(
                    (caption, str(found), "yes" if found <= k else "no")
                    for caption, found in zip(captions, ranks.tolist(), strict=True)
                ),
            ),
        ),
        pictures=(
            strip(
                [picture_of(gallery()[i], "gallery", i) for i in wanted.tolist()],
                [f"rank {found}" for found in ranks.tolist()],
                "wanted",
                "The ten pictures and the rank at which their captions find them",
                "; ".join(captions),
            ),
        ),
        curves=(
            Curve(
                title=f"Recall among {len(pictures):,} pictures",
                x_label="k",
                y_label="recall@k in %",
                x=tuple(float(one_k) for one_k in ks),
                series={
                    "all captions": tuple(share(every <= one_k) for one_k in ks),
                    "guessing": tuple(100 * one_k / GALLERY for one_k in ks),
                },
            ),
        ),
        code=source_of(rank),
        facts={"ranks": [str(found) for found in ranks.tolist()]},
    )


def solve_search(problem: Problem, progress: Progress) -> Evidence:
    """The pictures nearest to a query, and how many of them hold what it names."""
    clip = checkpoint(str(problem.params["model"]))
    query = query_of(problem.params, problem.seed)
    pair = named_pair(query)
    scenes = gallery() if clip.tiny else gallery()[:100]
    pictures = embed_set(clip, "gallery", scenes, progress)
    progress(0.95, "searching")
    similar = (pictures @ clip.embed_texts([query])[0]).topk(TOP)
    top = similar.indices.tolist()
    holds = [any(thing.pair == pair for thing in scene.things) for scene in scenes]
    found = sum(holds[i] for i in top)
    return Evidence(
        value=found,
        unit="pictures",
        derivation=(
            *vocabulary_note(clip, [query]),
            f"{shape_text(pictures.shape)} @ ({pictures.shape[1]},) -> ({len(pictures)},): a cosine for each picture",
            f"on top: {', '.join(f'{value:.3f}' for value in similar.values.tolist())}",
            f"{found} of {TOP} hold {one(pair)}; the gallery holds it {sum(holds)} times among {len(scenes):,}",
        ),
        tables=(
            Table(
                f"The {TOP} on top for “{query}”",
                ("picture", "cosine", f"holds {one(pair)}"),
                tuple(
                    (scenes[i].caption, f"{value:.3f}", "yes" if holds[i] else "no")
                    for i, value in zip(top, similar.values.tolist(), strict=True)
                ),
            ),
        ),
        pictures=(
            strip(
                [picture_of(scenes[i], "gallery", i) for i in top],
                [f"{place + 1}: {value:.3f}" for place, value in enumerate(similar.values.tolist())],
                "found",
                f"The {TOP} pictures nearest to “{query}”",
                "; ".join(scenes[i].caption for i in top),
            ),
        ),
        code=source_of(solve_search),
        facts={"share": found / TOP, "in_gallery": sum(holds)},
    )


@lru_cache(maxsize=1)
def _gallery_captions() -> Tensor:
    """(1000, d): the captions of the gallery in the tiny model's space."""
    return checkpoint().embed_texts([scene.caption for scene in gallery()])
