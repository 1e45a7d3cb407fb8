"""What is wrong with a table?"""

import pytest

from analytics.data.findings import Finding, refuse
from analytics.data.refusal import Refusal


def test_a_finding_names_the_thing_how_many_where_the_rule_and_the_remedy() -> None:
    whole = Finding("bank.csv", "", 2, 5, "rows do not have the 3 fields of the header", "mend them")
    assert whole.text == "bank.csv: 2 rows do not have the 3 fields of the header (first in row 5); mend them"
    assert Finding("bank.csv", "job", 0, 0, "it is odd", "drop it").text == "bank.csv, column 'job': it is odd; drop it"


def test_only_grave_findings_refuse_and_the_first_one_speaks() -> None:
    mild, grave, worse = (Finding("t", "", 0, 0, rule, "mend it", grave) for rule, grave in (("mild", False), ("grave", True), ("worse", True)))
    refuse([mild])
    with pytest.raises(Refusal, match=r"^t: grave; mend it$"):
        refuse([mild, grave, worse])
