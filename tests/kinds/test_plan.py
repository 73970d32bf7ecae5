"""Plan: the course looks for what is there and concrete, asks where it is not, and never grades."""

import tomllib
from collections.abc import Callable

import pytest

from upm import paths
from upm.content import Item, ResponseError, Wording
from upm.content.wording import Concrete

Build = Callable[..., Item]

WORDING = Wording(
    Concrete(
        vague=("soon", "when possible"),
        unseen=("be", "try", "work on"),
        opening=("then", "i will", "i'll"),
    )
)
SHIPPED = Wording(
    Concrete.model_validate(
        tomllib.loads((paths.DATA / "concrete.toml").read_text(encoding="utf-8"))
    )
)


def verdict(item: Item, words: str) -> str:
    """What the course says to the same words in the first field."""
    return item.assess({"a": words}).feedback[0].verdict


CUES = [
    ("K. enters the meeting", "found"),
    ("On Monday at nine", "found"),
    ("The sooner the better", "found"),  # holds “soon”, not as a word
    ("When K. says “soon”,", "asked"),
    ("As SOON as K. comes", "asked"),
    ("I have time when possible", "asked"),
    ("I have time when, possibly, K. comes", "found"),
    ("On Monday", "asked"),  # two words
    ("- … !", "asked"),
    ("  ", "asked"),
    ("", "asked"),
    ("I try to sleep", "found"),  # a cue need not be an act
]


@pytest.mark.parametrize(("words", "expected"), CUES)
def test_a_cue_has_three_words_and_no_vague_one(build: Build, words: str, expected: str) -> None:
    assert verdict(build("plan", "cue", "words", wording=WORDING), words) == expected


ACTS = [
    ("then I will write to K. today", "found"),
    ("Write to K. and be brief", "found"),  # only the beginning counts
    ("then I will be more open", "asked"),
    ("I'll try to write", "asked"),
    ("I’ll try to write", "asked"),  # typed with a curly apostrophe
    ("Then, I will work on it", "asked"),
    ("I will begin with K.", "found"),  # begins with “be”, not as a word
    ("I will workshop it with K.", "found"),
    ("I will write soon", "asked"),
    ("Write it", "asked"),
]


@pytest.mark.parametrize(("words", "expected"), ACTS)
def test_an_act_is_a_cue_that_somebody_could_see(build: Build, words: str, expected: str) -> None:
    assert verdict(build("plan", "act", "words", wording=WORDING), words) == expected


@pytest.mark.parametrize(
    ("needs", "words", "expected"),
    [
        ("words", "soon", "found"),
        ("words", "x", "found"),
        ("words", " \n", "asked"),
        ("day", "2026-11-30", "found"),
        ("day", " 2026-11-30 ", "found"),
        ("day", "2026-11-31", "asked"),
        ("day", "Monday", "asked"),
        ("day", "", "asked"),
    ],
)
def test_a_day_is_a_day_and_any_words_are_words(
    build: Build, needs: str, words: str, expected: str
) -> None:
    assert verdict(build("plan", needs, "words", wording=WORDING), words) == expected


def test_without_a_list_of_words_nothing_is_vague(build: Build) -> None:
    assert verdict(build("plan", "act", "words"), "I will try soon") == "found"


@pytest.mark.parametrize(
    ("needs", "words", "expected"),
    [
        ("cue", "K. mentions a new date in the Tuesday meeting,", "found"),
        ("cue", "It gets stressful sometimes", "asked"),
        ("act", "then I will write to K. the same day", "found"),
        ("act", "I want to communicate better with K.", "asked"),
        ("act", "I am going to be more transparent", "asked"),
    ],
)
def test_the_words_of_the_course_tell_a_plan_from_a_wish(
    build: Build, needs: str, words: str, expected: str
) -> None:
    assert verdict(build("plan", needs, "words", wording=SHIPPED), words) == expected


def test_what_is_found_has_no_comment_and_what_is_not_gets_a_question(build: Build) -> None:
    item = build("plan", "cue", "act", "words", "day", wording=WORDING)
    assessment = item.assess({"a": " K. enters the room ", "b": "be nicer to K.", "d": "soon"})
    assert assessment.score is None
    assert [(each.option, each.verdict, each.text, each.given) for each in assessment.feedback] == [
        ("a", "found", "", "K. enters the room"),
        ("b", "asked", "Asked act", "be nicer to K."),
        ("c", "asked", "Asked words", ""),
        ("d", "asked", "Asked day", "soon"),
    ]
    assert not item.scored
    assert list(item.flaws()) == []


def test_the_questions_are_not_shown_beforehand(build: Build) -> None:
    public = build("plan", "cue", "day").public()
    assert public["options"] == [
        {"id": "a", "text": "Option a", "needs": "cue", "example": ""},
        {"id": "b", "text": "Option b", "needs": "day", "example": ""},
    ]
    assert (public["longest"], public["days"]) == (2000, 14)


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ({"a": "x" * 2001}, "the-item › a: expected at most 2000 characters"),
        ({"a": 1}, "the-item › a: expected at most 2000 characters"),
        ({"a": None}, "the-item › a: expected at most 2000 characters"),
        ({"z": "x"}, "the-item: option = 'z'; expected each of ['a', 'b'] once"),
        (["a"], "the-item: response = ['a']; expected a dict by option id"),
        (None, "the-item: response = None; expected a dict by option id"),
    ],
)
def test_a_response_that_cannot_be_is_refused(build: Build, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        build("plan", "cue", "act").assess(response)
    assert str(caught.value) == message
