"""Content files are read strictly, and every problem is reported at once, with its place."""

from pathlib import Path

import pytest

from upm.content import ContentError, Problem
from upm.kinds import load_bank

ITEM = "transparency.toml › missed-deadline"
SLUG = "small letters, digits and single hyphens, like missed-deadline"


def problems(data: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_bank(data)
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return str(caught.value).split("\n")


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_folder_without_problems_is_read(data: Path) -> None:
    bank = load_bank(data)
    assert list(bank.items) == ["missed-deadline", "whom-to-tell"]
    assert set(bank.practice_of.values()) == {"transparency"}


# One slip in transparency.toml each: what was written instead of what, and what the author reads.
SLIPS = {
    "practice that does not exist": (
        'practice = "transparency"',
        'practice = "transparent"',
        "transparency.toml: practice = 'transparent'; "
        "expected one of transparency, listening, expectations",
    ),
    "practice that is no text": (
        'practice = "transparency"',
        'practice = ["transparency"]',
        "transparency.toml: practice = ['transparency']; "
        "expected one of transparency, listening, expectations",
    ),
    "no practice": (
        'practice = "transparency"',
        "",
        "transparency.toml: practice = nothing; "
        "expected one of transparency, listening, expectations",
    ),
    "missing key": (
        'title = "Late"\n',
        "",
        f"{ITEM}: title = nothing; expected a value: this key is required",
    ),
    "missing id": (
        'id = "missed-deadline"\n',
        "",
        "transparency.toml › item without an id: id = nothing; "
        "expected a value: this key is required",
    ),
    "missing key of an option": (
        'feedback = "She can still plan."\n',
        "",
        f"{ITEM} › call: feedback = nothing; expected a value: this key is required",
    ),
    "misspelt key": (
        'use = "unit"',
        'use = "unit"\nhint = ["Today"]',
        f"{ITEM}: hint = ['Today']; expected no such key; did you mean hints?",
    ),
    "misspelt key of an option": (
        "key = 3",
        "key = 3\nculture_sensitiv = true",
        f"{ITEM} › call: culture_sensitiv = True; "
        "expected no such key; did you mean culture_sensitive?",
    ),
    "misspelt key of the setting": (
        'country = "Peru"',
        'country = "Peru", works = "remote"',
        f"{ITEM} › setting: works = 'remote'; expected no such key; did you mean work?",
    ),
    "unknown key": (
        "key = 3",
        "key = 3\nzzz = 1",
        f"{ITEM} › call: zzz = 1; expected one of id, text, feedback, culture_sensitive, key",
    ),
    "unknown key at the top": (
        'practice = "transparency"',
        'practice = "transparency"\nauthor = "A. B."',
        "transparency.toml: author = 'A. B.'; expected practice and [[items]] only",
    ),
    "text for a number": ("key = 2.5", "key = '2.1'", "expected a number"),
    "true for a whole number": (
        'use = "unit"',
        'use = "unit"\nversion = true',
        f"{ITEM}: version = True; expected a whole number",
    ),
    "whole number with a point": ("key = 3", "key = 3.0", "key = 3.0; expected a whole number"),
    "number out of range": ("key = 3", "key = 4", f"{ITEM} › call: key = 4; expected at most 3"),
    "number that is none": ("key = 2.5", "key = nan", "key = nan; expected at most 5"),
    "number below 1": ("key = 2.5", "key = 0.5", "key = 0.5; expected at least 1"),
    "number between half points": ("key = 2.5", "key = 2.4", "expected a multiple of 0.5"),
    "number for a text": (
        'title = "Late"',
        "title = 1",
        f"{ITEM}: title = 1; expected text in quotation marks",
    ),
    "no text": ('title = "Late"', 'title = ""', f"{ITEM}: title = ''; expected some text"),
    "text for a list": (
        'use = "unit"',
        'use = "unit"\nhints = "Today"',
        f"{ITEM}: hints = 'Today'; expected a list",
    ),
    "number in a list of texts": (
        'use = "unit"',
        'use = "unit"\nhints = ["Today", 2]',
        f"{ITEM}: hints[1] = 2; expected text in quotation marks",
    ),
    "text for a table": (
        'setting = { profession = "joiner", country = "Peru" }',
        'setting = "Peru"',
        f"{ITEM}: setting = 'Peru'; expected a table",
    ),
    "use that does not exist": (
        'use = "unit"',
        'use = "units"',
        f"{ITEM}: use = 'units'; expected 'unit', 'check', 'review', 'test' or 'live'",
    ),
    "kind that does not exist": (
        'kind = "choice"',
        'kind = "quiz"',
        f"{ITEM}: kind = 'quiz'; expected one of choice, rate, order, mark, case",
    ),
    "no kind": (
        'kind = "choice"\n',
        "",
        f"{ITEM}: kind = nothing; expected one of choice, rate, order, mark, case",
    ),
    "id in capitals": (
        '"missed-deadline"',
        '"Missed_Deadline"',
        f"transparency.toml › Missed_Deadline: id = 'Missed_Deadline'; expected {SLUG}",
    ),
    "id that is no text": (
        '"missed-deadline"',
        "[1]",
        "transparency.toml › [1]: id = [1]; expected text in quotation marks",
    ),
    "id twice in a file": (
        '"whom-to-tell"',
        '"missed-deadline"',
        f"{ITEM}: id = 'missed-deadline'; "
        "expected an id of its own; transparency.toml has it already",
    ),
    "id twice in an item": (
        'id = "wait"',
        'id = "call"',
        f"{ITEM} › call: id = 'call'; expected an id of its own within the item",
    ),
    "options that differ in punctuation only": (
        '"Wait and see."',
        '"call: her, TODAY!"',
        f"{ITEM} › wait: text = 'call: her, TODAY!'; "
        "expected a text that can be told apart from option call",
    ),
    "a key that fits no kind of answer": (
        "key = 3",
        "key = 1",
        f"{ITEM}: options = [1, 0]; expected some options with key 3, some with less",
    ),
    "a long value is cut": (
        'country = "Peru"',
        f'country = "Peru", note = "{"x" * 100}"',
        f"{ITEM} › setting: note = '{'x' * 76}…; expected one of profession, country, work",
    ),
}


@pytest.mark.parametrize(("old", "new", "line"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_one_line_with_its_place_and_what_was_expected(
    data: Path, old: str, new: str, line: str
) -> None:
    replace(data / "items" / "transparency.toml", old, new)
    (found,) = problems(data)
    assert found.endswith(line)
    assert found.startswith("transparency.toml")


def test_an_item_needs_an_option_that_counts(data: Path) -> None:
    file = data / "items" / "transparency.toml"
    replace(file, "key = 3", "key = 3\nculture_sensitive = true")
    replace(file, "key = 0", "key = 0\nculture_sensitive = true")
    assert problems(data) == [
        f"{ITEM}: options = nothing; expected at least one option with a key that counts"
    ]


def order(*cards: tuple[str, int]) -> str:
    options = "".join(
        f'[[items.options]]\nid = "{id}"\ntext = "Card {place}"\nkey = {key}\nfeedback = "F"\n'
        for place, (id, key) in enumerate(cards)
    )
    return (
        'practice = "listening"\n[[items]]\nid = "steps"\nkind = "order"\nuse = "unit"\n'
        'title = "T"\nstem = "S"\nask = "A"\ntakeaway = "W"\nfirst = "First"\nlast = "Last"\n'
        + options
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # 1-2, 1-3 the right way round, 3-2 not: (2 - 1) / 3 = .33 is wrong enough …
        (order(("a", 1), ("b", 3), ("c", 2)), []),
        # … and with one more card at its end, (5 - 1) / 6 = .67 is not.
        (
            order(("a", 1), ("b", 3), ("c", 2), ("d", 4)),
            [
                "z.toml › steps: options = [1, 3, 2, 4]; "
                "expected an order as found that is mostly wrong"
            ],
        ),
        (
            order(("a", 1), ("b", 2), ("a", 2)),
            ["z.toml › steps › a: id = 'a'; expected an id of its own within the item"],
        ),
        (
            order(("a", 2), ("b", 2), ("c", 2)),
            ["z.toml › steps: options = [2, 2, 2]; expected at least two different places"],
        ),
        ('practice = "listening"\nitems = "x"', ["z.toml: items = 'x'; expected [[items]] tables"]),
        (
            'practice = "listening"\n[items]\nid = "x"',
            ["z.toml: items = {'id': 'x'}; expected [[items]] tables"],
        ),
        (
            'practice = "listening"\nitems = [1, {}]',
            ["z.toml: items = [1, {}]; expected [[items]] tables"],
        ),
    ],
)
def test_a_file_of_its_own_tells_what_is_wrong(data: Path, text: str, lines: list[str]) -> None:
    (data / "items" / "z.toml").write_text(text, encoding="utf-8")
    if lines:
        assert problems(data) == lines
    else:
        load_bank(data)


def test_several_choices_know_no_partial_credit(data: Path) -> None:
    file = data / "items" / "transparency.toml"
    replace(file, 'kind = "choice"', 'kind = "choice"\nselect = "several"')
    replace(file, "key = 0", "key = 2")
    assert problems(data) == [f"{ITEM} › wait: key = 2; expected 3 (belongs) or 0 (does not)"]


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ("options = 'x'", ["options = 'x'; expected a list"]),
        ("options = []", ["options = []; expected at least 3 of them"]),
        # Three are enough; that two of them are no tables is said once, not thrice.
        (
            "options = ['x', 1, { id = 'a', text = 'A', feedback = 'F', key = true }]",
            ["options[0] = 'x'; expected a table", "options[1] = 1; expected a table"],
        ),
    ],
)
def test_options_are_tables_and_enough(data: Path, options: str, lines: list[str]) -> None:
    text = (
        'practice = "listening"\n[[items]]\nid = "m"\nkind = "mark"\nuse = "unit"\n'
        f'title = "T"\nstem = "S"\nask = "A"\ntakeaway = "W"\n{options}'
    )
    (data / "items" / "m.toml").write_text(text, encoding="utf-8")
    assert problems(data) == [f"m.toml › m: {line}" for line in lines]


