"""The bench that labs are built on: an exercise is a class, and an instance of it is one showing.

    class Count(Grid):
        name, title, covers = "patches.count", "Count the patches", "2.2-04"
        image_size = Whole(224, 32, 1024, draw=(224, 336), multiple_of="patch_size", help="side of the picture in px")
        patch_size = Whole(16, 4, 64, draw=(14, 16, 28), help="side of a patch in px")
        prompt = "A picture of {image_size} px a side is cut into patches of {patch_size} px. How many are there?"
        right = "rows × columns"
        slips = {"rows × columns + 1": "counted the class token: That one is learned, not cut from the picture."}

        def facts(self): return {"rows": self.image_size // self.patch_size, ...}     # plain Python, in the app
        def run(self, show): ...; return tokens.shape[1]                              # torch, in the worker

`exercise` poses, judges and solves; `knobs` validates and draws; `formula` works out and prints; `show` records what
was computed; `later` keeps torch out of the app; `sweep` poses the values of one knob.
"""

from labs.bench.exercise import Disagrees, Draw, Exercise, Facts, Stated, Truth
from labs.bench.formula import Formula, FormulaError
from labs.bench.knobs import Knob, Number, OneOf, Picture, Text, Variants, Whole
from labs.bench.later import later
from labs.bench.show import Show

__all__ = [
    "Disagrees",
    "Draw",
    "Exercise",
    "Facts",
    "Formula",
    "FormulaError",
    "Knob",
    "Number",
    "OneOf",
    "Picture",
    "Show",
    "Stated",
    "Text",
    "Truth",
    "Variants",
    "Whole",
    "later",
]
