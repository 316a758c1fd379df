"""What the field calls things: abbreviations and their long forms, spellings of two continents, Greek letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple, Protocol, TypeAlias

_SAME: Final = (
    "llm | large language model",
    "vlm | vision language model",
    "lmm | large multimodal model",
    "mllm | multimodal large language model",
    "vit | vision transformer",
    "dit | diffusion transformer",
    "cnn | convolutional neural network | convolutional network | convnet | conv net",
    "rnn | recurrent neural network",
    "gan | generative adversarial network",
    "vae | variational autoencoder",
    "mae | masked autoencoder",
    "mlp | multilayer perceptron | multi layer perceptron",
    "ddpm | denoising diffusion probabilistic model",
    "ddim | denoising diffusion implicit model",
    "cfg | classifier free guidance",
    "clip | contrastive language image pretraining",
    "nlp | natural language processing",
    "ocr | optical character recognition",
    "mse | mean squared error",
    "snr | signal to noise ratio | signal to noise | signal noise ratio | s / n",
    "psnr | peak signal to noise ratio",
    "ssim | structural similarity index",
    "fid | fréchet inception distance",
    "fvd | fréchet video distance",
    "fréchet | frechet",
    "naïve | naive",
    "poincaré | poincare",
    "rényi | renyi",
    "iou | intersection over union",
    "elbo | evidence lower bound",
    "sgd | stochastic gradient descent",
    "ema | exponential moving average",
    "lora | low rank adaptation",
    "rlhf | reinforcement learning from human feedback",
    "sft | supervised fine tuning",
    "rope | rotary position embedding",
    "bert | bidirectional encoder representations from transformers",
    "q former | querying transformer",
    "ood | out of distribution",
    "roi | region of interest",
    "t2i | text to image",
    "t2v | text to video",
    "kl | kullback leibler",
    "cls | class",
    "class token | cls token | classification token | class embedding | cls embedding",
    "iid | i i d | independent and identically distributed",
    "conv | convolution | convolutional",
    "2d | 2 d | 2 dimensional",
    "3d | 3 d | 3 dimensional",
    "px | pixel",
    "sqrt | square root",
    "per cent | percent",
)
"""Ways to say one thing, each in folded words."""
_NARROWER: Final = {
    "language model": ("large language model", "llm", "pretrained language model"),
    "neural network": ("deep neural network",),
    "encoder": ("pretrained encoder",),
    "vision encoder": ("pretrained vision encoder",),
}
"""A term and longer ones that say the same with a word that does no harm; the term does not stand for them."""

BRITISH: Final = {
    "colour": "color", "favour": "favor", "behaviour": "behavior", "neighbour": "neighbor", "labour": "labor",
    "honour": "honor", "humour": "humor", "flavour": "flavor", "vapour": "vapor", "rigour": "rigor", "odour": "odor",
    "rumour": "rumor", "tumour": "tumor", "vigour": "vigor", "harbour": "harbor", "armour": "armor",
    "neighbourhood": "neighborhood", "neighbouring": "neighboring", "coloured": "colored", "favourite": "favorite",
    "centre": "center", "centred": "centered", "metre": "meter", "fibre": "fiber", "litre": "liter",
    "theatre": "theater", "grey": "gray", "greyscale": "grayscale", "defence": "defense", "offence": "offense",
    "licence": "license", "catalogue": "catalog", "dialogue": "dialog", "analogue": "analog", "programme": "program",
    "artefact": "artifact", "judgement": "judgment", "ageing": "aging", "sceptical": "skeptical", "mould": "mold",
    "plough": "plow", "tyre": "tire", "kerb": "curb", "fulfil": "fulfill", "skilful": "skillful",
}  # fmt: skip
ENDINGS: Final = (
    ("isation", "ization"), ("isational", "izational"), ("isable", "izable"), ("ising", "izing"), ("ised", "ized"),
    ("iser", "izer"), ("ise", "ize"), ("ysing", "yzing"), ("ysed", "yzed"), ("yse", "yze"), ("elled", "eled"),
    ("elling", "eling"), ("eller", "eler"),
)  # fmt: skip
"""British endings and the American ones that words are compared with."""

NUMBERS: Final = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip

GREEK: Final = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
"""Letters that a keyboard lacks, and the names people type for them."""
MARKS: Final = {"\u0304": "bar", "\u0305": "bar", "\u0302": "hat", "\u0303": "tilde", "\u0307": "dot"}
"""What stands over a letter of a formula, and the word typed behind it."""


def _both_ways() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    found: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    for row in _SAME:
        ways = [tuple(way.split()) for way in row.split(" | ")]
        for way in ways:
            found[way] = (*found.get(way, ()), *(other for other in ways if other != way))
    for term, longer in _NARROWER.items():
        way = tuple(term.split())
        found[way] = (*found.get(way, ()), *(tuple(other.split()) for other in longer))
    return found


OTHER_WAYS: Final = _both_ways()
"""For a term, as folded words, the other ways to say it."""
LONGEST_TERM: Final = max(map(len, OTHER_WAYS))


# Forms of one English word: cut, cuts, cutting fall together; encoder and encoding, position and positive do not


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
def stem_of(word: str) -> str:
    """What the forms of a word have in common: denois for denoised and denoising."""
    return _stemmer().stemWord(word)


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


# Whether two spellings mean the same short answer


SHORTEST_WITH_SLIP: Final = 5
"""Below this length one changed letter makes another word (GAN, VAN), so no slip is forgiven."""
LONGEST_READ: Final = 400
"""Characters compared at most; no blank needs more."""
LONGEST_SURROUNDING: Final = 6
"""Words on either side of a blank that may be typed along."""
_MOST_WAYS: Final = 16

_INVISIBLE: Final = re.compile(
    r"[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_DASH: Final = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_RAISED: Final = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+")
_EXPONENT: Final = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)[eE]([+-]?\d+)(?!\w)")
_VULGAR: Final = re.compile(r"(?<=\d)(?=[¼½¾⅐-⅞])")
_WRAPPED: Final = re.compile(r"\s*(\*\*|[*_`$]|\$\$)(?=\S)(.+?)(?<=\S)\1\s*", re.DOTALL)
_TEX: Final = (
    (re.compile(r"_\{([^{}]*)\}"), r"_\1"),
    (re.compile(r"\\(?:d|t)?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"(\1)/(\2)"),
    (re.compile(r"\\sqrt\s*"), "√"),
    (re.compile(r"\\(?:times|cdot)\b"), "*"),
    (re.compile(r"\\(?:leq?|leqslant)\b"), "≤"),
    (re.compile(r"\\(?:geq?|geqslant)\b"), "≥"),
    (re.compile(r"\\neq?\b"), "≠"),
    (re.compile(r"\\approx\b"), "≈"),
    (re.compile(r"\\(?:to|rightarrow)\b"), "→"),
    (re.compile(r"\\(?:left|right|mathrm|text|hat|bar|mathbf)(?![a-zA-Z])"), " "),
    (re.compile(r"\\(?=[a-zA-Z{}])"), " "),
)
_ALIKE: Final = (
    ("+/-", "±"), ("+-", "±"),
    ("<=>", "⇔"), ("<->", "↔"), ("<--", "←"), ("<-", "←"), ("==>", "⇒"), ("-->", "→"), ("->", "→"), ("⟶", "→"),
    ("⟵", "←"), ("➔", "→"), ("➜", "→"), ("<=", "≤"), ("=<", "≤"), ("⩽", "≤"), ("≦", "≤"), (">=", "≥"), ("⩾", "≥"),
    ("≧", "≥"), ("=>", "⇒"), ("!=", "≠"), ("/=", "≠"), ("<>", "≠"), ("~=", "≈"), ("≅", "≈"), ("≃", "≈"),
    ("**", "^"), ("×", "*"), ("∗", "*"), ("⋅", "*"), ("✕", "*"), ("⨯", "*"), ("÷", "/"), ("\u2044", "/"), ("∕", "/"),
    ("∶", ":"), ("∼", "~"), ("¬", "!"), ("∣", "|"),
)  # fmt: skip
"""Signs typed on a keyboard or taken from another block, and the one they are compared as; the longer ones first."""
_TIMES: Final = (
    re.compile(r"(?<=\d)(?:\s*[xX]\s*|-[xX*]-)(?=\d)"),
    re.compile(r"(?:(?<![^\W_][^\W_])(?<=[^\W_])|(?<=[\d)]))\s+[xX]\s+(?=[\d(]|[^\W_](?![^\W_]))"),
)
_LETTERS_BY_X: Final = re.compile(r"(?<![\w.])(?:[^\W\d_xX]|\d{1,9})(?:[xX](?:[^\W\d_xX]|\d{1,9}))+(?![\w.])")
_ARTICLES: Final = frozenset({"a", "an"})
_ASCII_SIGNS: Final = frozenset("-*/%#!~^&@\\|=<>+:")
_SOFT: Final = frozenset("`´¨¸_")
_BRACKETS: Final = {"(": "(", "[": "(", "{": "(", ")": ")", "]": ")", "}": ")"}
_VERSION: Final = re.compile(r"v?\d{1,2}(?:\.\d{1,2})?")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
_STOP: Final = re.compile(r"[.;:?!,](?=\s|$)|\n\s*\n")
_MARKUP: Final = re.compile(r"(?<![^\W_])[*_`$]+|[*_`$]+(?![^\W_])")
_SPOKEN: Final = tuple(
    sorted(
        (
            (tuple(words.split()), tuple(signs.split()))
            for words, signs in (
                ("square root of", "√"), ("square root", "√"), ("root of", "√"), ("sqrt of", "√"), ("sqrt", "√"),
                ("greater than or equal to", "≥"), ("larger than or equal to", "≥"), ("at least", "≥"),
                ("less than or equal to", "≤"), ("smaller than or equal to", "≤"), ("at most", "≤"),
                ("greater than", ">"), ("larger than", ">"), ("more than", ">"), ("less than", "<"),
                ("smaller than", "<"), ("fewer than", "<"), ("not equal to", "≠"), ("is equal to", "="),
                ("equal to", "="), ("equals", "="), ("approximately equal to", "≈"), ("plus", "+"), ("minus", "-"),
                ("negative", "-"), ("times", "*"), ("multiplied by", "*"), ("divided by", "/"), ("over", "/"),
                ("squared", "^ 2"), ("cubed", "^ 3"), ("to the power of", "^"), ("percent", "%"), ("per cent", "%"),
                ("factorial", "!"), ("implies", "⇒"), ("infinity", "∞"), ("by", "*"),
            )
        ),
        key=lambda pair: -len(pair[0]),
    )
)  # fmt: skip
"""Formulas said in words; read so only where the other spelling holds signs."""
_MIRRORED: Final = {">": "<", "≥": "≤"}
_PREFIXES: Final = (("", "a"), ("un", "in"), ("de", "re"), ("dis", "mis"), ("micro", "macro"), ("intra", "infra"))
"""Beginnings one letter apart that turn a word into its opposite or into another."""


class Token(NamedTuple):
    """A word, folded and as it was typed, or a sign that carries meaning."""

    text: str
    raw: str
    is_sign: bool = False


Tokens: TypeAlias = tuple[Token, ...]


def fold(text: str) -> str:
    """The words of a text in one form: lower case, no punctuation, hyphens as spaces, singular, no article."""
    while True:
        words = [token.text for token in _scan(text) if not token.is_sign]
        while len(words) > 1 and words[0] in (*_ARTICLES, "the"):
            words = words[1:]
        if (folded := " ".join(words)) == text:
            return folded
        text = folded


def is_something(text: str) -> bool:
    """True if anything visible stands there that could be an answer."""
    return bool(_bare(text))


def same(answer: str, accepted: Iterable[str], *, before: str = "", after: str = "") -> bool:
    """True if the answer means one of the accepted spellings in the sentence that goes on round it.

    `before` and `after` are the texts on either side of the blank; what of them was typed along does not count. Two
    ways to say it at once ("KL (Kullback-Leibler)", "image/picture") are right if each is.
    """
    accepted = tuple(accepted)
    if _is_one_of(answer, accepted, before, after):
        return True
    parts = [part for part in re.split(r"[/,()]|\bor\b", answer[:LONGEST_READ]) if part.strip(" .")]
    return len(parts) > 1 and all(_is_one_of(part, accepted, before, after) for part in parts)


def one_slip(
    answer: str,
    accepted: Iterable[str],
    *,
    before: str = "",
    after: str = "",
    is_word: Callable[[str], bool] = is_english,
) -> str:
    """The accepted spelling the answer misses by one letter (changed, left out, added or swapped), or ''.

    A slip is none if it makes a word, as `is_word` knows them in lower case, another form of the word, its opposite by
    a prefix, or another name.
    """
    before_words, after_words = _around(before, after)
    typed = _scan(answer[:LONGEST_READ])
    if any(token.is_sign for token in typed):
        return ""
    for spelling in accepted:
        for number, meant in enumerate(_ways(spelling)):
            for ours in _left_out(typed, before_words, after_words):
                for theirs in _left_out(meant, before_words, after_words):
                    if _is_slip_of(ours, theirs, is_word, is_own=number == 0):
                        return spelling
    return ""


def is_one_letter_off(word: str, other: str) -> bool:
    """True if one letter (changed, left out, added or swapped) makes one lower-case word of the other by a slip.

    Not for short words, nor where the letter makes another form of the word or a prefix that turns its meaning.
    """
    if min(len(word), len(other)) < SHORTEST_WITH_SLIP or not (word + other).isascii() or not (word + other).isalpha():
        return False
    return (
        word != other and _within_one(word, other) and not _changes_prefix(word, other) and not shares_stem(word, other)
    )


def _is_one_of(answer: str, accepted: Sequence[str], before: str, after: str) -> bool:
    typed = _scan(answer[:LONGEST_READ])
    before_words, after_words = _around(before, after)
    for spelling in accepted:
        if _has_product(spelling) != _has_product(answer):
            typed, spelling = _scan(_with_products(answer[:LONGEST_READ])), _with_products(spelling)  # noqa: PLW2901
        if not _scan(spelling):
            if _bare(answer[:LONGEST_READ]) == _bare(spelling) != "":
                return True
            continue
        for meant in _ways(spelling):
            for ours in _left_out(typed, before_words, after_words):
                if any(_mean_the_same(ours, theirs) for theirs in _left_out(meant, before_words, after_words)):
                    return True
    return False


def _has_product(text: str) -> bool:
    return any(token.text == "*" for token in _scan(text[:LONGEST_READ]))


def _with_products(text: str) -> str:
    """A text with the x between single letters or digits as a times sign: HxWx3."""
    return _LETTERS_BY_X.sub(lambda found: re.sub("[xX]", "*", found[0]), text)


def _mean_the_same(ours: Tokens, theirs: Tokens) -> bool:
    if not ours or not theirs:
        return False
    if any(token.is_sign for token in (*ours, *theirs)):
        return _formula(ours) == _formula(theirs)
    typed, meant = [token.text for token in ours], [token.text for token in theirs]
    joined, whole = _text(ours), _text(theirs)
    if joined == whole or _is_version_of(joined, whole, theirs) or _raw(ours) == _raw(theirs):
        return True
    if len(typed) == len(meant):
        return all(map(is_form_of, typed, meant))
    return is_form_of(joined, whole) or joined == _initials(meant)


def _initials(words: Sequence[str]) -> str:
    """The abbreviation that people make of a term of three words or more; '' of a shorter one."""
    return "".join(word[0] for word in words) if len(words) > 2 else ""


def _raw(tokens: Tokens) -> str:
    return _run_together(token.raw.casefold() for token in tokens)


def _is_version_of(joined: str, whole: str, theirs: Tokens) -> bool:
    """True for a name with a number behind it (Sora 2), where the accepted name has none."""
    is_name = theirs[0].raw[:1].isupper() and not any(map(str.isdigit, whole))
    return is_name and joined.startswith(whole) and _VERSION.fullmatch(joined[len(whole) :]) is not None


# Tokens ---------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def _scan(text: str) -> Tokens:
    """The words of a text and the signs in it that carry meaning, in order."""
    pieces = _pieces(_prepared(text))
    found = []
    for at, (piece, spaced) in enumerate(pieces):
        if _is_word_character(piece[0]):
            found.append(Token(_canonical(piece), piece))
        elif piece == "&":
            found.append(Token("and", "and"))
        elif piece in _BRACKETS or _carries_meaning(pieces, at, spaced):
            sign = "*" if piece == "·" else piece
            found.append(Token(sign, sign, is_sign=True))
    if all(token.text in _BRACKETS for token in found if token.is_sign):
        found = [token for token in found if not token.is_sign]
    if len(found) > 1 and found[0].text == "=" and not found[1].is_sign:
        del found[0]
    return tuple(found)


def _prepared(text: str) -> str:
    text = _INVISIBLE.sub("", text).strip()
    while wrapped := _WRAPPED.fullmatch(text):
        text = wrapped[2]
    for pattern, put in _TEX if "\\" in text or "_{" in text else ():
        text = pattern.sub(put, text)
    text = _VULGAR.sub(" ", _RAISED.sub(lambda raised: f"^{raised[0]}", text))
    text = _DASH.sub("-", unicodedata.normalize("NFKC", text))
    text = _EXPONENT.sub(lambda found: ("" if found[1] == "1" else f"{found[1]}*") + f"10^{found[2]}", text)
    for sign, put in _ALIKE:
        text = text.replace(sign, put)
    for pattern in _TIMES:
        text = pattern.sub("*", text)
    return text


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Runs of letters and digits, and single signs, each with whether a space stands before it."""
    found: list[tuple[str, bool]] = []
    word, spaced = "", False
    for at, character in enumerate(text):
        between_digits = character in ".," and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
        if _is_word_character(character) or (between_digits and word):
            word += character
            continue
        if word:
            found.append((word, spaced))
            word, spaced = "", False
        if character.isspace():
            spaced = True
        elif character not in "'’‘ʼ" or not text[at - 1 : at].isalpha():
            found.append((_BRACKETS.get(character, character), spaced))
            spaced = False
        elif text[at + 1 : at + 2].isalpha():
            word, spaced = found.pop()
    if word:
        found.append((word, spaced))
    return found


