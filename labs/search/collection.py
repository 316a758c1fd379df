"""A collection of picture embeddings to search: exact vectors, codes of few bits, an index of inverted lists.

Jégou et al. 2011, "Product Quantization for Nearest Neighbor Search", section IV (inverted lists); Johnson et al. 2017,
arXiv:1702.08734. The vectors are drawn around centres, as embeddings of pictures lie: without clusters no list holds
neighbours together. A million of them are made once and kept as files that are mapped into memory.

Axes: n vectors, d numbers of a vector, q queries, l lists, k places of a result.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import normalize

from labs.protocol import CACHE_VARIABLE, ParamError, Progress

DIMS: Final = 512
TOP: Final = 10
LISTS: Final = 256
QUERIES: Final = 64
IN_MEMORY: Final = 100_000
"""Larger collections are kept as files."""
_BLOCK: Final = 4_000
_SCANNED: Final = 1_024
"""Vectors that are widened at a time: they stay in the cache."""
_CENTRES, _REGIONS = 2_000, 40
_AROUND: Final = 1.5
"""Spread of the vectors around their centre, where each number of the centre has variance 1."""
_SPARE_MEMORY, _SPARE_DISK = 2_000_000_000, 3_000_000_000


@dataclass(frozen=True, eq=False)
class Collection:
    """`exact` (n, d) float32 on the unit sphere; `codes` (n, d) int8 times `scales` (n,) is near it."""

    exact: Tensor
    codes: Tensor
    scales: Tensor


def draw(kind: str, count: int, start: int = 0) -> Tensor:
    """Vectors `start` to `start + count` of a kind, the same each time; `start` is a multiple of the block: (n, d)."""
    generator = torch.Generator().manual_seed(512)
    centres = normalize(
        torch.randn(_REGIONS, DIMS, generator=generator)[torch.randint(_REGIONS, (_CENTRES,), generator=generator)]
        + torch.randn(_CENTRES, DIMS, generator=generator)
    )  # (centres, d), in regions
    generator.manual_seed(1_000_003 + start)
    around = torch.randn(count, DIMS, generator=generator)
    if kind == "unstructured":
        return normalize(around)
    own = torch.randint(_CENTRES, (count,), generator=generator)
    return normalize(centres[own] * DIMS**0.5 + _AROUND * around)


def coded(exact: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Codes of so many bits a number, and each vector's scale: (n, d) -> (n, d) int8, (n,). One bit is the sign."""
    codes, scales = torch.empty(exact.shape, dtype=torch.int8), torch.empty(len(exact))
    for start in range(0, len(exact), _BLOCK):
        part = slice(start, start + _BLOCK)
        rows = exact[part]
        if bits == 1:
            codes[part], scales[part] = torch.where(rows < 0, -1, 1), rows.abs().mean(dim=1)
        else:
            scales[part] = rows.abs().amax(dim=1) / (2 ** (bits - 1) - 1)
            codes[part] = (rows / scales[part, None]).round()
    return codes, scales


_kept: dict[tuple[int, str], Collection] = {}


def collection(count: int, kind: str, advance: Progress) -> Collection:
    """The collection of that size and kind, made once.

    Raises:
        ParamError: it is too large for what this machine has to spare.
    """
    if (count, kind) not in _kept:
        _kept[count, kind] = _made(count, kind, advance)
    return _kept[count, kind]


def _made(count: int, kind: str, advance: Progress) -> Collection:
    if count <= IN_MEMORY:
        exact = torch.cat([draw(kind, _BLOCK, start) for start in range(0, count, _BLOCK)])
        return Collection(exact, *coded(exact, 8))
    folder = _room() / f"{kind}-{count}-{DIMS}"
    if not folder.exists():
        _make(folder, count, kind, advance)
    return _mapped(folder, count)


def _room() -> Path:
    """Where large collections are kept.

    Raises:
        ParamError: there is no place, or too little.
    """
    folder = os.environ.get(CACHE_VARIABLE, "")
    if not folder:
        raise ParamError("vectors", f"this process has no folder to keep them in; {IN_MEMORY:,} go without")
    place = Path(folder) / "vectors"
    place.mkdir(parents=True, exist_ok=True)
    spare, disk = memory_to_spare(), shutil.disk_usage(place).free
    if spare < _SPARE_MEMORY or (disk < _SPARE_DISK and not any(place.iterdir())):
        raise ParamError("vectors", f"they need 2 GB of memory to spare and 3 GB of disk; take {IN_MEMORY:,} here")
    return place


