"""What there is to learn: the framework, the items, and every problem in them at once."""

from upm.content.bank import Bank, read_bank
from upm.content.framework import Framework, Pillar, Practice
from upm.content.items import (
    Assessment,
    Feedback,
    Item,
    Option,
    Public,
    ResponseError,
    Score,
    Setting,
)
from upm.content.problems import ContentError, Flaw, Problem
from upm.content.rubrics import Rubric
from upm.content.wording import Wording, read_wording

__all__ = [
    "Assessment",
    "Bank",
    "ContentError",
    "Feedback",
    "Flaw",
    "Framework",
    "Item",
    "Option",
    "Pillar",
    "Practice",
    "Problem",
    "Public",
    "ResponseError",
    "Rubric",
    "Score",
    "Setting",
    "Wording",
    "read_bank",
    "read_wording",
]
