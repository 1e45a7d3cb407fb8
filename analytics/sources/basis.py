"""What do the models rest on?

Data, people, settings, versions and files, as the manifest vouches for them.
"""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

from analytics.data.refusal import Refusal

from .fitting import Fitted
from .home import MANIFEST
from .model import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What kept models rest on.

    Attributes
    ----------
    data : sha256 of every table, by its name.
    persons, defaulted, unknown : people in the population, those who defaulted, those whose outcome
        is unknown.
    base_rate : default rate of the training persons.
    settings : how the models were fitted, the seed among them.
    format : of the kept files; a newer one is not read.
    fitted_at : when the models were kept, in UTC, to the second.
    libraries : what fitted them, by name: its version; and the Python that reads them now.
    files : sha256 of every kept file, by its name.
    """

    data: Mapping[str, str]
    persons: int
    defaulted: int
    unknown: int
    base_rate: float
    settings: Settings
    format: int
    fitted_at: datetime
    libraries: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def models(self) -> dict[str, str]:
        """sha256 of each source's model file, by the source's key.

        Where people take turns, of its first, and ``key.2`` and so on of the others.
        """
        end = ".model.json"
        return {
            name.removesuffix(end): digest
            for name, digest in self.files.items()
            if name.endswith(end)
        }

    def json(self) -> dict[str, object]:
        """The basis for JSON."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return values | {"settings": asdict(self.settings), "fitted_at": self.fitted_at.isoformat()}


def basis(fitted: Fitted) -> Basis:
    """What the kept models of a population rest on.

    Raises
    ------
    Refusal
        If no manifest vouches for them any more, or others have been fitted in their place.
    """
    manifest, defaulted = fitted.manifest(), fitted.evidence.people["defaulted"]
    key, libraries = manifest.get("key"), manifest.get("libraries")
    if not (
        isinstance(key, dict)
        and isinstance(libraries, dict)
        and {"data", "settings", "format"} <= key.keys()
        and _known(key["settings"])
    ):
        raise Refusal(
            f"the manifest in {fitted.kept.folder} is missing, damaged or edited; delete the folder"
            " and fit again"
        )
    return Basis(
        data=key["data"],
        persons=len(defaulted),
        defaulted=int(defaulted.sum()),
        unknown=defaulted.null_count(),
        base_rate=fitted.evidence.base_rate,
        settings=Settings(**key["settings"]),
        format=key["format"],
        fitted_at=datetime.fromtimestamp(int((fitted.kept.folder / MANIFEST).stat().st_mtime), UTC),
        libraries=libraries | {"python": platform.python_version()},
        files=manifest["files"],  # type: ignore[arg-type]  # `Home.manifest` gives nothing else
    )


def _known(settings: object) -> bool:
    """Are these the names of our settings, and no others?"""
    return isinstance(settings, dict) and settings.keys() == {f.name for f in fields(Settings)}