@lru_cache(maxsize=1024)
def _is_word_character(character: str) -> bool:
    """Letters, digits and the marks that combine with them: in many scripts a vowel is a mark."""
    return unicodedata.category(character)[0] in "LMN"


def _carries_meaning(pieces: Sequence[tuple[str, bool]], at: int, spaced: bool) -> bool:
    """True unless the sign at `at` is punctuation, a hyphen, or a mark before a number that means nothing."""
    sign = pieces[at][0]
    left = pieces[at - 1][0] if at else ""
    right, apart = pieces[at + 1] if at + 1 < len(pieces) else ("", False)
    match sign:
        case "-":
            within_word = at > 2 and pieces[at - 2][0] in "-·" and len(pieces[at - 3][0]) > 1
            return not (within_word and not spaced) and _is_minus(left, right, spaced=spaced or apart)
        case "·":
            return _is_operand(left) and _is_operand(right)
        case "/":
            return not (len(left) > 2 < len(right) and left.isalpha() and right.isalpha())
        case "!":
            return _is_operand(left) or left == ")" or (bool(right) and not apart and not left)
        case "~" | "≈" | "#":
            return not (right[:1].isdigit() and not _is_operand(left))
        case ":":
            return left[-1:].isdigit() and right[:1].isdigit()
        case "<" | ">":
            tag = [piece for piece, _ in pieces]
            return not (len(tag) == 3 and tag[0] == "<" and tag[2] == ">")
        case _ if sign in _SOFT:
            return False
        case _ if sign in _ASCII_SIGNS:
            return True
    category = unicodedata.category(sign)
    arrow = "\u2190" <= sign <= "\u21ff" or "\u27f0" <= sign <= "\u27ff" or "\u2900" <= sign <= "\u297f"
    return category in ("Sm", "Sc") or (category == "So" and (arrow or sign == "°"))


