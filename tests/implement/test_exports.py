"""Exports of hostile customers: who is in them, and what their cells hold."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from hostile_exports import DESTINATIONS, budget, plays, ranking, world

from seglib.implement import assignments, audiences, delivery, handing, policy
from seglib.implement.destinations import destination
from seglib.implement.destinations.files import neutral

ADVERTISING = ("ga4", "google_ads", "meta", "tiktok", "x")
CHANNEL = {
    "win-back": ("c_mail", "mail"),
    "loyalty-reward": ("c_tel", "tel"),
    "welcome": ("c_post", "street"),
}


def exported(given: dict, folder) -> pd.DataFrame:
    """Run the stage on what is given; return the rows with their arms."""
    plain = given["settings"]
    campaigns = audiences.campaigns(plays(), ranking(), budget(), plain)
    people = audiences.members(campaigns, given["segments"], given["features"], plays(), given["contacts"])
    left = policy.after_policy(
        people, given["contacts"], given["history"], given["frozen"], plain, plain["start"]
    )
    sizes = left[left.step == ""].segment.value_counts()
    names = {1: "Silent", 2: "Loyal", 3: "New"}
    shares = assignments.shares(campaigns, names, pd.DataFrame(), sizes, plain)
    done = assignments.assignment(left, campaigns, given["ids"].key, given["frozen"], shares, plain)
    delivery.deliver(done.rows, given["contacts"], names, {}, plain, folder)
    handing.campaign_file(done.rows, campaigns, plain, folder)
    return done.rows


def said_yes(raw: pd.DataFrame, column: str) -> set[str]:
    return set(raw.key[raw[column] == "yes"])


def held_against(given: dict, rows: pd.DataFrame, members: pd.DataFrame) -> None:
    """Hold of an export that nobody is in it who may not be contacted."""
    raw = given["raw"]
    assert len(members), "nothing was exported: the test would prove nothing"
    out = set(given["lists"][0][1])
    bounced = {m.strip().lower() for m in given["lists"][1][1].dropna()}
    counts = given["history"][given["history"].time >= "2025-08-02"].customer.value_counts()
    often = set(given["ids"].key[given["ids"].customer.map(counts).fillna(0) >= 2])
    held = set(rows.id[(rows.arm == "holdout") | rows.universal])
    by_id = raw.set_index("key")
    for file, listed in members.groupby("file"):
        tool = file.split("/")[0]
        assert listed.id.is_unique, file
        assert not set(listed.id) & (out | held | often), file
        campaigns = rows.set_index("id").campaign[listed.id]
        assert campaigns.nunique() == 1
        consent, _ = CHANNEL[campaigns.iloc[0]]
        assert set(listed.id) <= said_yes(raw, consent) & said_yes(raw, "marketing"), file
        if consent == "c_mail":
            assert not {m.strip().lower() for m in by_id.mail[listed.id]} & bounced, file
        if tool in ADVERTISING:
            assert set(listed.id) <= said_yes(raw, "ad_user_data"), file
        if tool in ADVERTISING and tool != "ga4":
            assert set(listed.id) <= said_yes(raw, "ad_personalization"), file
    for tool, own in members.assign(tool=members.file.str.split("/").str[0]).groupby("tool"):
        assert own.id.is_unique, f"{tool} would contact somebody twice"
        for campaign, (_, address) in CHANNEL.items():
            ids = own.id[own.id.isin(rows.id[rows.campaign == campaign])]
            if address in ("mail", "tel"):
                written = by_id[address][ids].str.strip().str.lower().str.replace(r"[^\w@.+]", "", regex=True)
                assert written.is_unique, f"{tool}: an address would be contacted twice"


def whole_files(folder: Path, members: pd.DataFrame) -> None:
    """Hold of an export that its files are whole, within limits, and hold no formula."""
    files = [p for p in folder.rglob("*.csv") if p.name != "campaigns.csv"]
    for path in files:
        tool = destination(path.parent.name)
        content = path.read_bytes()
        table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert (path.stat().st_mode & 0o777) == 0o600
        assert {len(row) for row in table} == {len(table[0])}
        assert len(table) - 1 == (members.file == str(path.relative_to(folder))).sum()
        assert tool.limits.rows is None or len(table) - 1 <= tool.limits.rows
        assert tool.limits.bytes is None or len(content) <= tool.limits.bytes
        for cell in (cell for row in table for cell in row):
            assert not re.match(r"\s*[=@|%＝＋－＠\t\r]", cell), (path.name, cell)
            assert not re.match(r"\s*[+-](?!\d+(\.\d+)?$)", cell), (path.name, cell)
        if path.parent.name in ADVERTISING:
            assert path.stem.startswith("aud-")
            text = content.decode()
            for word in ("Silent", "Loyal", "New", "win-back", "@example.com", "@gmail.com"):
                assert word not in text


@pytest.mark.parametrize("seed", range(20))
def test_no_export_holds_what_it_must_not(seed, tmp_path):
    """As benchmarks/exports.py does for a thousand."""
    given = world(seed)
    rows = exported(given, tmp_path)
    members = pd.read_parquet(tmp_path / delivery.MEMBERS)
    held_against(given, rows, members)
    whole_files(tmp_path, members)


def test_campaign_file_is_read_back_as_it_is(tmp_path):
    from seglib.collect.sources import connect, open_source

    rows = exported(world(3), tmp_path)
    opened = open_source(connect(), "campaigns", tmp_path, {"path": "campaigns.csv"})
    assert list(opened.table.columns) == list(handing.FILE)
    read = opened.table.to_pandas()
    chosen = rows[rows.step == "selected"]
    assert len(read) == len(chosen)
    assert (
        read.holdout.map(lambda h: str(h) in ("yes", "True")).sum()
        == ((chosen.arm == "holdout") | chosen.universal).sum()
    )


@pytest.mark.parametrize("tool", DESTINATIONS)
def test_large_files_are_split_within_the_limits(tool):
    from dataclasses import replace

    from seglib.implement.destinations.files import written

    table = pd.DataFrame({"a": [f"{i:06d}" for i in range(1000)], "b": "ü" * 20})
    small = replace(destination(tool), limits=destination(tool).limits.__class__(rows=300, bytes=9000))
    parts = list(written(table, small))
    assert len(parts) > 3
    seen = []
    for content, index in parts:
        lines = content.decode("utf-8-sig").splitlines()
        assert len(content) <= 9000
        assert len(lines) - 1 == len(index) <= 300
        seen += [line[:6] for line in lines[1:]]
    assert seen == table.a.tolist()


@pytest.mark.parametrize("cell", ["=1", "+1+1", "-1-1", "@x", "\t=1", " =1", "\r\n=1", "|x", "%x", "+44x"])
def test_a_formula_begins_with_an_apostrophe(cell):
    assert neutral(cell).startswith("'")


@pytest.mark.parametrize("cell", ["+442079460958", "-5", "-5.25", "a=1", "5", ""])
def test_numbers_and_texts_stay_as_they_are(cell):
    assert neutral(cell) == cell
