"""Every interface word that the code uses is in data/interface.toml, and none is there in vain."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import upm
from upm import course
from upm.content.items import Outcome, Verdict
from upm.kinds.dialogue import Node
from upm.learning.records import Reason
from upm.learning.series import Goal, Part
from upm.widgets.view import View

SCRIPT = str(View._esm)
PYTHON = "\n".join(
    file.read_text(encoding="utf-8") for file in sorted(Path(upm.__file__).parent.rglob("*.py"))
)
# Which words a section needs where the code picks one by a name that it gets.
BY_NAME: dict[str, set[str]] = {
    "kind": {
        name
        for label in re.findall(r"label: \(.*?\) => (.*)", SCRIPT)
        for name in re.findall(r'(?<!=== )"(\w+)"', label)
    },
    "outcome": {name.replace(" ", "_") for name in get_args(Outcome) if name != "not attempted"}
    | {"discussed", "kept"},
    "verdict": set(get_args(Verdict)) - {"sample"},
    "problem": set(get_args(Reason))
    | set(re.findall(r'(?:exercise|learner)_state\((?:[\w.]+, )?"([\w-]+)"', PYTHON))
    | set(re.findall(r'problem\("([\w-]+)"\)', SCRIPT)),
    "rate": {f"point_{point}" for point in range(1, 6)},
    "mood": set(get_args(Node.model_fields["mood"].annotation)),
    "estimate": {"from", "to"},
    "write": {"strong", "ok", "weak"},
    "play": {"own", "organisation"},
    "predict": {"right", "off"},
    "series": set(get_args(Part)) | set(get_args(get_type_hints(Goal)["name"])),
    "button": {"less", "more"} | set(re.findall(r'^  button: "(\w+)"', SCRIPT, re.M)),
}


# A kind's own words for verdicts, where the usual ones would be wrong.
OWN_VERDICTS = {
    "ranges": {"right", "off"},
    "chances": {"right", "close", "off"},
    "marked": {"right", "off", "missed", "left"},
    "reason": {"right", "off"},
    "ticked": {"right", "off", "missed", "left"},
}


def inside(text: str, start: int, stop: str) -> str:
    """What stands from `start` to the `stop` that is not in brackets of its own."""
    depth = 0
    for end in range(start, len(text)):
        if depth == 0 and text[end] in stop:
            return text[start:end]
        depth += (text[end] in "([{") - (text[end] in ")]}")
    raise AssertionError(text[start : start + 80])


def names(expression: str) -> set[str]:
    """The strings that an expression can be; not those that it compares with."""
    return set(re.findall(r'(?<!=== )"([\w-]+)"', expression))


def used() -> Iterator[tuple[str, str]]:
    yield from re.findall(r"\bwords\.(\w+)\.(\w+)", SCRIPT)
    yield from re.findall(r'words\(\)\["(\w+)"\]\["(\w+)"\]', PYTHON)
    for found in re.finditer(r"\bbutton\((?=[\"\w])", SCRIPT):
        for name in names(inside(SCRIPT, found.end(), ",)")):
            yield "button", name
    for section in re.findall(r"verdict\(words, [\w.]+, .*?words\.(\w+)", SCRIPT):
        yield from ((section, name) for name in OWN_VERDICTS[section])
    for found in re.finditer(r"\bwords\.(\w+)\[", SCRIPT):
        expression = inside(SCRIPT, found.end(), "]")
        for name in names(expression) or BY_NAME[found[1]]:
            yield found[1], name


def test_the_words_in_the_file_are_those_that_the_code_uses() -> None:
    declared = {(section, name) for section, words in course.words().items() for name in words}
    assert declared == set(used())


def test_braces_hold_nothing_but_names() -> None:
    texts = [text for words in course.words().values() for text in words.values()]
    assert [text for text in texts if re.search(r"[{}]", re.sub(r"\{[a-z]+\}", "", text))] == []