def _is_operand(piece: str) -> bool:
    """A number, or a single letter as formulas have them."""
    letters = [character for character in piece if unicodedata.category(character)[0] != "M"]
    return bool(letters) and (piece[0].isdigit() or (len(letters) == 1 and letters[0].isalpha()))


def _is_minus(left: str, right: str, *, spaced: bool) -> bool:
    """A minus stands before a number or between two operands; any other dash joins or parts words."""
    if not left or left in "(=<>≤≥≠≈+*/^→⇒|,":
        return right[:1].isdigit() or right == "√" or (_is_operand(right) and not spaced)
    if left == ")":
        return bool(right)
    if not (_is_operand(left) or left[-1].isdigit()) or not (_is_operand(right) or right in ("(", "√")):
        return False
    if right.casefold() == "d" and left.isdigit() and not spaced:
        return False
    return spaced or not (left.isalpha() and left.isupper() and right.isalpha() and right.isupper())


@lru_cache(maxsize=4096)
def _canonical(word: str) -> str:
    """One form for a word: lower case, singular, American, digits for a small number, a name for a Greek letter."""
    word = unicodedata.normalize("NFKC", word.casefold())
    if _THOUSANDS.fullmatch(word):
        return word.replace(",", "")
    word = _spelled_out(word)
    while True:
        once = singular(word)
        once = BRITISH.get(once, once)
        once = next((once[: -len(a)] + b for a, b in ENDINGS if once.endswith(a) and len(once) > len(a)), once)
        once = NUMBERS.get(once, once)
        if once == word:
            return word
        word = once


