"""Case: the learner's own words are kept as they are, and never scored."""

from collections.abc import Callable

import pytest

from upm.content import Assessment, Item, ResponseError

Build = Callable[..., Item]


@pytest.mark.parametrize("response", [{}, {"a": ""}, {"a": "x" * 2000}, {"a": "One", "b": "Two"}])
def test_words_get_neither_score_nor_feedback(build: Build, response: dict[str, str]) -> None:
    item = build("case", "An example", "Another")
    assert item.assess(response) == Assessment(None, ())
    assert list(item.flaws()) == []


def test_the_examples_are_shown_beforehand(build: Build) -> None:
    public = build("case", "An example", "Another").public()
    assert [option["example"] for option in public["options"]] == ["An example", "Another"]
    assert public["longest"] == 2000


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ({"a": "x" * 2001}, "the-item › a: expected at most 2000 characters"),
        ({"a": 1}, "the-item › a: expected at most 2000 characters"),
        ({"z": "x"}, "the-item: option = 'z'; expected each of ['a'] once"),
        (["a"], "the-item: response = ['a']; expected a dict by option id"),
        ("a", "the-item: response = 'a'; expected a dict by option id"),
    ],
)
def test_a_response_that_cannot_be_is_refused(build: Build, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        build("case", "An example").assess(response)
    assert str(caught.value) == message
