"""One flat, accessible view per item: what a learner sees and presses."""

from upm.widgets.view import View

__all__ = ["View"]
