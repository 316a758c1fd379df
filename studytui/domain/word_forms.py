"""Forms of one English word: cut, cuts, cutting fall together; encoder and encoding, position and positive do not.

A stemmer alone throws too much together. Two words are one here if their stems agree and their endings are of one
sort: those of a verb and the noun of its action, or an adverb beside its adjective.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final, Protocol

_ACTION: Final = frozenset(
    {"", "e", "s", "es", "ed", "d", "ing", "ings", "ion", "ions", "ation", "ations", "y", "ies", "ied", "ying"}
    | {"ication", "ications"}
)  # fmt: skip
_IZE: Final = frozenset({"ize", "izes", "ized", "izing", "ization", "izations"})
_ATE: Final = frozenset({"ate", "ates", "ated", "ating", "ation", "ations"})
_FAMILIES: Final = (
    "add addition", "omit omission", "emit emission", "admit admission", "permit permission", "transmit transmission",
    "convolve convolution", "resolve resolution", "solve solution", "evolve evolution", "multiply multiplication",
    "apply application", "imply implication", "classify classification", "quantify quantification",
    "modify modification", "unify unification", "verify verification", "identify identification", "divide division",
    "decide decision", "expand expansion", "extend extension", "comprehend comprehension", "invert inversion",
    "convert conversion", "revise revision", "reduce reduction", "deduce deduction", "produce production",
    "describe description", "perceive perception", "receive reception", "subscribe subscription",
    "corrupt corruption", "absorb absorption", "diverge divergence", "converge convergence", "differ difference",
    "infer inference", "refer reference", "occur occurrence", "exist existence", "depend dependence",
    "perform performance", "guide guidance", "choose choice", "lose loss", "sum summation", "grow growth",
    "know knowledge", "replace replacement", "measure measurement", "align alignment", "displace displacement",
    "enhance enhancement", "move movement", "agree agreement", "compare comparison", "remove removal",
    "explain explanation", "embedding embed", "attend attention", "retrieve retrieval", "distill distillation",
    "dispose disposal", "approve approval", "treat treatment", "argue argument", "weigh weighting",
    "maintain maintenance", "repeat repetition", "compete competition",
)  # fmt: skip
"""A verb and the noun of what it does, where the spelling hides that they belong together."""
_VERBS: Final = {noun: verb for verb, noun in map(str.split, _FAMILIES)}
_STRANGERS: Final = frozenset(
    {"mean", "meaning", "hard", "hardly", "late", "lately", "near", "nearly", "bare", "barely", "scarce", "scarcely",
     "like", "likely", "even", "evening", "most", "mostly", "set", "setting", "build", "building", "time", "timely"}
)  # fmt: skip
"""Words whose other forms mean something else."""
_IRREGULAR: Final = {
    "matrices": "matrix", "vertices": "vertex", "indices": "index", "axes": "axis", "analyses": "analysis",
    "hypotheses": "hypothesis", "bases": "basis", "criteria": "criterion", "phenomena": "phenomenon",
    "feet": "foot", "men": "man", "women": "woman", "children": "child", "spectra": "spectrum", "maxima": "maximum",
    "minima": "minimum", "optima": "optimum", "corpora": "corpus", "halves": "half", "shelves": "shelf",
    "leaves": "leaf", "lives": "life", "movies": "movie", "series": "series", "species": "species", "lens": "lens",
    "lenses": "lens", "bias": "bias", "biases": "bias", "gas": "gas", "canvas": "canvas", "canvases": "canvas",
    "atlas": "atlas", "alias": "alias", "aliases": "alias", "buses": "bus", "news": "news", "physics": "physics",
    "always": "always", "perhaps": "perhaps", "data": "data",
}  # fmt: skip


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...


def singular(word: str) -> str:
    """The singular of a plural noun in lower case; any other word as it is."""
    if found := _IRREGULAR.get(word):
        return found
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=4096)
def is_form_of(word: str, other: str) -> bool:
    """True if two words in lower case are forms of one: adding, added and addition; independent and independently."""
    if word == other:
        return True
    if not (word.isascii() and word.isalpha() and other.isascii() and other.isalpha()):
        return False
    if min(len(word), len(other)) < 3 or {word, other} & _STRANGERS:
        return False
    if _is_adverb_of(word, other) or _is_adverb_of(other, word):
        return True
    (stem, ending), (other_stem, other_ending) = _parted(word), _parted(other)
    return stem == other_stem and any({ending, other_ending} <= endings for endings in (_ACTION, _IZE, _ATE))


def _is_adverb_of(word: str, adjective: str) -> bool:
    return word in {f"{adjective}ly", f"{adjective}ally", f"{adjective[:-1]}ly", f"{adjective[:-1]}ily"} and (
        word == f"{adjective}ly" or adjective.endswith(("le", "y", "ic"))
    )


def shares_stem(word: str, other: str) -> bool:
    """True if two words in lower case come from one root, whatever they mean: denoiser and denoised."""
    return _parted(word)[0] == _parted(other)[0]


@lru_cache(maxsize=4096)
def _parted(word: str) -> tuple[str, str]:
    """The stem, the same for a whole family, and the ending that follows it."""
    if verb := _VERBS.get(singular(word)):
        return _stemmer().stemWord(verb), ""
    stem = _stemmer().stemWord(word)
    shared = 0
    while shared < min(len(stem), len(word)) and stem[shared] == word[shared]:
        shared += 1
    ending = word[shared:]
    if len(ending) > 1 and shared and ending[0] == word[shared - 1] and ending[1:] in ("ed", "ing", "er", "ers"):
        ending = ending[1:]
    return stem, ending


@cache
def _stemmer() -> _Stemmer:
    import snowballstemmer  # type: ignore[import-untyped]

    found: _Stemmer = snowballstemmer.stemmer("english")
    return found


def is_english(word: str) -> bool:
    """True for one of some 80,000 common English words in lower case, plurals and verb forms among them."""
    return word in _english()


@cache
def _english() -> frozenset[str]:
    """The words of SymSpell's English list. It takes 30 ms, once, and only when a slip is about to be forgiven."""
    from importlib import resources

    path = resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    return frozenset(line.split(" ", 1)[0] for line in path.read_text(encoding="utf-8-sig").splitlines())
