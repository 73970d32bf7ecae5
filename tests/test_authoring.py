"""data/README.md: what it shows to authors is what the reader, the schema and the kinds do."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from upm import paths
from upm.cli import main
from upm.content import Bank
from upm.content.items import Setting
from upm.kinds import KINDS, load_bank
from upm.kinds.allocate import AllocateOption
from upm.kinds.case import Prompt
from upm.kinds.choice import ChoiceOption
from upm.kinds.dialogue import DialogueOption, Node
from upm.kinds.estimate import EstimateOption
from upm.kinds.explore import Dial, Preset
from upm.kinds.plan import PlanField
from upm.kinds.predict import Expectation, Trial
from upm.kinds.simulate import Reason
from upm.kinds.sort import Bin, SortOption
from upm.survey.instrument import read_instrument

README = (paths.DATA / "README.md").read_text(encoding="utf-8")
ITEMS, SURVEYS = README.split("## Surveys")
EXAMPLES, QUESTIONNAIRE = (
    "\n".join(re.findall(r"^```toml\n(.*?)^```", part, re.M | re.S)) for part in (ITEMS, SURVEYS)
)


def write(folder: Path, text: str = EXAMPLES, name: str = "adjust-the-plan.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def examples(tmp_path: Path) -> Bank:
    return load_bank(paths.DATA, only=write(tmp_path))


def test_the_blocks_put_together_are_one_valid_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(write(tmp_path))]) == 0
    assert capsys.readouterr().out == "15 items, no problem\n"


def test_the_examples_can_be_added_to_the_course(tmp_path: Path) -> None:
    shutil.copytree(paths.DATA, tmp_path / "data")
    before = len(load_bank(tmp_path / "data").items)
    write(tmp_path / "data" / "items", name="examples.toml")
    assert len(load_bank(tmp_path / "data").items) == before + 15


def test_every_kind_has_an_example(examples: Bank) -> None:
    shown = {(item.kind, getattr(item, "select", None)) for item in examples.items.values()}
    assert {kind for kind, _ in shown} == set(KINDS)
    assert {("choice", "one"), ("choice", "several")} <= shown


RIGHT_AND_WRONG = {
    "news-from-the-trail": (["closed-valley"], ["faster-method"]),
    "cold-lunches": (
        ["second-way", "promise-to-town", "answer-by"],
        ["oven-history", "second-way", "how-long", "promise-to-town", "answer-by", "whose-fault"],
    ),
    "twelve-masks": (
        {"two-plans": 5, "one-plan": 4, "shared-calendar": 2, "copies": 1, "calls-lender": 1},
        dict.fromkeys(["two-plans", "one-plan", "shared-calendar", "copies", "calls-lender"], 3),
    ),
    "eight-thousand-bottles": (
        ["change", "effect", "two-ways", "view", "decision"],
        ["decision", "view", "two-ways", "effect", "change"],
    ),
    "harbour-series": (["five-parts", "archive", "travel-money"], ["greeting", "studio"]),
    "six-crossings": (
        {
            "pier-closes": "decision",
            "crews-swap": "hers",
            "fuel": "report",
            "sports-club": "decision",
            "posters": "report",
            "ticket-desk": "hers",
        },
        dict.fromkeys(
            ["pier-closes", "crews-swap", "fuel", "sports-club", "posters", "ticket-desk"],
            "decision",
        ),
    ),
    "frost-in-the-lower-field": (["two-not-four", "both-ways", "two-on-friday"], ["all-set"]),
    "how-wide-is-sure": (
        {
            "suez": [193, 193],
            "bones": [206, 206],
            "eiffel": [1665, 1665],
            "first-railway": [1830, 1830],
        },
        {
            "suez": [20, 1000],
            "bones": [50, 1000],
            "eiffel": [200, 5000],
            "first-railway": [1700, 1920],
        },
    ),
    "ten-days-left": (
        {"points": {"booking": 5, "trying-out": 3, "agreeing": 1, "galleries": 1}},
        {"points": {"booking": 3, "trying-out": 3, "agreeing": 2, "galleries": 2}},
    ),
    "a-new-head-of-surveys": (
        {
            "plan": [[1, 2, 6, 1], [5, 2, 1, 2], [1, 3, 2, 4], [1, 3, 2, 4]],
            "reasons": ["unknown", "ready", "ready"],
        },
        {"plan": [[1, 1, 1, 7]] * 4, "reasons": ["ready", "ready", "ready"]},
    ),
}


def test_every_example_with_a_score_is_answered_below(examples: Bank) -> None:
    assert set(RIGHT_AND_WRONG) == {id for id, item in examples.items.items() if item.scored}


@pytest.mark.parametrize(("id", "right", "wrong"), [(k, *v) for k, v in RIGHT_AND_WRONG.items()])
def test_a_right_answer_earns_all_and_a_wrong_one_nothing(
    examples: Bank, id: str, right: object, wrong: object
) -> None:
    scores = [examples.item(id).assess(response).score for response in (right, wrong)]
    assert [(score.scaled, score.outcome) for score in scores if score] == [
        (1, "correct"),
        (0, "not yet"),
    ]


@pytest.mark.parametrize(
    ("said", "raw"),
    [
        # The best way earns 9. “Mostly” loses 2, of which plain words give back 1: 1 + 1 + 3 + 3.
        (["mostly", "put-plainly", "both-ways", "two-on-friday"], 8 / 9),
        # Hemi loses 3, of which going back to the apples gives back 1.5: 3 + 0 + 1.5 + 3.
        (["two-not-four", "hemi", "back-to-apples", "two-on-friday"], 7.5 / 9),
        (["mostly", "noon"], 1 / 9),
    ],
)
def test_a_slip_in_the_conversation_can_be_put_right_at_half_its_price(
    examples: Bank, said: list[str], raw: float
) -> None:
    score = examples.item("frost-in-the-lower-field").assess(said).score
    assert score
    assert score.raw == pytest.approx(raw)


@pytest.mark.parametrize(
    ("words", "verdicts"),
    [
        # What the fields have as their examples.
        (
            {
                "if": "K. mentions a new date in the Tuesday meeting,",
                "then": "write to K. the same day: what has to move, two ways, and the day",
                "look-back": "2026-11-30",
            },
            ["found", "found", "found"],
        ),
        ({"if": "plans change more often", "then": "be proactive about it"}, ["asked"] * 3),
    ],
)
def test_a_plan_is_read_and_has_no_score(
    examples: Bank, words: dict[str, str], verdicts: list[str]
) -> None:
    assessment = examples.item("plan-a-changed-plan").assess(words)
    assert assessment.score is None
    assert [each.verdict for each in assessment.feedback] == verdicts


def test_the_own_case_is_kept_without_a_score(examples: Bank) -> None:
    assert examples.item("own-case-new-plan").assess({"change": "…", "choice": "…"}).score is None


def test_the_problem_that_the_page_shows_is_what_check_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(r"^```text\n(.*?)^```", README, re.M | re.S)
    assert found
    broken = EXAMPLES.replace('key = 5\nfeedback = "He sees', 'key = "5"\nfeedback = "He sees')
    assert main(["check", str(write(tmp_path, broken))]) == 1
    printed = capsys.readouterr()
    assert printed.out + printed.err == found[1]


def test_the_examples_use_curly_quotation_marks(examples: Bank) -> None:
    texts = [item.model_dump_json() for item in examples.items.values()]
    assert [text for text in texts if r"\"" in text] == []


MODELS: list[type[BaseModel]] = [*KINDS.values(), ChoiceOption, Prompt, Setting]
# What only one kind has in its options or in tables of its own is explained there.
OF_A_KIND: list[type[BaseModel]] = [
    SortOption,
    Bin,
    DialogueOption,
    Node,
    EstimateOption,
    AllocateOption,
    PlanField,
    Reason,
    Trial,
    Expectation,
    Dial,
    Preset,
]


@pytest.mark.parametrize("model", MODELS)
def test_every_field_is_explained(model: type[BaseModel]) -> None:
    fields = README.split("## The fields")[1]
    assert [name for name in model.model_fields if f"`{name}`" not in fields] == []


@pytest.mark.parametrize("model", OF_A_KIND)
def test_every_field_of_a_kind_of_its_own_is_explained(model: type[BaseModel]) -> None:
    prose = re.sub(r"^```.*?^```", "", README, flags=re.M | re.S)
    explained = set(re.findall(r"`(\w+)(?: = [^`]*)?`", prose))
    assert set(model.model_fields) - explained == set()


def test_the_number_of_options_is_the_one_that_the_schema_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["schema"])
    definitions = json.loads(capsys.readouterr().out)["$defs"]
    for kind, model in KINDS.items():
        options = definitions[model.__name__]["properties"]["options"]
        least, most = options["minItems"], options["maxItems"]
        told = f"{least} to {most}" if least < most else f"{most}"
        assert f"`{kind}` {told}" in README


def test_the_schema_accepts_the_examples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["schema"])
    schema = json.loads(capsys.readouterr().out)
    assert list(Draft202012Validator(schema).iter_errors(tomllib.loads(EXAMPLES))) == []


def test_the_questionnaire_is_a_whole_one(tmp_path: Path) -> None:
    canteen = read_instrument(write(tmp_path, QUESTIONNAIRE, "canteen.toml"))
    assert canteen.item_ids == ("soup", "bread", "wait")
    assert canteen.points_of("soup") == 7
    assert canteen.scale["lunch"].least == 2
