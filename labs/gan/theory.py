"""The duel on the back of an envelope: both losses, the best discriminator, and two players that spiral away.

Goodfellow et al. 2014, "Generative Adversarial Nets", arXiv:1406.2661, eq. 1, proposition 1 and section 3; the game
x·y: Mescheder et al. 2018, arXiv:1801.04406, section 2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from labs.bench import Exercise, Facts, Number, Show, Stated, Variants, Whole, later

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn import functional
else:
    torch, functional = later("torch"), later("torch.nn.functional")

GAN: Final = "Goodfellow et al. 2014, arXiv:1406.2661"


class Theory(Exercise):
    """What these exercises share."""

    sections, libraries, answer_type = "4.1", ("torch",), "number"
    kept_digits = 6


class Duel(Theory):
    """Both losses, and what the generator feels of them."""

    name, title, covers = "gan.duel", "Both losses of the duel", "4.1-03 4.1-04 4.1-11"
    source, needs_gradients = f"{GAN}, eq. 1 and section 3", True
    truth, measured_on = "library module", "torch's cross-entropy and its gradients"
    real = Number(0.8, 0.01, 0.99, draw=(0.6, 0.7, 0.8, 0.9, 0.95), help="what D says of a real sample")
    fake = Number(0.3, 0.01, 0.99, draw=(0.02, 0.05, 0.1, 0.2, 0.3), help="what D says of a fake sample")
    ask = Variants(
        {
            "discriminator": {
                "question": "How large is the discriminator's loss, the two cross-entropies added (natural logarithm)?",
                "right": "−ln(real) − ln(1 − fake)",
                "slips": {
                    "−ln(real) − ln(fake)": "wanted fakes near 1: The discriminator pushes fakes towards 0.",
                    "−ln(real)": "only the real one: The fake sample has its loss, too.",
                    "−ln(1 − fake) if apart": "only the fake one: The real sample has its loss, too.",
                    "(−ln(real) − ln(1 − fake)) / ln(2)": "in bits: That is with logarithms to the base 2.",
                },
            },
            "generator": {
                "question": "How large is the generator's non-saturating loss on the fake?",
                "right": "−ln(fake)",
                "slips": {
                    "−ln(1 − fake)": "took the other side: That is the discriminator's loss on the fake.",
                    "ln(1 − fake)": "took the saturating loss: That is the loss of the minimax game.",
                    "−ln(real) if apart": "looked at the real one: The generator never sees it.",
                    "−ln(fake) / ln(2)": "in bits: That is with logarithms to the base 2.",
                },
            },
            "times stronger": {
                "question": "How many times stronger is the gradient that reaches the generator through D's logit with "
                "the non-saturating loss −ln D than with the minimax loss ln(1 − D)?",
                "right": "(1 − fake) / fake",
                "slips": {
                    "fake / (1 − fake)": "inverted: The minimax loss is the one that hardly moves a bad generator.",
                    "1 / fake": "compared with 1: The non-saturating gradient is 1 − D, not 1.",
                    "1 − fake": "took one of the two: That is the non-saturating gradient; the other one is D.",
                    "ln(fake) / ln(1 − fake) if apart": "compared the losses: Asked are their gradients.",
                },
            },
        },
        help="D's loss, G's loss, or how much stronger its gradient is",
    )
    prompt = "The discriminator gives a real sample {real:g} and a fake one {fake:g} (1 is surely real). {question}"
    tolerance_percent, tolerance_reason = 3, "two digits are enough"
    hints = (
        "Cross-entropy is −ln of the probability given to what is true, or wished.",
        "D wishes real to be 1 and fake to be 0; G wishes its fake to be 1.",
    )

    def facts(self) -> Facts:
        return {"question": self.chosen("question")}

    def run(self, show: Show) -> float:
        """Both losses from logits, and their slopes at the fake's logit."""
        logits = torch.logit(torch.tensor([self.real, self.fake], dtype=torch.float64)).requires_grad_()  # (2,)
        truth = torch.tensor([1.0, 0.0], dtype=torch.float64)
        of_critic = functional.binary_cross_entropy_with_logits(logits, truth, reduction="sum")
        fooled = functional.softplus(-logits[1])  # −ln D
        minimax = -functional.softplus(logits[1])  # ln(1 − D)
        slopes = [float(torch.autograd.grad(one, logits, retain_graph=True)[0][1]) for one in (fooled, minimax)]
        show.shapes("two logits become one loss", logits, of_critic)
        rows = [
            ("discriminator", f"{float(of_critic.detach()):.4f}", ""),
            ("generator, non-saturating", f"{float(fooled.detach()):.4f}", f"{slopes[0]:.4f}"),
            ("generator, minimax", f"{float(minimax.detach()):.4f}", f"{slopes[1]:.4f}"),
        ]
        show.table("The same two samples", "loss of | value | slope at the fake's logit", rows)
        places = [0.01, *(at / 20 for at in range(1, 20)), 0.99]
        series = {"non-saturating": [1 - at for at in places], "minimax": places}
        show.curve("What reaches the generator", "D of the fake", "size of the gradient", places, series)
        values = {"discriminator": of_critic, "generator": fooled}
        return float(values[self.ask].detach()) if self.ask in values else slopes[0] / slopes[1]


