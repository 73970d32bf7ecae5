"""Order: pairs the right way round less pairs the wrong way round."""

from collections.abc import Callable

import pytest

from upm.content import Item, ResponseError

Build = Callable[..., Item]

# Keys 2 4 1 3: found as a b c d, right as c a d b. Of its six pairs, the order as found has
# ab ad cd right and ac bc bd wrong: 0. Of the 24 orders,
# 1 3 5 6 5 3 1 have 0 to 6 wrong pairs; with w of them wrong, 6 - 2w is left, if not below 0.
# Mean: (1 x 6 + 3 x 4 + 5 x 2) / 6 / 24 = 28/144 = .194444, the baseline.
KEYS = [2, 4, 1, 3]
CASES = [
    ("cadb", 1, 1, "correct"),
    ("cabd", 4 / 6, 0.586206897, "partly"),  # bd wrong: (.666667 - .194444) / .805556 = 17/29
    ("acbd", 2 / 6, 0.172413793, "not yet"),  # ac and bd wrong: (48 - 28) / (144 - 28) = 5/29
    ("bdac", 0, 0, "not yet"),
    ("abcd", 0, 0, "not attempted"),
]


@pytest.mark.parametrize(("ranked", "raw", "scaled", "outcome"), CASES)
def test_an_order_earns_its_pairs(
    build: Build, ranked: str, raw: float, scaled: float, outcome: str
) -> None:
    score = build("order", *KEYS).assess(list(ranked)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert (score.scaled, score.outcome) == (scaled, outcome)


def test_the_order_as_found_earns_nothing_even_if_it_is_partly_right(build: Build) -> None:
    item = build("order", 1, 3, 2)  # ab ac right, bc wrong: 1/3 as found
    score = item.assess(["a", "b", "c"]).score
    assert score
    # Guessing: 1 + 1/3 + 1/3, three orders at 0 or below: 5/3 / 6 = .278 < .333
    assert (score.raw, score.baseline) == (1 / 3, 1 / 3)
    assert score.outcome == "not attempted"


@pytest.mark.parametrize("ranked", ["cabd", "cbad"])
def test_cards_with_the_same_place_may_stand_in_either_order(build: Build, ranked: str) -> None:
    assessment = build("order", 2, 2, 1, 3).assess(list(ranked))
    assert assessment.score
    assert assessment.score.scaled == 1
    assert {each.verdict for each in assessment.feedback} == {"right"}


@pytest.mark.parametrize(
    ("ranked", "verdicts"),
    [
        ("cdba", [("right", 1), ("off", 4), ("close", 2), ("close", 3)]),
        ("cdab", [("right", 1), ("close", 3), ("close", 2), ("right", 4)]),
    ],
)
def test_each_card_gets_its_verdict_place_and_reason_in_the_order_of_the_key(
    build: Build, ranked: str, verdicts: list[tuple[str, int]]
) -> None:
    feedback = build("order", *KEYS).assess(list(ranked)).feedback
    assert [(each.verdict, each.given) for each in feedback] == verdicts
    assert [(each.option, each.key) for each in feedback] == [
        ("c", 1),
        ("a", 2),
        ("d", 3),
        ("b", 4),
    ]
    assert [each.text for each in feedback] == [f"Reason {id}" for id in "cadb"]


@pytest.mark.parametrize("ranked", ["ecadb", "cadbe", "caedb"])
def test_a_culture_sensitive_card_is_never_scored(build: Build, ranked: str) -> None:
    assessment = build("order", *KEYS, 5, sensitive="e").assess(list(ranked))
    assert assessment.score
    assert (assessment.score.scaled, assessment.score.baseline) == (1, pytest.approx(28 / 144))
    verdicts = {each.option: (each.verdict, each.key) for each in assessment.feedback}
    assert verdicts.pop("e") == ("discussed", None)
    assert set(verdicts.values()) == {("right", place) for place in (1, 2, 3, 4)}


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (["a", "b"], "the-item: response = ['a', 'b']; expected all 3 ids"),
        ([], "the-item: response = []; expected all 3 ids"),
        (["a", "b", "z"], "the-item: option = 'z'; expected each of ['a', 'b', 'c'] once"),
        (["a", "b", "b"], "the-item: option = 'b'; expected each of ['a', 'b', 'c'] once"),
        ("abc", "the-item: response = 'abc'; expected a list of option ids"),
        (None, "the-item: response = None; expected a list of option ids"),
    ],
)
def test_a_response_that_cannot_be_is_refused(build: Build, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        build("order", 3, 1, 2).assess(response)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("keys", "flaws"),
    [([3, 1, 2], 0), ([1, 2, 3], 1), ([1, 1, 1], 1), ([1, 1, 2], 1), ([2, 1, 1], 0)],
)
def test_cards_must_be_found_in_a_wrong_order(build: Build, keys: list[int], flaws: int) -> None:
    assert len(list(build("order", *keys).flaws())) == flaws
