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


def test_the_page_takes_as_markup_only_what_was_rendered_here() -> None:
    script: Any = View._esm
    taken = set(re.findall(r"\bhtml: *([^,})]+\)?)", script)) - {"value"}
    assert taken
    for expression in taken:
        name = re.findall(r"\w+", expression.partition("(")[0])[-2 if "(" in expression else -1]
        key = {"hint": "hints"}.get(name, name)
        assert rendered({key: "<b>"}) != {key: "<b>"}, expression
    assert len(re.findall(r"\.(?:inner|outer)HTML\s*\+?=(?!=)", script)) == 1  # in `h`
    assert re.findall(r"insertAdjacentHTML|document\.write|\beval\(|new Function", script) == []