def test_every_problem_is_reported_at_once(data: Path) -> None:
    items = data / "items"
    good = (items / "transparency.toml").read_text(encoding="utf-8")
    framework = (data / "framework.toml").read_text(encoding="utf-8")
    twice = framework + '[[facts]]\nid = "F1"\ntext = "Again."\n'
    (data / "framework.toml").write_text(twice, encoding="utf-8")
    (items / "a.toml").write_text("practice", encoding="utf-8")
    (items / "b.toml").write_bytes(b'practice = "Z\xfcrich"')
    (items / "c.toml").write_text(
        good.replace("transparency", "openness")
        .replace("whom-to-tell", "c-tell")
        .replace("missed-deadline", "c-missed")
        .replace("key = 3", "key = '3'")
        .replace("key = 2.5", "key = 4.5"),
        encoding="utf-8",
    )
    (items / "d.toml").write_text(good.replace('title = "Late"\n', ""), encoding="utf-8")
    assert problems(data) == [
        "framework.toml › facts: id = 'F1'; expected an id of its own",
        "a.toml: TOML = \"Expected '=' after a key in a key/value pair (at end of document)\"; "
        "expected valid TOML",
        "b.toml: text = b'\\xfcrich\"'; expected UTF-8",
        "c.toml: practice = 'openness'; expected one of transparency, listening, expectations",
        "c.toml › c-missed › call: key = '3'; expected a whole number",
        "c.toml › c-tell: options = [5.0, 4.5]; expected two options with keys at least 1.5 apart",
        "d.toml › missed-deadline: title = nothing; expected a value: this key is required",
        "transparency.toml › missed-deadline: id = 'missed-deadline'; "
        "expected an id of its own; d.toml has it already",
        "transparency.toml › whom-to-tell: id = 'whom-to-tell'; "
        "expected an id of its own; d.toml has it already",
    ]


