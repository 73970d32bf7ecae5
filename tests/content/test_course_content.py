"""The course's own content: complete, mixed, fair, in place, and labelled by its evidence.

A pillar is held to this as soon as its notebook exists.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from math import floor
from statistics import mean
from typing import Any

import pytest

from upm import audit, paths
from upm.content import Item, Pillar, read_wording
from upm.course import words
from upm.kinds import KINDS, load_bank
from upm.learning import series
from upm.learning.records import Attempt
from upm.writing import check

BANK = load_bank(paths.DATA)
ITEMS = list(BANK.items.values())
SCORED = [item for item in ITEMS if item.scored]
CHOICES = [item for item in ITEMS if item.kind == "choice"]
NOTEBOOKS = audit.read_notebooks(paths.NOTEBOOKS)
RUBRICS = read_wording(paths.DATA, []).rubrics
WRITTEN = [pillar for pillar in BANK.framework.pillars if pillar.notebook in NOTEBOOKS]
PRACTICES = [practice for pillar in WRITTEN for practice in pillar.practices]

each_item = pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
each_scored_item = pytest.mark.parametrize("item", SCORED, ids=lambda item: item.id)
each_pillar = pytest.mark.parametrize("pillar", WRITTEN, ids=lambda pillar: pillar.id)
each_practice = pytest.mark.parametrize("practice", PRACTICES, ids=lambda practice: practice.id)
each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS)


def sources(notebook: str, cell_type: str) -> list[str]:
    return audit.sources(NOTEBOOKS[notebook], cell_type)


def shown_in(notebook: str) -> list[str]:
    return audit.shown_in(NOTEBOOKS[notebook])


def headings(notebook: str) -> list[str]:
    return re.findall(r"^#+ +(.+?) *$", "\n".join(sources(notebook, "markdown")), re.M)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(part)


def settings(practices: Any) -> list[tuple[str, str, str]]:
    """Profession, country and work of each item that has a setting."""
    return [
        (item.setting.profession, item.setting.country, item.setting.work)
        for practice in practices
        for item in BANK.of(practice.id)
        if item.setting
    ]


# ── Enough, and mixed ───────────────────────────────────────────────────────────────────────────


def test_all_four_pillars_are_written() -> None:
    assert list(BANK.framework.pillars) == WRITTEN


@each_practice
def test_a_practice_has_at_least_ten_items_of_four_kinds_and_four_for_review(practice: Any) -> None:
    items = [item for item in BANK.of(practice.id) if item.use != "test"]
    assert len(items) >= 10
    assert len({item.kind for item in items}) >= 4
    assert len([item for item in items if item.use == "review"]) >= 4


@each_practice
def test_a_practice_has_items_for_the_unit_the_check_and_the_test(practice: Any) -> None:
    assert {item.use for item in BANK.of(practice.id)} >= {"unit", "check", "test"}


def test_there_are_at_least_eight_conversations_with_real_forks() -> None:
    talks = [item for item in ITEMS if item.kind == "dialogue"]
    assert len(talks) >= 8
    assert {BANK.framework.pillar_of(BANK.home_of[item.id]) for item in talks} >= {
        *BANK.framework.pillars
    }
    assert sum(BANK.home_of[item.id] == "hard-cases" for item in talks) >= 4
    for item in talks:
        assert len(item.nodes) >= 8
        forks = {option.at: set() for option in item.options}
        for option in item.options:
            forks[option.at].add(option.to)
        assert sum(len(leads) > 1 for leads in forks.values()) >= 4, item.id


def test_there_are_at_least_twelve_messages_to_write_of_all_genres() -> None:
    messages = [item for item in ITEMS if item.kind == "write"]
    units = [item for item in messages if item.use != "capstone"]
    assert len(messages) >= 12
    assert {item.genre for item in units} == {*RUBRICS}


LEVELS = {"weak": (0, 2), "ok": (3, 5), "strong": (6, 7)}
SHORTER = {"status_update": {"ok": (3, 4), "strong": (5, 6)},
           "credit_line": {"ok": (3, 3), "strong": (4, 5)}}  # fmt: skip


@pytest.mark.parametrize(
    "item", [item for item in ITEMS if item.kind == "write"], ids=lambda item: item.id
)
def test_a_sample_holds_as_much_as_its_level_says_and_the_course_sees_it(item: Any) -> None:
    levels = LEVELS | SHORTER.get(item.genre, {})
    for sample in item.options:
        least, most = levels[sample.id]
        findings = check(RUBRICS[item.genre], sample.text, sample.tags)
        met = {each.code for each in findings.criteria if each.found}
        assert least <= len(sample.tags) <= most, sample.id
        assert set(sample.tags) <= met, sample.id
        assert len(met) <= most, sample.id
        assert findings.vetoes == () or sample.id == "weak"


def test_the_two_forms_of_the_test_are_parallel() -> None:
    forms = BANK.series("test")
    assert set(forms) == {"form-a", "form-b"}
    homes = []
    for items in forms.values():
        rated = [item for item in items if item.kind == "rate"]
        assert [BANK.home_of[item.id] for item in rated] == list(BANK.framework.practices)
        assert all(len(item.options) == 5 for item in rated)
        assert len({item.setting.profession for item in rated}) >= 5
        asked = [item for item in items if item not in rated]
        assert [(item.kind, item.select) for item in asked] == [("choice", "several")] * 4
        homes.append([BANK.home_of[item.id] for item in items])
    assert homes[0] == homes[1]


def test_there_are_five_cases_of_five_episodes_in_the_capstone() -> None:
    cases = BANK.series("capstone")
    assert len(cases) == 5
    for items in cases.values():
        assert [item.kind for item in items] == ["rate", "write", "allocate"] * 5 + ["choice"]
        assert len({item.genre for item in items if item.kind == "write"}) == 5
    professions = {items[0].setting.profession for items in cases.values()}
    assert len(professions) == 5


@pytest.mark.parametrize("case", BANK.series("capstone"))
def test_who_answers_as_the_key_and_writes_like_the_strong_message_passes(case: str) -> None:
    items = BANK.series("capstone")[case]
    attempts = [attempt_at(item, best_answer(item)) for item in items]
    assert {goal.name: goal.met for goal in series.goals(items, attempts)} == dict.fromkeys(
        ("judgement", "writing", "balance", "stopping"), True
    )
    careless = [attempt_at(item, audit.middle(item)) for item in items if item.scored]
    assert not any(goal.met for goal in series.goals(items, careless))


def best_answer(item: Any) -> Any:
    keys = {option.id: getattr(option, "key", None) for option in item.options}
    match item.kind:
        case "rate":
            return {id: round(key) for id, key in keys.items()}
        case "allocate":
            whole = {id: floor(key) for id, key in keys.items()}
            for id in sorted(keys, key=lambda each: whole[each] - keys[each])[
                : 10 - sum(whole.values())
            ]:
                whole[id] += 1
            return {"points": whole}
        case "write":
            return {"text": item.options[-1].text, "tags": item.options[-1].tags}
    return [id for id, key in keys.items() if key == 3]


def attempt_at(item: Item, response: Any) -> Attempt:
    score = item.assess(response).score
    now = datetime(2031, 5, 17, tzinfo=UTC)
    return Attempt(item.id, "ana", item.id, item.version, response, score, 0, 1.0, now)


def test_people_and_places_are_mixed() -> None:
    table = audit.people(ITEMS)
    stories = table["work"].total()
    assert len(table["profession"]) >= stories / 2
    assert len(table["country"]) >= 60
    assert max(table["country"].values()) <= stories / 20
    assert min(table["work"][work] for work in ("on site", "remote", "hybrid")) >= stories / 10
    for who in ("learner", "manager"):
        assert min(table[who]["woman"], table[who]["man"]) >= stories / 4
    assert min(table["level"][level] for level in ("member", "lead")) >= stories / 10
    assert table["level"]["head"] >= 5


@each_practice
def test_a_country_comes_back_within_a_practice_only_if_its_story_goes_on(practice: Any) -> None:
    stories = set(settings([practice]))
    assert len({country for _, country, _ in stories}) == len(stories)


@each_pillar
def test_a_pillar_mixes_professions_countries_and_ways_of_working(pillar: Pillar) -> None:
    professions, countries, work = map(set, zip(*settings(pillar.practices), strict=True))
    assert len(professions) >= 12
    assert len(countries) >= 12
    assert work == {"on site", "remote", "hybrid"}


# ── In its place ────────────────────────────────────────────────────────────────────────────────


@each_notebook
def test_a_notebook_shows_the_items_of_its_own_parts(notebook: str) -> None:
    homes = {id: BANK.framework.notebook_of(BANK.home_of[id]) for id in shown_in(notebook)}
    assert {id: home for id, home in homes.items() if home != notebook} == {}


@each_notebook
def test_a_notebook_names_only_items_that_exist(notebook: str) -> None:
    assert [id for id in shown_in(notebook) if id not in BANK.items] == []


def test_an_item_is_shown_once_if_it_is_for_a_unit_or_check_and_else_never() -> None:
    assert audit.misplaced(BANK, NOTEBOOKS) == []


def test_each_fact_is_taught() -> None:
    assert [fact.id for fact in BANK.framework.facts if not fact.taught] == []


TAUGHT = [(fact.id, place) for fact in BANK.framework.facts for place in fact.taught]


@pytest.mark.parametrize(("fact", "place"), TAUGHT)
def test_a_fact_is_taught_under_a_heading_that_exists(fact: str, place: str) -> None:
    notebook, heading = place.split("#")
    assert heading in headings(notebook)


def test_each_notebook_teaches_the_facts_of_its_practices() -> None:
    # F1 and F2 are the frame; F3 to F14 are the twelve practices in their order.
    facts = {fact.id: fact.taught for fact in BANK.framework.facts}
    number = {id: f"F{place}" for place, id in enumerate(BANK.framework.practices, start=3)}
    untaught = [
        number[practice.id]
        for pillar in WRITTEN
        for practice in pillar.practices
        if f"{pillar.notebook}#{practice.name}" not in facts[number[practice.id]]
    ]
    assert untaught == []
    assert facts["F1"]
    assert facts["F2"]


def test_the_interface_names_the_kinds() -> None:
    assert {kind.split("_")[0] for kind in words()["kind"]} >= set(KINDS)


# ── In the time that it says ───────────────────────────────────────────────────────────────────

WORDS_A_MINUTE = 180
MINUTES = {"write": 5, "case": 2, "plan": 2, "simulate": 12, "explore": 4}
"""For an exercise of that kind, reading aside; any other takes one."""


def units(notebook: str) -> dict[str, list[dict[str, Any]]]:
    """The cells below each heading of the second level."""
    found: dict[str, list[dict[str, Any]]] = {}
    for cell in NOTEBOOKS[notebook]:
        if "".join(cell["source"]).startswith("## "):
            found["".join(cell["source"]).splitlines()[0]] = []
        if found:
            found[[*found][-1]].append(cell)
    return found


def minutes(cells: list[dict[str, Any]]) -> float:
    """Reading everything once, all feedback included, and answering once."""
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    ids = [id for cell in cells for id in re.findall(r'exercise\("(.+?)"', "".join(cell["source"]))]
    reading = sum(len(text.split()) for text in texts) / WORDS_A_MINUTE
    return reading + sum(minutes_of(BANK.item(id)) for id in ids)


def minutes_of(item: Item) -> float:
    texts = [item.title, item.stem, item.ask, item.takeaway]
    options = longest_way(item) if item.kind == "dialogue" else item.options
    texts += [text for option in options for text in (option.text, option.feedback)]
    return sum(len(text.split()) for text in texts) / WORDS_A_MINUTE + MINUTES.get(item.kind, 1)


def longest_way(talk: Any) -> list[Any]:
    """All that can be said at the nodes of the way on which there is most to read."""
    at: dict[str, list[Any]] = {}
    for option in talk.options:
        at.setdefault(option.at, []).append(option)

    def read_from(node: str) -> list[Any]:
        further = [read_from(option.to) for option in at.get(node, [])]
        return at.get(node, []) + max(further, key=words_in, default=[])

    return read_from(talk.nodes[0].id)


def words_in(options: list[Any]) -> int:
    return sum(len(f"{option.text} {option.feedback}".split()) for option in options)


@each_notebook
def test_a_unit_takes_10_to_20_minutes_and_says_so(notebook: str) -> None:
    timed = {
        heading: (minutes(cells), int(said[1]))
        for heading, cells in units(notebook).items()
        if (said := re.search(r"^\*.*bout (\d+) minutes\*$", "".join(cells[0]["source"]), re.M))
    }
    assert timed or notebook == "07_capstone"  # which has one exercise after the other
    assert [each for each in timed.items() if not 10 <= each[1][0] <= each[1][1] <= 20] == []


@pytest.mark.parametrize("case", BANK.series("capstone"))
def test_an_episode_of_the_capstone_takes_10_to_20_minutes(case: str) -> None:
    items = BANK.series("capstone")[case]
    spent = [sum(map(minutes_of, items[start : start + 3])) for start in range(0, 15, 3)]
    assert [round(each, 1) for each in spent if not 10 <= each <= 20] == []


# ── Fair ────────────────────────────────────────────────────────────────────────────────────────

EARNED = [
    (strategy, form, mean(net for net, _ in earned), len(earned))
    for strategy, answer in audit.STRATEGIES.items()
    for form, earned in audit.earnings(ITEMS, answer).items()
]
FEWEST = 5
"""Of fewer items of a form a mean says nothing."""


@pytest.mark.parametrize(
    ("strategy", "form", "net"),
    [(strategy, form, net) for strategy, form, net, count in EARNED if count >= FEWEST],
)
def test_no_strategy_that_reads_nothing_pays(strategy: str, form: str, net: float) -> None:
    # Corrected for guessing and not cut off at 0: a strategy that is as good as guessing earns 0.
    assert net <= 0.05


def test_the_best_answer_stands_anywhere() -> None:
    places = audit.key_places(ITEMS)
    assert max(places.values()) <= 0.35 * places.total()
    assert {1, 2, 3, 4} <= set(places)


def test_the_length_of_an_action_tells_nothing() -> None:
    assert abs(audit.key_by_length(ITEMS)) <= 0.2


def test_the_longest_answer_is_seldom_the_best() -> None:
    longest = [max(item.options, key=lambda option: len(option.text)) for item in CHOICES]
    assert sum(option.key == 3 for option in longest) <= len(CHOICES) / 2


def test_no_two_items_are_near_each_other() -> None:
    assert audit.near_duplicates(ITEMS, 0.15) == []


def test_no_sentence_stands_in_two_stories() -> None:
    stories = [item for item in ITEMS if item.setting]
    usual = {text for item in stories for text in (item.title, item.ask)}
    repeated = audit.repeated_sentences(stories, fewest_words=6)
    assert [
        sentence
        for sentence, ids in repeated.items()
        if sentence not in usual and len({BANK.item(id).setting for id in ids}) > 1
    ] == []


@pytest.mark.parametrize(
    "item", [item for item in SCORED if item.use != "test"], ids=lambda item: item.id
)
def test_hints_are_steps_and_none_gives_an_option_away(item: Item) -> None:
    assert 1 <= len(set(item.hints)) == len(item.hints) <= 3
    told = " ".join(item.hints).casefold()
    assert [option.id for option in item.options if option.text.casefold() in told] == []


@each_scored_item
def test_each_option_has_a_reason_of_its_own(item: Item) -> None:
    assert len({option.feedback for option in item.options}) == len(item.options)


@each_item
def test_a_culture_sensitive_option_asks_how_it_is_where_one_works(item: Item) -> None:
    sensitive = [option for option in item.options if option.culture_sensitive]
    assert all("?" in option.feedback for option in sensitive)


@each_item
def test_a_panel_is_named(item: Item) -> None:
    assert item.status == "draft" or "panel" in item.source


# ── Plain ───────────────────────────────────────────────────────────────────────────────────────

GRADE = 9


@each_notebook
def test_a_notebook_reads_at_school_grade_9_at_most(notebook: str) -> None:
    assert audit.school_grade(sources(notebook, "markdown")) <= GRADE


@pytest.mark.parametrize("home", BANK.framework.homes)
def test_the_items_of_a_practice_or_module_read_at_school_grade_9_at_most(home: str) -> None:
    texts = [text for item in BANK.of(home) for text in audit.texts_of(item)]
    assert audit.school_grade(texts) <= GRADE


# ── Said properly ───────────────────────────────────────────────────────────────────────────────

TEXTS = {
    "interface.toml": list(strings(words())),
    "framework.toml": list(strings(BANK.framework.model_dump())),
    "README.md": [(paths.DATA / "README.md").read_text(encoding="utf-8")],
    **{item.id: list(strings(item.model_dump())) for item in ITEMS},
    **{notebook: sources(notebook, "markdown") for notebook in NOTEBOOKS},
}
BOXES = [
    (notebook, line)
    for notebook in NOTEBOOKS
    for text in sources(notebook, "markdown")
    for line in text.splitlines()
    if "What research adds" in line
]
EVIDENCE = {
    "meta-analysis",
    "experiment",
    "experiments",
    "field study",
    "field studies",
    "survey",
    "reasoned",
}


@pytest.mark.parametrize("name", TEXTS)
def test_no_working_mark_of_the_evidence_is_left(name: str) -> None:
    marks = re.compile(r"\((?:\*\*)?[VRU](?:\*\*)?\)|, \*\*[VRU]\*\*")
    assert [text for text in TEXTS[name] if marks.search(text)] == []


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "README.md"])
def test_quotation_marks_are_curly(name: str) -> None:
    assert [text for text in TEXTS[name] if '"' in text] == []


@each_pillar
def test_a_pillar_says_what_research_adds(pillar: Pillar) -> None:
    assert pillar.notebook in {notebook for notebook, _ in BOXES}


@pytest.mark.parametrize(("notebook", "line"), BOXES)
def test_a_research_box_names_its_kind_of_evidence(notebook: str, line: str) -> None:
    found = re.fullmatch(r"> \*\*What research adds\*\* · \*(.+)\*", line)
    assert found
    assert set(re.split(r", | and ", found[1])) <= EVIDENCE
