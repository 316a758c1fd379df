"""Searching very many embeddings: what one search reads, what codes of few bits lose, what an index leaves out.

Jégou et al. 2011, "Product Quantization for Nearest Neighbor Search", IEEE TPAMI 33(1); Johnson et al. 2017,
"Billion-scale similarity search with GPUs", arXiv:1702.08734. A search reads every vector once, so that its time is at
least bytes / memory bandwidth.

Axes: n vectors, d numbers of a vector, q queries, k places of a result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from labs.bench import Exercise, Facts, Number, OneOf, Show, Variants, Whole, later
from labs.protocol import AnswerType, ParamError

if TYPE_CHECKING:
    import torch

    from labs.search import collection
    from labs.search.collection import Collection
else:
    torch, collection = later("torch"), later("labs.search.collection")

KINDS: Final = {"float32": 32, "float16": 16, "int8": 8, "one bit": 1}
"""How a number is kept, and its bits."""
ALL: Final = "nearly all of them: over 97%"
MOST: Final = "most of them: 65% to 97%"
FEW: Final = "fewer: under 65%"
BANDS: Final = (ALL, MOST, FEW)
SCALE: Final = "Johnson et al. 2017, arXiv:1702.08734; Jégou et al. 2011, IEEE TPAMI 33(1)"


def band(recall: float) -> str:
    """The option that a recall falls into."""
    return ALL if recall > 0.97 else MOST if recall >= 0.65 else FEW


class Bytes(Exercise):
    """What an exact search reads."""

    name, title = "search.bytes", "What one search of a catalogue reads"
    sections, covers, source = "2.4 6.4", "2.4-12", SCALE
    truth, measured_on, libraries = "library module", "the storage of torch's own tensors", ("torch",)
    vectors = Whole(1_000_000, 1_000, 1_000_000_000, draw=(300_000, 1_000_000, 4_000_000), help="pictures")
    dims = Whole(512, 8, 4096, draw=(256, 512, 768, 1024), multiple_of=8, help="numbers of an embedding")
    kind = OneOf(*KINDS, help="how a number is kept")
    bandwidth = Number(20, 1, 5_000, draw=(8, 20, 50, 1_000), help="memory bandwidth in GB/s (10⁹ bytes)")
    ask = Variants(
        {
            "memory": {
                "question": "How many GB (10⁹ bytes) do the vectors take?",
                "unit": "GB",
                "right": "vectors × dims × bits / 8 / 1e9",
                "slips": {
                    "vectors × dims × bits / 1e9": "counted bits: A byte has 8 bits.",
                    "vectors × bits / 8 / 1e9": "forgot the dimensions: That is one number a picture; each has {dims}.",
                    "vectors × dims × 4 / 1e9 if bits ≠ 32": "kept float32: Here a number takes {bits} bits, not 32.",
                    "vectors × dims / 1e9 if bits ≠ 8": "one byte a number: Here a number takes {bits} bits.",
                    "vectors × dims × bits / 8 / 1e6": "gave MB: That is in MB (10⁶ bytes).",
                },
            },
            "time": {
                "question": "The memory is read at {bandwidth:g} GB/s. At least how many milliseconds does one exact "
                "search take?",
                "unit": "ms",
                "right": "vectors × dims × bits / 8 / 1e9 / bandwidth × 1000",
                "slips": {
                    "vectors × dims × bits / 1e9 / bandwidth × 1000": "counted bits: A byte has 8 bits.",
                    "vectors × bits / 8 / 1e9 / bandwidth × 1000": "forgot the dimensions: Each picture has {dims} "
                    "numbers, and all are read.",
                    "vectors × dims × 4 / 1e9 / bandwidth × 1000 if bits ≠ 32": "kept float32: Here a number takes "
                    "{bits} bits, not 32.",
                    "vectors × dims × bits / 8 / 1e9 / bandwidth": "gave seconds: That is in seconds.",
                    "vectors × dims × bits / 8 / 1e9 × bandwidth × 1000 if apart": "multiplied: More bandwidth takes "
                    "less time.",
                },
            },
        },
        help="the memory it takes, or the time of one search",
    )
    prompt = "{vectors:,} pictures are kept as embeddings of {dims} numbers, each in {kept}. {question}"
    answer_type, tolerance_percent, tolerance_reason = "number", 2, "two digits are enough"
    hints = (
        "How many bytes has one vector?",
        "An exact search compares the query with every vector, so it reads all of them once.",
    )

    def facts(self) -> Facts:
        bits = KINDS[self.kind]
        kept = self.kind if bits == 1 else f"{self.kind} ({bits} bits)"
        return {"bits": bits, "kept": kept, "question": self.chosen("question").format(bandwidth=self.bandwidth)}

    def run(self, show: Show) -> float:
        """Lay the vectors out on the meta device and read their size; then read real memory against the clock."""
        dtype = {32: torch.float32, 16: torch.float16, 8: torch.int8, 1: torch.uint8}[self.bits]
        columns = self.dims // 8 if self.bits == 1 else self.dims  # eight signs go into one byte
        vectors = torch.empty(self.vectors, columns, dtype=dtype, device="meta")
        size = vectors.numel() * vectors.element_size()
        show.shapes(f"the vectors, {dtype}, without their values", vectors, vectors)
        made = collection.collection(20_000, "clustered", quiet)
        query = made.exact[0]
        nbytes, seconds = made.exact.numel() * 4, quickest(lambda: torch.mv(made.exact, query))
        show.line(
            f"here, on one thread, {len(made.exact):,} float32 vectors are searched in {seconds * 1e3:.1f} ms, "
            f"{nbytes / seconds / 1e9:.1f} GB/s; at that rate these {size / 1e9:,.4g} GB would take "
            f"{size * seconds / nbytes * 1e3:,.0f} ms"
        )
        gigabytes = size / 1e9
        return gigabytes if self.ask == "memory" else gigabytes / self.bandwidth * 1000


def quiet(fraction: float, text: str) -> None:
    """Progress of what takes no time."""


def quickest(work: Callable[[], object], tries: int = 3) -> float:
    """The seconds of the quickest try: what else the machine does only adds."""
    found = []
    for _ in range(tries):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


# --- Approximate searches ---------------------------------------------------------------------------------------------


class Approximate(Exercise):
    """What the exercises on recall share."""

    sections, source = "2.4 6.4", SCALE
    truth, measured_on, libraries = "sampling", "64 searches among drawn vectors", ("torch",)
    answer_type: ClassVar[AnswerType] = "choice"
    options, is_shuffled = BANDS, False
    seconds_allowed = 300.0
    vectors = Whole(
        20_000,
        choices=(20_000, 100_000, 1_000_000),
        draw=(20_000,),
        help="vectors; 1,000,000 take 2 GB of memory to spare and are made once",
    )

    def collected(self, kind: str, show: Show) -> Collection:
        """The vectors of this showing.

        Raises:
            ParamError: there are too many for this machine.
        """
        show.progress(0.05, f"{self.vectors:,} vectors")
        return collection.collection(self.vectors, kind, show.progress)


class Int8(Approximate):
    """What codes of few bits lose, and what re-scoring brings back."""

    name, title, covers = "search.int8", "Search codes of few bits, score the best again", "2.4-12"
    bits = Whole(8, choices=(8, 4, 1), draw=(8, 8, 4, 1), help="bits of a number in the codes; 1: its sign")
    kept = Whole(100, 10, 1_000, draw=(10, 10, 20, 50), help="how many are scored again with their exact vectors")
    prompt = (
        "{vectors:,} embeddings of 512 numbers, in clusters, are also kept as codes of {bits} {word} a number. The "
        "codes pick the {kept} nearest of a query; these are scored again with their float32 vectors. How many of the "
        "10 true nearest neighbours are on top (recall@10 over 64 searches)?"
    )
    hints = (
        "Rounding adds a little noise to each of 512 products; much of it averages out in their sum.",
        "Scoring again mends the order of what was kept. What fell out before is gone.",
    )

    def facts(self) -> Facts:
        return {"word": "bit" if self.bits == 1 else "bits"}

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {recall:.1%} of the ten; by the codes alone {alone:.1%}."
        rough = (
            f"feared the rounding: The errors of 512 numbers mostly cancel, and exact scores order the rest. {measured}"
        )
        lost = f"trusted the second look: It cannot bring back what the codes had not kept. {measured}"
        right = str(self.names.get("right"))
        return {
            "*": f": {measured}",
            **{ALL: {FEW: rough, MOST: rough}, FEW: {ALL: lost}, MOST: {ALL: lost}}.get(right, {}),
        }

    def run(self, show: Show) -> str:
        """Search exactly, by codes alone, and by codes with the best scored again."""
        made = self.collected("clustered", show)
        asked, _ = collection.queries(made, self.seed)
        show.progress(0.9, "searching")
        true = collection.scan(made.exact, asked).topk(collection.TOP).indices  # (q, k)
        codes, scales = (made.codes, made.scales) if self.bits == 8 else collection.coded(made.exact, self.bits)
        rough = collection.scan(codes, asked) * scales  # (q, n)
        order = rough.topk(max(200, self.kept)).indices  # (q, kept), the nearest first
        alone = collection.recall(order[:, : collection.TOP], true)
        recall = collection.recall(collection.rescored(made.exact, asked, order[:, : self.kept]), true)
        show.shapes("vectors and their codes", made.exact, codes)
        show.shapes("queries, the kept, the ten on top", asked, order[:, : self.kept], true)
        show.line(f"by the codes alone {alone:.1%} of the true ten, with {self.kept} scored again {recall:.1%}")
        steps = (10, 20, 50, 100, 200)
        found = [collection.recall(collection.rescored(made.exact, asked, order[:, :kept]), true) for kept in steps]
        show.curve("Recall@10 after scoring again", "kept", "recall@10", steps, {f"{self.bits} bits": found})
        speed(show, made)
        show.fact(recall=recall, alone=alone)
        return band(recall)


def speed(show: Show, made: Collection) -> None:
    """Time one search of the float32 vectors, of the codes, and of the memory alone."""
    query = made.exact[:1]
    kept = torch.arange(100)[None]
    exact, small = made.exact.numel() * 4, made.codes.numel()
    rows = []
    for what, nbytes, work in (
        ("read the codes' memory, no more", small, lambda: made.codes.view(torch.int64).sum()),
        ("search float32", exact, lambda: torch.mv(made.exact, query[0])),
        ("search int8 codes", small, lambda: collection.scan(made.codes, query)),
        ("score 100 again", 100 * collection.DIMS * 4, lambda: collection.rescored(made.exact, query, kept)),
    ):
        seconds = quickest(work)
        rows.append((what, f"{nbytes / 1e6:,.1f} MB", f"{seconds * 1e3:,.2f} ms", f"{nbytes / seconds / 1e9:,.1f}"))
    show.table("One search on one thread of this machine", " | reads | takes | GB/s", rows)
    show.line(
        "torch widens int8 before it multiplies, so the codes gain less time than bytes; made kernels read faster"
    )


class Ann(Approximate):
    """What an index of inverted lists leaves out."""

    name, title, covers = "search.ann", "Probe only some lists of an index", "2.4-12"
    kind = OneOf(
        "clustered", "unstructured", draw=("clustered", "clustered", "unstructured"), help="how the vectors lie"
    )
    probes = Whole(8, 1, 256, draw=(1, 2, 4, 8, 16, 32, 64), help="how many of the 256 lists are searched")
    prompt = (
        "{vectors:,} {how} of 512 numbers are sorted into 256 lists, each around a centre (an inverted file). A search "
        "looks through the {lists} whose {centres} nearest to the query, some {share:.1%} of the vectors. How many of "
        "the 10 true nearest neighbours does it find (recall@10 over 64 searches)?"
    )
    hints = (
        "Do the true neighbours of a query share a list, or are they spread over many?",
        "In 512 dimensions random vectors are all about equally far from each other; clusters are what an index uses.",
    )

    def facts(self) -> Facts:
        one = self.probes == 1
        return {
            "how": {
                "clustered": "embeddings, in clusters as those of pictures are,",
                "unstructured": "independent random vectors",
            }[self.kind],
            "lists": "list" if one else f"{self.probes} lists",
            "centres": "centre is" if one else "centres are",
            "share": self.probes / 256,
        }

    def fits(self) -> None:
        if self.kind == "unstructured" and self.vectors > 100_000:
            raise ParamError("vectors", "at most 100,000 without clusters")

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {recall:.1%} of the ten, {read:.1%} of the vectors compared."
        whys = {"*": f": {measured}"}
        right = str(self.names.get("right"))
        if self.kind == "unstructured" and right != ALL:
            return whys | {ALL: f"no clusters, no index: Neighbours of random vectors lie in many lists. {measured}"}
        if right == ALL:
            return whys | {FEW: f"took the share read for the recall: The lists near the query hold it. {measured}"}
        return whys | {ALL: f"forgot the borders: Some neighbours lie across the border of a list. {measured}"}

    def run(self, show: Show) -> str:
        """Sort the vectors into lists, search the nearest lists, and compare with a search of all."""
        made = self.collected(self.kind, show)
        show.progress(0.85, "sorting into lists")
        centres, own = collection.lists_of(made)
        asked, _ = collection.queries(made, self.seed)
        scores = collection.scan(made.exact, asked)  # (q, n)
        true = scores.topk(collection.TOP).indices
        near = (asked @ centres.T).argsort(dim=1, descending=True)  # (q, l)
        place = near.argsort(dim=1).to(torch.int16)[:, own]  # (q, n): how near the list of each vector is, from 0
        inside = place < self.probes  # (q, n)
        found = scores.masked_fill(~inside, -2).topk(collection.TOP).indices
        recall, read = collection.recall(found, true), float(inside.float().mean())
        show.shapes("vectors, centres of lists, the order of lists for each query", made.exact, centres, near)
        show.line(f"{self.probes} of {len(centres)} lists hold {read:.2%} of the vectors and {recall:.1%} of the ten")
        steps = (1, 2, 4, 8, 16, 32, 64, 128)
        of_true = place.gather(1, true)  # (q, k): a true neighbour is found where its list is probed
        recalls = [float((of_true < lists).float().mean()) for lists in steps]
        rows = [
            (lists, f"{float((place < lists).float().mean()):.2%}", f"{one:.1%}")
            for lists, one in zip(steps, recalls, strict=True)
        ]
        show.table("Probes against recall", "lists probed | vectors compared | recall@10", rows)
        show.curve("Probes against recall", "lists probed of 256", "recall@10", steps, {self.kind: recalls})
        show.fact(recall=recall, read=read)
        return band(recall)


EXERCISES: Final = (Bytes, Int8, Ann)