def _spelled_out(word: str) -> str:
    """Greek letters of a formula by their names, and what stands over a letter behind it."""
    parts = unicodedata.normalize("NFD", word)
    if len(parts) > 3 or not any(part in GREEK or part in MARKS for part in parts) or parts[0] in MARKS:
        return word
    return "".join(GREEK.get(part) or MARKS.get(part) or part for part in parts)


def _bare(text: str) -> str:
    """Every sign of a text that holds no word."""
    return "".join(_prepared(text).split())


@lru_cache(maxsize=1024)
def _ways(spelling: str) -> tuple[Tokens, ...]:
    """An accepted spelling, and the same with its abbreviations written out and its long forms abbreviated."""
    found = [_scan(spelling)]
    for tokens in found:
        for start in range(len(tokens)):
            for end in range(start + 1, min(len(tokens), start + LONGEST_TERM) + 1):
                for other in _other_ways().get(tuple(token.text for token in tokens[start:end]), ()):
                    put = tuple(Token(_canonical(word), word, is_sign=not word[0].isalnum()) for word in other)
                    way = (*tokens[:start], *put, *tokens[end:])
                    if way not in found and len(found) < _MOST_WAYS:
                        found.append(way)
    return tuple(found)


@cache
def _other_ways() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The field's terms, as the words of a spelling are folded."""
    return {tuple(map(_canonical, way)): others for way, others in OTHER_WAYS.items()}


