"""Hold a conversation that branches."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Flaw, Item, Option, Public, ResponseError, Score
from upm.content.framework import Model, Slug, Text
from upm.content.items import Verdict

BEST = 3


class Node(Model):
    """What the other person says at one point, and the mood that it is said in."""

    id: Slug
    text: Text
    mood: Literal["open", "guarded", "closed"]
    repair: bool = False
    """Here something that went wrong can be put right: the best answer earns back half of what
    the answer before it lost, and lesser ones a share of that."""


class DialogueOption(Option):
    """Something to say at one point, and where it leads."""

    at: Slug
    """The node at which it can be said."""
    to: Slug
    """The node that answers it."""
    key: Annotated[int, Field(ge=0, le=BEST)]
    """How far it helps, in thirds: 3 is the best that can be said here."""


class Dialogue(Item):
    """A conversation with somebody whose mood changes with what is said."""

    kind: Literal["dialogue"]
    partner: Text
    """Who answers."""
    nodes: Annotated[tuple[Node, ...], Field(strict=False, min_length=3, max_length=24)]
    """The first begins; a node at which nothing can be said ends the conversation."""
    options: Annotated[tuple[DialogueOption, ...], Field(strict=False, min_length=2, max_length=60)]

    def public(self) -> Public:
        public = super().public() | {"partner": self.partner}
        for shown, option in zip(public["options"], self.options, strict=True):
            shown |= {"at": option.at, "to": option.to}
        return public | {"nodes": [node.model_dump(exclude={"repair"}) for node in self.nodes]}

    # ── what an author may have got wrong ───────────────────────────────────────────────────────

    def key_flaws(self) -> Iterator[Flaw]:
        flaws = list(self._node_flaws()) or list(self._way_flaws())
        yield from flaws or self._best_flaws()

    def _node_flaws(self) -> Iterator[Flaw]:
        for id, count in Counter(node.id for node in self.nodes).items():
            if count > 1:
                yield Flaw("nodes", id, "an id of its own for each node")
        for option in self.options:
            for key, id in (("at", option.at), ("to", option.to)):
                if id not in self._node:
                    yield Flaw(key, id, "the id of a node", option=option.id)
            if option.culture_sensitive:
                yield Flaw("culture_sensitive", True, "false in a dialogue", option=option.id)
        if all(option.at in self._node for option in self.options):
            for id, options in self._at.items():
                if len(options) == 1 or sum(option.key == BEST for option in options) != 1:
                    yield Flaw("nodes", id, "two or more things to say there, one with key 3")
        if self.nodes[0].repair:
            yield Flaw("repair", self.nodes[0].id, "false: nothing has gone wrong before it")

    def _way_flaws(self) -> Iterator[Flaw]:
        reached = {self.nodes[0].id}
        for _ in self.nodes:
            reached |= {option.to for option in self.options if option.at in reached}
        for node in self.nodes:
            if node.id not in reached:
                yield Flaw("nodes", node.id, "an option that leads there")
        if self._is_circular():
            yield Flaw("nodes", self.nodes[0].id, "ways that never lead back")

    def _best_flaws(self) -> Iterator[Flaw]:
        for path in self._paths():
            best = all(option.key == BEST for option in path)
            if best != (self._earned(path) == self._most):
                ids = [option.id for option in path]
                wanted = "the most earned" if best else "less earned than by the best answers"
                yield Flaw("options", ids, f"{wanted} on this way")
            for before, option in pairwise(path):
                if self._node[option.at].repair and before.key == BEST:
                    yield Flaw("repair", option.at, "false: nothing has gone wrong before it")
                    return

    def _is_circular(self) -> bool:
        ends = {node.id for node in self.nodes if node.id not in self._at}
        for _ in self.nodes:
            ends |= {
                id
                for id, options in self._at.items()
                if all(option.to in ends for option in options)
            }
        return len(ends) < len(self._node)

    # ── scoring ─────────────────────────────────────────────────────────────────────────────────

    def assess(self, response: Any) -> Assessment:
        """`response`: the ids of what was said, from the first node to an end."""
        path = self._path(self.known(response))
        score = Score(self._earned(path) / self._most, self._baseline, attempted=bool(path))
        said = {option.id for option in path}
        met = {option.at for option in path} | {option.at for option in self._best_path}
        feedback = tuple(
            self.comment(option, _verdict(option, option.id in said), option.id in said)
            for option in self.options
            if option.at in met
        )
        return Assessment(score, feedback)

    def _path(self, ids: Sequence[str]) -> list[DialogueOption]:
        options = {option.id: option for option in self.options}
        path = [options[id] for id in ids]
        at = self.nodes[0].id
        for option in path:
            if option.at != at:
                raise ResponseError(f"{self.id} › {option.id}: at = {option.at!r}; expected {at!r}")
            at = option.to
        if path and at in self._at:
            raise ResponseError(f"{self.id}: it stops at {at!r}; expected a way to an end")
        return path

    def _earned(self, path: Sequence[DialogueOption]) -> float:
        """The keys along a way; a repair gives back up to half of what was lost just before."""
        earned = 0.0
        lost = 0.0
        for option in path:
            credit: float = option.key
            if self._node[option.at].repair:
                credit = option.key / BEST * lost / 2
            earned += credit
            lost = BEST - option.key
        return earned

    def _paths(self) -> Iterator[list[DialogueOption]]:
        """Every way from the first node to an end."""
        open_ways: list[list[DialogueOption]] = [[option] for option in self._at[self.nodes[0].id]]
        while open_ways:
            way = open_ways.pop()
            following = self._at.get(way[-1].to)
            if following is None:
                yield way
            else:
                open_ways += [[*way, option] for option in following]

    @cached_property
    def _node(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _at(self) -> dict[str, list[DialogueOption]]:
        """What can be said at each node; an end is not among them."""
        at: dict[str, list[DialogueOption]] = {}
        for option in self.options:
            at.setdefault(option.at, []).append(option)
        return at

    @cached_property
    def _best_path(self) -> list[DialogueOption]:
        return max(self._paths(), key=self._earned)

    @cached_property
    def _most(self) -> float:
        return self._earned(self._best_path)

    @cached_property
    def _baseline(self) -> float:
        """Guessing: at each node anything, all equally likely."""
        expected = 0.0
        for path in self._paths():
            chance = 1.0
            for option in path:
                chance /= len(self._at[option.at])
            expected += chance * self._earned(path)
        return expected / self._most


def _verdict(option: DialogueOption, said: bool) -> Verdict:
    if said:
        return "right" if option.key == BEST else "close" if option.key else "off"
    return "missed" if option.key == BEST else "left"
