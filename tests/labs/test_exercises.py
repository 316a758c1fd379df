"""What every exercise built on the bench must hold: one test for all of them, of every family."""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest
import torch

from labs import catalog
from labs.bench import Exercise, Formula, FormulaError, Show, Stated
from labs.bench.exercise import number_of
from labs.bench.formula import formula
from labs.checking import slack
from labs.evidence import vars_of
from labs.exercise import stream, validated
from labs.models import weights
from labs.protocol import Evidence, Look, Problem
from labs.scenes.clip_scripts import DUPLICATE, FLICKER
from tests.examples import examples
from tests.labs.solving import assert_shown, quiet

CLASSES: dict[str, type[Exercise]] = {
    one.name: one.poser.__self__  # type: ignore[attr-defined]  # a bound class method
    for one in catalog.exercises()
    if one.varied is not None
}
POSED = range(examples(200))
SOLVED = range(examples(8))
DOUBLES = (DUPLICATE, FLICKER)
"""Faults by which two frames of a clip may be alike to the last pixel."""
SHOWINGS, MUTANTS = 4, 8
"""Wrong computations of so many showings are tried, one after the other, until one is noticed."""

METHODS = set(dir(Exercise))
every = pytest.mark.parametrize("name", list(CLASSES))


@every
def test_a_showing_can_be_posed_again_and_keeps_its_slips_apart(name: str) -> None:
    kind = CLASSES[name]
    for seed in POSED:
        problem = kind.pose({}, seed)
        assert kind.pose(problem.params, seed) == problem
        assert validated(kind.params(), problem.params) == problem.params
        showing = kind.showing(problem)
        right = showing.expected()
        if right is None:
            continue
        margin = slack(problem, right)
        for text in showing.known():
            slip = formula(text)
            if not slip.condition and slip.names <= {*showing.names, "right"}:
                wrong = slip.value({**showing.names, "right": right})
                assert abs(wrong - right) > 2 * margin, (problem.prompt, text)


@pytest.mark.parametrize("name", [one.name for one in catalog.exercises() if one.looker is not None])
def test_what_a_question_shows_is_the_same_again_and_its_words_do_not_answer_it(name: str) -> None:
    exercise = catalog.exercise(name)
    for seed in SOLVED:
        problem = exercise.pose({}, seed)
        look = exercise.look(problem)
        assert look == exercise.look(exercise.pose(problem.params, seed))
        assert Look.from_json(json.loads(json.dumps(asdict(look)))) == look
        assert look.pictures or look.curves
        words = [*(picture.alt for picture in look.pictures), *(picture.caption for picture in look.pictures)]
        words += [text for curve in look.curves for text in (curve.title, *curve.series)]
        assert all(picture.alt for picture in look.pictures)
        assert all(picture.png != other.png for picture, other in itertools.combinations(look.pictures, 2)) or (
            problem.params.get("fault") in DOUBLES
        )
        for text in words:
            if text.lower() not in problem.prompt.lower():
                assert not any(option in text for option in problem.options), (problem.prompt, text)


@every
def test_the_answer_follows_from_the_numbers_as_the_prompt_states_them(name: str) -> None:
    kind = CLASSES[name]
    for seed in POSED:
        problem = kind.pose({}, seed)
        showing = kind.showing(problem)
        right = showing.expected()
        if right is None:
            continue
        needed = Formula(showing.law()).names
        stated = {name: one.text for name, one in showing.names.items() if isinstance(one, Stated) and name in needed}
        assert all(text in problem.prompt for text in stated.values()), (problem.prompt, stated)
        as_read = {**showing.names, **{name: number_of(text) for name, text in stated.items()}}
        assert abs(Formula(showing.law()).value(as_read) - right) <= slack(problem, right) / 3


@every
def test_what_is_measured_is_right_and_each_slip_is_refused_by_its_name(name: str) -> None:
    kind = CLASSES[name]
    exercise = catalog.exercise(name)
    for seed in SOLVED:
        problem = exercise.pose({}, seed)
        evidence = exercise.solve(problem, quiet)
        assert_shown(problem, evidence)
        assert_true_as_printed(evidence)
        for answer, mistake in wrong_answers(kind, problem, evidence):
            verdict = exercise.check(problem, answer, evidence)
            assert not verdict.correct, (problem.prompt, answer, evidence.value)
            assert verdict.message.endswith("."), verdict
            assert not mistake or verdict.mistake in mistake, (problem.prompt, answer, verdict)
        assert exercise.check(problem, typed(evidence), evidence).correct, (problem.prompt, evidence.value)


def typed(evidence: Evidence) -> str:
    """The measured value as somebody types it."""
    value = evidence.value
    return "; ".join(value) if isinstance(value, list) else f"{value:.9g}" if isinstance(value, float) else str(value)


