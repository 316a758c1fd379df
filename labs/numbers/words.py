"""The words that stand round a number: number words, scales, labels that never matter, phrases to be passed over."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ONES: Final = {
    "zero": 0.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0,
    "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "thirteen": 13.0, "fourteen": 14.0, "fifteen": 15.0,
    "sixteen": 16.0, "seventeen": 17.0, "eighteen": 18.0, "nineteen": 19.0,
}  # fmt: skip
ALONE: Final = {
    "none": 0.0, "nil": 0.0, "nought": 0.0, "naught": 0.0, "once": 1.0, "twice": 2.0, "thrice": 3.0,
    "double": 2.0, "triple": 3.0, "treble": 3.0, "quadruple": 4.0,
}  # fmt: skip
"""Words that are a number by themselves and part of no longer one."""
TENS: Final = {
    "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fourty": 40.0, "fifty": 50.0, "sixty": 60.0, "seventy": 70.0,
    "eighty": 80.0, "ninety": 90.0,
}  # fmt: skip
PARTS: Final = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4,
    "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7, "eighth": 8, "eighths": 8,
    "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10, "twelfth": 12, "twelfths": 12, "sixteenth": 16,
    "sixteenths": 16, "hundredth": 100, "hundredths": 100, "thousandth": 1000, "thousandths": 1000,
}  # fmt: skip
SCALE_WORDS: Final = {
    "dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "thousands": 1e3, "tsd": 1e3, "lakh": 1e5, "lakhs": 1e5,
    "million": 1e6, "millions": 1e6, "mio": 1e6, "mill": 1e6, "mln": 1e6, "mn": 1e6, "crore": 1e7, "crores": 1e7,
    "billion": 1e9, "billions": 1e9, "bn": 1e9, "bln": 1e9, "bil": 1e9, "mrd": 1e9, "milliard": 1e9, "milliards": 1e9,
    "trillion": 1e12, "trillions": 1e12, "tn": 1e12, "trn": 1e12,
}  # fmt: skip
SCALE_SIGNS: Final = {
    "k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "G": 1e9, "g": 1e9, "B": 1e9, "b": 1e9, "T": 1e12, "t": 1e12,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40,
    "ki": 2.0**10, "mi": 2.0**20, "gi": 2.0**30, "ti": 2.0**40,
}  # fmt: skip
"""Prefixes as they stand behind a number: 86 M, 23.6G."""

PERCENT: Final = frozenset({"percent", "percents", "pct", "percentage", "pp", "procent", "prozent"})
FILLERS: Final = _words(
    """
    about approx approximately roughly around circa ca nearly almost close near exactly precisely just only some
    ish recurring repeating estimated estimate rounded rounding altogether overall
    a an the it it's its this that that's there's they're what's there these those them they
    i i'm i'd me my mine we our you your he she am is are was were be been being do does did has have had
    will would could should may might must can shall
    think thinking guess guessing believe believes say says said suppose expect reckon feel know hope assume answer
    answers result results value solution number numbers figure quantity amount count size total totals sum product
    difference ratio factor equal equals get gets got give makes make come comes out up at in on with for from by
    via as into onto after before maybe probably perhaps possibly presumably surely definitely certainly clearly well
    ok okay um uh hm hmm yes please then now here still also too very quite rather even all both whole entire complete
    each every per single one's more less fewer larger bigger smaller greater higher lower longer shorter wider deeper
    faster slower cheaper worse better much many most unit units of if when where which what how far little bit least
    likely
    """
)
"""Words that say nothing about which number is meant; `of`, `in`, `by` and others mean something between numbers."""
ORDINALS: Final = frozenset({"st", "nd", "rd", "th", "ths"})
"""Endings that make 8 the 8th, written on its heels."""
HEDGES: Final = _words("or versus vs between not isn't aren't wasn't never neither nor except")
"""Words after which there is more than one number, or none."""
BOUNDS: Final = _words("than under above below beyond upto minimum maximum minimal maximal max min exceeding within")
SAYS: Final = _words("equals gives makes so therefore thus hence is ie yields results becomes means")
"""Between two numbers these mean that the second is the answer."""
LABELS: Final = _words(
    """
    time times fold x entry entries value values number numbers scalar scalars element elements component components
    coefficient coefficients item items piece pieces point points score scores count counts case cases example examples
    sample samples instance instances thing things object objects unit units part parts share shares fraction
    patch patches token tokens tubelet tubelets tube tubes cube cubes cell cells tile tiles crop crops square squares
    block blocks layer layers head heads row rows column columns col cols channel channels map maps grid grids
    feature features vector vectors matrix matrices embedding embeddings query queries key keys dimension dimensions
    dim dims size sizes side sides width height depth length wide high deep long tall
    position positions place places index indices slot slots
    image images picture pictures photo photos frame frames clip clips video videos board boards shot shots
    weight weights parameter parameters param params operation operations op ops multiply multiplies adds add
    multiplication multiplications addition additions mac macs flop flops evaluation evaluations pass passes step steps
    iteration iterations epoch epochs batch batches run runs call calls network networks model models
    pair pairs negative negatives positive positives combination combinations link links connection connections
    caption captions label labels class classes word words sentence sentences question questions
    error errors mistake mistakes alarm alarms defect defects hit hits miss misses people person card cards
    latent latents code codes pixelated rgb raw visual text spatial temporal image-text gpu cpu machine machines
    probability chance accuracy recall precision rate loss scale sigma mean average sum noise signal power
    """
)
"""Counting nouns: they say what is counted and never matter."""
