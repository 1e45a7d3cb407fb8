"""What is wrong with a table?"""

import json
from dataclasses import asdict

import pytest

from analytics.data.findings import Choice, Finding, refuse
from analytics.data.refusal import Refusal


def test_a_finding_names_the_thing_how_many_where_the_rule_and_the_remedy() -> None:
    whole = Finding(
        "bank.csv", "", 2, 5, "rows do not have the 3 fields of the header", "mend them"
    )
    assert (
        whole.text
        == "bank.csv: 2 rows do not have the 3 fields of the header (first in row 5); mend them"
    )
    assert (
        Finding("bank.csv", "job", 0, 0, "it is odd", "drop it").text
        == "bank.csv, column 'job': it is odd; drop it"
    )


def test_only_grave_findings_refuse_and_the_first_one_speaks() -> None:
    mild, grave, worse = (
        Finding("t", "", 0, 0, rule, "mend it", grave)
        for rule, grave in (("mild", False), ("grave", True), ("worse", True))
    )
    refuse([mild])
    with pytest.raises(Refusal, match=r"^t: grave; mend it$"):
        refuse([mild, grave, worse])


def test_a_question_says_what_each_answer_means_and_which_option_settles_it() -> None:
    day = Choice("the day comes first", "types", "%d/%m/%Y")
    month = Choice("the month comes first", "types", "%m/%d/%Y", likely=True)
    question = Finding("bank.csv", "made on", 3, 0, "dates are", "choose", choices=(day, month))
    assert question.open
    assert not Finding("bank.csv", "made on", 3, 0, "dates are", "choose").open
    assert (
        question.text
        == "bank.csv, column 'made on': 3 dates are; choose: the day comes first (--types 'made"
        " on=%d/%m/%Y') or the month comes first (--types 'made on=%m/%d/%Y')"
    )
    assert Finding(**json.loads(json.dumps(asdict(question)))) == question
