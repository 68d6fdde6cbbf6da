import numpy as np
import pandas as pd
import pytest

from seglib.monitor.distributions import Limits, drift, stability_index, volumes


def test_the_index_is_that_of_the_textbook():
    # Siddiqi (2006): (0.5 - 0.4) ln(0.5 / 0.4) + (0.5 - 0.6) ln(0.5 / 0.6)
    found = stability_index(np.array([50_000, 50_000]), np.array([40_000, 60_000]))
    assert found["psi"] == pytest.approx(0.1 * np.log(0.5 / 0.4) - 0.1 * np.log(0.5 / 0.6), abs=1e-5)
    assert found["low"] < found["psi"] < found["high"]


def test_the_expectation_under_no_change_is_what_draws_give():
    rng = np.random.default_rng(0)
    p, n, m = np.full(10, 0.1), 2000, 3000
    drawn = [stability_index(rng.multinomial(n, p), rng.multinomial(m, p)) for _ in range(400)]
    mean = np.mean([d["psi"] for d in drawn])
    assert mean == pytest.approx(9 * (1 / n + 1 / m), rel=0.08)
    assert drawn[0]["expected"] == pytest.approx(9 * (1 / n + 1 / m))


def test_the_interval_covers_the_true_index():
    rng = np.random.default_rng(1)
    q = np.full(10, 0.1)
    p = np.linspace(0.05, 0.15, 10)
    true = ((p - q) * np.log(p / q)).sum()
    found = [stability_index(rng.multinomial(2000, p), rng.multinomial(2000, q)) for _ in range(400)]
    assert 0.9 < np.mean([f["low"] < true < f["high"] for f in found]) <= 1


def frame(seed, n=2000, shift=0.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer": range(n),
            "spend": np.exp(rng.normal(shift, 1, n)),
            "visits": rng.poisson(3, n).astype(float),
            "channel": rng.choice(["web", "shop"], n),
        }
    )


LEVELS = {"spend": "ratio", "visits": "ratio", "channel": "nominal"}


def test_nothing_changed_is_no_alarm_and_a_shift_is_one():
    assert not drift(frame(0), frame(1), LEVELS, Limits()).changed.any()
    table = drift(frame(0, shift=0.6), frame(1), LEVELS, Limits()).set_index("feature")
    assert table.changed.to_dict() == {"spend": True, "visits": False, "channel": False}


def test_a_change_below_the_limit_is_significant_but_no_alarm():
    table = drift(frame(0, 100_000, 0.1), frame(1, 100_000), LEVELS, Limits()).set_index("feature")
    assert table.q["spend"] < 1e-6 and not table.changed["spend"]


def test_what_is_as_a_year_ago_is_a_season():
    table = drift(frame(0, shift=0.6), frame(1), LEVELS, Limits(), frame(2, shift=0.6)).set_index("feature")
    assert table.season["spend"] and not table.changed["spend"]


def test_missing_values_and_new_answers_are_named():
    now = frame(0)
    now.loc[:400, "visits"] = np.nan
    now.loc[:100, "channel"] = "app"
    table = drift(now, frame(1), LEVELS, Limits()).set_index("feature")
    assert table.changed["visits"] and table.missing["visits"] == pytest.approx(0.2, abs=0.01)
    assert table.new_answers["channel"] == ["app"] and table.customers_new["channel"] == 101


@pytest.mark.parametrize("values", [[1.0] * 50, [np.nan] * 50, [np.nan] * 49 + [1.0]])
def test_a_column_that_never_varies_or_is_unknown_raises_nothing(values):
    now = pd.DataFrame({"customer": range(50), "x": values})
    assert len(drift(now, now, {"x": "ratio"}, Limits())) == 1
    assert len(drift(now, now, {"x": "nominal"}, Limits())) == 1


NO_TIME = float("nan")


def test_volumes_that_fell_or_vanished():
    earlier = {"customers": (100, NO_TIME), "events": (50, 90.0), "transactions": (5, 90.0)}
    table = volumes({"customers": (90, NO_TIME), "events": (0, NO_TIME)}, earlier, 0.3)
    assert table.set_index("what").changed.to_dict() == {
        "customers": False,
        "events": True,
        "transactions": True,
    }


@pytest.mark.parametrize("months", [2, 3, 6, 24])
def test_a_table_that_keeps_all_rows_grows_without_an_alert_and_one_that_lost_rows_alerts(months):
    """As many rows a day as before; then half of all rows are gone, and then twice as many come in a day."""
    before, now = (1000 * (months - 1), 30.0 * (months - 1)), (1000 * months, 30.0 * months)

    def changed(rows: tuple[int, float]) -> bool:
        return volumes({"events": rows}, {"events": before}, 0.3).changed.iloc[0]

    assert not changed(now)
    assert changed((now[0] // 2, now[1]))
    assert changed((now[0] * 2, now[1]))


def clocks(seed: int, n: int = 2000, days: float = 31.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers of a young shop, of this month and of the one before; 40 have joined since."""
    rng = np.random.default_rng(seed)
    earlier = pd.DataFrame(
        {
            "customer": range(n),
            "tenure": rng.uniform(0, 120, n).round(),
            "recency": rng.uniform(0, 60, n).round(),
        }
    )
    new = pd.DataFrame({"customer": range(n, n + 40), "tenure": 9.0, "recency": 9.0})
    return pd.concat(
        [earlier.assign(tenure=earlier.tenure + days, recency=earlier.recency + days), new]
    ), earlier


NUMBERS = {"tenure": "ratio", "recency": "ratio"}


def test_what_counts_time_has_grown_and_not_changed_while_silence_is_a_change():
    """No customer has ordered for a month: days since the first order grow as always, those since the last one alarm."""
    table = drift(*clocks(0), NUMBERS, Limits()).set_index("feature")
    assert table.grown.to_dict() == {"tenure": True, "recency": False}
    assert table.changed.to_dict() == {"tenure": False, "recency": True}
    assert (table.low > 0.1).all()


def test_what_counts_time_alarms_where_customers_did_not_grow_alike():
    """As after a source was read with other dates."""
    now, earlier = clocks(1)
    now["tenure"] = np.random.default_rng(2).permutation(now.tenure.to_numpy())
    table = drift(now, earlier, NUMBERS, Limits()).set_index("feature")
    assert table.changed["tenure"] and not table.grown["tenure"]
