"""An instrument is read strictly, ours is what was designed, and another one needs only a file."""

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from upm import paths
from upm.content.framework import Framework
from upm.content.problems import ContentError
from upm.survey.instrument import FieldName, Instrument, read_instrument

OURS = paths.DATA / "survey" / "upward-management.toml"

CANTEEN = """
id = "canteen"
name = "Our canteen"
version = 1
driver_of = "food"
personal = ["Name"]

[[responses]]
id = "liking"
stem = "How do you find it?"
points = ["awful", "bad", "rather bad", "so-so", "rather good", "good", "great"]
no_point = ["never tried it"]

[[responses]]
id = "yes"
stem = "Is it so?"
points = ["no", "yes"]
short = ["n", "y"]

[[forms]]
id = "guest"
name = "Guests"
introduction = "Two minutes."

[[items]]
id = "soup"
responses = "liking"
text = { guest = "The soup" }

[[items]]
id = "bread"
responses = "liking"
text = { guest = "The bread" }

[[items]]
id = "noise"
responses = "liking"
reversed = true
text = { guest = "The noise" }

[[items]]
id = "soup_before"
responses = "liking"
then = "soup"
text = { guest = "The soup of last year" }

[[items]]
id = "again"
responses = "yes"
text = { guest = "I shall come again." }

[[scales]]
id = "food"
name = "Food"
level = "pillar"
items = ["soup", "bread"]

[[scales]]
id = "place"
name = "Place"
level = "pillar"
items = ["noise"]

[[scales]]
id = "all"
name = "All"
level = "total"
of = ["food", "place"]

[[open]]
id = "wish"
text = "What do you miss?"

[[context]]
field = "team"
headers = ["table"]

[screening]
order = ["soup", "noise", "bread"]
seconds_per_item = 1.5
exclude = 1
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "canteen.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(file: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        read_instrument(file)
    return str(caught.value).split("\n")


@pytest.fixture(scope="module")
def ours() -> Instrument:
    return read_instrument(OURS)


# ── Another instrument ──────────────────────────────────────────────────────────────────────────


def test_another_instrument_needs_nothing_but_its_file(tmp_path: Path) -> None:
    canteen = read_instrument(write(tmp_path, CANTEEN))
    assert canteen.item_ids == ("soup", "bread", "noise", "soup_before", "again")
    assert (canteen.points_of("soup"), canteen.points_of("again"), canteen.most_points) == (7, 2, 7)
    assert canteen.responses_of("bread").no_point == ("never tried it",)
    assert canteen.items_of("all") == ("soup", "bread", "noise")
    assert canteen.level("pillar", "total") == ("food", "place", "all")
    assert canteen.thresholds.total == 5


def test_the_unit_of_a_scale_makes_every_score_a_whole_number(tmp_path: Path) -> None:
    canteen = read_instrument(write(tmp_path, CANTEEN))
    # food: a mean of 1 or 2 points, so halves; place: whole; all: the mean of the two, so quarters.
    assert canteen.units == (2, 1, 4)


SLIPS = {
    "a key that does not exist": (
        "reversed = true",
        "reverse = true",
        "canteen.toml › noise: reverse = True; expected no such key; did you mean reversed?",
    ),
    "a value of the wrong type": (
        "version = 1",
        'version = "1"',
        "canteen.toml: version = '1'; expected a whole number",
    ),
    "an id that cannot be a column": (
        'id = "soup"',
        'id = "1 soup"',
        "canteen.toml › 1 soup: id = '1 soup'; expected text that fits ^[a-z][a-z0-9_]*$",
    ),
    "a single point": (
        'points = ["no", "yes"]',
        'points = ["no"]',
        "canteen.toml › yes: points = ['no']; expected at least 2 of them",
    ),
    "short labels that do not pair with the points": (
        'short = ["n", "y"]',
        'short = ["n"]',
        "canteen.toml › yes: short = 1; expected 2 of them, as points",
    ),
    "responses that nobody described": (
        'id = "again"\nresponses = "yes"',
        'id = "again"\nresponses = "maybe"',
        "canteen.toml › again: responses = 'maybe'; expected one of liking, yes",
    ),
    "a form that does not exist": (
        'guest = "The bread"',
        'cook = "The bread"',
        "canteen.toml › bread: text = ['cook']; expected wordings for guest",
    ),
    "no wording": (
        '{ guest = "The bread" }',
        "{}",
        "canteen.toml › bread: text = []; expected wordings for guest",
    ),
    "a look back at nothing": (
        'then = "soup"',
        'then = "stew"',
        "canteen.toml › soup_before: then = 'stew'; expected the id of an item",
    ),
    "an item twice": (
        'id = "bread"',
        'id = "soup"',
        "canteen.toml › soup: id = 'soup'; expected an id that nothing else has",
    ),
    "an open question with the id of an item": (
        'id = "wish"',
        'id = "soup"',
        "canteen.toml › soup: id = 'soup'; expected an id that nothing else has",
    ),
    "an item with the id of a field": (
        'id = "wish"',
        'id = "team"',
        "canteen.toml › team: id = 'team'; expected an id that nothing else has",
    ),
    "a scale of an item that does not exist": (
        'items = ["noise"]',
        'items = ["hum"]',
        "canteen.toml › place: items = ['hum']; expected different ids of items",
    ),
    "an item twice in a scale": (
        'items = ["noise"]',
        'items = ["noise", "noise"]',
        "canteen.toml › place: items = ['noise', 'noise']; expected different ids of items",
    ),
    "a scale of nothing": (
        'items = ["noise"]',
        "",
        "canteen.toml › place: items = []; expected items or the scales it is the mean of",
    ),
    "a scale of both": (
        'of = ["food", "place"]',
        'of = ["food", "place"]\nitems = ["soup"]',
        "canteen.toml › all: items = ['soup']; expected items or the scales it is the mean of",
    ),
    "a scale of itself": (
        'of = ["food", "place"]',
        'of = ["food", "all"]',
        "canteen.toml › all: of = ['food', 'all']; expected scales that stand above it",
    ),
    "more answers needed than there are items": (
        'items = ["noise"]',
        'items = ["noise"]\nleast = 2',
        "canteen.toml › place: least = 2; expected at most 1",
    ),
    "points of two kinds in one scale": (
        'items = ["noise"]',
        'items = ["noise", "again"]',
        "canteen.toml › place: items = ['noise', 'again']; "
        "expected items with the same number of points",
    ),
    "a level that does not exist": (
        'level = "total"',
        'level = "sum"',
        "canteen.toml › all: level = 'sum'; expected 'practice', 'pillar', 'total' or 'outcome'",
    ),
    "drivers of nothing": (
        'driver_of = "food"',
        'driver_of = "mood"',
        "canteen.toml: driver_of = 'mood'; expected the id of a scale",
    ),
    "an order of unknown items": (
        'order = ["soup", "noise", "bread"]',
        'order = ["soup", "hum"]',
        "canteen.toml › screening: order = ['hum']; expected ids of items",
    ),
    "a smaller group than may be shown": (
        "[screening]",
        "[thresholds]\ntotal = 4\n\n[screening]",
        "canteen.toml › thresholds: total = 4; expected at least 5",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_with_its_place_and_what_was_expected(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in CANTEEN
    assert message in problems(write(tmp_path, CANTEEN.replace(old, new, 1)))


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    broken = (
        CANTEEN.replace('driver_of = "food"', 'driver_of = "mood"')
        .replace('then = "soup"', 'then = "stew"')
        .replace('items = ["noise"]', 'items = ["hum"]')
    )
    assert problems(write(tmp_path, broken)) == [
        "canteen.toml › soup_before: then = 'stew'; expected the id of an item",
        "canteen.toml › place: items = ['hum']; expected different ids of items",
        "canteen.toml › all: of = ['food', 'place']; expected scales that stand above it",
        "canteen.toml: driver_of = 'mood'; expected the id of a scale",
    ]


def test_a_scale_whose_sums_could_overflow_is_refused(tmp_path: Path) -> None:
    items = [f"i{place}" for place in range(20)]
    long = CANTEEN.replace('items = ["noise"]', f"items = {items}".replace("'", '"')) + "".join(
        f'\n[[items]]\nid = "{id}"\nresponses = "yes"\ntext = {{ guest = "{id}" }}\n'
        for id in items
    )
    # A mean of any 1 to 20 of 20 answers is a whole number of 1/232,792,560.
    assert (
        "canteen.toml › place: least = 1; expected a number nearer to that of the items"
        in problems(write(tmp_path, long))
    )


def test_a_file_that_is_no_toml_or_not_there_is_told(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, "id = canteen"))
    assert found.startswith("canteen.toml: TOML = 'Invalid value")
    assert found.endswith("expected valid TOML")
    (found,) = problems(tmp_path / "none.toml")
    assert found.endswith("expected a readable file")


# ── Ours ────────────────────────────────────────────────────────────────────────────────────────


def statements(instrument: Instrument) -> list[str]:
    return list(instrument.items_of("total"))


def test_it_has_24_statements_six_a_pillar_and_two_a_practice(ours: Instrument) -> None:
    assert len(set(statements(ours))) == 24
    assert [len(ours.scale[each].items) for each in ours.level("pillar")] == [6] * 4
    practices = [ours.scale[each] for each in ours.level("practice")]
    assert [(len(each.items), each.least) for each in practices] == [(2, 2)] * 12
    assert [item for each in practices for item in each.items] == statements(ours)


def test_its_scales_bear_the_names_of_the_course(ours: Instrument) -> None:
    raw = tomllib.loads((paths.DATA / "framework.toml").read_text("utf-8"))
    framework = Framework.model_validate(raw)
    pillars = {pillar.id: pillar.name for pillar in framework.pillars}
    practices = {
        practice.id: practice.name for pillar in framework.pillars for practice in pillar.practices
    }
    assert {each: ours.scale[each].name for each in ours.level("pillar")} == pillars
    assert {each: ours.scale[each].name for each in ours.level("practice")} == practices
    for pillar in framework.pillars:  # and a pillar is made of its own practices
        parts = [item for each in pillar.practices for item in ours.scale[each.id].items]
        assert [*ours.scale[pillar.id].items] == parts


def test_both_forms_ask_each_statement(ours: Instrument) -> None:
    asked = [*statements(ours), *ours.items_of("working-relationship")]
    for item in map(ours.item.__getitem__, [*asked, *ours.items_of("role-clarity")]):
        assert set(item.text) == {"member", "manager"}, item.id
    for scale in ("engagement", "climate"):
        assert all(set(ours.item[item].text) == {"member"} for item in ours.items_of(scale))


def test_a_statement_has_at_most_20_words_and_no_not(ours: Instrument) -> None:
    for item in map(ours.item.__getitem__, statements(ours)):
        for text in item.text.values():
            assert len(text.split()) <= 20, text
            assert not (item.reversed and " not " in text), text


def test_no_wording_stands_twice(ours: Instrument) -> None:
    # Columns are found by their wording, so two of one form must not be alike.
    for form in ours.forms:
        texts = [item.text[form.id].casefold() for item in ours.items if form.id in item.text]
        assert len(set(texts)) == len(texts)
    headers = [header.casefold() for each in ours.context for header in each.headers]
    headers += [header.casefold() for header in ours.personal] + [*ours.item_ids]
    assert len(set(headers)) == len(headers)


def test_every_field_has_headers_and_people_are_asked_for_three_of_them(ours: Instrument) -> None:
    assert {each.field for each in ours.context} == {*get_args(FieldName)}
    assert {each.field for each in ours.context if each.question} == {"team", "link", "about"}
    # A column of names is never taken for a team, a manager or a code.
    assert not {"name", "email"} & {h.casefold() for each in ours.context for h in each.headers}
    assert {"Name", "Email", "IP Address"} <= {*ours.personal}


def test_a_manager_speaks_of_the_member_and_a_member_of_the_own_work(ours: Instrument) -> None:
    for item in map(ours.item.__getitem__, statements(ours)):
        assert {"I", "My", "my"} & set(item.text["member"].split()), item.id
        speaks = item.text["manager"].startswith("This team member ")
        assert speaks != (item.id == "u11b")


def test_each_pillar_has_one_reversed_statement(ours: Instrument) -> None:
    turned = [
        [item for item in ours.scale[each].items if ours.item[item].reversed]
        for each in ours.level("pillar")
    ]
    assert turned == [["u11b"], ["u23b"], ["u33b"], ["u43b"]]


def test_on_screen_pillars_are_mixed_and_no_two_reversed_follow_each_other(
    ours: Instrument,
) -> None:
    assert ours.screening
    order = ours.screening.order
    assert sorted(order) == sorted(statements(ours))
    pillar = {item: each for each in ours.level("pillar") for item in ours.scale[each].items}
    for one, other in pairwise(order):
        assert pillar[one] != pillar[other]
        assert not (ours.item[one].reversed and ours.item[other].reversed)


def test_six_statements_are_asked_again_about_the_time_before(ours: Instrument) -> None:
    back = [item for item in ours.items if item.then]
    assert [item.then for item in back] == ["u11a", "u12a", "u21a", "u22a", "u33a", "u41a"]
    for item in back:
        assert item.id == f"then_{item.then}"
        assert set(item.text) == {"member"}
        assert item.text["member"].startswith("Before the course, ")
        assert ours.responses_of(item.id).points == ours.responses_of(item.then or "").points
        assert all(item.id not in scale.items for scale in ours.scales)


def test_what_is_no_point_is_the_word_of_the_form(ours: Instrument) -> None:
    assert ours.responses_of("u11a").no_point == ("Did not come up", "Could not see")
    assert ours.responses_of("rel1").no_point == ()
    for responses in ours.responses:
        assert len(responses.points) == len(responses.short) == 5
        assert max(map(len, responses.short)) <= len("Strongly disagree")


def test_scores_need_what_was_designed(ours: Instrument) -> None:
    least = {id: ours.scale[id].least for id in (*ours.level("pillar"), *ours.level("outcome"))}
    assert least == {
        "trust": 4, "goals": 4, "ability": 4, "relationships": 4,
        "working-relationship": 3, "role-clarity": 2, "engagement": 2, "climate": 2,
    }  # fmt: skip
    assert ours.scale["total"].of == ours.level("pillar")
    assert ours.driver_of == "working-relationship"
    assert {id for id, scale in ours.scale.items() if scale.retest == 0.8} == {
        *ours.level("pillar", "total")
    }
    # Means of 4, 5 or 6 points are sixtieths, of four such means 240ths; of 3 or 4 twelfths.
    assert [ours.unit(id) for id in ("trust", "total", "working-relationship")] == [60, 240, 12]


def test_the_smallest_groups_are_those_that_were_promised(ours: Instrument) -> None:
    limits = ours.thresholds
    assert (limits.total, limits.means, limits.full) == (5, 8, 10)
    assert (limits.pairs, limits.managers) == (8, 3)
    member, manager = (form.introduction for form in ours.forms)
    assert "fewer than five" in member
    assert "averages from eight, details and comments from ten" in member
    assert "eight people who were rated by at least three managers" in manager.replace("\n", " ")
    for text in (member, manager):
        assert "Taking part is up to you" in text
        assert "never for pay, appraisal or any other decision" in text
