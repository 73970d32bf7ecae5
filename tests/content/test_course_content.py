"""The course's own content: complete, mixed, fair, in place, and labelled by its evidence.

A pillar is held to this as soon as its notebook exists.
"""

import json
import re
from collections.abc import Iterator
from statistics import mean
from typing import Any

import pytest

from upm import paths
from upm.content import Item, Option, Pillar
from upm.course import words
from upm.kinds import KINDS, load_bank

BANK = load_bank(paths.DATA)
ITEMS = list(BANK.items.values())
SCORED = [item for item in ITEMS if item.scored]
CHOICES = [item for item in ITEMS if item.kind == "choice"]
NOTEBOOKS = {
    file.stem: json.loads(file.read_text(encoding="utf-8"))["cells"]
    for file in sorted(paths.NOTEBOOKS.glob("*.ipynb"))
}
WRITTEN = [pillar for pillar in BANK.framework.pillars if pillar.notebook in NOTEBOOKS]
PRACTICES = [practice for pillar in WRITTEN for practice in pillar.practices]

each_item = pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
each_scored_item = pytest.mark.parametrize("item", SCORED, ids=lambda item: item.id)
each_pillar = pytest.mark.parametrize("pillar", WRITTEN, ids=lambda pillar: pillar.id)
each_practice = pytest.mark.parametrize("practice", PRACTICES, ids=lambda practice: practice.id)
each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS)


def sources(notebook: str, cell_type: str) -> list[str]:
    cells = NOTEBOOKS[notebook]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == cell_type]


def shown_in(notebook: str) -> list[str]:
    code = "\n".join(sources(notebook, "code"))
    return re.findall(r"course\.exercise\(\s*[\"']([^\"']*)[\"']", code)


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


def test_the_first_pillar_is_written() -> None:
    assert WRITTEN[:1] == [BANK.framework.pillars[0]]


@each_practice
def test_a_practice_has_at_least_six_items_of_three_kinds(practice: Any) -> None:
    kinds = [item.kind for item in BANK.of(practice.id)]
    assert len(kinds) >= 6
    assert len(set(kinds)) >= 3


@each_practice
def test_a_practice_has_items_for_the_unit_the_check_and_the_review(practice: Any) -> None:
    assert {item.use for item in BANK.of(practice.id)} >= {"unit", "check", "review"}


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


@each_pillar
def test_a_notebook_shows_each_unit_and_check_item_of_its_pillar_once(pillar: Pillar) -> None:
    due = [item.id for each in pillar.practices for item in BANK.of(each.id, "unit", "check")]
    shown = [id for id in shown_in(pillar.notebook) if id in due]
    assert sorted(shown) == sorted(due)


@each_notebook
def test_a_notebook_names_only_items_that_exist(notebook: str) -> None:
    assert [id for id in shown_in(notebook) if id not in BANK.items] == []


def test_items_for_review_test_and_live_sessions_are_in_no_notebook() -> None:
    kept = {item.id for item in ITEMS if item.use not in ("unit", "check")}
    assert kept.isdisjoint(id for notebook in NOTEBOOKS for id in shown_in(notebook))


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
MINUTES = {"write": 5, "case": 2, "plan": 2}
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
    for item in map(BANK.item, ids):
        texts += [item.title, item.stem, item.ask, item.takeaway]
        texts += [text for option in item.options for text in (option.text, option.feedback)]
    words = sum(len(text.split()) for text in texts)
    return words / WORDS_A_MINUTE + sum(MINUTES.get(BANK.item(id).kind, 1) for id in ids)


@each_notebook
def test_a_unit_takes_10_to_20_minutes_and_says_so(notebook: str) -> None:
    timed = {
        heading: (minutes(cells), int(said[1]))
        for heading, cells in units(notebook).items()
        if (said := re.search(r"bout (\d+) minutes", "".join(cells[0]["source"])))
    }
    assert timed
    assert [each for each in timed.items() if not 10 <= each[1][0] <= each[1][1] <= 20] == []


# ── Fair ────────────────────────────────────────────────────────────────────────────────────────


def favour(item: Item, ranked: list[Option]) -> Any:  # noqa: PLR0911 - one for each kind
    """Answer as if the options got worse from first to last."""
    ids = [option.id for option in ranked]
    match item.kind:
        case "rate":
            return {id: round(5 - 4 * place / (len(ids) - 1)) for place, id in enumerate(ids)}
        case "order":
            return ids
        case "sort":
            bins = [bin.id for bin in item.bins]
            return {id: bins[place * len(bins) // len(ids)] for place, id in enumerate(ids)}
        case "allocate":
            return {"points": dict.fromkeys(ids, 1) | {ids[0]: 11 - len(ids)}}
        case "estimate" if item.give == "chance":
            return {id: 100 if place < len(ids) / 2 else 0 for place, id in enumerate(ids)}
        case "estimate":
            return {option.id: [option.low, option.high] for option in ranked}
        case "dialogue":
            return talk(item, lambda node: next(each for each in ranked if each.at == node))
    one = getattr(item, "select", None) == "one"
    return ids[: 1 if one else len(ids) // 2]


def middle(item: Item) -> Any:  # noqa: PLR0911 - one for each kind
    """All threes, the middle option, the cards as found, everything ticked or marked."""
    ids = [option.id for option in item.options]
    match item.kind:
        case "rate":
            return dict.fromkeys(ids, 3)
        case "sort":
            return dict.fromkeys(ids, item.bins[len(item.bins) // 2].id)
        case "allocate":
            share, odd = divmod(10, len(ids))
            return {"points": {id: share + (place < odd) for place, id in enumerate(ids)}}
        case "estimate" if item.give == "chance":
            return dict.fromkeys(ids, 50)
        case "estimate":
            quarter = {each.id: (each.high - each.low) / 4 for each in item.options}
            return {
                each.id: [each.low + quarter[each.id], each.high - quarter[each.id]]
                for each in item.options
            }
        case "dialogue":
            at = {node.id: [o for o in item.options if o.at == node.id] for node in item.nodes}
            return talk(item, lambda node: at[node][len(at[node]) // 2])
    return ids[len(ids) // 2 :][:1] if getattr(item, "select", None) == "one" else ids


def talk(item: Item, pick: Any) -> list[str]:
    """A way through a dialogue, by what is picked at each node."""
    said: list[str] = []
    ends = {node.id for node in item.nodes} - {option.at for option in item.options}
    at = item.nodes[0].id
    while at not in ends:
        said.append(pick(at).id)
        at = pick(at).to
    return said


def by_length(item: Item) -> list[Option]:
    return sorted(item.options, key=lambda option: len(option.text), reverse=True)


STRATEGIES = {
    "the first is best": lambda item: favour(item, list(item.options)),
    "the longest is best": lambda item: favour(item, by_length(item)),
    "the shortest is best": lambda item: favour(item, by_length(item)[::-1]),
    "always the middle": middle,
}


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_no_obvious_strategy_pays(strategy: Any) -> None:
    scores = [item.assess(strategy(item)).score for item in SCORED]
    assert mean(score.scaled for score in scores if score) < 0.35


def test_the_longest_answer_is_seldom_the_best() -> None:
    longest = [by_length(item)[0] for item in CHOICES]
    assert sum(option.key == 3 for option in longest) <= len(CHOICES) / 2


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
