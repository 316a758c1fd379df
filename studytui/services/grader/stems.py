"""The stem of an English word: cut, cuts, cutting and flatten, flattened, flattening fall together."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_IRREGULAR: Final = {
    "learnt": "learn", "taught": "teach", "saw": "see", "seen": "see", "sees": "see", "lost": "lose", "loses": "lose",
    "losing": "lose", "kept": "keep", "made": "make", "making": "make", "found": "find", "drew": "draw", "drawn": "draw",
    "drove": "drive", "driven": "drive", "fed": "feed", "held": "hold", "hidden": "hide", "hid": "hide", "broke": "break",
    "broken": "break", "froze": "freeze", "frozen": "freeze", "freezing": "freeze", "grew": "grow", "grown": "grow",
    "growth": "grow", "knew": "know", "known": "know", "shown": "show", "thrown": "throw", "threw": "throw",
    "told": "tell", "thought": "think", "understood": "understand", "chose": "choose", "chosen": "choose",
    "choosing": "choose", "brought": "bring", "fell": "fall", "fallen": "fall", "rose": "rise", "risen": "rise",
    "sought": "seek", "built": "build", "spent": "spend", "paid": "pay", "went": "go", "gone": "go", "wrote": "write",
    "written": "write", "ate": "eat", "forgot": "forget", "forgotten": "forget", "swept": "sweep", "split": "split",
    "splitting": "split", "men": "man", "people": "people", "women": "woman", "feet": "foot", "data": "data",
    "indices": "index", "indexes": "index", "matrices": "matrix", "vertices": "vertex", "axes": "axis",
    "analyses": "analysis", "hypotheses": "hypothesis", "bases": "basis", "children": "child", "worse": "worse",
    "loss": "loss", "losses": "loss", "bias": "bias", "biases": "bias", "class": "class", "classes": "class",
    "pass": "pass", "passes": "pass", "gas": "gas", "canvas": "canvas", "process": "process", "processing": "process",
    "processes": "process", "access": "access", "lens": "lens", "lenses": "lens", "focus": "focus", "physics": "physics",
    "semantics": "semantic", "during": "during", "string": "string", "thing": "thing", "bring": "bring", "king": "king",
    "ring": "ring", "spring": "spring", "need": "need", "needs": "need", "needed": "need", "speed": "speed",
    "speeds": "speed", "seed": "seed", "feed": "feed", "indeed": "indeed", "red": "red", "bed": "bed", "hundred": "hundred",
    "embed": "embed", "embedded": "embed", "embeds": "embed", "embedding": "embed", "embeddings": "embed",
    "modelling": "model", "modelled": "model", "labelling": "label", "labelled": "label", "does": "do", "is": "is",
    "was": "was", "has": "have", "had": "have", "this": "this", "its": "its", "us": "us", "less": "less", "unless": "unless",
    "always": "always", "perhaps": "perhaps", "whereas": "whereas", "across": "across", "various": "various",
    "previous": "previous", "continuous": "continuous", "generation": "generat", "generator": "generator",
    "discriminator": "discriminator", "caption": "caption", "captions": "caption", "captioning": "caption",
    "captioned": "caption", "token": "token", "tokens": "token", "attention": "attention", "motion": "motion",
    "position": "position", "positions": "position", "positional": "position", "station": "station",
    "function": "function", "functions": "function", "question": "question", "questions": "question",
    "region": "region", "regions": "region", "vision": "vision", "visual": "visual", "resolution": "resolution",
    "resolutions": "resolution", "linear": "linear", "linearly": "linear", "likely": "likely", "only": "only",
    "early": "early", "family": "family", "reply": "reply", "replies": "reply", "apply": "apply", "multiply": "multiply",
    "multiplies": "multiply", "multiplied": "multiply", "supply": "supply", "rely": "rely", "relies": "rely",
    "relied": "rely", "untouched": "untouched", "better": "better", "best": "best", "bigger": "big", "biggest": "big",
    "larger": "large", "largest": "large", "smaller": "small", "smallest": "small", "higher": "high", "highest": "high",
    "lower": "low", "lowest": "low", "faster": "fast", "fastest": "fast", "slower": "slow", "cheaper": "cheap",
    "cheapest": "cheap", "costlier": "costly", "dearer": "dear", "harder": "hard", "hardest": "hard", "easier": "easy",
    "sharper": "sharp", "longer": "long", "longest": "long", "shorter": "short", "stronger": "strong", "weaker": "weak",
    "nearer": "near", "nearest": "near", "closer": "close", "closest": "close", "farther": "far", "further": "far",
    "finer": "fine", "coarser": "coarse", "noisier": "noise", "noisy": "noise", "noise": "noise",
    "noises": "noise", "noised": "noise", "noising": "noise", "used": "use", "using": "use", "uses": "use", "clearer": "clear", "richer": "rich",
}  # fmt: skip
_ENDINGS: Final = (
    ("encies", "ent"), ("ency", "ent"), ("ences", "ent"), ("ence", "ent"), ("arities", "ar"), ("arity", "ar"),
    ("isations", "iz"), ("izations", "iz"), ("isation", "iz"), ("ization", "iz"), ("ational", "at"),
    ("fulness", "ful"), ("iveness", "iv"), ("ousness", "ous"), ("ations", "at"), ("ation", "at"), ("ising", "iz"),
    ("izing", "iz"), ("ised", "iz"), ("ized", "iz"), ("ises", "iz"), ("izes", "iz"), ("ise", "iz"), ("ize", "iz"),
    ("ating", "at"), ("ated", "at"), ("ates", "at"), ("ate", "at"), ("ments", ""), ("ment", ""), ("nesses", ""),
    ("ness", ""), ("ability", "abl"), ("abilities", "abl"), ("ably", "abl"), ("able", ""), ("tions", "t"), ("tion", "t"),
    ("sions", "s"), ("sion", "s"), ("ively", ""), ("ive", ""), ("ically", "ic"), ("ally", "al"), ("edly", ""), ("ingly", ""),
    ("ily", "y"), ("ly", ""), ("ings", ""), ("ing", ""), ("ied", "y"), ("ies", "y"), ("ed", ""), ("sses", "ss"),
    ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("zes", "z"), ("s", ""),
)  # fmt: skip
_VOWELS: Final = frozenset("aeiouy")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a lower-case word; words of three letters or fewer and acronyms with digits stay as they are."""
    if found := _IRREGULAR.get(word):
        return _closed(found, doubled=False)
    if len(word) <= 3 or not word.isalpha():
        return word
    for ending, put in _ENDINGS:
        if not word.endswith(ending):
            continue
        root = word[: len(word) - len(ending)]
        if ending == "s" and word.endswith(("ss", "us", "is")):
            break
        if len(root) + len(put) < 3 or not _VOWELS & set(root + put):
            continue
        return _closed(root + put, doubled=ending in ("ing", "ings", "ed"))
    return _closed(word, doubled=False)


def _closed(root: str, *, doubled: bool) -> str:
    """Without the mute e and the doubled consonant that an ending brought or took."""
    if doubled and len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeiouslz":
        root = root[:-1]
    if root.endswith("ie"):
        root = root[:-2] + "y"
    return root[:-1] if len(root) > 3 and root.endswith("e") else root
