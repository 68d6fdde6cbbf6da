"""Stage 06 in a whole project: real ids stay where they belong, arms stay, trials write nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from projects import Project, run_cells

from seglib.implement import delivery
from seglib.project.implementing import read_holdouts
from seglib.project.store import read_frame

SECTION = {
    "consent": {"channels": {"e-mail": "may_email", "letter": "may_post", "telephone": "may_email"}},
    "addresses": {"email": "email"},
    "destinations": ["csv", "klaviyo"],
    "holdout": {"share": 0.2, "universal": 0.05},
}


@pytest.fixture(scope="module")
def campaign(finished_shop, shop_tables, tmp_path_factory) -> Project:
    """The finished shop, with consent and addresses named and the notebooks that read it run again."""
    if "may_email" not in shop_tables["customers"]:
        pytest.fail("the generated shop has no consent to be contacted")
    project = Project(tmp_path_factory.mktemp("campaign"))
    params = yaml.safe_load(finished_shop.file.read_text(encoding="utf-8"))
    project.write(params | {"implement": SECTION})
    shutil.copytree(finished_shop.reports, project.reports)
    project.cells("target")  # which reads the consent, and nothing else of the section
    project.cells("implement")
    return project


def files_with(folder: Path, words: set[str]) -> set[str]:
    """Name the files in which one of the words stands, tables among them."""
    found = set()
    for path in (p for p in folder.rglob("*") if p.is_file()):
        if path.suffix == ".parquet":
            texts = read_frame(path).select_dtypes(["object", "string"])
            cells = {str(v) for column in texts for v in texts[column].dropna()}
        else:
            cells = set(re.findall(r"[\w.@+-]+", path.read_text("utf-8", errors="ignore")))
        if cells & words:
            found.add(str(path.relative_to(folder)))
    return found


def test_real_ids_are_in_audiences_holdouts_and_the_table_of_ids_alone(campaign, shop_tables):
    people = shop_tables["customers"]
    words = set(people.customer_id) | set(people.email)
    run = f"{campaign.store.name}/"
    places = files_with(campaign.reports / campaign.name, words)
    assert f"{run}audiences/campaigns.csv" in places
    assert "holdouts.parquet" in places
    outside = {p for p in places if not p.startswith(f"{run}audiences/")}
    assert outside == {"holdouts.parquet", f"{run}tables/ids.parquet"}
    for name in places:
        assert (campaign.reports / campaign.name / name).stat().st_mode & 0o777 == 0o600, name


def test_arms_stay_in_a_second_run_and_a_trial_writes_nothing(campaign):
    project = campaign.reports / campaign.name
    before = read_holdouts(project)
    contacted = pd.read_csv(campaign.store / "audiences" / "campaigns.csv")
    campaign.cells("implement")
    pd.testing.assert_frame_equal(read_holdouts(project), before)
    pd.testing.assert_frame_equal(pd.read_csv(campaign.store / "audiences" / "campaigns.csv"), contacted)
    run_cells("implement", campaign.file, campaign.reports, trial="other", holdout_share=0.5)
    pd.testing.assert_frame_equal(read_holdouts(project), before)
    assert not (campaign.store / "trials" / "other" / "audiences").exists()


def test_who_is_held_out_of_everything_is_in_no_file(campaign):
    held = read_holdouts(campaign.reports / campaign.name)
    ids = set(held.id[(held.campaign == "universal") & (held.arm == "holdout")])
    assert ids
    for path in (campaign.store / "audiences").rglob("*.csv"):
        table = pd.read_csv(path, dtype=str)
        if path.name == "campaigns.csv":
            table = table[table.holdout == "no"]
        column = next(c for c in ("customer", "customer_id", "Customer ID") if c in table)
        assert not set(table[column]) & ids, path.name


def test_what_fails_halfway_leaves_the_audiences_as_they_were(campaign, monkeypatch):
    folder = campaign.store / "audiences"
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    keep, written = delivery.keep, []

    def full(path: Path, content: bytes) -> None:
        if written:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content[: len(content) // 2])
            raise OSError("no space left")
        written.append(path)
        keep(path, content)

    monkeypatch.setattr(delivery, "keep", full)
    with pytest.raises(OSError, match="no space left"):
        campaign.cells("implement")
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    monkeypatch.undo()
    campaign.cells("implement")
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert not list(campaign.store.glob(".audiences*"))
