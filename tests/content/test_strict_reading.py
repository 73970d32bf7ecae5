"""Content files are read strictly, and every problem is reported at once, with its place."""

from pathlib import Path

import pytest

from upm.content import ContentError, Problem
from upm.kinds import KINDS, load_bank

ITEM = "transparency.toml › missed-deadline"
SLUG = "small letters, digits and single hyphens, like missed-deadline"
SERIES = "a name for a test or capstone item, and none for others"


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
    assert set(bank.home_of.values()) == {"transparency"}


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
    "module that does not exist": (
        'practice = "transparency"',
        'module = "transparency"',
        "transparency.toml: module = 'transparency'; expected one of balance",
    ),
    "practice that is a module": (
        'practice = "transparency"',
        'practice = "balance"',
        "transparency.toml: practice = 'balance'; "
        "expected one of transparency, listening, expectations",
    ),
    "practice and module": (
        'practice = "transparency"',
        'practice = "transparency"\nmodule = "balance"',
        "transparency.toml: practice = 'transparency'; expected practice or module, and [[items]]",
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
        "transparency.toml: author = 'A. B.'; expected practice or module, and [[items]]",
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
        'setting = { profession = "joiner", country = "Peru", learner = "man", '
        'manager = "woman", level = "member" }',
        'setting = "Peru"',
        f"{ITEM}: setting = 'Peru'; expected a table",
    ),
    "use that does not exist": (
        'use = "unit"',
        'use = "units"',
        f"{ITEM}: use = 'units'; expected 'unit', 'check', 'review', 'test', 'live' or 'capstone'",
    ),
    "test item of no form": (
        'use = "unit"',
        'use = "test"',
        f"{ITEM}: series = nothing; expected {SERIES}",
    ),
    "capstone item of no case": (
        'use = "unit"',
        'use = "capstone"',
        f"{ITEM}: series = nothing; expected {SERIES}",
    ),
    "unit item in a series": (
        'use = "unit"',
        'use = "unit"\nseries = "form-a"',
        f"{ITEM}: series = 'form-a'; expected {SERIES}",
    ),
    "series with a space": (
        'use = "unit"',
        'use = "test"\nseries = "form a"',
        f"{ITEM}: series = 'form a'; expected {SLUG}",
    ),
    "kind that does not exist": (
        'kind = "choice"',
        'kind = "quiz"',
        f"{ITEM}: kind = 'quiz'; expected one of {', '.join(KINDS)}",
    ),
    "no kind": (
        'kind = "choice"\n',
        "",
        f"{ITEM}: kind = nothing; expected one of {', '.join(KINDS)}",
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
        f"{ITEM} › setting: note = '{'x' * 76}…; expected one of profession, country, work, "
        "learner, manager, level",
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


def listening(kind: str, *lines: str) -> str:
    """A file of one item without options."""
    return (
        f'practice = "listening"\n[[items]]\nid = "it"\nkind = "{kind}"\nuse = "unit"\n'
        'title = "T"\nstem = "S"\nask = "A"\ntakeaway = "W"\n' + "\n".join(lines)
    )


CARDS = "options = [{}]".format(
    ", ".join(
        f'{{ id = "{id}", text = "Card {id}", feedback = "F", key = "{key}" }}'
        for id, key in ("ax", "by", "cy")
    )
)
SAYINGS = "options = [{}]".format(
    ", ".join(
        f'{{ id = "{id}", at = "s", to = "{to}", text = "Say {id}", feedback = "F", key = {key} }}'
        for id, to, key in (("a", "x", 3), ("b", "y", 0))
    )
)


def talk(*nodes: tuple[str, str], sayings: str = SAYINGS) -> str:
    """A file of a conversation with these nodes, each by its id and mood."""
    rows = (f'{{ id = "{id}", text = "Node {id}", mood = "{mood}" }}' for id, mood in nodes)
    return listening("dialogue", 'partner = "P"', f"nodes = [{', '.join(rows)}]", sayings)


def quantity(id: str, key: str = "5", low: str = "0") -> str:
    return (
        f'[[items.options]]\nid = "{id}"\ntext = "Number {id}"\nfeedback = "F"\n'
        f"key = {key}\nlow = {low}\nhigh = 9\n"
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            listening("sort", 'bins = [{ id = "x", text = "X" }, { id = "y", text = "Y" }]', CARDS),
            [],
        ),
        (
            listening("sort", 'bins = [{ id = "x", text = "X" }, { id = "y", txt = "Y" }]', CARDS),
            [
                "it › y: text = nothing; expected a value: this key is required",
                "it › y: txt = 'Y'; expected no such key; did you mean text?",
            ],
        ),
        (
            listening("sort", 'bins = [{ id = "x", text = "X" }, { id = "z", text = "Z" }]', CARDS),
            [
                "it › b: key = 'y'; expected one of x, z",
                "it › c: key = 'y'; expected one of x, z",
            ],
        ),
        (
            listening("sort", 'bins = ["x", "y"]', CARDS),
            [f"it: bins[{i}] = '{'xy'[i]}'; expected a table" for i in (0, 1)],
        ),
        (talk(("s", "open"), ("x", "closed"), ("y", "guarded")), []),
        (
            talk(("s", "open"), ("x", "angry"), ("y", "open")),
            ["it › x: mood = 'angry'; expected 'open', 'guarded' or 'closed'"],
        ),
        (
            talk(("s", "open"), ("x", "open"), ("z", "open")),
            ["it › b: to = 'y'; expected the id of a node"],
        ),
        (listening("estimate", 'give = "range"', *map(quantity, "abcd")), []),
        (
            listening("estimate", 'give = "range"', quantity("e", low="5"), *map(quantity, "abcd")),
            ["it › e: key = 5.0; expected a number between low and high"],
        ),
        (
            listening(
                "estimate", 'give = "range"', quantity("e", low='"0"'), *map(quantity, "abcd")
            ),
            ["it › e: low = '0'; expected a number"],
        ),
        (
            listening("estimate", 'give = "both"', *map(quantity, "abcd")),
            ["it: give = 'both'; expected 'range' or 'chance'"],
        ),
    ],
)
def test_what_a_kind_adds_is_read_as_strictly(data: Path, text: str, lines: list[str]) -> None:
    (data / "items" / "it.toml").write_text(text, encoding="utf-8")
    if lines:
        assert problems(data) == [f"it.toml › {line}" for line in lines]
    else:
        load_bank(data)


