"""What an exercise is: question, computation and known mistakes in one class, whose instances are its showings.

Posing and judging are plain Python and run in the app; `run` computes with torch and runs in the worker alone. What it
returns is the truth. Where a formula says what must come out, the two are held against each other.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias, cast

from labs import exercise as listed
from labs.bench.formula import FormulaError, equation, formula, plain, written
from labs.bench.knobs import Knob, Variants, complete
from labs.bench.show import Show
from labs.checking import Mistake, check_choice, check_number, check_order, slack
from labs.exercise import SECONDS_ALLOWED, Vary, stream
from labs.protocol import (
    AnswerType,
    Evidence,
    Look,
    Param,
    ParamError,
    Params,
    Problem,
    Progress,
    Scalar,
    Value,
    Verdict,
)

Truth: TypeAlias = Literal["trained model", "library module", "own model", "sampling", "formula"]
"""What the value is measured on: a trained model; a library's own module, with random weights or none; a model written
here, as no library has it; many drawn numbers; or nothing but the formula."""
Facts: TypeAlias = Mapping[str, Any]
TRIES: Final = 60
"""Draws of one showing at most; the second half of them from all that the knobs take."""
SEPARATION: Final = 2.0
"""A slip lies at least so many tolerances from the right answer."""
STATED: Final = 1 / 3
"""The answer worked out from the stated numbers lies within this part of the tolerance of the exact one."""
AGREES: Final = 2 / 3
"""So does the measured value, within this part."""
_FEWEST_DIGITS: Final = 4
_MOST_DIGITS: Final = 12


class Disagrees(Exception):
    """The measured value and the formula part: the lab is wrong, and nobody is graded."""


class Stated(float):
    """A number that the prompt states: as exact as it is here, and printed with as many digits as the answer needs."""

    text: str

    def __new__(cls, value: float, digits: int = _FEWEST_DIGITS) -> Stated:
        made = super().__new__(cls, value)
        made.text = written(float(value), digits)
        return made

    @property
    def as_read(self) -> Stated:
        """The number that stands in the prompt."""
        read = super().__new__(Stated, number_of(self.text))
        read.text = self.text
        return read

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else self.text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Draw:
    """One attempt to draw a showing; the first one is number 0."""

    seed: int
    attempt: int
    chance: random.Random

    def stream(self, name: str) -> random.Random:
        """A random stream by its name: in the first attempt that of the seed alone."""
        return stream(self.seed, f"{name} {self.attempt}" if self.attempt else name)


class Exercise:
    """A showing. Subclasses say what is asked, as class attributes, and compute it in `run`."""

    name: ClassVar[str] = ""
    """`family.name`; '' for a class that exercises share."""
    title: ClassVar[str] = ""
    sections: ClassVar[str] = ""
    covers: ClassVar[str] = ""
    """Sections and learning objectives, parted by blanks."""
    source: ClassVar[str] = ""
    """The paper, with its equation."""
    truth: ClassVar[Truth] = "library module"
    measured_on: ClassVar[str] = ""
    """What the value is measured on, in words."""
    libraries: ClassVar[Sequence[str]] = ("torch", "transformers", "pillow")
    seconds_allowed: ClassVar[float] = SECONDS_ALLOWED
    needs_gradients: ClassVar[bool] = False
    looks_in_worker: ClassVar[bool] = False
    """True where `look` takes torch."""

    prompt: ClassVar[str] = ""
    unit: ClassVar[str] = ""
    answer_type: ClassVar[AnswerType] = "integer"
    hints: ClassVar[Sequence[str]] = ()
    tolerance: ClassVar[float | str] = 0.0
    """Absolute, in the unit; a text is a formula."""
    tolerance_percent: ClassVar[float | str] = 0.0
    tolerance_reason: ClassVar[str] = ""
    options: ClassVar[Sequence[str]] = ()
    is_shuffled: ClassVar[bool] = True
    """False for options that have an order of their own."""
    kept_digits: ClassVar[int] = 12
    """Digits of the measured value; float32 holds six."""
    right: ClassVar[str] = ""
    """The formula of the right answer, in the names of knobs and facts; '' where only the model knows."""
    slips: ClassVar[Mapping[str, str]] = {}
    """Known mistakes: the formula of the wrong value (or the wrong option, `*` for any other), and "name: Sentence.".

    ": Sentence." has no name. A slip with ` if CONDITION`, or ` if apart`, keeps no draw away where it happens to lie
    near the right answer.
    """
    added: ClassVar[Sequence[str]] = ()
    """Knobs that older logged showings lack: where all others are given, the first draw is taken, as it was then."""
    knobs: ClassVar[Mapping[str, Knob[Any]]] = {}

    params_drawn: Params
    seed: int
    measured: Mapping[str, Value] = MappingProxyType({})
    """What `show.fact` recorded, once the showing is judged."""

    def __init_subclass__(cls) -> None:
        # Those of the class itself stand first, then those of its bases.
        names = {name: None for base in cls.__mro__ for name, value in vars(base).items() if isinstance(value, Knob)}
        knobs = {name: getattr(cls, name) for name in names}
        cls.knobs = {name: knob for name, knob in knobs.items() if isinstance(knob, Knob)}
        if taken := cls.knobs.keys() & vars(Exercise).keys():
            raise TypeError(f"{cls.name}: a knob may not be called {taken.pop()}; that is something else already")

    def __init__(self, params: Params, seed: int) -> None:
        self.params_drawn, self.seed = params, seed
        self.names: dict[str, Any] = {name: knob.read(params[name]) for name, knob in self.knobs.items()}
        self._put(self.facts())

    def _put(self, facts: Facts) -> None:
        for name, value in facts.items():
            if name in self.knobs or hasattr(type(self), name):
                raise TypeError(f"{self.name}: a fact may not be called {name}; that is something else already")
            self.__dict__[name] = value
            self.names[name] = value

    if TYPE_CHECKING:  # facts are attributes

        def __getattr__(self, name: str) -> Any: ...

    # What an exercise overrides

    @classmethod
    def settled(cls, params: Params, draw: Draw) -> Params:
        """The knobs with what no knob can draw by itself, because it depends on the others."""
        _ = draw
        return params

    def facts(self) -> Facts:
        """Numbers and words that follow from the knobs; `Stated` numbers get the digits that the answer needs."""
        return {}

    def fits(self) -> None:
        """Refuse knobs that do not go together.

        Raises:
            ParamError: they do not; the text says why.
        """

    def is_wished(self) -> bool:
        """False for a draw that is taken only if no other is found: to balance what chance would seldom give."""
        return True

    def run(self, show: Show) -> Any:
        """Compute, write down what is worth seeing, and return what was measured: a number, an option or an order."""
        raise NotImplementedError

    def look(self, show: Show) -> None:
        """Draw what the question shows before the answer: pictures, clips, curves.

        Their captions and alt texts are all that some learners get: they say what is to be seen, so that the question
        can be answered, and do not answer it.
        """

    def law(self) -> str:
        """The formula of the right answer in this showing; '' without one."""
        text: str = self.chosen("right")
        return text

    def foretold(self) -> str | list[str]:
        """The option, or the order, that must be measured; '' where only the model knows."""
        return ""

    def orders(self, right: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Wrong orders that are known mistakes, by "name: Sentence."."""
        _ = right
        return {}

    def known(self) -> Mapping[str, str]:
        """The slips of this showing."""
        own: dict[str, str] = {}
        for chosen in self._variants():
            own |= chosen.get("slips", {})
        return own | {text: why for text, why in self.slips.items() if text not in own}

    def chance(self) -> random.Random:
        """The stream that the options are drawn from."""
        return stream(self.seed, f"{self.name}:options")

    def offered(self, chance: random.Random) -> Sequence[str]:
        """The options of this showing, in the order in which they are shown."""
        options: Sequence[str] = self.chosen("options")
        return chance.sample(options, len(options)) if self.is_shuffled else options

    # One showing in words

    def chosen(self, name: str) -> Any:
        """An attribute, as the chosen variant has it."""
        for variant in self._variants():
            if name in variant:
                return variant[name]
        return getattr(self, name)

    def worded(self, text: str) -> str:
        """A text with the showing's numbers in it."""
        return text.format_map(self.names)

    def _variants(self) -> Iterator[Mapping[str, Any]]:
        for name, knob in self.knobs.items():
            if isinstance(knob, Variants):
                yield knob.variants[self.names[name]]

    def expected(self) -> float | None:
        """What the formula says, None without one."""
        text = self.law()
        return float(formula(text).value(self.names)) if text else None

    def problem(self) -> Problem:
        """What is asked in this showing."""
        answer_type = self.chosen("answer_type")
        options: tuple[str, ...] = ()
        if answer_type in ("choice", "order"):
            options = tuple(self.offered(self.chance()))
        return Problem(
            self.name,
            self.params_drawn,
            self.seed,
            self.worded(self.chosen("prompt")),
            answer_type,
            unit=self.chosen("unit"),
            options=options,
            tolerance=self._number("tolerance"),
            tolerance_percent=self._number("tolerance_percent"),
            tolerance_reason=self.worded(self.chosen("tolerance_reason")),
            hints=tuple(self.worded(hint) for hint in self.chosen("hints")),
        )

    def _number(self, name: str) -> float:
        value = self.chosen(name)
        return float(formula(value).value(self.names)) if isinstance(value, str) else float(value)

    def margin(self, right: float) -> float:
        """How far from the right value an answer may be."""
        return max(self._number("tolerance"), abs(right) * self._number("tolerance_percent") / 100)

    def is_separated(self) -> bool:
        """True if no slip that can be worked out beforehand lies near the right answer."""
        right = self.expected()
        if right is None:
            return True
        least = SEPARATION * self.margin(right) + abs(right) * 1e-9
        names = {**self.names, "right": right}
        for text in self.known():
            slip = formula(text)
            if slip.condition or not slip.names <= names.keys():
                continue
            try:
                value = float(slip.value(names))
            except ArithmeticError:
                continue
            if abs(value - right) <= least:
                return False
        return True

    def state(self) -> None:
        """Give the stated numbers as many digits as the answer needs."""
        stated = {name: value for name, value in self.names.items() if isinstance(value, Stated)}
        right = self.expected()
        if not stated or right is None:
            return
        for digits in range(_FEWEST_DIGITS, _MOST_DIGITS + 1):
            printed = {name: Stated(value, digits) for name, value in stated.items()}
            as_read = {name: one.as_read for name, one in printed.items()}
            for name, one in printed.items():
                self.names[name] = self.__dict__[name] = one
            if self._follows({**self.names, **as_read}, right):
                return

    def _follows(self, names: Mapping[str, Any], right: float) -> bool:
        try:
            return abs(float(formula(self.law()).value(names)) - right) <= STATED * self.margin(right)
        except ArithmeticError:
            return False

    # What the catalogue, the app and the worker call

    @classmethod
    def entry(cls) -> listed.Exercise:
        """The exercise as the catalogue lists it."""
        return listed.Exercise(
            name=cls.name,
            title=cls.title,
            sections=tuple(cls.sections.split()),
            covers=tuple(cls.covers.split()),
            params=cls.params(),
            module=cls.__module__,
            poser=cls.pose,
            checker=cls.check,
            seconds_allowed=cls.seconds_allowed,
            truth=cls.truth,
            measured_on=cls.measured_on,
            varied=cls.pose,
            solver=cls.solve,
            looker=None if cls.look is Exercise.look else cls.looked,
            looks_in_worker=cls.looks_in_worker,
        )

    @classmethod
    def params(cls) -> tuple[Param, ...]:
        """The knobs as the bench shows them."""
        return tuple(knob.param for knob in cls.knobs.values())

    @classmethod
    def showing(cls, problem: Problem) -> Exercise:
        """The showing of a problem that was posed."""
        one = cls(
            {name: problem.params.get(name, knob.param.default) for name, knob in cls.knobs.items()}, problem.seed
        )
        one.state()
        return one

    @classmethod
    def pose(cls, given: Mapping[str, Scalar], seed: int, vary: Vary | None = None) -> Problem:
        """The problem of one showing; what is left open is drawn so that no slip lies near the right answer.

        Raises:
            ParamError: a value is out of range, or does not go with the others.
        """
        listed.validated(cls.params(), given)
        is_open = not cls.knobs.keys() - set(cls.added) <= given.keys()
        one: Exercise | None = None
        fitting: Exercise | None = None
        separated: Exercise | None = None
        refused: ParamError | None = None
        for attempt in range(TRIES if is_open else 1):
            try:
                draw = Draw(seed, attempt, stream(seed, f"draw {attempt}"))
                drawn = complete(cls.knobs, given, draw.chance, vary or {}, wide=attempt >= TRIES // 2)
                one = cls(cls.settled(drawn, draw), seed)
                one.fits()
            except ParamError as error:
                refused = refused or error
                continue
            if one.is_separated():
                separated = separated or one
                if one.is_wished():
                    break
            fitting = fitting or one
        else:
            one = separated or fitting
        if one is None:
            assert refused is not None
            raise refused
        one.state()
        return one.problem()

    @classmethod
    def check(cls, problem: Problem, answer: str, evidence: Evidence) -> Verdict:
        """Judge what was typed or picked by what was measured."""
        one = cls.judging(problem, evidence)
        if problem.answer_type == "choice":
            said = {text: _mistake(0.0, one.worded(why)) for text, why in one.known().items()}
            anything = said.pop("*", None)
            whys: dict[str, str | Mistake] = {} if anything is None else dict.fromkeys(problem.options, anything)
            return check_choice(problem, answer, evidence, whys | said)
        if problem.answer_type == "order":
            return one.check_order(problem, answer, evidence)
        return check_number(problem, answer, evidence, one.mistakes(evidence))

    @classmethod
    def judging(cls, problem: Problem, evidence: Evidence) -> Exercise:
        """The showing with what was measured."""
        one = cls.showing(problem)
        one.measured = evidence.facts
        one.names |= {**evidence.facts, "right": evidence.value}
        return one

    def check_order(self, problem: Problem, answer: str, evidence: Evidence) -> Verdict:
        """As any order, with the name of a wrong one that is known."""
        verdict = check_order(problem, answer, evidence)
        right = evidence.value
        if verdict.correct or verdict.asks or not isinstance(right, list):
            return verdict
        for text, order in self.orders(right).items():
            if list(order) != right and check_order(problem, answer, Evidence(list(order))).correct:
                slip = _mistake(0.0, self.worded(text))
                return Verdict(False, slip.why, error=verdict.error, mistake=slip.name)
        return verdict

    def mistakes(self, evidence: Evidence) -> list[Mistake]:
        """The slips whose conditions hold, with their values; those without a value here are left out."""
        names = {**self.names, **evidence.facts, "right": evidence.value}
        found = []
        for text, why in self.known().items():
            slip = formula(text)
            if slip.holds(names):
                try:
                    value = float(slip.value(names))
                except FormulaError:
                    raise
                except (ArithmeticError, ValueError):
                    continue
                found.append(_mistake(value, self.worded(why)))
        return found

    @classmethod
    def looked(cls, problem: Problem) -> Look:
        """What the question of a problem shows.

        Raises:
            ParamError: the learner's picture cannot be read.
        """
        one = cls.showing(problem)
        show = Show(one.names, lambda _fraction, _text: None)
        if cls.looks_in_worker:
            import torch

            torch.manual_seed(problem.seed % 2**63)
            with torch.no_grad():
                one.look(show)
        else:
            one.look(show)
        return Look(tuple(show.pictures), tuple(show.curves))

    @classmethod
    def solve(cls, problem: Problem, progress: Progress) -> Evidence:
        """Run the computation of a problem.

        Raises:
            Disagrees: what was measured is not what the formula says.
            ParamError: the learner's picture cannot be read.
        """
        import torch

        from labs.evidence import code_of, versions

        started = time.perf_counter()
        one = cls.showing(problem)
        torch.manual_seed(problem.seed % 2**63)
        show = Show(one.names, progress)
        with torch.set_grad_enabled(cls.needs_gradients):
            value = one.run(show)
        if isinstance(value, float):
            value = float(f"{value:.{cls.kept_digits}g}")
        one.hold_against(value, problem, show)
        show.line(f"Measured on {cls.measured_on}." if cls.measured_on else "", f"Source: {cls.source}")
        show.derivation = [line for line in show.derivation if line]
        return show.evidence(
            value,
            unit=problem.unit,
            code=code_of(cast("Any", cls)),
            versions=versions(*cls.libraries),
            seconds=time.perf_counter() - started,
        )

    def hold_against(self, value: Value, problem: Problem, show: Show) -> None:
        """Hold what was measured against the formula, and write the formula down, worked out on the stated numbers.

        Raises:
            Disagrees: they part.
        """
        if isinstance(value, str | list):
            foretold = self.foretold()
            if foretold and value != foretold:
                raise Disagrees(f"{self.name}: measured was {value}, but {foretold} must come out")
            return
        right = self.expected()
        if right is None:
            return
        if abs(value - right) > AGREES * slack(problem, right) or not math.isfinite(value):
            raise Disagrees(f"{self.name}: measured was {value:.10g}, but {equation(self.law(), self.names, 6)}")
        names = {name: one.as_read if isinstance(one, Stated) else one for name, one in self.names.items()}
        show.line(f"{equation(self.law(), names, show=_as_stated)} {self.unit}".rstrip())
        if written(value) != written(float(formula(self.law()).value(names))):
            show.line(f"measured: {written(value)} {self.unit}".rstrip())


def number_of(text: str) -> float:
    """A number as the lab prints it."""
    return float(text.replace(",", "").replace("−", "-"))


def _as_stated(value: Any, digits: int) -> str:
    return value.text if isinstance(value, Stated) else plain(value, digits)


def _mistake(value: float, text: str) -> Mistake:
    name, _, why = text.partition(": ")
    return Mistake(value, name, why)
