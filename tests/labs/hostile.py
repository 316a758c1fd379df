"""Evidence as no honest lab sends it: valid JSON with anything in any place. The same seed gives the same."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from dataclasses import asdict
from typing import Any

from labs.protocol import Curve, Evidence, Picture, Table

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73"
    "0000001649444154789c63fccfc0c0f09f81818189018a1818001d1f0203a2d2bd390000000049454e44ae426082"
)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -0.0, 1, -1, 196, 10**18, 10**400, -(10**400), 1e308, -1e308, 5e-324, 1e100, -1e100, 1.5,
    float("nan"), float("inf"), float("-inf"), "", " ", "\x00", "\x1b]52;c;UFdO\x07", "\x9b31m", "\u202e", "\ud800",
    "a\nb",
    "[red]x[/nope]", "👩‍👩‍👧‍👦", "x" * 1_999, "x" * 2_001, "宽" * 300, [], [[]], [1], ["a"], [None], {}, {"a": 1},
    {"a": None},
    {"": ""}, [0.0] * 300, ["a"] * 501, list(range(20_001)), [float("nan")] * 3, "../../etc/x", "9" * 5_000,
)  # fmt: skip


def honest() -> dict[str, Any]:
    """Evidence with something of everything, as decoded JSON."""
    evidence = Evidence(
        value=196,
        unit="patches",
        derivation=("(1, 3, 224, 224) -> (1, 196, 768)", "14 × 14 = 196"),
        tables=(Table("Sizes", ("side", "patches"), (("224", "196"), ("384", "576"))),),
        pictures=(Picture.from_png("grid", PNG, caption="The grid", alt="A grid"),),
        curves=(Curve("Loss", "step", "loss", (0.0, 1.0, 2.0), {"a": (3.0, 2.0, 1.0), "b": (1e-4, 1.0, 1e4)}),),
        code="tokens.shape[1]",
        versions={"torch": "2.13.0"},
        seconds=0.25,
        facts={"rows": 14, "name": "ViT", "order": ["a", "b"]},
    )
    found: dict[str, Any] = json.loads(json.dumps(asdict(evidence)))
    return found


def hostile(seed: int) -> dict[str, Any]:
    """The honest one with one to three of its places, at any depth, overwritten, dropped, repeated or added to."""
    rng = random.Random(seed)
    data = honest()
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = list(_places(data))
        holder, key = rng.choice(places)
        match rng.randrange(8):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.extend([deepcopy(holder[key])] * rng.choice((1, 7, 300)))
            case 2 if isinstance(holder, dict):
                holder[rng.choice(("odd", "value", "\x1b[2J", "\ud800", "", "x" * 300))] = deepcopy(rng.choice(VALUES))
            case 3 if isinstance(holder[key], list):
                holder[key] = holder[key][:-1]
            case _:
                holder[key] = deepcopy(rng.choice(VALUES))
    return data


def as_line(data: dict[str, Any]) -> str:
    """The line of a worker that is done."""
    return json.dumps({"event": "solved", "request_id": "1", "evidence": data})


def _places(data: Any) -> Any:
    if isinstance(data, dict | list):
        for key in list(data) if isinstance(data, dict) else range(len(data)):
            yield data, key
            yield from _places(data[key])