def wrong_answers(kind: type[Exercise], problem: Problem, evidence: Evidence) -> Iterator[tuple[str, set[str]]]:
    """Answers that are not right, each with the names of the mistakes it may be taken for."""
    value = evidence.value
    if isinstance(value, list):
        yield "; ".join(reversed(value)), set()
    elif isinstance(value, str):
        known = kind.judging(problem, evidence).known()
        for option in problem.options:
            if option != value:
                verdict = kind.check(problem, option, evidence)
                why = known.get(option, known.get("*", ""))
                assert verdict.mistake == why.partition(": ")[0], (problem.prompt, option)
                yield option, set()
    else:
        showing = kind.judging(problem, evidence)
        margin = slack(problem, float(value))
        slips = showing.mistakes(evidence)
        for slip in slips:
            if abs(slip.value - value) > margin * (1 + 1e-6):
                near = slack(problem, slip.value) + 0.02 * abs(slip.value)
                yield f"{slip.value:.12g}", {one.name for one in slips if abs(one.value - slip.value) <= near}
        yield f"{float(value) * 1.5 + 2 + 2 * margin:.6f}", {"", *(slip.name for slip in slips)}


def assert_true_as_printed(evidence: Evidence) -> None:
    """Each equation of the derivation holds, worked out from its own text."""
    for line in evidence.derivation:
        sides = [side for side in map(worked_out, line.split(" = ")) if side is not None]
        for left, right in itertools.pairwise(sides):
            assert left == pytest.approx(right, rel=1e-3, abs=1e-12), line


def worked_out(text: str) -> float | None:
    """The value of one side, its unit left out; None if it is no number."""
    number = re.fullmatch(r"(?:.*[:,;] )?([−-]?\d[\d,.]*(?:e[+-]?\d+)?)(?: [^\d=×/+−]*)?", text)
    try:
        return float(Formula(number[1] if number else text).value({}))
    except (FormulaError, ArithmeticError, ValueError, TypeError):
        return None


@every
def test_a_wrong_computation_is_noticed(name: str) -> None:
    kind = CLASSES[name]
    tried = []
    for seed in range(SHOWINGS):
        problem = kind.pose({}, seed)
        right = run_once(kind, problem, vars_of(kind, "run"))
        for changed, text in mutants(kind, stream(seed, name)):
            try:
                value = run_once(kind, problem, changed)
            except Exception:
                return
            if value != right:
                return
            tried.append(text)
    pytest.fail(f"the value stays what it is, whatever is wrong: {tried}")


ANY_WEIGHTS = {"clip.temperature", "clip.binding", "clip.probe"}
"""Their options hold for shuffled weights as well: a softmax sharpens, a coin is tossed, a probe reads."""
ONLY_THE_MODEL_KNOWS = [
    name
    for name, kind in CLASSES.items()
    if name not in ANY_WEIGHTS
    and kind.truth == "trained model"
    and (one := kind.showing(kind.pose({}, 0))).law() == ""
    and not one.foretold()
]


@pytest.mark.parametrize("name", ONLY_THE_MODEL_KNOWS)
def test_shuffled_weights_are_noticed(name: str) -> None:
    kind = CLASSES[name]
    for seed in range(2 * SHOWINGS):
        problem = kind.pose({}, seed)
        forget()
        right = run_once(kind, problem, vars_of(kind, "run"))
        forget()
        try:
            with shuffled_weights(seed):
                value = run_once(kind, problem, vars_of(kind, "run"))
        except (IndexError, ZeroDivisionError):  # no picture is left that the model knows, no board that it finds
            return
        finally:
            forget()
        if value != right:
            return
    pytest.fail("the value stays what it is, whatever the weights")


def forget() -> None:
    """Drop what a worker keeps from one showing to the next."""
    for module in [module for name, module in sys.modules.items() if name.startswith("labs.")]:
        for kept in list(vars(module).values()):
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
        for name in ("_kept", "_margins", "_values"):
            if isinstance(found := vars(module).get(name), dict | list):
                found.clear()


@contextmanager
def shuffled_weights(seed: int) -> Iterator[None]:
    """Each weights file with the numbers of each of its tensors in another order."""
    load, chance = weights.load, torch.Generator().manual_seed(seed)

    def shuffled(*given: Any) -> dict[str, torch.Tensor]:
        return {
            key: one.flatten()[torch.randperm(one.numel(), generator=chance)].reshape(one.shape)
            for key, one in load(*given).items()
        }

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weights, "load", shuffled)
        yield


def run_once(kind: type[Exercise], problem: Problem, run: Callable[[Exercise, Show], Any]) -> Any:
    showing = kind.showing(problem)
    torch.manual_seed(problem.seed)
    with torch.set_grad_enabled(kind.needs_gradients):
        return run(showing, Show(showing.names, quiet))


