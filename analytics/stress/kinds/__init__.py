"""Which kinds of stress are there? Those in the modules of this folder; none is listed."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import getmembers, isabstract, isclass
from pkgutil import iter_modules

from analytics.stress.kind import Stress


def discover() -> Mapping[str, type[Stress]]:
    """The kinds in this folder by their words, in order."""
    return {kind.word: kind for kind in sorted(_found(), key=lambda kind: (kind.place, kind.word))}


def _found() -> Iterator[type[Stress]]:
    for module in iter_modules(__path__, f"{__name__}."):
        for _, kind in getmembers(import_module(module.name), isclass):
            if kind.__module__ == module.name and issubclass(kind, Stress) and not isabstract(kind):
                yield kind


KINDS = dict(discover())
