import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.survey import builders
from tests.survey.builders import SMALL, answers, bits, drawn, instrument, values
from upm.survey import moments
from upm.survey.answers import NO_SCORE, Answers
from upm.survey.instrument import Instrument
from upm.survey.moments import Moments, accumulate, blocks_of, modelled, variables

EMPTY = answers([])


def blocks(given: Answers) -> dict[str, str]:
    return blocks_of(given.people["team"].fillna(""))


def dealt(given: Answers, hands: np.ndarray) -> list[Moments]:
    """The moments of the answers in each hand, 0 to 3, some of which may have none."""
    return [accumulate(given.where(hands == hand), blocks(given)) for hand in range(4)]


# ── Addition ────────────────────────────────────────────────────────────────────────────────────

seeds = st.integers(0, 2**32 - 1)
some = st.builds(
    drawn, st.integers(0, 40), seeds, teams=st.integers(0, 5), missing=st.sampled_from([0, 0.1, 1])
)


@settings(max_examples=40, deadline=None)
@given(whole=some, seed=seeds)
def test_neither_the_order_of_respondents_nor_how_they_are_dealt_changes_a_bit(
    whole: Answers, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    mixed = whole.where(rng.permutation(len(whole)))
    parts = dealt(mixed, rng.integers(0, 4, len(whole)))
    while len(parts) > 1:  # any two of them, in any order
        first, second = (parts.pop(rng.integers(len(parts))) for _ in range(2))
        parts.append(first + second)
    assert bits(parts[0]) == bits(accumulate(whole))


@settings(max_examples=20, deadline=None)
@given(whole=some, seed=seeds)
def test_addition_is_associative_and_commutative(whole: Answers, seed: int) -> None:
    a, b, c, _ = dealt(whole, np.random.default_rng(seed).integers(0, 3, len(whole)))
    assert bits((a + b) + c) == bits(a + (b + c))
    assert bits(a + b) == bits(b + a)


@settings(max_examples=10, deadline=None)
@given(whole=some)
def test_zero_and_the_moments_of_nobody_add_nothing(whole: Answers) -> None:
    found, nobody = accumulate(whole), accumulate(EMPTY)
    for same in (found + 0, 0 + found, sum([found]), found + nobody, nobody + found):
        assert isinstance(same, Moments)
        assert bits(same) == bits(found)


def test_nobody_has_no_rows_no_forms_and_no_covariance() -> None:
    nobody = accumulate(EMPTY)
    assert nobody.rows == 0
    assert nobody.levels("form") == []
    assert nobody.teams("total").empty
    assert np.isnan(nobody.covariance(["a1", "total"]).matrix).all()
    assert [*nobody.without_each_block(["a1", "total"])] == []


def test_moments_of_two_instruments_cannot_be_added() -> None:
    other = accumulate(drawn(5, to=instrument(version=2)))
    with pytest.raises(ValueError, match=r"^Only moments of the same instrument can be added\.$"):
        accumulate(drawn(5)) + other


def test_categories_count_like_the_same_texts_in_whatever_order_they_stand() -> None:
    text = drawn(60, seed=1)
    frame = text.people.copy()
    frame["team"] = pd.Categorical(frame["team"], ["team 2", "nobody's", "team 0", "team 1"])
    frame["wave"] = frame["wave"].astype("category")
    frame["form"] = frame["form"].astype("str")
    assert bits(accumulate(Answers(SMALL, frame, text.points, text.comments))) == bits(
        accumulate(text)
    )


# ── Cells ───────────────────────────────────────────────────────────────────────────────────────


def test_a_histogram_counts_answers_as_given_and_slot_0_is_did_not_come_up() -> None:
    # a3 is reversed, and is counted as it was answered all the same. 0: skipped, -1: did not come
    # up, -2: not asked, -3: not understood.
    points = np.zeros((8, 15), np.int8)
    points[:, SMALL.item_ids.index("a3")] = [5, 5, 2, 0, -1, -1, -2, -3]
    points[:, SMALL.item_ids.index("o1")] = [7, 7, 7, 1, 0, 0, -1, 0]
    found = accumulate(answers(points, form="member", team=["t"] * 4 + ["u"] * 4))
    assert found.histogram("a3").tolist() == [
        [0, 0, 1, 0, 0, 2, 0, 0],  # in team t: one 2, two 5s
        [2, 0, 0, 0, 0, 0, 0, 0],  # in team u: twice "did not come up"
    ]
    assert found.histogram("o1").tolist() == [[0, 1, 0, 0, 0, 0, 0, 3], [1, 0, 0, 0, 0, 0, 0, 0]]
    assert found.cells.index.tolist() == [("member", "", "t"), ("member", "", "u")]
    assert found.cells.arrays["rows"].tolist() == [4, 4]


def test_histograms_agree_with_pandas_for_every_item_and_cell() -> None:
    whole = drawn(300, seed=2)
    found = accumulate(whole)
    keys = whole.people[["form", "wave", "team"]].fillna("")
    for column, item in enumerate(SMALL.item_ids):
        slots = pd.Series(np.where(whole.points >= -1, whole.points, 99)[:, column])
        slots = slots.replace({0: 99, -1: 0})
        table = pd.crosstab([keys[level] for level in keys], slots)
        table = table.reindex(index=found.cells.index, columns=range(8), fill_value=0)
        assert (found.histogram(item) == table.to_numpy()).all()


def test_sums_of_scores_agree_with_pandas() -> None:
    whole = drawn(300, seed=3)
    found = accumulate(whole)
    for scale in SMALL.scale:
        frame = whole.people[["team"]].assign(score=values(whole)[scale]).dropna()
        by_team = frame.groupby("team")["score"]
        teams = found.teams(scale)
        assert teams.index.tolist() == [*by_team.groups]
        assert teams["n"].tolist() == by_team.count().tolist()
        squares = by_team.var(ddof=0) * by_team.count()
        assert teams["mean"].to_numpy() == pytest.approx(by_team.mean().to_numpy(), abs=1e-12)
        assert teams["squares"].to_numpy() == pytest.approx(squares.to_numpy(), abs=1e-10)


def test_a_team_is_left_out_where_nobody_has_the_score_and_so_is_nobodys_team() -> None:
    points = np.ones((4, 15), np.int8)
    points[2, :3] = 0  # three items of a are left: one too few
    found = accumulate(answers(points, team=["t", "t", "u", None]))
    assert found.teams("a").index.tolist() == ["t"]
    assert found.teams("b").index.tolist() == ["t", "u"]
    assert found.rows == 4


def test_a_team_in_which_all_agree_has_squares_of_exactly_zero() -> None:
    points = np.tile([5, 4, 1, 0, 3, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1], (7, 1))  # a: 17 of 4 items
    teams = accumulate(answers(points, team="t")).teams("a")
    assert teams.loc["t"].tolist() == [7, 17 / 4, 0]  # a3 is reversed: 5 + 4 + 5 + 3


def test_the_rows_of_one_form_or_wave_can_be_taken() -> None:
    whole = drawn(200, seed=4)
    found = accumulate(whole)
    for chosen in ({"form": "member"}, {"wave": "T1"}, {"form": "manager", "wave": "T0"}):
        part = accumulate(whole.of(**chosen), blocks(whole))
        assert bits(found.of(**chosen)) == bits(part)
    assert bits(found.of()) == bits(found)
    assert found.of(wave="T9").rows == 0


def test_levels_are_sorted_and_hold_the_empty_one_for_not_known() -> None:
    found = accumulate(answers(np.ones((3, 15)), wave=["T1", None, "T0"], form="member"))
    assert found.levels("wave") == ["", "T0", "T1"]
    assert found.levels("form") == ["member"]
    assert found.levels("team") == [""]


# ── Covariance ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("missing", [0, 0.1, 1])
def test_covariance_is_that_of_pandas_from_those_who_have_both(missing: float) -> None:
    whole = drawn(400, seed=5, missing=missing)
    names = [*variables(SMALL)]
    frame = values(whole)[names]
    found = accumulate(whole).covariance(names)
    assert found.names == tuple(names)
    assert found.matrix == pytest.approx(frame.cov().to_numpy(), abs=1e-12)
    assert found.means == pytest.approx(frame.mean().to_numpy(), abs=1e-12)
    both = frame.notna().to_numpy(int)
    assert (found.n == both.T @ both).all()


def test_covariance_has_the_names_in_the_order_in_which_they_are_asked_for() -> None:
    whole = drawn(100, seed=6)
    names = ["total", "b2", "o", "a1"]
    found = accumulate(whole).covariance(names)
    assert found.matrix == pytest.approx(values(whole)[names].cov().to_numpy(), abs=1e-12)


def test_complete_covariance_is_that_of_pandas_without_rows_with_gaps() -> None:
    whole = drawn(400, seed=7)
    for items in (["a1", "a3", "b6"], ["b2", "a5"], [*modelled(SMALL)]):
        frame = values(whole)[items].dropna()
        found = accumulate(whole).complete(items)
        assert found is not None
        assert 2 < len(frame) < 400
        assert found.matrix == pytest.approx(frame.cov().to_numpy(), abs=1e-12)
        assert found.means == pytest.approx(frame.mean().to_numpy(), abs=1e-12)
        assert (found.n == len(frame)).all()


def test_complete_covariance_of_a_wave_needs_only_its_patterns() -> None:
    whole = drawn(400, seed=8)
    found = accumulate(whole).of(wave="T0").complete(["a1", "a2"])
    assert found is not None
    frame = values(whole.of(wave="T0"))[["a1", "a2"]].dropna()
    assert found.matrix == pytest.approx(frame.cov().to_numpy(), abs=1e-12)


def test_patterns_sum_the_respondents_who_have_the_same_items() -> None:
    points = np.zeros((3, 15), np.int8)
    points[:, 0] = 4, 5, 3  # a1
    points[:, 2] = 1, 2, 0  # a3, reversed: 5 and 4
    found = accumulate(answers(points, wave="T0")).patterns
    assert found is not None
    assert found.index.tolist() == [("", "T0", "100000000000"), ("", "T0", "101000000000")]
    assert found.arrays["counts"].tolist() == [1, 2]
    assert found.arrays["sums"][1, :3].tolist() == [9, 0, 9]
    assert found.arrays["products"][1, 0, :3].tolist() == [41, 0, 40]  # 16 + 25, 4 * 5 + 5 * 4


def silent() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


quiet = pytest.fixture(silent)


@pytest.mark.usefixtures("quiet")
def test_a_scale_that_everybody_misses_has_n_0_and_no_numbers() -> None:
    whole = drawn(50, seed=9, missing=0)
    whole.points[:, SMALL.item_ids.index("o1")] = whole.points[:, -2] = -2
    found = accumulate(whole)
    cov = found.covariance(["a1", "o", "a"])
    assert (cov.n[1] == 0).all()
    assert np.isnan(cov.means[1])
    assert np.isnan(cov.matrix[1]).all()
    assert np.isnan(cov.matrix[:, 1]).all()
    frame = values(whole)[["a1", "a"]]
    assert cov.matrix[::2, ::2] == pytest.approx(frame.cov().to_numpy(), abs=1e-12)
    assert found.teams("o").empty
    assert accumulate(answers(np.zeros((3, 15)))).complete(["a1"]) is not None


@pytest.mark.usefixtures("quiet")
def test_one_respondent_has_means_but_no_covariance() -> None:
    found = accumulate(answers(np.full((1, 15), 4), team="t"))
    for cov in (found.covariance(["a1", "a3"]), found.complete(["a1", "a3"])):
        assert cov is not None
        assert cov.means.tolist() == [4, 2]
        assert np.isnan(cov.matrix).all()


# ── Blocks ──────────────────────────────────────────────────────────────────────────────────────

NAMES = ["a1", "b5", "a", "total"]


def test_without_each_block_is_what_the_others_have() -> None:
    whole = drawn(200, seed=10, teams=6)
    team = whole.people["team"].fillna("")
    left = [*accumulate(whole).without_each_block(NAMES)]
    assert len(left) == 7  # six teams and those without one
    for name, found in zip(sorted({*team}), left, strict=True):
        frame = values(whole)[NAMES][(team != name).to_numpy()]
        assert found.matrix == pytest.approx(frame.cov().to_numpy(), abs=1e-12)
        assert found.means == pytest.approx(frame.mean().to_numpy(), abs=1e-12)


def test_more_than_200_teams_are_dealt_into_200_blocks() -> None:
    whole = drawn(1000, seed=11, teams=450)
    team = whole.people["team"].fillna("")
    block = blocks(whole)
    found = accumulate(whole)
    assert {*found.blocks.index.get_level_values("block")} == {*block.values()}
    assert len({*block.values()}) == 200
    assert {*pd.Series(block).value_counts()} <= {2, 3}
    left = [*found.without_each_block(NAMES)]
    for name, cov in [*zip(sorted({*block.values()}), left, strict=True)][::40]:
        frame = values(whole)[NAMES][(team.map(block) != name).to_numpy()]
        assert cov.matrix == pytest.approx(frame.cov().to_numpy(), abs=1e-12)


def test_parts_that_know_the_blocks_of_all_give_the_same_blocks_with_many_teams() -> None:
    whole = drawn(600, seed=12, teams=300)
    parts = dealt(whole, np.arange(600) % 4)
    assert bits(parts[3] + parts[1] + (parts[0] + parts[2])) == bits(accumulate(whole))


def test_up_to_200_teams_are_blocks_of_their_own() -> None:
    names = [f"t{j}" for j in range(201)]
    assert blocks_of([*names[:200], "t0"]) == {name: name for name in names[:200]}
    assert len({*blocks_of(names).values()}) == 200


# ── Patterns ────────────────────────────────────────────────────────────────────────────────────


def test_too_many_patterns_are_not_kept_in_whatever_order_parts_are_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = np.ones((12, 15), np.int8)
    points[range(12), range(12)] = 0  # twelve patterns, of which each part has three
    a, b, c, d = dealt(answers(points), np.arange(12) % 4)
    monkeypatch.setattr(moments, "MOST_PATTERNS", 8)
    for whole in (((a + b) + c) + d, (a + b) + (c + d), a + (b + (c + d)), (d + b) + (a + c)):
        assert whole.patterns is None
        assert whole.complete(["a1"]) is None
        assert whole.of(wave="").patterns is None
        assert whole.cells.arrays["rows"].tolist() == [12]
    assert (a + b).patterns is not None
    assert accumulate(answers(points)).patterns is None


# ── Instruments ─────────────────────────────────────────────────────────────────────────────────

UNUSUAL = {
    "no pillar": [builders.scale("o", "outcome", ["o1", "o2"])],
    "only practices": [builders.scale("p", "practice", ["a1", "a3"])],
    "no scale": [],
}


@pytest.mark.parametrize("scales", UNUSUAL.values(), ids=UNUSUAL)
def test_an_instrument_needs_no_pillars_and_no_scales(scales: list[dict[str, object]]) -> None:
    whole = drawn(80, seed=13, to=instrument(scales=scales))
    found = accumulate(whole)
    names = variables(whole.instrument)
    assert found.covariance(names).matrix == pytest.approx(
        values(whole)[[*names]].cov().to_numpy(), abs=1e-12
    )
    assert bits(sum(dealt(whole, np.arange(80) % 4))) == bits(found)
    assert found.patterns is not None
    assert found.patterns.arrays["counts"].sum() == 80


def test_sums_are_exact_where_floats_would_round() -> None:
    # Ten items of eleven points, at least two: lcm(2..10) = 2520; the mean of seven such scales
    # has the unit 17640. Eight answers of 11 but one of 10: 87 / 8 * 17640 = 191835 units.
    items = [f"i{j}" for j in range(10)]
    scales = [builders.scale(f"s{j}", "outcome", items, least=2) for j in range(7)]
    total = {"id": "t", "name": "t", "level": "outcome", "of": [each["id"] for each in scales]}
    finest = Instrument.model_validate(
        {
            "id": "finest",
            "name": "The finest units",
            "version": 1,
            "responses": [{"id": "eleven", "stem": "?", "points": list("abcdefghijk")}],
            "forms": [{"id": "member", "name": "m", "introduction": "m"}],
            "items": [
                {"id": item, "responses": "eleven", "text": {"member": item}} for item in items
            ],
            "scales": [*scales, total],
        }
    )
    n = 300_000
    points = np.tile(np.array([11] * 7 + [10, 0, 0], np.int8), (n, 1))
    found = accumulate(answers(points, finest, team="t"))
    assert found.cells.arrays["scores"][0, 7].tolist() == [n, n * 191835, n * 191835**2]
    assert n * 191835**2 > 2**53  # beyond what a float counts one by one
    assert found.teams("t").loc["t"].tolist() == [n, 87 / 8, pytest.approx(0, abs=1e-6)]
    assert found.covariance(["t"]).matrix == pytest.approx(0, abs=1e-6)


def test_no_score_is_never_added_up() -> None:
    whole = drawn(100, seed=14, missing=0.5)
    scores = whole.scores()
    assert (scores == NO_SCORE).any()
    sums = accumulate(whole).cells.arrays["scores"].sum(0)
    assert sums[:, 0].tolist() == (scores != NO_SCORE).sum(0).tolist()
    assert sums[:, 1].tolist() == np.where(scores == NO_SCORE, 0, scores).sum(0).tolist()
