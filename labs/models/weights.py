"""Weights of the tiny models: one `NAME.safetensors` beside a card `NAME.toml` that says how it was made.

The card's sha256 is checked on every loading, so that a lab never judges an answer by damaged weights.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from torch import Tensor

FOLDER: Final = Path(__file__).parent
LARGEST_BYTES: Final = 2_000_000


class WeightsDamaged(RuntimeError):
    """A weights file is missing or is not the one its card describes."""


def names() -> list[str]:
    """The models that have a card."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def card(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The model card: data, seed, seconds, scores, sha256 and the versions it was trained with.

    Raises:
        WeightsDamaged: there is no such card, or it cannot be read.
    """
    try:
        return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WeightsDamaged(
            f"the card of the model {name} cannot be read ({error}); install studytui again"
        ) from error


def checked(name: str, folder: Path = FOLDER) -> bytes:
    """The bytes of a weights file, if they are those the card names.

    Raises:
        WeightsDamaged: the file is missing or its sha256 differs.
    """
    expected = card(name, folder).get("sha256")
    try:
        data = (folder / f"{name}.safetensors").read_bytes()
    except OSError as error:
        raise WeightsDamaged(f"the weights of {name} cannot be read ({error}); install studytui again") from error
    if hashlib.sha256(data).hexdigest() != expected:
        raise WeightsDamaged(
            f"the weights of {name} are damaged (sha256 differs from the card); install studytui again"
        )
    return data


def load(name: str, folder: Path = FOLDER) -> dict[str, Tensor]:
    """The tensors of a model by name, on the CPU, half precision widened to float32.

    Raises:
        WeightsDamaged: see `checked`.
    """
    from safetensors.torch import load as from_bytes

    return {
        key: tensor.float() if tensor.is_floating_point() else tensor
        for key, tensor in from_bytes(checked(name, folder)).items()
    }


def save(name: str, tensors: Mapping[str, Tensor], facts: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write weights and card; `facts` holds data, seed, seconds, scores (nested tables are allowed).

    Raises:
        ValueError: the file would be larger than 2 MB.
    """
    from safetensors.torch import save as to_bytes

    data = to_bytes({key: tensor.contiguous() for key, tensor in sorted(tensors.items())})
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"{name}: {len(data):,} bytes of weights; at most {LARGEST_BYTES:,} may be kept")
    target = folder / f"{name}.safetensors"
    target.write_bytes(data)
    described = {**facts, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / f"{name}.toml").write_text(
        f"# Model card of {name}. Written by `python -m labs.models.train {name}`.\n\n"
        + "\n".join(_toml(described))
        + "\n",
        encoding="utf-8",
    )
    return target


def _toml(table: Mapping[str, Any], prefix: str = "") -> Iterable[str]:
    for key, value in table.items():
        if not isinstance(value, Mapping):
            yield f"{_key(key)} = {_literal(value)}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            name = f"{prefix}{_key(key)}"
            yield f"\n[{name}]"
            yield from _toml(value, f"{name}.")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _literal(name)


def _literal(value: object) -> str:
    import json

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(one) for one in value)}]"
    return json.dumps(str(value), ensure_ascii=False)