class Ratio(Theory):
    """What the best discriminator says at a point."""

    name, title, covers = "gan.ratio", "The best discriminator there can be", "4.1-03 4.1-11"
    source = f"{GAN}, proposition 1: D*(x) = p(x) / (p(x) + q(x))"
    truth, measured_on = "own model", "a logistic regression fitted to 200,000 real and 200,000 fake points"
    middle = Number(1.0, -3, 3, draw=(-1.5, -1.0, 0.5, 1.0, 1.5, 2.0), help="mean of the fakes")
    spread = Number(1.0, 0.4, 2, draw=(0.5, 0.8, 1.0, 1.5), help="standard deviation of the fakes")
    x = Number(0.5, -2.5, 2.5, draw=(-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5), help="where the discriminator is asked")
    prompt = (
        "Real points follow N(0, 1), as many fakes N({middle:g}, {spread:g}²). At x = {x:g} the densities are {p} "
        "(real) and {q} (fake). What does the best possible discriminator say there?"
    )
    tolerance = 0.02
    tolerance_reason = "the fitted discriminator has seen a finite number of points"
    hints = (
        "Of all samples that fall near x, which share is real?",
        "Real and fake samples are equally many, so the densities are the shares.",
    )
    right = "p / (p + q)"
    slips: ClassVar[Mapping[str, str]] = {
        "q / (p + q) if apart": "the share of fakes: D says how likely a sample is real.",
        "p if apart": "took the density: A density is no probability; compare the two.",
        "p / q if apart": "took the ratio: That is the odds; D = odds / (1 + odds).",
        "0.5 if apart": "took the end of training: It says one half everywhere only once the fakes follow the data.",
    }

    def facts(self) -> Facts:
        return {"p": Stated(density(self.x, 0, 1)), "q": Stated(density(self.x, self.middle, self.spread))}

    def is_wished(self) -> bool:
        return 0.05 < (self.expected() or 0) < 0.95

    def run(self, show: Show) -> float:
        """Fit the discriminator w·(1, x, x²) to samples by Newton steps, and ask it."""
        generator = torch.Generator().manual_seed(self.seed % 2**63)
        count = 200_000
        real = torch.randn(count, generator=generator, dtype=torch.float64)
        fake = self.middle + self.spread * torch.randn(count, generator=generator, dtype=torch.float64)
        points = powers(torch.cat([real, fake]))  # (b, 3)
        truth = torch.cat([torch.ones(count), torch.zeros(count)]).double()
        weights = torch.zeros(3, dtype=torch.float64)
        for step in range(25):
            show.progress(step / 25, "fitting the discriminator")
            said = (points @ weights).sigmoid()  # (b,)
            curvature = points.T @ (points * (said * (1 - said))[:, None])  # (3, 3)
            weights = weights + torch.linalg.solve(curvature, points.T @ (truth - said))
        value = float((powers(torch.tensor([self.x], dtype=torch.float64)) @ weights).sigmoid())
        show.shapes("powers of the points, and the weights of D's logit", points, weights)
        show.line(f"the fitted D({self.x:g}) = {value:.4f}".replace(" = ", ": "))
        places = [at / 5 for at in range(-15, 16)]
        grid = torch.tensor(places, dtype=torch.float64)
        best = [density(at, 0, 1) / (density(at, 0, 1) + density(at, self.middle, self.spread)) for at in places]
        series = {"fitted to samples": (powers(grid) @ weights).sigmoid().tolist(), "p / (p + q)": best}
        show.curve("What the discriminator says", "x", "probability of real", places, series)
        return value


def density(x: float, middle: float, spread: float) -> float:
    """The normal density."""
    return math.exp(-(((x - middle) / spread) ** 2) / 2) / (spread * math.sqrt(2 * math.pi))


