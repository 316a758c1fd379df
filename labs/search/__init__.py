"""Retrieval at scale: what a search reads and leaves out, and the two stages of finding and explaining.

`collection` has the vectors, their codes and the index; `scale` asks about many vectors, `stages` about a search in
two stages and about scoring each apart, with the tiny CLIP.
"""

from typing import Final

from labs.search import scale, stages

EXERCISES: Final = (*scale.EXERCISES, *stages.EXERCISES)