# The sentence round a blank -------------------------------------------------------------------------------------------


def _around(before: str, after: str) -> tuple[Tokens, Tokens]:
    """The words of the same clause just before and just after a blank."""
    before, after = _MARKUP.sub("", before), _MARKUP.sub("", after)
    return (
        _without_articles(_scan(_STOP.split(before)[-1][-LONGEST_READ:]))[-LONGEST_SURROUNDING:],
        _without_articles(_scan(_STOP.split(after)[0][:LONGEST_READ]))[:LONGEST_SURROUNDING],
    )


def _left_out(tokens: Tokens, before: Tokens, after: Tokens) -> Iterator[Tokens]:
    """The tokens as they are, and without those at either end that repeat what stands there anyway."""
    tokens = _without_articles(tokens)
    ahead = {_text(before[at:]) for at in range(len(before) + 1)}
    behind = {_text(after[:at]) for at in range(len(after) + 1)}
    starts = [count for count in range(len(tokens) + 1) if _text(tokens[:count]) in ahead]
    ends = [count for count in range(len(tokens) + 1) if _text(tokens[len(tokens) - count :]) in behind]
    for start in starts:
        for end in ends:
            if start + end < len(tokens) or not tokens:
                yield tokens[start : len(tokens) - end]


def _text(tokens: Tokens) -> str:
    return _run_together([token.text for token in tokens])


