"""Sort: the share of cards in their bins, above what the fullest bin would get."""

from collections.abc import Callable

import pytest

from upm.content import Item, ResponseError

Build = Callable[..., Item]


def bins(letters: str) -> dict[str, str]:
    """The first card into the first of the bins, and so on; a dash leaves a card where it is."""
    return {id: bin for id, bin in zip("abcdefg", letters, strict=False) if bin != "-"}


# Cards for x x x y z z. Guessing earns 1/3, all into x 3/6: the baseline is 1/2.
CASES = [
    ("xxxyzz", 1, 1, "correct"),
    ("xxxyzx", 5 / 6, 0.666666667, "partly"),  # (5/6 - 1/2) / (1/2) = 2/3
    ("xxxyz-", 5 / 6, 0.666666667, "partly"),  # a card left out earns nothing
    ("xxxyxx", 4 / 6, 0.333333333, "not yet"),
    ("xxxxxx", 3 / 6, 0, "not yet"),
    ("yyyyyy", 1 / 6, 0, "not yet"),
    ("zzzxxy", 0, 0, "not yet"),
    ("------", 0, 0, "not attempted"),
]


@pytest.mark.parametrize(("letters", "raw", "scaled", "outcome"), CASES)
def test_cards_earn_their_share(
    build: Build, letters: str, raw: float, scaled: float, outcome: str
) -> None:
    score = build("sort", *"xxxyzz").assess(bins(letters)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert score.baseline == 1 / 2
    assert (score.scaled, score.outcome) == (scaled, outcome)


# A bin for each of four cards: guessing, any one bin and any other matching all earn 1/4.
@pytest.mark.parametrize(
    ("letters", "scaled"),
    [
        ("wxyz", 1),
        ("wxzy", 0.333333333),  # (2/4 - 1/4) / (3/4)
        ("xwzy", 0),
        ("wwww", 0),
        ("wzxy", 0),  # one of four
    ],
)
def test_cards_with_a_bin_each_are_matched(build: Build, letters: str, scaled: float) -> None:
    score = build("sort", *"wxyz").assess(bins(letters)).score
    assert score
    assert (score.baseline, score.scaled) == (1 / 4, scaled)


def test_a_bin_for_no_card_is_a_bin_like_others(build: Build) -> None:
    item = build("sort", *"xxyy", bins="xyz")
    assert list(item.flaws()) == []
    score = item.assess(bins("xzyz")).score
    assert score
    assert (score.raw, score.baseline, score.scaled) == (1 / 2, 1 / 2, 0)  # all into x: 2/4


def test_each_card_gets_its_verdict_and_reason(build: Build) -> None:
    feedback = build("sort", *"xxyzy", sensitive="e").assess(bins("xz-zx")).feedback
    assert [(each.verdict, each.given, each.key) for each in feedback] == [
        ("right", "x", "x"),
        ("off", "z", "x"),
        ("off", None, "y"),
        ("right", "z", "z"),
        ("discussed", "x", None),
    ]
    assert [each.text for each in feedback] == [f"Reason {id}" for id in "abcde"]


@pytest.mark.parametrize("bin", "xy-")
def test_a_culture_sensitive_card_is_never_scored(build: Build, bin: str) -> None:
    item = build("sort", *"xxyyx", sensitive="e")
    score = item.assess(bins(f"xxyx{bin}")).score
    assert score
    assert (score.raw, score.baseline) == (3 / 4, 1 / 2)  # with e, all into x would be 3/5
    alone = item.assess(bins(f"----{bin}")).score
    assert alone
    assert (alone.raw, alone.outcome) == (0, "not attempted")


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ({"z": "x"}, "the-item: option = 'z'; expected each of ['a', 'b', 'c'] once"),
        ({"a": "w"}, "the-item › a: bin = 'w'; expected one of "),
        ({"a": ["x"]}, "the-item › a: bin = ['x']; expected one of "),
        ({"a": None}, "the-item › a: bin = None; expected one of "),
        ({1: "x"}, "the-item: response = [1]; expected a list of option ids"),
        (["a"], "the-item: response = ['a']; expected a dict by option id"),
        (None, "the-item: response = None; expected a dict by option id"),
    ],
)
def test_a_response_that_cannot_be_is_refused(build: Build, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        build("sort", *"xxy").assess(response)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("keys", "bin_ids", "sensitive", "flaws"),
    [
        ("xxy", "xy", "", []),
        ("xxx", "xy", "", ["options = ['x', 'y']; cards for at least two bins"]),
        ("xxy", "xy", "c", ["options = ['x', 'y']; cards for at least two bins"]),
        ("xyz", "xy", "", ["key = z; one of x, y"]),
        ("xxy", "xyx", "", ["bins = x; an id of its own for each bin"]),
    ],
)
def test_cards_need_bins_to_tell_apart(
    build: Build, keys: str, bin_ids: str, sensitive: str, flaws: list[str]
) -> None:
    item = build("sort", *keys, bins=list(bin_ids), sensitive=sensitive)
    assert [f"{flaw.key} = {flaw.found}; {flaw.expected}" for flaw in item.flaws()] == flaws


def test_the_bins_are_shown_and_what_belongs_in_them_is_not(build: Build) -> None:
    public = build("sort", *"xxy").public()
    assert public["bins"] == [{"id": "x", "text": "Bin x"}, {"id": "y", "text": "Bin y"}]
    assert public["options"] == [{"id": id, "text": f"Option {id}"} for id in "abc"]
