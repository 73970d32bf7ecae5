"""Rate: nearness to the key, above what one gets for threes everywhere."""

from collections.abc import Callable

import pytest

from upm.content import Item, ResponseError

Build = Callable[..., Item]

KEY = [5, 4, 2, 2, 1]


def ratings(*values: int | None) -> dict[str, int]:
    return {id: value for id, value in zip("abcdefg", values, strict=False) if value is not None}


# Key 5 4 2 2 1: the furthest ratings are 4 + 3 + 3 + 3 + 4 = 17 points off.
# All threes are 2 + 1 + 1 + 1 + 2 = 7 off: the baseline is 10/17 = .588.
CASES = [
    ((5, 4, 2, 2, 1), 1, 1, "correct"),
    # 1 + 0 + 1 + 0 + 0 = 2 off: 15/17 = .882; (15 - 10) / (17 - 10) = 5/7
    ((4, 4, 3, 2, 1), 15 / 17, 0.714285714, "correct"),
    ((4, 4, 3, 3, 2), 13 / 17, 0.428571429, "partly"),  # 4 off: 3/7
    ((4, 3, 3, 3, 2), 12 / 17, 0.285714286, "not yet"),  # 5 off: 2/7
    ((1, 1, 5, 5, 5), 0, 0, "not yet"),
    ((3, 3, 3, 3, 3), 10 / 17, 0, "not yet"),
    ((2, 2, 2, 2, 2), 11 / 17, 0, "not yet"),  # 3 + 2 + 0 + 0 + 1 = 6 off, yet no judgement
    # c, d and e left out: they earn nothing, 0 + 0 + 3 + 3 + 4 = 10 off
    ((5, 4, None, None, None), 7 / 17, 0, "not yet"),
    ((None, None, None, None, None), 0, 0, "not attempted"),
]


@pytest.mark.parametrize(("values", "raw", "scaled", "outcome"), CASES)
def test_ratings_earn_their_nearness_to_the_key(
    build: Build, values: tuple[int, ...], raw: float, scaled: float, outcome: str
) -> None:
    score = build("rate", *KEY).assess(ratings(*values)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert (score.scaled, score.outcome) == (scaled, outcome)


@pytest.mark.parametrize("rating", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("keys", [KEY, [5, 5, 5, 5, 1], [1, 1, 2.5], [4.5, 3]])
def test_the_same_rating_everywhere_earns_nothing(
    build: Build, keys: list[float], rating: int
) -> None:
    score = build("rate", *keys).assess(ratings(*[rating] * len(keys))).score
    assert score
    assert score.scaled == 0
    assert score.outcome == "not yet"


# Key 4.5 2.5 1: ratings cannot come nearer than .5 + .5 + 0 = 1, nor be further off than
# 3.5 + 2.5 + 4 = 10. So raw = (10 - off) / (10 - 1). All threes: 1.5 + .5 + 2 = 4 off, 6/9.
@pytest.mark.parametrize(
    ("values", "raw", "scaled"),
    [
        ((4, 2, 1), 1, 1),
        ((5, 3, 1), 1, 1),
        ((4, 3, 2), 8 / 9, 0.666666667),  # 2 off; (8/9 - 6/9) / (3/9)
        ((3, 3, 3), 6 / 9, 0),
    ],
)
def test_either_neighbour_of_a_half_point_is_as_good_as_can_be(
    build: Build, values: tuple[int, ...], raw: float, scaled: float
) -> None:
    score = build("rate", 4.5, 2.5, 1).assess(ratings(*values)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert score.scaled == scaled


def test_each_option_gets_its_verdict_and_reason(build: Build) -> None:
    item = build("rate", 5, 4.5, 4.5, 4, 2, 1, 3, sensitive="g")
    feedback = item.assess({"a": 5, "b": 4, "c": 3, "d": 3, "e": 4, "g": 3}).feedback
    assert [(each.verdict, each.given, each.key) for each in feedback] == [
        ("right", 5, 5),
        ("right", 4, 4.5),
        ("off", 3, 4.5),
        ("close", 3, 4),
        ("off", 4, 2),
        ("missed", None, 1),
        ("discussed", 3, None),
    ]
    assert [each.text for each in feedback] == [f"Reason {id}" for id in "abcdefg"]


@pytest.mark.parametrize("rating", [None, 1, 5])
def test_a_culture_sensitive_option_is_never_scored(build: Build, rating: int | None) -> None:
    item = build("rate", *KEY, 3, sensitive="f")
    score = item.assess(ratings(4, 4, 3, 2, 1, rating)).score
    assert score
    assert score.scaled == 0.714285714
    threes = item.assess(ratings(3, 3, 3, 3, 3, rating)).score
    assert threes
    assert threes.scaled == 0
    alone = item.assess(ratings(None, None, None, None, None, rating)).score
    assert alone
    assert alone.outcome == "not attempted"


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ({"z": 3}, "the-item: option = 'z'; expected each of ['a', 'b'] once"),
        ({"a": 6}, "the-item › a: rating = 6; expected 1 to 5"),
        ({"a": 0}, "the-item › a: rating = 0; expected 1 to 5"),
        ({"a": True}, "the-item › a: rating = True; expected 1 to 5"),
        ({"a": 2.0}, "the-item › a: rating = 2.0; expected 1 to 5"),
        ({"a": "2"}, "the-item › a: rating = '2'; expected 1 to 5"),
        ({"a": None}, "the-item › a: rating = None; expected 1 to 5"),
        ({1: 2}, "the-item: response = [1]; expected a list of option ids"),
        (["a", "b"], "the-item: response = ['a', 'b']; expected a dict by option id"),
        (None, "the-item: response = None; expected a dict by option id"),
    ],
)
def test_a_response_that_cannot_be_is_refused(build: Build, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        build("rate", 5, 1).assess(response)
    assert str(caught.value) == message


@pytest.mark.parametrize(("keys", "flaws"), [([4, 2.5], 0), ([4, 3], 1), ([3, 3, 3], 1)])
def test_keys_have_to_lie_apart(build: Build, keys: list[float], flaws: int) -> None:
    assert len(list(build("rate", *keys).flaws())) == flaws
