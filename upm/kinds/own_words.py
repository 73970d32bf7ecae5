"""What kinds share in which learners write themselves: the words are read, never scored."""

from typing import Any, Self

from pydantic import PrivateAttr

from upm.content import Item, ResponseError, Wording


class OwnWords(Item):
    """An exercise whose answer is the learner's own words. Kept, never scored."""

    _wording: Wording = PrivateAttr(default_factory=Wording)

    def model_post_init(self: Self, context: Any) -> None:
        if isinstance(context, Wording):
            self._wording = context

    @property
    def scored(self) -> bool:
        return False

    def words(self, value: Any, longest: int, name: str) -> str:
        """`value` without blanks around it, if it is text of at most `longest` characters."""
        if not isinstance(value, str) or len(value) > longest:
            raise ResponseError(f"{self.id} › {name}: expected at most {longest} characters")
        return value.strip()
