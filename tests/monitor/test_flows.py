import numpy as np
import pandas as pd
import pytest

from seglib.monitor.flows import at_risk, confusion, migration, moved_overall, movements, net_flow


def segments(**of):
    return pd.DataFrame({"customer": list(of), "segment": list(of.values())})


def test_movements_name_who_stayed_moved_entered_and_left():
    table = movements(segments(a=1, b=1, c=2), segments(a=1, b=2, d=3)).set_index("customer")
    assert table.movement.to_dict() == {"a": "stayed", "b": "moved", "c": "left", "d": "entered"}
    assert pd.isna(table.source["d"]) and pd.isna(table.destination["c"])


def test_who_is_in_what_became_of_their_segment_did_not_move():
    """1 and 2 merged into 1; 3 was split into 3 and 4."""
    before, now = segments(a=1, b=2, c=3, d=3, e=3), segments(a=1, b=1, c=3, d=4, e=1)
    became = pd.DataFrame(
        {"segment": [1, 3, 4], "fate": ["merged", "split", "split"], "sources": [[1, 2], [3], [3]]}
    )
    table = movements(before, now, became).assign(at_risk="no")
    assert table.set_index("customer").movement.to_dict() == dict.fromkeys("abcd", "stayed") | {"e": "moved"}
    overall = moved_overall(table, migration(table), [], False).iloc[0]
    assert (overall.moved, overall.share) == (1, 0.2)


def test_flows_count_customers_shares_and_value():
    before = pd.DataFrame({"customer": range(100), "segment": [1] * 80 + [2] * 20})
    now = before.assign(segment=[1] * 60 + [2] * 40)
    table = migration(movements(before, now), pd.Series(2.0, index=range(100)))
    row = table[(table.source == 1) & (table.destination == 2)].iloc[0]
    assert (row.customers, row.of, row.share, row.value) == (20, 80, 0.25, 40.0)
    assert row.low == pytest.approx(0.168, abs=1e-3) and row.high == pytest.approx(0.355, abs=1e-3)
    assert table.customers.sum() == 100


def test_relabelling_alone_is_no_movement():
    noise = np.array([[90.0, 8.0, 2.0], [8.0, 70.0, 22.0], [2.0, 22.0, 176.0]])
    assert np.allclose(net_flow(noise, noise), np.diag(noise.sum(1)), atol=1e-6)


def test_confusion_keeps_the_sizes_of_segments():
    noise = np.array([[90.0, 10.0], [10.0, 190.0]])
    rows = confusion(noise)
    assert np.allclose(rows.sum(1), 1)
    assert np.allclose(noise.sum(1) @ rows, noise.sum(1))


def test_labels_that_say_nothing_are_not_inverted():
    assert np.array_equal(confusion(np.full((2, 2), 50.0)), np.eye(2))


def relabelled(truth, error, rng):
    wrong = rng.random(len(truth)) < error
    return np.where(wrong, rng.integers(0, 3, len(truth)), truth)


def test_a_known_movement_is_found_below_the_noise():
    rng = np.random.default_rng(3)
    before = rng.integers(0, 3, 20_000)
    now = np.where((before == 0) & (rng.random(20_000) < 0.1), 1, before)
    customer = pd.RangeIndex(20_000)
    noise = [
        tuple(pd.Series(relabelled(before, 0.15, rng) + 1, index=customer) for _ in range(2))
        for _ in range(5)
    ]
    runs = [
        pd.DataFrame({"customer": customer, "segment": relabelled(t, 0.15, rng) + 1}) for t in (before, now)
    ]
    moved = movements(*runs)
    row = migration(moved, None, noise).query("source == 1 and destination == 2").iloc[0]
    assert row.share > 0.13  # observed: movement and noise
    assert row.net_low < 0.1 < row.net_high and row.net == pytest.approx(0.1, abs=0.015)
    overall = moved_overall(at_risk(moved, None, None), None, noise, season=False).iloc[0]
    assert overall.low < (before != now).mean() < overall.high


def test_who_became_at_risk_is_known_only_where_both_runs_know_it():
    moved = movements(segments(a=1, b=1, c=1), segments(a=1, b=1, c=1))
    earlier = pd.DataFrame({"customer": ["a", "b"], "at_risk": [False, True]})
    now = pd.DataFrame({"customer": ["a", "b", "c"], "at_risk": [True, False, True]})
    assert at_risk(moved, earlier, now).at_risk.fillna("?").tolist() == ["became", "recovered", "?"]
    assert at_risk(moved, None, now).at_risk.isna().all()
