"""Dialogue: what was said, against the best way through; a repair gives back half of a loss."""

from collections.abc import Callable
from typing import Any

import pytest

from upm.content import Item, ResponseError

Build = Callable[..., Item]

LESS = "less earned than by the best answers on this way"
MOST = "the most earned on this way"

# s begins, r is a repair, m goes on, x and y are ends.
TALK = [
    ("s", "m", 3),  # a
    ("s", "r", 1),  # b
    ("s", "y", 0),  # c
    ("r", "m", 3),  # d
    ("r", "y", 0),  # e
    ("m", "x", 3),  # f
    ("m", "x", 1),  # g
]


@pytest.fixture
def talk(build: Build) -> Item:
    return build("dialogue", *TALK, repair="r")


# The best way, a f, earns 3 + 3 = 6. After b, 2 are lost, of which d gives back 1.
# Guessing earns 3 + (3 + 1) / 2 = 5 after a, 1 + (1 + 2 + 0) / 2 = 2.5 after b and 0 after c:
# 7.5 / 3 = 2.5 of 6, so the baseline is 5/12.
CASES = [
    ("af", 6, 1, "correct"),
    ("bdf", 5, 0.714285714, "correct"),  # 1 + 1 + 3; (10/12 - 5/12) / (7/12) = 5/7
    ("ag", 4, 0.428571429, "partly"),  # 3/7
    ("bdg", 3, 0.142857143, "not yet"),  # 1 + 1 + 1; 1/7
    ("be", 1, 0, "not yet"),
    ("c", 0, 0, "not yet"),
    ("", 0, 0, "not attempted"),
]


@pytest.mark.parametrize(("said", "earned", "scaled", "outcome"), CASES)
def test_a_conversation_earns_what_was_said_against_the_best_way(
    talk: Item, said: str, earned: float, scaled: float, outcome: str
) -> None:
    assert list(talk.flaws()) == []
    score = talk.assess(list(said)).score
    assert score
    assert score.raw == pytest.approx(earned / 6)
    assert score.baseline == pytest.approx(5 / 12)
    assert (score.scaled, score.outcome) == (scaled, outcome)


# At the repair, 3 - first is lost. The best answer gives back half of it, others a share of that.
@pytest.mark.parametrize(
    ("first", "answer", "earned"),
    [
        (0, 3, 1.5),
        (0, 2, 1),  # 0 + 2/3 x 3/2
        (0, 1, 0.5),
        (0, 0, 0),
        (1, 3, 2),  # 1 + 2/2
        (1, 2, 5 / 3),  # 1 + 2/3 x 2/2
        (2, 3, 2.5),
        (2, 0, 2),
    ],
)
def test_a_repair_gives_back_half_of_what_was_lost_or_a_share_of_that(
    build: Build, first: int, answer: int, earned: float
) -> None:
    after = ("r", "x", 3), ("r", "x", answer if answer < 3 else 0)
    item = build("dialogue", ("s", "y", 3), ("s", "r", first), *after, repair="r")
    assert list(item.flaws()) == []
    score = item.assess(["b", "c" if answer == 3 else "d"]).score
    assert score
    assert score.raw == pytest.approx(earned / 3)


def test_a_second_repair_gives_back_half_of_what_the_first_one_lost(build: Build) -> None:
    ways = [
        ("s", "x", 3),
        ("s", "q", 0),
        ("q", "x", 3),
        ("q", "r", 1),
        ("r", "x", 3),
        ("r", "y", 0),
    ]
    item = build("dialogue", *ways, repair="qr")
    assert list(item.flaws()) == []
    score = item.assess(["b", "d", "e"]).score
    assert score
    # 0, then 1/3 x 3/2 = .5 for d, then half of the 2 that d is short of 3: 1.5 of 3
    assert score.raw == pytest.approx(1.5 / 3)


