"""Choice: credit of one answer, or right ticks less wrong ones."""

from collections.abc import Callable

import pytest

from upm.content import Item, ResponseError

Build = Callable[..., Item]

# Baseline of one answer: the mean credit. Keys 3 2 1 0: (3 + 2 + 1 + 0) / 3 / 4 = .5;
# keys 3 2 0 0: 5 / 3 / 4 = .416667; keys 3 0 0 0: .25.
ONE = [
    ([3, 2, 1, 0], "a", 1, 1, "correct"),
    ([3, 2, 1, 0], "b", 2 / 3, 0.333333333, "not yet"),  # (.6667 - .5) / .5
    ([3, 2, 1, 0], "c", 1 / 3, 0, "not yet"),
    ([3, 2, 1, 0], "d", 0, 0, "not yet"),
    ([3, 2, 0, 0], "b", 2 / 3, 0.428571429, "partly"),  # .25 / .583333
    ([3, 0, 0, 0], "", 0, 0, "not attempted"),
]


@pytest.mark.parametrize(("keys", "picked", "raw", "scaled", "outcome"), ONE)
def test_one_answer_earns_its_credit_above_the_mean_credit(
    build: Build, keys: list[int], picked: str, raw: float, scaled: float, outcome: str
) -> None:
    score = build("choice", *keys).assess(list(picked)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert (score.scaled, score.outcome) == (scaled, outcome)


# Keys 3 3 0 0. Of the 16 sets, {a} {b} earn 1/2 each, {a b} 1, {a b c} {a b d} 1/2 each, others 0:
# 3 / 16 = .1875, more than ticking all (2 - 2 = 0).
# Keys 3 3 3 0. Without d the sets earn 3 x 1/3 + 3 x 2/3 + 1 = 4, with d 3 x 1/3 + 2/3 = 5/3:
# 17/3 / 16 = .354, less than ticking all: (3 - 1) / 3 = .667, which is the baseline.
SEVERAL = [
    ([3, 3, 0, 0], "ab", 1, 1, "correct"),
    ([3, 3, 0, 0], "a", 0.5, 0.384615385, "partly"),  # (.5 - .1875) / .8125 = 5/13
    ([3, 3, 0, 0], "abc", 0.5, 0.384615385, "partly"),
    ([3, 3, 0, 0], "ac", 0, 0, "not yet"),
    ([3, 3, 0, 0], "cd", 0, 0, "not yet"),
    ([3, 3, 0, 0], "abcd", 0, 0, "not yet"),
    ([3, 3, 0, 0], "", 0, 0, "not attempted"),
    ([3, 3, 3, 0], "abc", 1, 1, "correct"),
    ([3, 3, 3, 0], "ab", 2 / 3, 0, "not yet"),
    ([3, 3, 3, 0], "abcd", 2 / 3, 0, "not yet"),
]


@pytest.mark.parametrize(("keys", "picked", "raw", "scaled", "outcome"), SEVERAL)
def test_several_answers_earn_right_ticks_less_wrong_ones(
    build: Build, keys: list[int], picked: str, raw: float, scaled: float, outcome: str
) -> None:
    score = build("choice", *keys, select="several").assess(list(picked)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert (score.scaled, score.outcome) == (scaled, outcome)


@pytest.mark.parametrize(
    ("select", "keys", "picked", "verdicts"),
    [
        ("one", [3, 2, 0, 3], "b", ["missed", "close", "left", "discussed"]),
        ("one", [3, 2, 0, 3], "c", ["missed", "left", "off", "discussed"]),
        ("several", [3, 3, 0, 0, 3], "acd", ["right", "missed", "off", "off", "discussed"]),
    ],
)
def test_each_option_gets_its_verdict_and_reason(
    build: Build, select: str, keys: list[int], picked: str, verdicts: list[str]
) -> None:
    last = "abcde"[len(keys) - 1]
    feedback = build("choice", *keys, select=select, sensitive=last).assess(list(picked)).feedback
    assert [each.verdict for each in feedback] == verdicts
    assert [each.text for each in feedback] == [f"Reason {id}" for id in "abcde"[: len(keys)]]
    assert [each.given for each in feedback] == [id in picked for id in "abcde"[: len(keys)]]
    assert [each.key for each in feedback] == [*keys[:-1], None]


def test_a_culture_sensitive_answer_has_no_score(build: Build) -> None:
    item = build("choice", 3, 0, 3, sensitive="c")
    assessment = item.assess(["c"])
    assert assessment.score is None
    assert assessment.feedback[2].verdict == "discussed"
    score = item.assess(["a"]).score
    assert score
    assert score.baseline == 0.5  # (3 + 0) / 3 / 2: c does not count


@pytest.mark.parametrize(("picked", "raw"), [("ab", 1), ("abe", 1), ("abf", 1), ("abef", 1)])
def test_culture_sensitive_ticks_change_nothing(build: Build, picked: str, raw: float) -> None:
    item = build("choice", 3, 3, 0, 0, 3, 0, select="several", sensitive="ef")
    score = item.assess(list(picked)).score
    assert score
    assert (score.raw, score.baseline) == (raw, 0.1875)


def test_culture_sensitive_ticks_alone_are_an_attempt_that_earns_nothing(build: Build) -> None:
    score = build("choice", 3, 0, 3, select="several", sensitive="c").assess(["c"]).score
    assert score
    assert (score.raw, score.outcome) == (0, "not yet")


@pytest.mark.parametrize(
    ("select", "response", "message"),
    [
        ("one", ["a", "b"], "the-item: response = ['a', 'b']; expected at most one id"),
        ("one", ["z"], "the-item: option = 'z'; expected each of ['a', 'b', 'c'] once"),
        ("several", ["a", "a"], "the-item: option = 'a'; expected each of ['a', 'b', 'c'] once"),
        ("one", "a", "the-item: response = 'a'; expected a list of option ids"),
        ("one", [1], "the-item: response = [1]; expected a list of option ids"),
        ("one", None, "the-item: response = None; expected a list of option ids"),
        ("one", {"a": 1}, "the-item: response = {'a': 1}; expected a list of option ids"),
    ],
)
def test_a_response_that_cannot_be_is_refused(
    build: Build, select: str, response: object, message: str
) -> None:
    with pytest.raises(ResponseError) as caught:
        build("choice", 3, 0, 0, select=select).assess(response)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("select", "keys", "flaws"),
    [
        ("one", [3, 2], []),
        ("one", [2, 0], ["options"]),
        ("one", [3, 3], ["options"]),
        ("several", [3, 1], ["key"]),
        ("several", [3, 3], ["options"]),
    ],
)
def test_a_key_that_tells_nothing_apart_is_a_flaw(
    build: Build, select: str, keys: list[int], flaws: list[str]
) -> None:
    assert [flaw.key for flaw in build("choice", *keys, select=select).flaws()] == flaws
