"""The bank audit: what gives an answer away, what reads hard, what comes twice, what is unused."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from statistics import StatisticsError, correlation, mean
from typing import Any

from upm.content import Bank, Item, Option, Setting

Strategy = Callable[[Any], Any]
"""A response to an item that nobody has read. None: the item gives no hold for it."""

POLITE = {"please", "thank", "thanks", "sorry", "kindly", "grateful", "glad", "gladly", "polite"}
HONEST = {"honest", "honestly", "open", "openly", "truth", "transparent", "trust"}


# ── Strategies ──────────────────────────────────────────────────────────────────────────────────


def favour(item: Any, ranked: Sequence[Any]) -> Any:  # noqa: PLR0911 - one for each kind
    """Answer as if the options got worse from first to last."""
    ids = [option.id for option in ranked]
    match item.kind:
        case "rate":
            return {id: round(5 - 4 * place / (len(ids) - 1)) for place, id in enumerate(ids)}
        case "order":
            return ids
        case "sort":
            bins = [bin.id for bin in item.bins]
            return {id: bins[place * len(bins) // len(ids)] for place, id in enumerate(ids)}
        case "allocate":
            return {"points": dict.fromkeys(ids, 1) | {ids[0]: 11 - len(ids)}}
        case "estimate" if item.give == "chance":
            return {id: 100 if place < len(ids) / 2 else 0 for place, id in enumerate(ids)}
        case "estimate":
            return {option.id: [option.low, option.high] for option in ranked}
        case "dialogue":
            return _talk(item, lambda node, _: next(each for each in ranked if each.at == node))
        case "simulate":
            return _evenly(item, ids[:1])
    one = getattr(item, "select", None) == "one"
    return ids[: 1 if one else max(1, len(ids) // 2)]


def middle(item: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """All threes, the middle option, the middle bin, even points, everything ticked or marked."""
    ids = [option.id for option in item.options]
    match item.kind:
        case "rate":
            return dict.fromkeys(ids, 3)
        case "sort":
            return dict.fromkeys(ids, item.bins[len(item.bins) // 2].id)
        case "allocate":
            share, odd = divmod(10, len(ids))
            return {"points": {id: share + (place < odd) for place, id in enumerate(ids)}}
        case "estimate" if item.give == "chance":
            return dict.fromkeys(ids, 50)
        case "estimate":
            quarter = {each.id: (each.high - each.low) / 4 for each in item.options}
            return {
                each.id: [each.low + quarter[each.id], each.high - quarter[each.id]]
                for each in item.options
            }
        case "dialogue":
            return _talk(item, lambda _, here: here[len(here) // 2])
        case "simulate":
            return _evenly(item, ids[len(ids) // 2 :][:1])
    return ids[len(ids) // 2 :][:1] if getattr(item, "select", None) == "one" else ids


def alternating(item: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """Every second option: 5 and 1 in turn, one bin and the other, odd cards before even ones."""
    ids = [option.id for option in item.options]
    match item.kind:
        case "rate":
            return {id: 1 if place % 2 else 5 for place, id in enumerate(ids)}
        case "order":
            return ids[::2] + ids[1::2]
        case "sort":
            return {id: item.bins[place % len(item.bins)].id for place, id in enumerate(ids)}
        case "allocate":
            return favour(item, sorted(item.options, key=lambda each: ids.index(each.id) % 2 == 0))
        case "estimate" if item.give == "chance":
            return {id: 0 if place % 2 else 100 for place, id in enumerate(ids)}
        case "estimate":
            return {
                each.id: [each.low, each.high][place % 2 :][:1] * 2
                for place, each in enumerate(item.options)
            }
        case "dialogue":
            turns = iter(range(len(item.nodes)))
            return _talk(item, lambda _, here: here[-(next(turns) % 2)])
        case "simulate":
            return _evenly(item, ids)
    return [ids[-1]] if getattr(item, "select", None) == "one" else ids[::2]


def _evenly(item: Any, reasons: Sequence[str]) -> dict[str, Any]:
    """Points that are as even as whole ones can be, and the reasons one after the other."""
    given = [reasons[place % len(reasons)] for place in range(item.phases - 1)]
    return {"plan": [[3, 3, 2, 2]] * item.phases, "reasons": given}


def _talk(item: Any, pick: Callable[[str, list[Any]], Any]) -> list[str]:
    """A way through a dialogue, by what is picked at each node."""
    said: list[str] = []
    at = item.nodes[0].id
    while here := [option for option in item.options if option.at == at]:
        picked = pick(at, here)
        said.append(picked.id)
        at = picked.to
    return said


def _by(weight: Callable[[Option], float]) -> Strategy:
    """Favour what weighs most; where all weigh the same there is no hold."""

    def answer(item: Item) -> Any:
        if len({weight(option) for option in item.options}) == 1:
            return None
        return favour(item, sorted(item.options, key=weight, reverse=True))

    return answer


def _count(words: set[str]) -> Callable[[Option], float]:
    return lambda option: len(words.intersection(re.findall(r"\w+", option.text.casefold())))


STRATEGIES: dict[str, Strategy] = {
    "the first is best": lambda item: favour(item, item.options),
    "the longest is best": _by(lambda option: len(option.text)),
    "the shortest is best": _by(lambda option: -len(option.text)),
    "the most polite is best": _by(_count(POLITE)),
    "the word “honest”": _by(_count(HONEST)),
    "always the middle": middle,
    "alternating": alternating,
}


def earnings(items: Iterable[Item], strategy: Strategy) -> dict[str, list[tuple[float, float]]]:
    """Of each form of exercise: what the strategy earns at its items, net and scaled.

    Net is the score corrected for guessing, which guessing brings to 0 on average; scaled is the
    same but never below 0.
    """
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for item in items:
        response = strategy(item)
        if response is None or not item.scored:
            continue
        score = item.assess(response).score
        if score:
            net = (score.raw - score.baseline) / (1 - score.baseline)
            found[form(item)].append((net, score.scaled))
    return dict(found)


def form(item: Any) -> str:
    """The kind of an item, and which sort of it."""
    return " ".join(filter(None, [item.kind, getattr(item, "select", getattr(item, "give", ""))]))


# ── Who and where ───────────────────────────────────────────────────────────────────────────────


def people(items: Iterable[Item]) -> dict[str, Counter[str]]:
    """How often each profession, country, … comes; a story that goes on counts once."""
    stories = {item.setting for item in items if item.setting}
    return {
        field: Counter(getattr(story, field) for story in stories) for field in Setting.model_fields
    }


# ── Where the key lies ──────────────────────────────────────────────────────────────────────────


def key_places(items: Iterable[Any]) -> Counter[int]:
    """Of choices with one answer: how often the best option stands first, second, …"""
    singles = [item for item in items if form(item) == "choice one"]
    return Counter(
        place
        for item in singles
        for place, option in enumerate(item.options, start=1)
        if option.key == max(each.key for each in item.options)
    )


def key_by_length(items: Iterable[Any]) -> float:
    """How far longer actions are better ones: mean correlation of length and key over ratings."""
    found = []
    for item in items:
        if item.kind == "rate":
            lengths = [len(option.text) for option in item.scorable]
            try:
                found.append(correlation(lengths, [option.key for option in item.scorable]))
            except StatisticsError:
                found.append(0.0)
    return mean(found) if found else 0.0


# ── How it reads ────────────────────────────────────────────────────────────────────────────────


def school_grade(texts: Iterable[str]) -> float:
    """The school grade that texts in Markdown ask for, by the automated readability index.

    Senter and Smith, 1967: from the letters of a word and the words of a sentence.
    """
    from readability import getmeasures  # noqa: PLC0415 - only the tests install it

    plain = "\n".join(re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", text) for text in texts)
    sentences = (re.findall(r"\w+(?:['’]\w+)*", each) for each in re.split(r"[.!?:…]\W|\n", plain))
    lines = "\n".join(" ".join(words) for words in sentences if words)
    return float(getmeasures(lines, lang="en")["readability grades"]["ARI"])


def texts_of(item: Any) -> list[str]:
    """What a learner reads of an item."""
    own = [getattr(item, name, "") for name in ("title", "stem", "ask", "takeaway")]
    shown = [
        getattr(part, name, "")
        for part in (*item.options, *getattr(item, "nodes", ()))
        for name in ("text", "feedback")
    ]
    passages = " ".join(shown[::2]) if item.kind == "mark" else None  # one text, cut up
    return [*own, *item.hints, *([passages, *shown[1::2]] if passages else shown)]


def read_notebooks(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The cells of each notebook, by its name."""
    return {
        file.stem: json.loads(file.read_text(encoding="utf-8"))["cells"]
        for file in sorted(folder.glob("*.ipynb"))
    }


