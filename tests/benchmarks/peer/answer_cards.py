"""Answer N cards of an Anki collection and print the milliseconds each took, next card and durable answer, as JSON.

Run with the peers' Python: answer_cards.py PATH DECK N
"""

import json
import sys
import time

import anki.collection  # before anki.cards, which otherwise imports itself in a circle
from anki.cards import Card
from anki.scheduler.v3 import CardAnswer

WARM_UP = 20


def main(path: str, deck: str, count: int) -> None:
    collection = anki.collection.Collection(path)
    deck_id = collection.decks.id(deck)
    assert deck_id is not None
    collection.decks.select(deck_id)
    scheduler = collection.sched
    milliseconds = []
    for number in range(WARM_UP + count):
        started = time.perf_counter()
        queued = scheduler.get_queued_cards(fetch_limit=1).cards[0]
        card = Card(collection, backend_card=queued.card)
        card.start_timer()
        scheduler.answer_card(scheduler.build_answer(card=card, states=queued.states, rating=CardAnswer.GOOD))
        if number >= WARM_UP:
            milliseconds.append((time.perf_counter() - started) * 1000)
    collection.close()
    print(json.dumps(milliseconds))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
