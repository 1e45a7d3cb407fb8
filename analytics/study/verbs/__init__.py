"""What does each verb answer? One function a verb, of a study; names and values fit for JSON."""

from .data import check, fit
from .people import explain_cohort, explain_person, score_file
from .stress import stress_readings
from .weights import sweep_weights, value_sources, weigh

__all__ = [
    "check",
    "explain_cohort",
    "explain_person",
    "fit",
    "score_file",
    "stress_readings",
    "sweep_weights",
    "value_sources",
    "weigh",
]
