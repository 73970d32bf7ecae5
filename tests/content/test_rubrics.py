"""Rubrics: rules name signs that exist, and every slip in them has its place."""

import shutil
from pathlib import Path

import pytest

from upm import paths
from upm.content import read_wording
from upm.content.problems import Problem
from upm.content.rubrics import Term, terms

GENRES = ["bad_news", "credit_line", "expectation_note", "one_to_one_agenda", "status_update"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the course's rubrics."""
    shutil.copytree(paths.DATA / "rubrics", tmp_path / "rubrics")
    return tmp_path


def problems(folder: Path) -> list[str]:
    found: list[Problem] = []
    read_wording(folder, found)
    return list(map(str, found))


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_courses_rubrics_have_no_problem(folder: Path) -> None:
    assert problems(folder) == []
    assert sorted(read_wording(folder, []).rubrics) == GENRES


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ask", [Term("ask", 1)]),
        ("ask + when", [Term("ask", 1), Term("when", 1)]),
        ("2 when + goal - ask", [Term("when", 2), Term("goal", 1), Term("ask", 0)]),
        ("done-so-far - ask", [Term("done-so-far", 1), Term("ask", 0)]),
    ],
)
def test_a_rule_says_which_signs_there_are_and_which_not(rule: str, expected: list[Term]) -> None:
    assert list(terms(rule)) == expected


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "status_update.toml",
            '"ratio", ',
            '"ration", ',
            "status_update.toml › S1: sign = 'ration'; expected a sign of language.toml",
        ),
        (
            "language.toml",
            'found = ["blamer"]',
            'found = ["blame"]',
            "language.toml › blame: sign = 'blame'; expected a sign of language.toml",
        ),
        (
            "status_update.toml",
            'code = "S1"',
            'code = "first"',
            "status_update.toml › number 1: code = 'first'; expected text that fits ^[A-Z]\\d$",
        ),
        (
            "language.toml",
            "[signs]",
            '[signs]\nhalf-open = ["(?:"]',
            "language.toml: signs = "
            "'missing ), unterminated subpattern at position 7'; expected regular expressions",
        ),
    ],
)
def test_a_slip_has_its_place(folder: Path, file: str, old: str, new: str, message: str) -> None:
    replace(folder / "rubrics" / file, old, new)
    assert message in problems(folder)


def test_a_folder_without_rubrics_is_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


def test_rubrics_without_their_language_are_a_problem(folder: Path) -> None:
    (folder / "rubrics" / "language.toml").unlink()
    assert [text for text in problems(folder) if "a readable file" in text]
