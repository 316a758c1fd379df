"""`python -m tests.benchmarks.word_vectors`: cut the grader's word vectors out of an installed wordllama again.

The grader reads small letters: a piece of a word with any other sign in it never comes up, and its row is left out.
Single signs and bytes stay, so that every text has pieces. Rows and their order are as published, to the bit.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from studytui.files import write_atomically
from studytui.study.grader.matching import VECTORS, WIDTH

TABLE = "weights/l2_supercat_256.safetensors"
PIECES = "tokenizers/l2_supercat_tokenizer_config.json"
KEPT = re.compile(r"▁*[a-z0-9'.,%²ßà-öø-ÿā-žα-ω]+|▁?.|<0x[0-9A-F]{2}>")


def published() -> tuple[list[str], list[bytes]]:
    """(n,) the pieces as wordllama has them, and (n,) their rows of 256 half floats."""
    found = find_spec("wordllama")
    assert found is not None and found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0])
    vocabulary: dict[str, int] = json.loads((folder / PIECES).read_text(encoding="utf-8"))["model"]["vocab"]
    data = (folder / TABLE).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    head = json.loads(data[8 : 8 + length])["embedding.weight"]
    assert head["dtype"] == "F16" and head["shape"] == [len(vocabulary), WIDTH]
    start = 8 + length + head["data_offsets"][0]
    rows = [data[start + 2 * WIDTH * at : start + 2 * WIDTH * (at + 1)] for at in range(len(vocabulary))]
    return sorted(vocabulary, key=vocabulary.__getitem__), rows


def main() -> None:
    """Write the vectors, and beside them where they come from."""
    pieces, rows = published()
    kept = [at for at, piece in enumerate(pieces) if len(piece) > 0 and KEPT.fullmatch(piece)]
    head = json.dumps(
        {
            "__metadata__": {"pieces": json.dumps([pieces[at] for at in kept], ensure_ascii=False)},
            "embedding.weight": {
                "dtype": "F16",
                "shape": [len(kept), WIDTH],
                "data_offsets": [0, 2 * WIDTH * len(kept)],
            },
        },
        ensure_ascii=False,
    ).encode()
    head += b" " * (-len(head) % 8)
    data = struct.pack("<Q", len(head)) + head + b"".join(rows[at] for at in kept)
    write_atomically(VECTORS, data)
    source = distribution("wordllama")
    (licence,) = [file for file in source.files or () if file.name == "LICENSE"]
    card = f"""# Where vectors.safetensors comes from. Written by `python -m tests.benchmarks.word_vectors`.

source = "wordllama {source.version}, {TABLE}"
home = "https://github.com/dleemiller/WordLlama"
made_from = "token embeddings of language models with the Llama 2 vocabulary, projected and trained anew by its author"
kept = "{len(kept)} of {len(pieces)} rows: those whose piece has small letters and digits alone, single signs, bytes"
bytes = {len(data)}
sha256 = "{hashlib.sha256(data).hexdigest()}"
licence = "MIT"
licence_text = '''
{licence.read_text().strip()}
'''
"""
    write_atomically(VECTORS.with_suffix(".toml"), card.encode())
    print(f"{len(kept)} of {len(pieces)} rows, {len(data):,} bytes")


if __name__ == "__main__":
    main()
