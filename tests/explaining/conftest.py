"""What the tests of explanations share: the small tables and the sample people, explained once."""

from pathlib import Path

import pytest

from analytics.data.catalog.toml import read
from analytics.explaining import records
from analytics.explaining.explanation import Explanation, explain
from analytics.sources.fitting import Fitted, load

SAMPLE = Path(__file__).parents[2] / "sample_data" / "catalog.toml"


def explained(of: Fitted) -> Explanation:
    models = of.models()
    return explain(
        records.stream(of.population, models, of.evidence), models, of.evidence.base_rate
    )


@pytest.fixture(scope="session")
def small(fitted: Fitted) -> Explanation:
    """The people of the small tables."""
    return explained(fitted)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """The sample people, fitted once."""
    return load(read(SAMPLE), folder=tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def sample_explained(sample: Fitted) -> Explanation:
    """The sample people, explained once."""
    return explained(sample)