def sources(cells: Iterable[dict[str, Any]], cell_type: str) -> list[str]:
    """The texts of the cells of one type."""
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == cell_type]


def shown_in(cells: Iterable[dict[str, Any]]) -> list[str]:
    """The ids of the items that a notebook shows."""
    return re.findall(
        r"course\.exercise\(\s*[\"']([^\"']*)[\"']", "\n".join(sources(cells, "code"))
    )


# ── What comes twice ────────────────────────────────────────────────────────────────────────────


def near_duplicates(items: Iterable[Item], least: float) -> list[tuple[float, str, str]]:
    """Pairs of items that share at least that part of their runs of three words."""
    runs = {}
    for item in items:
        words = re.findall(r"\w+", " ".join(texts_of(item)).casefold())
        runs[item.id] = {*zip(words, words[1:], words[2:], strict=False)}
    shares = (
        (len(runs[one] & runs[two]) / len(runs[one] | runs[two]), one, two)
        for one, two in combinations(runs, 2)
    )
    return sorted((share for share in shares if share[0] >= least), reverse=True)


def repeated_sentences(items: Iterable[Item], fewest_words: int = 5) -> dict[str, list[str]]:
    """Sentences that stand in more than one item, with the ids of these items."""
    found: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for text in texts_of(item):
            for sentence in re.split(r"(?<=[.!?])\s+", text):
                if len(sentence.split()) >= fewest_words:
                    found[sentence.strip()].add(item.id)
    return {sentence: sorted(ids) for sentence, ids in found.items() if len(ids) > 1}


