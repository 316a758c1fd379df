"""What a card shows besides its text: the scene that is drawn for it and the picture files it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studytui.course.pictures import NoPicture, PictureLink, as_png, links_in, read_picture, without

if TYPE_CHECKING:
    from labs.protocol import Picture
    from studytui.domain.cards import Card


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a card: its text without the pictures that are shown below it, and the `links` that these were.

    A picture that cannot be shown stays in the text, where its words stand for it.
    """

    text: str
    pictures: tuple[Picture, ...] = ()
    links: tuple[PictureLink, ...] = ()


def front_of(card: Card, text: str, folder: Path) -> Side:
    """What a card asks: `text` without the pictures in it and the card's scene as it is drawn this time."""
    side = _side(text, folder)
    if card.scene is None:
        return side
    found, words = side.pictures, side.text
    try:
        found += _scene(card)
    except Exception as error:  # a scene that fails leaves its words, whatever failed in it
        words += f"\n\n*The picture cannot be drawn ({error}).*\n\n{scene_in_words(card)}"
    return Side(words, found, side.links)


def back_of(card: Card, folder: Path) -> Side:
    """The answer's side."""
    return _side(card.back, folder)


def scene_in_words(card: Card) -> str:
    """The scene of a card as it is drawn this time, a line a picture; '' without one."""
    if card.scene is None:
        return ""
    from labs.scenes import asked

    told = asked.alts(card.scene.kind, card.scene.params, card.scene.draw)
    return "\n".join(f"- [picture: {line}]" for line in told)


def shown_in_words(card: Card) -> list[str]:
    """Every picture of a card, front and back, in words."""
    drawn = [line.removeprefix("- [picture: ").removesuffix("]") for line in scene_in_words(card).splitlines()]
    return drawn + [link.alt for text in (card.front, card.back) for link in links_in(text)]


def _scene(card: Card) -> tuple[Picture, ...]:
    from labs.scenes import asked

    assert card.scene is not None
    return asked.pictures(card.scene.kind, card.scene.params, card.scene.draw)


def _side(text: str, folder: Path) -> Side:
    links = links_in(text)
    if not links:
        return Side(text)
    shown = list(_shown(links, folder))
    links_shown = tuple(link for link, _ in shown)
    return Side(without(text, links_shown), tuple(picture for _, picture in shown), links_shown)


def _shown(links: list[PictureLink], folder: Path) -> Iterator[tuple[PictureLink, Picture]]:
    """The pictures that can be shown."""
    from labs.protocol import Picture

    for link in links:
        try:
            png = as_png(read_picture(folder, link.path), link.path)
        except NoPicture:
            continue
        yield link, Picture.from_png(Path(link.path).stem, png, caption="", alt=link.alt)