FRAMEWORK_SLIPS = {
    "pillar id twice": (
        'id = "goals"',
        'id = "trust"',
        ["framework.toml › pillars: id = 'trust'; expected an id of its own"],
    ),
    "practice id twice over pillars": (
        'id = "expectations"',
        'id = "listening"',
        ["framework.toml › practices: id = 'listening'; expected an id of its own"],
    ),
    "misspelt key": (
        'name = "Listen"',
        'nam = "Listen"',
        [
            "framework.toml › trust › listening: name = nothing; "
            "expected a value: this key is required",
            "framework.toml › trust › listening: nam = 'Listen'; "
            "expected no such key; did you mean name?",
        ],
    ),
    "number of a fact": (
        'id = "F1"',
        'id = "1"',
        ["framework.toml › 1: id = '1'; expected text that fits ^F[0-9]+$"],
    ),
    "no objective": (
        '["Say advice back."]',
        "[]",
        ["framework.toml › trust › listening: objectives = []; expected at least 1 of them"],
    ),
}


@pytest.mark.parametrize(("old", "new", "lines"), FRAMEWORK_SLIPS.values(), ids=FRAMEWORK_SLIPS)
def test_a_slip_in_the_framework_has_its_place(
    data: Path, old: str, new: str, lines: list[str]
) -> None:
    replace(data / "framework.toml", old, new)
    assert problems(data) == lines


def test_an_empty_framework_is_a_problem(data: Path) -> None:
    (data / "framework.toml").write_text("", encoding="utf-8")
    assert problems(data) == [
        f"framework.toml: {key} = nothing; expected a value: this key is required"
        for key in ("pillars", "facts")
    ]


def test_items_are_checked_although_the_framework_is_missing(data: Path) -> None:
    (data / "framework.toml").unlink()
    replace(data / "items" / "transparency.toml", "key = 3", "key = 4")
    first, second = problems(data)
    assert first == (
        f"{data / 'framework.toml'}: file = 'No such file or directory'; expected a readable file"
    )
    assert second == f"{ITEM} › call: key = 4; expected at most 3"


def test_one_file_can_be_checked_alone(data: Path, tmp_path: Path) -> None:
    replace(data / "items" / "transparency.toml", "key = 3", "key = 4")
    other = tmp_path / "other.toml"
    other.write_text('practice = "listening"', encoding="utf-8")
    assert load_bank(data, only=other).items == {}
    with pytest.raises(ContentError, match=r"gone\.toml: file = 'No such file or directory'"):
        load_bank(data, only=tmp_path / "gone.toml")


def test_a_byte_order_mark_does_no_harm(data: Path) -> None:
    file = data / "items" / "transparency.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert len(load_bank(data).items) == 2


def test_a_problem_is_a_value_and_a_line() -> None:
    problem = Problem(("trust.toml", "missed-deadline", "mail"), "effect", "2.1", "a number")
    assert str(problem) == "trust.toml › missed-deadline › mail: effect = '2.1'; expected a number"
