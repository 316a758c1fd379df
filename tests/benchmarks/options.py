"""`python -m tests.benchmarks.options`: how often the right option is found by who sees the options and no question.

A classifier learns from nine tenths of the choice cards which words, beginnings and lengths mark a right option, and
picks on the last tenth; every card is picked on once in each of several partings. With four options chance is 25%.
`--ask N --seed S` prints the options of N cards without their questions, and `--key` which were right: for a reader.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from studytui.course.loader import card_files, find_course, load_cards, load_course
from studytui.domain.cards import Card, Choice
from studytui.domain.judging import present, seed_of

MOST: Final = 0.29
MOST_RECOGNITION: Final = 0.45
FOLDS: Final = 10
PARTINGS: Final = 5
EPOCHS: Final = 12
RATE: Final = 0.15
SHRINK: Final = 0.01
_WORD: Final = re.compile(r"[a-zà-ÿ]+|\d")


def every_card() -> list[Card]:
    """The cards of the course."""
    root = find_course()
    return [card for path in card_files(load_course(root)) for card in load_cards(root, path)]


def recognition(cards: Sequence[Card]) -> tuple[float, list[str]]:
    """The share of cards that show their answer among others, and the objectives that no other card covers."""
    recognised = [card for card in cards if card.kind in ("choice", "order", "match")]
    produced = {
        objective for card in cards if card.kind not in ("choice", "order", "match") for objective in card.covers
    }
    only = {objective for card in recognised for objective in card.covers} - produced
    return len(recognised) / len(cards), sorted(only)


def choices(cards: Sequence[Card]) -> list[Card]:
    """The choice cards among some."""
    return [card for card in cards if isinstance(card.body, Choice)]


def marks(options: Sequence[str]) -> list[set[str]]:
    """What a classifier sees of each option: its words, how it begins, and its length among the others."""
    lengths = sorted(len(text) for text in options)
    found = []
    for text in options:
        words = _WORD.findall(text.casefold())
        length = len(text)
        place = "longest" if length == lengths[-1] else "shortest" if length == lengths[0] else "between"
        found.append({*words, f"begins {words[0] if words else ''}", place})
    return found


def learned(cards: Sequence[tuple[list[set[str]], int]], rng: random.Random) -> dict[str, float]:
    """Weights of the marks: a choice among the options of a card, by gradient steps (conditional logit)."""
    weights: defaultdict[str, float] = defaultdict(float)
    order = list(cards)
    for epoch in range(EPOCHS):
        rng.shuffle(order)
        rate = RATE / (1 + epoch / 4)
        for seen, right in order:
            scores = [sum(weights[mark] for mark in marks_) for marks_ in seen]
            top = max(scores)
            odds = [math.exp(score - top) for score in scores]
            total = sum(odds)
            for at, marks_ in enumerate(seen):
                error = (at == right) - odds[at] / total
                for mark in marks_:
                    weights[mark] += rate * (error - SHRINK * weights[mark])
    return weights


def picked(cards: Sequence[Card], seed: int) -> Iterator[float]:
    """For each card how far the pick of a classifier that never met it was right: 1, 0, or a share where it ties."""
    rng = random.Random(seed)
    order = list(cards)
    rng.shuffle(order)
    seen = [(marks(card.body.listed), card.body.right) for card in order if isinstance(card.body, Choice)]
    for fold in range(FOLDS):
        weights = learned([one for at, one in enumerate(seen) if at % FOLDS != fold], rng)
        for options, right in seen[fold::FOLDS]:
            scores = [sum(weights.get(mark, 0.0) for mark in marks_) for marks_ in options]
            best = max(scores)
            yield (scores[right] == best) / scores.count(best)


def score(cards: Sequence[Card], partings: int = PARTINGS) -> float:
    """The share of choice cards on which the classifier is right."""
    hits = [hit for seed in range(partings) for hit in picked(choices(cards), seed)]
    return sum(hits) / len(hits)


def asked(cards: Sequence[Card], count: int, seed: int, *, key: bool) -> Iterator[str]:
    """The options of some cards, shuffled and without their questions; or the letters of the right ones."""
    for card in random.Random(seed).sample(choices(cards), count):
        assert isinstance(card.body, Choice)
        places = present(card, review_uid="", seed=seed_of(card.id, str(seed))).permutation
        if key:
            yield f"{card.id} {'abcdefghi'[places.index(card.body.right)]}"
            continue
        yield ""
        yield from (f"{letter} {card.body.listed[at]}" for letter, at in zip("abcdefghi", places, strict=False))


def main() -> int:
    """Print the figure; 1 where it is too high."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ask", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--key", action="store_true")
    given = parser.parse_args()
    cards = every_card()
    if given.ask:
        print("\n".join(asked(cards, given.ask, given.seed, key=given.key)))
        return 0
    share, count = score(cards), len(choices(cards))
    print(f"{share:.1%} of {count} choice cards by their options alone; at most {MOST:.0%} is wanted, chance is 25%.")
    recognised, only = recognition(cards)
    print(f"{recognised:.1%} of all cards show their answer among others; at most {MOST_RECOGNITION:.0%} is wanted.")
    print(f"{len(only)} objectives have no other card{': ' + ', '.join(only) if only else '.'}")
    return int(share > MOST or recognised > MOST_RECOGNITION or bool(only))


if __name__ == "__main__":
    sys.exit(main())