def memory_to_spare() -> float:
    """Bytes of memory that could be used now; half of all memory where the system does not say."""
    about = Path("/proc/meminfo")
    if about.exists():
        lines = dict(line.split(":") for line in about.read_text(encoding="ascii").splitlines())
        return 1024 * float(lines["MemAvailable"].split()[0])
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2


def _make(folder: Path, count: int, kind: str, advance: Progress) -> None:
    """Write the files beside their place and put them there when they are whole."""
    unfinished = folder.with_name(f"{folder.name}.part")  # whoever writes there writes the same
    unfinished.mkdir(parents=True, exist_ok=True)
    made = _mapped(unfinished, count)
    for start in range(0, count, _BLOCK):
        advance(0.9 * start / count, f"making {count:,} vectors, once: {start:,} done")
        part = slice(start, start + _BLOCK)
        made.exact[part] = draw(kind, _BLOCK, start)
        made.codes[part], made.scales[part] = coded(made.exact[part], 8)
    with contextlib.suppress(OSError):  # another process was quicker
        unfinished.rename(folder)


def _mapped(folder: Path, count: int) -> Collection:
    def tensor(name: str, dtype: torch.dtype, *shape: int) -> Tensor:
        size = torch.Size(shape).numel()
        return torch.from_file(str(folder / name), shared=True, size=size, dtype=dtype).reshape(shape)

    return Collection(
        tensor("exact", torch.float32, count, DIMS),
        tensor("codes", torch.int8, count, DIMS),
        tensor("scales", torch.float32, count),
    )


def queries(made: Collection, seed: int) -> tuple[Tensor, Tensor]:
    """Vectors as far from one of the collection as noise of the same length takes them: (q, d), and whose they are."""
    generator = torch.Generator().manual_seed(seed % 2**63)
    own = torch.randint(len(made.exact), (QUERIES,), generator=generator)
    away = normalize(torch.randn(QUERIES, DIMS, generator=generator))
    return normalize(made.exact[own] + away), own


def scan(rows: Tensor, asked: Tensor) -> Tensor:
    """Inner products with all rows, block by block, in float32: (n, d), (q, d) -> (q, n)."""
    found, wide = torch.empty(len(asked), len(rows)), torch.empty(_SCANNED, rows.shape[1])
    for start in range(0, len(rows), _SCANNED):
        part = rows[start : start + _SCANNED]
        block = part if part.dtype == wide.dtype else wide[: len(part)].copy_(part)
        torch.mm(asked, block.T, out=found[:, start : start + len(part)])
    return found


def rescored(exact: Tensor, asked: Tensor, kept: Tensor) -> Tensor:
    """The `TOP` best of the kept by their exact vectors: (n, d), (q, d), (q, kept) -> (q, k)."""
    scores = torch.einsum("qkd,qd->qk", exact[kept], asked)
    return kept.gather(1, scores.topk(TOP).indices)


def recall(found: Tensor, true: Tensor) -> float:
    """The share of the true neighbours that were found: (q, k) twice."""
    return float((found[:, :, None] == true[:, None, :]).any(dim=1).float().mean())


@lru_cache(maxsize=2)
def lists_of(made: Collection, steps: int = 6) -> tuple[Tensor, Tensor]:
    """Spherical k-means on a sample: the centres (l, d), and the list of each vector (n,)."""
    sample = made.exact[:20_000]
    generator = torch.Generator().manual_seed(0)
    centres = sample[torch.randperm(len(sample), generator=generator)[:LISTS]]
    for _ in range(steps):
        nearest = (sample @ centres.T).argmax(dim=1)
        sums = torch.zeros_like(centres).index_add_(0, nearest, sample)
        centres = torch.where(sums.norm(dim=1, keepdim=True) > 0, normalize(sums), centres)
    parts = range(0, len(made.exact), _BLOCK)
    return centres, torch.cat([(made.exact[at : at + _BLOCK] @ centres.T).argmax(dim=1) for at in parts])
