"""Where is kept what was learned? The work folder: models as JSON, evidence as Parquet, and a
manifest that vouches for both.

Everything is written under a temporary name, flushed and renamed, so that a crash leaves the old
files or the new ones, never half of each. Nothing is opened before its sha256 agrees with the
manifest: XGBoost crashes on many damaged models, and Polars reads many damaged tables in silence.
"""

import hashlib
import io
import json
import re
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl

from analytics.data import disk
from analytics.data.catalog.model import Catalog, Source
from analytics.data.chance import salts
from analytics.data.population import Population, fingerprint
from analytics.data.refusal import Refusal

from .evidence import Evidence, line_up
from .forest import Forest
from .model import Settings, SourceModel, text

FORMAT = 2
LIBRARIES = ("numpy", "polars", "xgboost")
MANIFEST, EVIDENCE, REPORT = "manifest.json", "evidence.parquet", "fit.json"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one population's models, inside the work folder."""

    folder: Path

    def inside(self, name: str) -> "Home":
        """A place of its own beside what is kept here."""
        return Home(self.folder / name)

    def manifest(self) -> dict[str, object]:
        """What is kept here; empty when nothing is, or when it cannot be read."""
        try:
            read = json.loads((self.folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) and isinstance(read.get("files"), dict) else {}

    def holds(self, key: dict[str, object]) -> bool:
        """Are the models kept here those of this data, catalog and settings, and whole?"""
        manifest = self.manifest()
        return manifest.get("key") == json.loads(text(key)) and all(
            self._intact(name, digest)
            for name, digest in manifest["files"].items()  # type: ignore[attr-defined]
        )

    def _intact(self, name: str, digest: str) -> bool:
        path = self.folder / name
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest

    def digest(self, name: str) -> str:
        """The sha256 that the manifest gives a file; empty where it knows none."""
        return str(self.manifest().get("files", {}).get(name, ""))  # type: ignore[attr-defined]

    def open(self, name: str) -> bytes:
        """A kept file's bytes, if they are still those that were written.

        Raises
        ------
        Refusal
            If the file is missing, damaged or edited.
        """
        digest = self.digest(name)
        kept = (self.folder / name).read_bytes() if (self.folder / name).is_file() else b""
        if not digest or hashlib.sha256(kept).hexdigest() != digest:
            raise Refusal(
                f"{name} in {self.folder} is missing, damaged or edited; delete the folder and fit"
                " again"
            )
        return kept

    def write(self, key: dict[str, object], files: dict[str, bytes]) -> None:
        """Keep files and, last, the manifest that vouches for them.

        Raises
        ------
        Refusal
            If the folder cannot be written.
        """
        try:
            with disk.locked(
                self.folder
            ):  # one manifest vouches for all files: they must be one writer's
                for name, content in files.items():
                    disk.write(self.folder / name, content)
                manifest = {
                    "key": key,
                    "files": {n: hashlib.sha256(c).hexdigest() for n, c in files.items()},
                    "libraries": {n: version(n) for n in LIBRARIES},
                }
                disk.write(self.folder / MANIFEST, text(manifest).encode())
        except OSError as error:
            raise Refusal(
                f"cannot write to the work folder {self.folder}: {disk.why(error)}; choose another"
                " with --home or WEIGHBRIDGE_HOME"
            ) from None


def home(root: Path, catalog: Catalog) -> Home:
    """The folder of a catalog inside the work folder.

    One per catalog file, readable by its name.
    """
    whole = catalog.path.resolve()
    digest = hashlib.sha256(str(whole).encode()).hexdigest()
    return Home(root / f"{whole.parent.name or 'data'}-{digest[:8]}")


def key(population: Population, settings: Settings) -> dict[str, object]:
    """All that the models depend on.

    The files' bytes, what the catalog says of them, settings, seed, XGBoost. Labels and prices may
    change freely.
    """
    people = population.catalog.people
    told = {
        "table": people.table,
        "id": people.id,
        "outcome": people.outcome,
        "bad": people.bad,
        "time": people.time,
    }
    told |= {"undecided": people.undecided} if people.undecided else {}
    told |= {"groups": people.groups, "missing": people.missing}
    return {
        "format": FORMAT,
        "data": fingerprint(population),
        "read": [repr(population.catalog.table(name)) for name in population.catalog.taught],
        "population": told,
        "chance": salts("split", "half", "fold"),
        **(
            {"cleaned": list(map(repr, population.catalog.cleanings))}
            if population.catalog.cleanings
            else {}
        ),
        "sources": [_told(s, population) for s in population.catalog],
        "settings": asdict(settings),
        "xgboost": version("xgboost"),
    }


def _told(source: Source, population: Population) -> dict[str, object]:
    features = [[f.name, f.direction, f.type] for f in population.features[source.key]]
    return {
        "key": source.key,
        "table": population.table_of(source),
        "present": source.present,
        "consent": source.consent,
        "features": features,
    }


def pack(models: list[SourceModel], evidence: Evidence, report: pl.DataFrame) -> dict[str, bytes]:
    """Models, evidence and report as the bytes of files."""
    files = {
        _model(m.key, at): turn.forest.json for m in models for at, turn in enumerate(m.turns)
    } | {f"{m.key}.json": text(m.description()).encode() for m in models}
    return files | {EVIDENCE: _parquet(evidence), REPORT: report.write_json().encode()}


def models(kept: Home, catalog: Catalog) -> list[SourceModel]:
    """The kept models, in catalog order.

    Raises
    ------
    Refusal
        If a newer version has written them, or a file of theirs is missing, damaged or edited.
    """
    _readable(kept)
    return [_restored(kept, key) for key in catalog.keys]


def _restored(kept: Home, key: str) -> SourceModel:
    described = json.loads(kept.open(f"{key}.json"))
    return SourceModel.restored(
        described, *(Forest(kept.open(_model(key, at))) for at in range(len(described["turns"])))
    )


def _model(key: str, at: int) -> str:
    """The file of a model.

    Of a single one or that of the first fold, and of those of further folds.
    """
    return f"{key}.{at + 1}.model.json" if at else f"{key}.model.json"


def _readable(kept: Home) -> None:
    """Refuse what a newer version has written, by the word of the manifest, before anything of it
    is opened.
    """
    told = kept.manifest().get("key")
    here: dict[str, object] = {"format": FORMAT, "xgboost": version("xgboost")}
    for name, words in (("format", "in format"), ("xgboost", "by XGBoost")):
        then = told.get(name) if isinstance(told, dict) else None
        if _numbers(then) > _numbers(here[name]):
            raise Refusal(
                f"the models in {kept.folder} were saved {words} {then}, newer than {here[name]}"
                " here; update this installation, or fit again"
            )


def _numbers(release: object) -> tuple[int, ...]:
    """A version's numbers, for comparing: 3.10 comes after 3.9."""
    return tuple(map(int, re.findall(r"\d+", str(release))[:3]))


def report(kept: Home) -> pl.DataFrame:
    """What was seen while fitting, one row per source."""
    return pl.read_json(io.BytesIO(kept.open(REPORT)))


def evidence(kept: Home, catalog: Catalog) -> Evidence:
    """The kept evidence, lined up again."""
    frame = pl.read_parquet(io.BytesIO(kept.open(EVIDENCE)))
    added = np.asfortranarray(frame.select(_column(k) for k in catalog.keys).to_numpy())
    base_rate = float(frame["base_rate"][0])
    return line_up(catalog, frame.drop("base_rate", *map(_column, catalog.keys)), added, base_rate)


def _parquet(evidence: Evidence) -> bytes:
    added = pl.DataFrame(
        {_column(k): evidence.added[:, s] for s, k in enumerate(evidence.catalog.keys)}
    )
    frame = pl.concat(
        [
            evidence.people,
            added,
            pl.DataFrame({"base_rate": np.full(len(added), evidence.base_rate)}),
        ],
        how="horizontal",
    )
    buffer = io.BytesIO()
    frame.sort("row").write_parquet(buffer, compression="zstd", compression_level=1)
    return buffer.getvalue()


def _column(key: str) -> str:
    return f"added.{key}"
