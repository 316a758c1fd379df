"""What the field calls things: abbreviations and their long forms, spellings of two continents, Greek letters."""

from __future__ import annotations

from typing import Final

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
