"""Is what a study was asked forgotten where it says so, and nothing else?"""

from analytics.study.memo import Memo


def test_the_answers_whose_key_has_a_part_are_forgotten_and_no_others() -> None:
    memo = Memo(10**6)
    for key in (("a", 1), ("b", 1), ("a", 2)):
        memo.ask(key, lambda: "kept")
    memo.forget(1)
    assert len(memo) == 1
    assert memo.ask(("a", 2), lambda: "anew") == "kept"
    assert memo.ask(("a", 1), lambda: "anew") == "anew"
