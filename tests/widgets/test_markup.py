"""Markdown of the content files becomes HTML; HTML in it is shown, never obeyed."""

import re
from typing import Any

import pytest

from upm.widgets.markup import rendered
from upm.widgets.view import View


@pytest.mark.parametrize(
    ("key", "value", "html"),
    [
        ("stem", "One.\n\n**Two**.", "<p>One.</p>\n<p><strong>Two</strong>.</p>\n"),
        ("takeaway", "- this\n- that", "<ul>\n<li>this</li>\n<li>that</li>\n</ul>\n"),
        ("ask", "*What* now?", "<em>What</em> now?"),
        ("hints", ["a *b*", "`c`"], ["a <em>b</em>", "<code>c</code>"]),
        ("options", [{"id": "*a*", "text": "*a*"}], [{"id": "*a*", "text": "<em>a</em>"}]),
        ("text", "# no heading, <b>no</b> tag", "# no heading, &lt;b&gt;no&lt;/b&gt; tag"),
        ("text", "[x](javascript:alert)", "[x](javascript:alert)"),
        ("text", "Wait... (c) 1--2", "Wait… © 1–2"),
        ("text", None, None),
        ("hints", 2, 2),
        ("title", "*as* it <is>", "*as* it <is>"),
        ("response", {"text": "*my* <b>"}, {"text": "*my* <b>"}),
    ],
)  # fmt: skip
def test_texts_become_html_by_their_keys(key: str, value: Any, html: Any) -> None:
    assert rendered({key: value}) == {key: html}


SCRIPT = str(View._esm)
HTML = {found.strip() for found in re.findall(r"\bhtml: *([^,})]+\)?)", SCRIPT)}
DRAWN = {taken for taken in HTML if "<svg" in taken}
TAKEN = sorted(HTML - DRAWN - {"value"})
PLAIN = sorted(set(re.findall(r"\bplain\(([^()]+)\)", SCRIPT)) - {"html"})


@pytest.mark.parametrize("expression", [*TAKEN, *PLAIN])
def test_the_page_takes_as_markup_only_what_was_rendered_here(expression: str) -> None:
    name = re.findall(r"\w+", expression.partition("(")[0])[-2 if "(" in expression else -1]
    key = {"hint": "hints"}.get(name, name)
    assert rendered({key: "<b>"}) != {key: "<b>"}


def test_the_page_makes_html_at_one_place() -> None:
    assert len(TAKEN) > 8
    assert len(re.findall(r"\.(?:inner|outer)HTML\s*\+?=(?!=)", SCRIPT)) == 1  # in `h`
    assert re.findall(r"insertAdjacentHTML|document\.write|\beval\(|new Function", SCRIPT) == []


def test_a_drawing_is_made_of_numbers_and_escaped_words() -> None:
    drawn = re.findall(r"`[^`]*</?[a-z][^`]*`", SCRIPT)
    assert len([each for each in drawn if "<svg" in each]) == len(DRAWN) == 2
    put_in = {name for each in drawn for name in re.findall(r"\$\{\s*([\w]+)", each)}
    parts = {"dots", "names", "ticks"}  # drawn by other templates among these
    numbers = {"x", "y", "way", "level", "4", "100", "115"}
    assert put_in - parts - numbers == {"name"}
    assert ").innerHTML).map((name, i) =>" in SCRIPT  # read back out of an element: escaped