def test_nothing_is_given_back_where_nothing_can_be_put_right(build: Build) -> None:
    item = build("dialogue", *TALK)
    score = item.assess(["a", "f"]).score
    assert score
    assert score.raw == pytest.approx(6 / 7)  # b d f now earns 1 + 3 + 3
    assert [(flaw.found, flaw.expected) for flaw in item.flaws()] == [
        (["b", "d", "f"], LESS),
        (["a", "f"], MOST),
    ]


@pytest.mark.parametrize(
    ("said", "verdicts"),
    [
        # Of r, which is not on the way, nothing is told.
        ("af", {"a": "right", "b": "left", "c": "left", "f": "right", "g": "left"}),
        (
            "bdg",
            {
                "a": "missed",
                "b": "close",
                "c": "left",
                "d": "right",
                "e": "left",
                "f": "missed",
                "g": "close",
            },
        ),
        # The rest of the best way is told, too.
        ("c", {"a": "missed", "b": "left", "c": "off", "f": "missed", "g": "left"}),
    ],
)
def test_what_could_be_said_on_the_own_way_and_the_best_gets_its_verdict(
    talk: Item, said: str, verdicts: dict[str, str]
) -> None:
    feedback = talk.assess(list(said)).feedback
    assert {each.option: each.verdict for each in feedback} == verdicts
    assert [each.text for each in feedback] == [f"Reason {id}" for id in verdicts]
    assert [each.given for each in feedback] == [id in said for id in verdicts]
    keys = dict(zip("abcdefg", (key for _, _, key in TALK), strict=True))
    assert [each.key for each in feedback] == [keys[id] for id in verdicts]


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (["a"], "the-item: it stops at 'm'; expected a way to an end"),
        (["b", "d"], "the-item: it stops at 'm'; expected a way to an end"),
        (["f"], "the-item › f: at = 'm'; expected 's'"),
        (["a", "d"], "the-item › d: at = 'r'; expected 'm'"),
        (["c", "f"], "the-item › f: at = 'm'; expected 'y'"),
        (["f", "a"], "the-item › f: at = 'm'; expected 's'"),
        (["a", "f", "g"], "the-item › g: at = 'm'; expected 'x'"),
        (
            ["a", "a"],
            "the-item: option = 'a'; expected each of ['a', 'b', 'c', 'd', 'e', 'f', 'g'] once",
        ),
        (
            ["z"],
            "the-item: option = 'z'; expected each of ['a', 'b', 'c', 'd', 'e', 'f', 'g'] once",
        ),
        ("af", "the-item: response = 'af'; expected a list of option ids"),
        ({"a": 1}, "the-item: response = {'a': 1}; expected a list of option ids"),
        (None, "the-item: response = None; expected a list of option ids"),
    ],
)
def test_what_is_no_way_to_an_end_is_refused(talk: Item, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        talk.assess(response)
    assert str(caught.value) == message


TWO = "two or more things to say there, one with key 3"

# What is added to or taken from a talk without flaws, and what its author reads.
FLAWS: dict[str, tuple[list[tuple[str, str, int]], dict[str, Any], list[str]]] = {
    "none": (TALK, {"repair": "r"}, []),
    "answer to nobody": (
        [*TALK, ("q", "x", 3), ("q", "x", 0)],
        {"repair": "r", "nodes": "srmxy"},
        ["h › at = q; the id of a node", "i › at = q; the id of a node"],
    ),
    "way to nowhere": (
        [*TALK, ("m", "q", 0)],
        {"repair": "r", "nodes": "srmxy"},
        ["h › to = q; the id of a node"],
    ),
    "node without a way to it": (
        TALK,
        {"repair": "r", "nodes": "srmxyz"},
        ["nodes = z; an option that leads there"],
    ),
    "conversation that begins at its end": (
        TALK,
        {"repair": "r", "nodes": "xsrmy"},
        [f"nodes = {id}; an option that leads there" for id in "srmy"],
    ),
    "two nodes of one id": (
        TALK,
        {"repair": "r", "nodes": "srmxyx"},
        ["nodes = x; an id of its own for each node"],
    ),
    "one thing to say": (TALK[:6], {"repair": "r"}, [f"nodes = m; {TWO}"]),
    "nothing that is best": ([*TALK[:5], ("m", "x", 2), TALK[6]], {}, [f"nodes = m; {TWO}"]),
    "circle": (
        [*TALK[:4], ("r", "s", 0), *TALK[5:]],
        {"repair": "r"},
        ["nodes = s; ways that never lead back"],
    ),
    "words on the spot": (
        [*TALK, ("m", "m", 0)],
        {"repair": "r"},
        ["nodes = s; ways that never lead back"],
    ),
    "option that depends": (
        TALK,
        {"repair": "r", "sensitive": "c"},
        ["c › culture_sensitive = True; false in a dialogue"],
    ),
    "repair of what went well": (
        TALK,
        {"repair": "rm"},
        ["repair = m; false: nothing has gone wrong before it"],
    ),
    # The best answer ends it at 3, the other goes on to 2 + 3.
    "detour that earns more": (
        [("s", "x", 3), ("s", "m", 2), ("m", "x", 3), ("m", "y", 0)],
        {},
        [f"options = ['b', 'c']; {LESS}", f"options = ['a']; {MOST}"],
    ),
    # Here it goes on to 0 + 3, no more than the best.
    "detour that earns as much": (
        [("s", "x", 3), ("s", "m", 0), ("m", "x", 3), ("m", "y", 0)],
        {},
        [f"options = ['b', 'c']; {LESS}"],
    ),
}


@pytest.mark.parametrize(("ways", "fields", "flaws"), FLAWS.values(), ids=FLAWS)
def test_an_author_reads_what_is_wrong_with_the_ways(
    build: Build, ways: list[tuple[str, str, int]], fields: dict[str, Any], flaws: list[str]
) -> None:
    found = [
        f"{f'{flaw.option} › ' if flaw.option else ''}{flaw.key} = {flaw.found}; {flaw.expected}"
        for flaw in build("dialogue", *ways, **fields).flaws()
    ]
    assert found == flaws


def test_a_short_way_may_be_worse_and_a_long_one_best(build: Build) -> None:
    ways = [
        ("s", "m", 3),
        ("s", "x", 2),
        ("m", "n", 3),
        ("m", "x", 0),
        ("n", "x", 3),
        ("n", "x", 0),
    ]
    item = build("dialogue", *ways)
    assert list(item.flaws()) == []
    score = item.assess(["b"]).score
    assert score
    assert score.raw == pytest.approx(2 / 9)


def test_what_was_said_is_shown_as_a_talk_and_neither_keys_nor_repairs(talk: Item) -> None:
    public = talk.public()
    assert public["partner"] == "Partner"
    assert public["nodes"][1] == {"id": "m", "text": "Node m", "mood": "open"}
    assert public["options"][3] == {"id": "d", "text": "Option d", "at": "r", "to": "m"}
    assert {key for node in public["nodes"] for key in node} == {"id", "text", "mood"}


@pytest.mark.parametrize(
    "ways",
    [
        [("s", "m", 3), ("s", "m", 3), ("m", "x", 3), ("m", "x", 3)],
        [*TALK, ("m", "x", 3)],
    ],
)
def test_one_thing_to_say_at_a_node_is_best(build: Build, ways: list[tuple[str, str, int]]) -> None:
    assert list(build("dialogue", *ways, repair="r").flaws())


def test_a_conversation_cannot_begin_with_a_repair(build: Build) -> None:
    # Nothing is lost before s, so a earns nothing there, no more than b.
    ways = [("s", "m", 3), ("s", "y", 0), ("m", "x", 3), ("m", "x", 0)]
    assert list(build("dialogue", *ways, repair="s").flaws())