# ── Whether it is used ──────────────────────────────────────────────────────────────────────────


def misplaced(bank: Bank, notebooks: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Items for a unit or check that no notebook shows once, and others that one shows."""
    shown = Counter(id for cells in notebooks.values() for id in shown_in(cells))
    return [
        f"{item.id} ({item.use}): shown {shown[item.id]} times"
        for item in bank.items.values()
        if shown[item.id] != (item.use in ("unit", "check"))
    ]


def report(bank: Bank, notebooks: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """The whole audit, line by line."""
    items = [*bank.items.values()]
    yield f"{len(items)} items"
    for home in bank.framework.homes:
        kinds = Counter(item.kind for item in bank.of(home))
        uses = Counter(item.use for item in bank.of(home))
        yield f"  {home}: {sum(kinds.values())}; {_counted(kinds)}; {_counted(uses)}"
    for field, counts in people(items).items():
        yield f"{field}: {_counted(counts)}"
    yield "\nWhat strategies earn that need no reading: corrected for guessing / as shown"
    for name, strategy in STRATEGIES.items():
        yield f"  {name}"
        for kind, earned in sorted(earnings(items, strategy).items()):
            net, scaled = (mean(each) for each in zip(*earned, strict=True))
            yield f"    {kind:16} {net:6.2f} / {scaled:.2f}  ({len(earned)})"
    places = key_places(items)
    yield f"\nPlace of the best answer: {_counted(places)}"
    yield f"Length and key in ratings: mean correlation {key_by_length(items):.2f}"
    yield "\nSchool grade"
    for name, cells in notebooks.items():
        yield f"  {name}: {school_grade(sources(cells, 'markdown')):.1f}"
    for home in bank.framework.homes:
        texts = [text for item in bank.of(home) for text in texts_of(item)]
        if texts:
            yield f"  {home}: {school_grade(texts):.1f}"
    yield "\nNear-duplicates"
    yield from (f"  {share:.2f} {one}, {two}" for share, one, two in near_duplicates(items, 0.1))
    repeated = repeated_sentences(items)
    yield from (f"  “{sentence}” {', '.join(ids)}" for sentence, ids in repeated.items())
    yield "\nNot where their use says"
    yield from (f"  {line}" for line in misplaced(bank, notebooks))


def _counted(counts: Counter[Any]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