def _run_together(words: Iterable[str]) -> str:
    """Words without the blanks between them; between two numbers one is left: 1 2 is not 12."""
    text = ""
    for word in words:
        text += f" {word}" if text[-1:].isdigit() and word[:1].isdigit() else word
    return text


def _without_articles(tokens: Tokens) -> Tokens:
    """Without “the”, and without “a” before a word; in a formula a is a letter like any other."""
    in_formula = any(token.is_sign for token in tokens)
    kept = tuple(
        token
        for token, following in zip(tokens, (*tokens[1:], None), strict=False)
        if token.text != "the"
        and not (token.text in _ARTICLES and not in_formula and following is not None and len(following.text) > 1)
    )
    return kept or tokens


# Formulas -------------------------------------------------------------------------------------------------------------


def _formula(tokens: Tokens) -> str:
    """One form of a formula, the words for its signs read as signs."""
    symbols = _with_signs([token.text if token.is_sign else token.raw.casefold() for token in tokens])
    symbols = [symbol if not _is_word_character(symbol[0]) else _canonical(symbol) for symbol in symbols]
    text = " ".join(_without_needless_brackets(symbols))
    for operator in (">", "≥"):
        left, found, right = text.partition(f" {operator} ")
        if found and not any(sign in left + right for sign in "<>≤≥"):
            text = f"{right} {_MIRRORED[operator]} {left}"
    text = re.sub(r"(?<=\d) \* (?=[^\W\d_])", " ", text)
    text = re.sub(r"\^ (?:0\.5|1 / 2)$", "√", text)
    if text.endswith(" √"):
        text = f"√ {text[:-2]}"
    return text.replace(" ", "")


