"""Every rule: its bad example fires, its good one is silent, and its fix makes the bad one silent."""

import pytest
from marks import example, judge, mended, rules

IDS = sorted(rules())


@pytest.mark.parametrize("rule", IDS)
def test_bad_fires(rule: str) -> None:
    judged = judge(example(rules()[rule].rule.bad), (rule,))
    assert judged.problems == ()
    shown = [f for f in judged.findings if f.confidence != "low"]
    modest = rules()[rule].rule.confidence == "low"
    assert shown or (modest and judged.findings), "the bad example is not shown by default"


@pytest.mark.parametrize("rule", IDS)
def test_good_is_silent(rule: str) -> None:
    judged = judge(example(rules()[rule].rule.good), (rule,))
    assert (judged.findings, judged.unjudged, judged.problems) == ((), (), ())


@pytest.mark.parametrize("rule", [rule for rule in IDS if rules()[rule].fix is not None])
def test_the_fix_mends_the_bad_example(rule: str) -> None:
    files = example(rules()[rule].rule.bad)
    fixed = 0
    for _ in range(20):  # one finding at a time: a fix may move the places of the next
        found = next((f for f in judge(files, (rule,)).findings if f.fix is not None), None)
        if found is None or found.fix is None:
            break
        files[found.at.path] = mended(files[found.at.path], found.fix)
        fixed += 1
    assert fixed, "the rule has a fix, and no finding of its bad example gets one"
    assert judge(files, (rule,)).findings == ()