def powers(x: Tensor) -> Tensor:
    """(b,) -> (b, 3): 1, x, x². The log ratio of two normal densities is linear in them."""
    return torch.stack([torch.ones_like(x), x, x.square()], dim=1)


class Spiral(Theory):
    """Two players of x·y move away from their solution."""

    name, title, covers = "gan.spiral", "Two players that spiral away", "4.1-08 4.1-11"
    source, needs_gradients = "Mescheder et al. 2018, arXiv:1801.04406, section 2", True
    truth, measured_on = "own model", "gradient steps by autograd, in double precision"
    rate = Number(0.1, 0.01, 1, draw=(0.05, 0.1, 0.2, 0.3), help="size of a gradient step")
    steps = Whole(100, 1, 2_000, draw=(20, 50, 100, 200), help="steps of both players")
    ask = Variants(
        {
            "distance": {
                "question": "After {steps} steps, how many times farther from (0, 0) are they than at the start?",
                "right": "(1 + rate²)^(steps / 2)",
                "slips": {
                    "(1 + rate²)^steps": "took the squared distance: That is the square of the distance.",
                    "(1 + rate)^steps": "let it grow by the rate: The step is at right angles to the way to (0, 0).",
                    "(1 − rate²)^(steps / 2)": "let it shrink: A step along the tangent leads outwards.",
                    "1": "expected a circle: That holds for infinitely small steps.",
                    "1 + rate² × steps / 2 if apart": "added it up: The growth is multiplied with each step.",
                },
            },
            "doubling": {
                "question": "After how many steps are they twice as far from (0, 0)?",
                "right": "2 × ln(2) / ln(1 + rate²)",
                "tolerance": 1,
                "slips": {
                    "ln(2) / ln(1 + rate²)": "took the squared distance: By then it is the square that has doubled.",
                    "ln(2) / ln(1 + rate)": "let it grow by the rate: It grows by √(1 + rate²) a step.",
                    "1 / rate if apart": "went straight: The step is at right angles to the way to (0, 0).",
                },
            },
        },
        draw=("distance", "distance", "doubling"),
        help="how far they are, or when they are twice as far",
    )
    prompt = (
        "One player moves x to make x·y small, the other y to make it large, both at once, by gradient steps of "
        "{rate:g}. {question}"
    )
    tolerance_percent, tolerance_reason = 3, "two digits are enough"
    hints = (
        "The gradient is (y, −x): at right angles to the way from (0, 0).",
        "Pythagoras: each step multiplies the squared distance by 1 + rate².",
    )

    def facts(self) -> Facts:
        return {"question": self.chosen("question").format(steps=self.steps)}

    def is_wished(self) -> bool:
        return (self.expected() or 0) < 1_000

    def run(self, show: Show) -> float:
        """Let autograd move both players at once, and beside it one after the other."""
        count = self.steps if self.ask == "distance" else math.ceil(3 * math.log(2) / math.log1p(self.rate**2))
        at_once, by_turns = (played(self.rate, count, by_turns=turns) for turns in (False, True))
        away = at_once.norm(dim=1) / at_once[0].norm()  # (steps + 1,)
        show.shapes("both players, and how far they are", at_once, away)
        show.line(f"one after the other they stay near: {float(by_turns[-1].norm() / by_turns[0].norm()):.3f} times")
        places = range(0, count + 1, max(1, count // 60))
        series = {"at once": [float(away[n]) for n in places]}
        series["by turns"] = [float(by_turns[n].norm() / by_turns[0].norm()) for n in places]
        show.curve("How far from the solution", "steps", "times the start", places, series)
        if self.ask == "distance":
            return float(away[self.steps])
        before = int((away < 2).sum()) - 1  # the last step not yet twice as far
        low, high = away[before].log(), away[before + 1].log()
        return before + float((math.log(2) - low) / (high - low))


def played(rate: float, steps: int, *, by_turns: bool) -> Tensor:
    """The way of both players from (1, 1): (steps + 1, 2)."""
    way = [torch.ones(2, dtype=torch.float64)]
    for _ in range(steps):
        at = way[-1].clone().requires_grad_()
        down = torch.autograd.grad(at[0] * at[1], at)[0]
        x = at[0] - rate * down[0]
        up = torch.autograd.grad(x.detach() * at[1], at)[0] if by_turns else down
        way.append(torch.stack([x, at[1] + rate * up[1]]).detach())
    return torch.stack(way)


EXERCISES: Final = (Duel, Ratio, Spiral)