def mutants(kind: type[Exercise], chance: Any) -> Iterator[tuple[Callable[..., Any], str]]:
    """The exercise's `run` with one thing wrong, in it or in a function of its file; nothing in what it shows."""
    run = vars_of(kind, "run")
    module = sys.modules[run.__module__]
    functions = {"run": run}
    for function in list(functions.values()):
        functions |= called_by(function, module)
    for function in list(functions.values()):
        functions |= called_by(function, module)
    places = [(name, at) for name, function in functions.items() for at in range(len(places_of(parsed(function))))]
    chance.shuffle(places)
    for name, at in places[:MUTANTS]:
        whole = parsed(functions[name])
        node = places_of(whole)[at]
        text = f"line {node.lineno}: {ast.unparse(node)}"
        tree = ast.fix_missing_locations(Wrong(node).visit(whole))
        assert isinstance(tree, ast.stmt)
        scope: dict[str, Any] = dict(vars(module))
        for other, function in functions.items():
            exec(compile(ast.Module([tree if other == name else parsed(function)], []), other, "exec"), scope)
        if "__class__" not in run.__code__.co_freevars:
            yield scope["run"], f"{name}: {text}"


def called_by(function: Callable[..., Any], module: Any) -> dict[str, Any]:
    """The functions of a module that a function of it names."""
    names = {node.id for node in ast.walk(parsed(function)) if isinstance(node, ast.Name)}
    found = {name: getattr(module, name, None) for name in sorted(names)}
    return {name: one for name, one in found.items() if inspect.isfunction(one) and one.__module__ == module.__name__}


def parsed(function: Callable[..., Any]) -> ast.FunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list = []
    return tree


def places_of(tree: ast.FunctionDef) -> list[Any]:
    """Numbers and operators of a function that a change would make wrong."""
    found: list[Any] = []
    numbers = {one.arg for one in tree.args.args if one.annotation and ast.unparse(one.annotation) in ("int", "float")}

    def visit(node: ast.AST, *, is_inner: bool) -> None:
        is_show = isinstance(node, ast.Call) and ast.unparse(node.func).startswith("show.")
        if is_show or isinstance(node, ast.JoinedStr) or (is_inner and isinstance(node, ast.Return)):
            return
        is_number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        is_knob = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self" and node.attr not in METHODS
        is_argument = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in numbers
        is_sum = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div)
        if is_number or is_knob or is_argument or is_sum:
            found.append(node)
        for child in ast.iter_child_nodes(node):
            visit(child, is_inner=is_inner)

    for statement in tree.body:
        visit(statement, is_inner=tree.name == "run")
    return found


class Wrong(ast.NodeTransformer):
    """Makes one number, operator, knob or argument of a function wrong."""

    def __init__(self, node: ast.AST) -> None:
        self.node = node

    def visit(self, node: ast.AST) -> ast.AST:
        if node is not self.node:
            visited: ast.AST = self.generic_visit(node)
            return visited
        if isinstance(node, ast.Constant):
            assert isinstance(node.value, int | float)
            return ast.Constant(node.value + 1 if isinstance(node.value, int) else node.value * 1.5 + 0.25)
        if isinstance(node, ast.BinOp):
            others: dict[type[ast.operator], type[ast.operator]] = {
                ast.Add: ast.Sub,
                ast.Sub: ast.Add,
                ast.Mult: ast.Add,
                ast.Div: ast.Mult,
            }
            return ast.BinOp(node.left, others[type(node.op)](), node.right)
        assert isinstance(node, ast.expr)
        return ast.BinOp(node, ast.Add(), ast.Constant(1))


def test_pictures_drawn_in_the_app_load_no_torch() -> None:
    code = (
        "import json, sys\n"
        "from labs import catalog\n"
        "for one in catalog.exercises():\n"
        "    if one.looker is not None and not one.looks_in_worker:\n"
        "        one.look(one.pose({}, 1))\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"torch", "transformers", "studytui"} & set(json.loads(done.stdout))


def test_posing_and_judging_load_no_torch() -> None:
    code = (
        "import json, re, sys\n"
        "from labs import catalog\n"
        "from labs.bench.formula import formula\n"
        "from labs.protocol import Evidence\n"
        "for one in catalog.exercises():\n"
        "    if one.varied is None:\n"
        "        continue\n"
        "    problem = one.pose({}, 1)\n"
        "    showing = one.poser.__self__.showing(problem)\n"
        "    value = problem.options[0] if problem.options else showing.expected() or 1.0\n"
        "    value = list(problem.options) if problem.answer_type == 'order' else value\n"
        "    known = showing.known()\n"
        "    worded = re.findall(r'{(\\w+)', str(known))\n"
        "    measured = worded if problem.options else set().union(*(formula(slip).names for slip in known))\n"
        "    facts = {name: 1.0 for name in measured if name not in showing.names}\n"
        "    one.check(problem, '7' if not problem.options else '1', Evidence(value, facts=facts))\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"torch", "transformers", "numpy", "PIL", "studytui"} & set(json.loads(done.stdout))
