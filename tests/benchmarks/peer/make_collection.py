"""Make an Anki collection: N basic notes, half of them due today, the others new, and about N reviews in the log.

Run with the peers' Python: make_collection.py PATH DECK MARKER N
"""

import sys

from anki.collection import AddNoteRequest, Collection


def main(path: str, deck: str, marker: str, count: int) -> None:
    collection = Collection(path)
    model = collection.models.by_name("Basic")
    deck_id = collection.decks.id(deck)
    assert model is not None and deck_id is not None
    requests = []
    for number in range(count):
        note = collection.new_note(model)
        note["Front"] = f"{marker} {number}: which <b>shape</b> leaves the encoder?"
        note["Back"] = f"One token a patch, {number} numbers wide."
        requests.append(AddNoteRequest(note, deck_id))
    collection.add_notes(requests)
    limits = collection.decks.config_dict_for_deck_id(deck_id)
    limits["new"]["perDay"] = limits["rev"]["perDay"] = 9999
    collection.decks.update_config(limits)
    seen = list(collection.find_cards(f"deck:{deck}"))[: count // 2]
    for _ in range(2):
        # Writes a log row a card each time and leaves the cards as review cards that are due.
        collection.sched.set_due_date(seen, "0")
    collection.close()
    print("done")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
