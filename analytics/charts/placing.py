"""Where can a word stand without covering another word or a mark?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in pixels, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Box") -> bool:
        """Do the two share any area?"""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def inside(self, other: "Box") -> bool:
        """Does this one lie wholly within the other?"""
        return (
            other.left <= self.left
            and other.bottom <= self.bottom
            and self.right <= other.right
            and self.top <= other.top
        )


@dataclass(frozen=True, slots=True)
class Word:
    """A text that belongs to a point, in pixels.

    `away` is the distance its mark asks for, `short` what may stand instead.
    """

    text: str
    x: float
    y: float
    short: str = ""
    away: float = 6.0
    size: float = 12.0


@dataclass(frozen=True, slots=True)
class Place:
    """A word, what of it is written, and the box it may fill."""

    word: Word
    text: str
    box: Box

    @property
    def anchor(self) -> str:
        """Which end of the word is fixed.

        The one towards its point, because its true width is only estimated.
        """
        return (
            "left"
            if self.box.left >= self.word.x
            else "right"
            if self.box.right <= self.word.x
            else "center"
        )

    @property
    def shift(self) -> tuple[float, float]:
        """Pixels from the word's point to its fixed end, or to its middle, to the right and up."""
        across = {
            "left": self.box.left,
            "right": self.box.right,
            "center": (self.box.left + self.box.right) / 2,
        }[self.anchor]
        return across - self.word.x, (self.box.bottom + self.box.top) / 2 - self.word.y


# right first: where readers look for a name
SIDES = ((1, 0), (1, 1), (1, -1), (-1, 0), (-1, 1), (-1, -1), (0, 1), (0, -1))


def place(words: Sequence[Word], *, taken: Iterable[Box] = (), frame: Box) -> list[Place]:
    """Give each word in turn the first free side of its point; words that find none are left out.

    Parameters
    ----------
    words
        In order of importance.
    taken
        What no word may cover, such as marks.
    frame
        What every word must stay inside.
    """
    full, placed = list(taken), []
    for word in words:
        tries = (
            Place(word, text, box)
            for text in (word.text, word.short)
            if text
            for box in _around(word, text)
        )
        free = (
            spot
            for spot in tries
            if spot.box.inside(frame) and not any(spot.box.meets(other) for other in full)
        )
        if (spot := next(free, None)) is not None:
            placed.append(spot)
            full.append(spot.box)
    return placed


def around(x: float, y: float, half: float) -> Box:
    """The box of a mark."""
    return Box(x - half, y - half, x + half, y + half)


def along(points: Sequence[tuple[float, float]], half: float = 2.0) -> Iterator[Box]:
    """Small boxes that cover a line through the points."""
    for (x0, y0), (x1, y1) in pairwise(points):
        pieces = 1 + int(max(abs(x1 - x0), abs(y1 - y0)) / (3 * half))
        for i in range(pieces + 1):
            yield around(x0 + (x1 - x0) * i / pieces, y0 + (y1 - y0) * i / pieces, half)


def _around(word: Word, text: str) -> Iterator[Box]:
    """The box of this text on each side of its point, near it first, then a step further off."""
    wide, tall = 0.56 * word.size * len(text) + 4, 1.25 * word.size
    for away in (word.away, word.away + 9):
        for across, up in SIDES:
            x = word.x + across * (away * (0.8 if up else 1) + wide / 2)
            y = word.y + up * ((away * 0.5 if across else away) + tall / 2)
            yield Box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