def _without_needless_brackets(symbols: list[str]) -> list[str]:
    """Without brackets round the whole, and round one symbol that no function stands before."""
    while symbols[:1] == ["("] and _closing(symbols, 0) == len(symbols) - 1:
        symbols = symbols[1:-1]
    at = 0
    while at < len(symbols):
        is_argument = at and _is_word_character(symbols[at - 1][0])
        if symbols[at] == "(" and not is_argument and symbols[at + 2 : at + 3] == [")"]:
            symbols = [*symbols[:at], symbols[at + 1], *symbols[at + 3 :]]
        at += 1
    return symbols


def _closing(symbols: Sequence[str], start: int) -> int:
    depth = 0
    for at in range(start, len(symbols)):
        depth += (symbols[at] == "(") - (symbols[at] == ")")
        if depth == 0:
            return at
    return -1


def _with_signs(symbols: list[str]) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(symbols):
        for words, signs in _SPOKEN:
            if tuple(symbols[at : at + len(words)]) == words and (words != ("by",) or _between_numbers(symbols, at)):
                found += signs
                at += len(words)
                break
        else:
            found.append(symbols[at])
            at += 1
    return found


def _between_numbers(symbols: Sequence[str], at: int) -> bool:
    return symbols[max(0, at - 1)][-1:].isdigit() and "".join(symbols[at + 1 : at + 2])[:1].isdigit()


# Slips ----------------------------------------------------------------------------------------------------------------


def _is_slip_of(ours: Tokens, theirs: Tokens, is_word: Callable[[str], bool], *, is_own: bool) -> bool:
    """True if one word was meant and one letter went wrong, and the result is no other word.

    `is_own` says that the author wrote the spelling; otherwise it was made from another by the table of long forms.
    """
    if any(token.is_sign for token in theirs) or not ours or not theirs:
        return False
    if len(ours) == len(theirs):
        wrong = [pair for pair in zip(ours, theirs, strict=True) if not is_form_of(pair[0].text, pair[1].text)]
        if len(wrong) != 1:
            return False
        typed, meant = wrong[0]
        is_name = _is_name(meant.raw) or (not is_own and len(theirs) == 1)
    else:
        known = {token.text for token in theirs}
        if all(is_word(token.raw.casefold()) or is_word(token.text) for token in ours if token.text not in known):
            return False
        typed, meant = _joined(ours), _joined(theirs)
        is_name = not is_own or any(_is_name(token.raw) for token in theirs)
    if is_word(typed.raw.casefold()) or is_word(typed.text):
        return False
    spellings = ((typed.text, meant.text), (singular(typed.raw.casefold()), singular(meant.raw.casefold())))
    return any(is_one_letter_off(a, b) and (not is_name or _is_double_or_swap(a, b)) for a, b in spellings)


def _joined(tokens: Tokens) -> Token:
    return Token("".join(token.text for token in tokens), "".join(token.raw for token in tokens))


def _is_name(raw: str) -> bool:
    """Names with capitals inside (ConvNet, LLaVA) have neighbours that are names too (ConvNeXt, LLaMA)."""
    return any(map(str.isupper, raw[1:]))


def _is_double_or_swap(a: str, b: str) -> bool:
    """A letter typed twice or once for twice, or two letters in the wrong order: slips that make no other name."""
    if len(a) == len(b):
        return sorted(a) == sorted(b)
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    at = next((i for i, letter in enumerate(shorter) if letter != longer[i]), len(shorter))
    return at > 0 and longer[at] == longer[at - 1]


def _changes_prefix(a: str, b: str) -> bool:
    return any(
        (one.startswith(p) and other.startswith(q) and one[len(p) :] == other[len(q) :])
        for p, q in _PREFIXES
        for one, other in ((a, b), (b, a))
    )


def _within_one(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )
