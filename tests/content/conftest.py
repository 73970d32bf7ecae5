"""A small course in real files."""

from pathlib import Path

import pytest

FRAMEWORK = """
[[pillars]]
id = "trust"
name = "Build trust"
role = "the key"
notebook = "01_build_trust"

[[pillars.practices]]
id = "transparency"
name = "Be transparent"
objectives = ["Report a slip."]

[[pillars.practices]]
id = "listening"
name = "Listen"
objectives = ["Say advice back."]

[[pillars]]
id = "goals"
name = "Clarify goals"
role = "the premise"
notebook = "02_clarify_goals"

[[pillars.practices]]
id = "expectations"
name = "Be clear"
objectives = ["Confirm a task."]

[[modules]]
id = "balance"
name = "Keep the balance"
notebook = "05_keep_the_balance"

[[facts]]
id = "F1"
text = "There are four pillars."
"""

TRANSPARENCY = """practice = "transparency"

[[items]]
id = "missed-deadline"
kind = "choice"
use = "unit"
title = "Late"
stem = "The parts will be late."
ask = "What now?"
takeaway = "Say it early."
setting = { profession = "joiner", country = "Peru", \
learner = "man", manager = "woman", level = "member" }

[[items.options]]
id = "call"
text = "Call her today."
key = 3
feedback = "She can still plan."

[[items.options]]
id = "wait"
text = "Wait and see."
key = 0
feedback = "She hears it too late."

[[items]]
id = "whom-to-tell"
kind = "rate"
use = "check"
title = "Tell"
stem = "A machine stands still."
ask = "How effective is each?"
takeaway = "Name the next check."

[[items.options]]
id = "today"
text = "Write today."
key = 5
feedback = "In time."

[[items.options]]
id = "friday"
text = "Write on Friday."
key = 2.5
feedback = "Two days lost."
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder without a problem."""
    (tmp_path / "items").mkdir()
    (tmp_path / "framework.toml").write_text(FRAMEWORK, encoding="utf-8")
    (tmp_path / "items" / "transparency.toml").write_text(TRANSPARENCY, encoding="utf-8")
    return tmp_path
