"""Static word vectors from the files inside the wordllama package, without its own loader and without any network.

A vector is the sum of a word's token vectors; a sentence's is the sum over its words. The matrix stays on the disk and
is read through a memory map, so that loading costs the tokenizer and little else.
"""

from __future__ import annotations

import json
import struct
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    Vector: TypeAlias = NDArray[np.float32]

WIDTH: Final = 256
WEIGHTS: Final = "weights/l2_supercat_256.safetensors"
TOKENIZER: Final = "tokenizers/l2_supercat_tokenizer_config.json"


class NoEmbedding(Exception):
    """The wordllama package is missing or its files are not where they were; the text says what to do."""


class Embedding:
    """Word vectors, remembered once looked up."""

    def __init__(self, folder: Path) -> None:
        """Opens the files in the package's folder.

        Raises:
            NoEmbedding: a file is missing or is no such matrix.
        """
        import numpy as np
        from tokenizers import Tokenizer

        try:
            with (folder / WEIGHTS).open("rb") as file:
                length = struct.unpack("<Q", file.read(8))[0]
                header = json.loads(file.read(length))["embedding.weight"]
            rows, width = header["shape"]
            if header["dtype"] != "F16" or width != WIDTH:
                raise NoEmbedding("the word vectors in wordllama have another format; install wordllama>=0.3.8,<0.5.")
            self._matrix = np.memmap(
                folder / WEIGHTS,
                dtype="<f2",
                mode="r",
                offset=8 + length + header["data_offsets"][0],
                shape=(rows, width),
            )
            self._tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER))
        except (OSError, KeyError, ValueError, struct.error) as error:
            raise NoEmbedding(f"the word vectors cannot be read ({error}); reinstall wordllama.") from error
        self._known: dict[str, Vector] = {}

    def words(self, words: Iterable[str]) -> Vector:
        """(n, 256): the summed token vectors of each word or phrase."""
        import numpy as np

        wanted = list(words)
        if unknown := sorted({word for word in wanted if word not in self._known}):
            for word, encoded in zip(
                unknown, self._tokenizer.encode_batch(unknown, add_special_tokens=False), strict=True
            ):
                ids = [token for token in encoded.ids if token < len(self._matrix)]
                self._known[word] = self._matrix[ids].astype(np.float32).sum(axis=0)
        if not wanted:
            return np.zeros((0, WIDTH), dtype=np.float32)
        return np.stack([self._known[word] for word in wanted])


@lru_cache(maxsize=1)
def embedding() -> Embedding:
    """The word vectors, opened at the first call.

    Raises:
        NoEmbedding: see the class.
    """
    found = find_spec("wordllama")
    if found is None or not found.submodule_search_locations:
        raise NoEmbedding("the package wordllama is not installed; pip install wordllama.")
    return Embedding(Path(found.submodule_search_locations[0]))


def unit_length(vectors: Vector) -> Vector:
    """Each row divided by its length; a row of zeros stays."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: Vector = vectors / np.maximum(lengths, 1e-9)
    return result