def test_a_key_of_two_types_is_one_problem(data: Path) -> None:
    text = listening("estimate", 'give = "range"', quantity("e", key="'5'"), *map(quantity, "abcd"))
    (data / "items" / "it.toml").write_text(text, encoding="utf-8")
    (found,) = problems(data)
    assert found.startswith("it.toml › it › e: key = '5'; expected ")


def test_a_misspelt_node_is_one_problem(data: Path) -> None:
    nodes = ("s", "open"), ("x", "open"), ("y", "open")
    text = talk(*nodes, sayings=SAYINGS.replace('at = "s"', 'at = "z"', 1))
    (data / "items" / "it.toml").write_text(text, encoding="utf-8")
    assert problems(data) == ["it.toml › it › a: at = 'z'; expected the id of a node"]


PLAN = listening(
    "plan",
    'options = [{ id = "if", text = "If", needs = "cue", ask_again = "When?" }, '
    '{ id = "on", text = "On", needs = "day", ask_again = "Which day?" }]',
)


@pytest.mark.parametrize(
    ("concrete", "verdict"),
    [(None, "found"), ("", "found"), ('vague = ["soon"]', "asked"), ('vague = ["later"]', "found")],
)
def test_a_plan_is_read_by_the_words_of_the_course(
    data: Path, concrete: str | None, verdict: str
) -> None:
    (data / "items" / "plan.toml").write_text(PLAN, encoding="utf-8")
    if concrete is not None:
        (data / "concrete.toml").write_text(concrete, encoding="utf-8")
    assessment = load_bank(data).item("it").assess({"if": "soon after we meet"})
    assert assessment.feedback[0].verdict == verdict


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('vage = ["soon"]', "vage = ['soon']; expected no such key; did you mean vague?"),
        ('vague = "soon"', "vague = 'soon'; expected a list"),
        ('unseen = ["be", 1]', "unseen[1] = 1; expected text in quotation marks"),
        ('opening = [""]', "opening[0] = ''; expected some text"),
    ],
)
def test_a_slip_in_the_words_has_its_place(data: Path, text: str, line: str) -> None:
    (data / "concrete.toml").write_text(text, encoding="utf-8")
    assert problems(data) == [f"concrete.toml: {line}"]


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
    "module without a notebook": (
        'notebook = "05_keep_the_balance"\n',
        "",
        ["framework.toml › balance: notebook = nothing; expected a value: this key is required"],
    ),
    "module id twice": (
        "[[facts]]",
        '[[modules]]\nid = "balance"\nname = "B"\nnotebook = "06_b"\n\n[[facts]]',
        ["framework.toml › modules: id = 'balance'; expected an id of its own"],
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


def test_a_module_cannot_have_the_id_of_a_practice(data: Path) -> None:
    replace(data / "framework.toml", 'id = "balance"', 'id = "listening"')
    (found,) = problems(data)
    assert found.endswith("id = 'listening'; expected an id of its own")


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
