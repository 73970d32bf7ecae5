"""Mark: F1 of the marked passages."""

from collections.abc import Callable

import pytest

from upm.content import Item, ResponseError

Build = Callable[..., Item]

# Two of four are keyed (a, b). F1 = 2 x hits / (hits + false alarms + 2).
# All 16 sets, by hits h and false alarms f: (1 2 1 ways of h) x (1 2 1 ways of f) x F1:
# h = 1: 2 x (1 x 2/3 + 2 x 2/4 + 1 x 2/5) = 4.133333; h = 2: 4/4 + 2 x 4/5 + 4/6 = 3.266667.
# 7.4 / 16 = .4625, less than marking everything: 4/6 = .666667, which is the baseline.
CASES = [
    ("ab", 1, 1, "correct"),
    ("abc", 4 / 5, 0.4, "partly"),  # (.8 - .666667) / .333333
    ("abcd", 2 / 3, 0, "not yet"),
    ("a", 2 / 3, 0, "not yet"),
    ("cd", 0, 0, "not yet"),
    ("", 0, 0, "not attempted"),
]


@pytest.mark.parametrize(("marked", "raw", "scaled", "outcome"), CASES)
def test_marks_earn_their_f1(
    build: Build, marked: str, raw: float, scaled: float, outcome: str
) -> None:
    score = build("mark", True, True, False, False).assess(list(marked)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert (score.scaled, score.outcome) == (scaled, outcome)


def test_each_passage_gets_its_verdict_and_reason(build: Build) -> None:
    item = build("mark", True, True, False, False, True, sensitive="e")
    feedback = item.assess(["a", "c", "e"]).feedback
    assert [(each.verdict, each.given, each.key) for each in feedback] == [
        ("right", True, True),
        ("missed", False, True),
        ("off", True, False),
        ("left", False, False),
        ("discussed", True, None),
    ]
    assert [each.text for each in feedback] == [f"Reason {id}" for id in "abcde"]


@pytest.mark.parametrize("marked", ["ab", "abe", "abf", "abef"])
def test_a_culture_sensitive_passage_is_never_scored(build: Build, marked: str) -> None:
    item = build("mark", True, True, False, False, True, False, sensitive="ef")
    score = item.assess(list(marked)).score
    assert score
    assert (score.scaled, score.baseline) == (1, pytest.approx(2 / 3))
    alone = item.assess(["e"]).score
    assert alone
    assert (alone.raw, alone.outcome) == (0, "not yet")


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (["z"], "the-item: option = 'z'; expected each of ['a', 'b', 'c'] once"),
        (["a", "a"], "the-item: option = 'a'; expected each of ['a', 'b', 'c'] once"),
        ("a", "the-item: response = 'a'; expected a list of option ids"),
        ([True], "the-item: response = [True]; expected a list of option ids"),
        ({"a": True}, "the-item: response = {'a': True}; expected a list of option ids"),
    ],
)
def test_a_response_that_cannot_be_is_refused(build: Build, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        build("mark", True, True, False).assess(response)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("keys", "flaws"), [([True, False, False], 0), ([True] * 3, 1), ([False] * 3, 1)]
)
def test_there_is_something_to_mark_and_something_to_leave(
    build: Build, keys: list[bool], flaws: int
) -> None:
    assert len(list(build("mark", *keys).flaws())) == flaws
