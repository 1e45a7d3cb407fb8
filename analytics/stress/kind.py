"""What is a kind of stress? What it does, how it is named and told, and its fields."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeVar

from analytics.data.catalog.model import Source
from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence

from .context import StressContext

T = TypeVar("T", float, int, str, bool)


def always(stress: Any, source: Source) -> bool:  # noqa: ARG001 - as every condition
    """A field that is asked for of every stress and source."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """How a page asks for a field of a stress.

    Attributes
    ----------
    label : what stands beside the widget.
    help : what the field means.
    shown : is the field asked for, of this stress of this source?
    instead : what is said where it is not.
    """

    label: str = ""
    help: str = ""
    shown: Callable[[Any, Source], bool] = always
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percent(Knob):
    """A slider from 0 to 100%; its label is the stress's `share_label`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Knob):
    """One of a few values, each with its label."""

    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Knob):
    """On or off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Knob):
    """An amount of money; the page adds the currency to its label."""

    step: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider(Knob):
    """A number between two others; whole where `step` is."""

    low: float
    high: float
    step: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale(Knob):
    """One of several numbers in order, each with its label; any other is written with `unit`."""

    options: Mapping[float, str]
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FromPeople(Knob):
    """One of the values that people have, or no matter which: then the field is an empty text.

    Attributes
    ----------
    values : those that these people have, or None where they have no such column.
    anything : the label of no matter which.
    """

    values: Callable[[Evidence], Sequence[str] | None]
    anything: str


def option(usual: T, help: str, knob: Knob | None = None) -> T:
    """A field of a stress: its usual value, its help, and how a page asks for it, if it does."""
    usual_field: T = field(default=usual, metadata={"help": help, "knob": knob})
    return usual_field


def share_option(usual: float) -> float:
    """The field of the share of people who are hit."""
    return option(usual, "of those whom it can hit, from 0 to 1", Percent())


def seed_option() -> int:
    """The field of who is hit."""
    return option(7, "of who is hit")


SOURCE = "the key of the source that it hits"  # help of the first field


@dataclass(frozen=True, slots=True)
class Stress(ABC):
    """One thing that goes wrong with one source, for a share of the persons.

    A kind of stress is a subclass.

    Attributes
    ----------
    word : what it is called in links, scenarios and on the command line.
    label : what it is called on a page.
    meaning : what happens, in a sentence.
    place : where it stands among the kinds; those alike in the order of their words.
    pictures : names of the pictures that a page has of it beside those of every kind.
    begins_with : fields as a page begins with them: strong enough to be seen.
    source : the key of the source.
    share : of those whom it can hit, in [0, 1]; at 0 nothing changes.
    """

    word: ClassVar[str]
    label: ClassVar[str]
    meaning: ClassVar[str]
    place: ClassVar[int] = 100
    pictures: ClassVar[tuple[str, ...]] = ()
    begins_with: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    source: str
    share: float = share_option(0.0)

    @abstractmethod
    def apply(self, persons: Evidence, context: StressContext) -> Evidence:
        """The same persons after it."""

    def cost(self, persons: Evidence, context: StressContext) -> float:  # noqa: ARG002 - for others
        """What it costs whoever does it, in the population's currency; 0 if nothing."""
        return 0.0

    @property
    @abstractmethod
    def share_label(self) -> str:
        """Of whom is the share?"""

    @abstractmethod
    def clause(self, label: str) -> str:
        """What goes wrong, as part of a sentence in Markdown; `label` is the source's."""

    @property
    def theory(self) -> str:
        """What theory expects of the source alone, where there is a picture of that."""
        return ""

    def for_source(self, source: Source) -> Self:
        """The same stress of another source, as far as that allows."""
        return replace(self, source=source.key)

    @property
    def bold_share(self) -> str:
        """The share as clauses say it."""
        return f"**{self.share:.0%}**"


@dataclass(frozen=True, slots=True)
class Option:
    """A field of a kind of stress other than its source; its values have the usual one's type."""

    name: str
    usual: Any
    help: str
    knob: Knob | None


def options(kind: type[Stress]) -> tuple[Option, ...]:
    """The fields of a kind, in order, without its source."""
    return tuple(
        Option(each.name, each.default, each.metadata["help"], each.metadata["knob"])
        for each in fields(kind)
        if each.name != "source"
    )


S = TypeVar("S", bound=Stress)


def of_kind(stress: Stress, kind: type[S]) -> S:
    """The stress, where it is of the kind that a question is about.

    Raises
    ------
    Refusal
        If it is of another kind.
    """
    if not isinstance(stress, kind):
        raise Refusal(
            f"this is asked of the stress {kind.word!r}, not of {stress.word!r}; look at that"
        )
    return stress


def stressed(persons: Evidence, stresses: Sequence[Stress], context: StressContext) -> Evidence:
    """The persons after all of these, one upon the other."""
    for stress in stresses:
        persons = stress.apply(persons, context)
    return persons
