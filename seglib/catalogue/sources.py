"""The kinds of source: what their columns can be, and the rules that their rows must keep.

One table, `sources.yaml`, read by the schema of a params file, by its check, by the contract, by
`seglib new` and by the docs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_KINDS = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))


@dataclass(frozen=True)
class Role:
    """What a column of a source is.

    Attributes
    ----------
    name
        Its key under `columns` in a params file.
    holds
        key (an id), time, number, text, or flag (yes or no).
    meaning
        What an entry says.
    required
        Whether the source is of no use without it.
    """

    name: str
    holds: str
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Rule:
    """What rows must keep, and what is done with those that don't.

    Attributes
    ----------
    name
        Its key under `rules` in a params file; underscores are spaces in the ledger.
    allowed
        What the params may say: drop, blank (the cell counts as missing), warn or stop; the default first.
    why
        The reason, for the ledger.
    """

    name: str
    allowed: tuple[str, ...]
    why: str

    @property
    def action(self) -> str:
        """What is done unless the params say otherwise."""
        return self.allowed[0]

    @property
    def words(self) -> str:
        """Its name in the ledger."""
        return self.name.replace("_", " ").replace("as of", "as_of")


@dataclass(frozen=True)
class Kind:
    """One kind of source.

    Attributes
    ----------
    grain
        What one row is.
    roles
        What its columns can be.
    rules
        What its rows must keep, in the order in which they are applied.
    """

    grain: str
    roles: tuple[Role, ...]
    rules: tuple[Rule, ...]

    def role(self, name: str) -> Role:
        """Return the role of a name."""
        return next(role for role in self.roles if role.name == name)

    def rule(self, name: str) -> Rule:
        """Return the rule of a name."""
        return next(rule for rule in self.rules if rule.name == name)


def _kind(entry: dict[str, Any]) -> Kind:
    roles = (
        Role(name, holds, meaning, name in entry["required"])
        for name, (holds, meaning) in entry["columns"].items()
    )
    rules = (Rule(name, tuple(rule["actions"]), rule["why"]) for name, rule in entry["rules"].items())
    return Kind(entry["grain"], tuple(roles), tuple(rules))


KINDS: dict[str, Kind] = {name: _kind(entry) for name, entry in _KINDS.items()}


def markdown() -> str:
    """Write the kinds of source for the docs: roles and rules of each.

    Examples
    --------
    >>> markdown().splitlines()[0]
    '### customers: one row per customer'
    """
    parts = []
    for name, kind in KINDS.items():
        roles = [f"| `{r.name}`{'*' if r.required else ''} | {r.holds} | {r.meaning} |" for r in kind.roles]
        rules = [f"| `{r.name}` | **{r.action}** {', '.join(r.allowed[1:])} | {r.why} |" for r in kind.rules]
        parts += [
            f"### {name}: {kind.grain}",
            "",
            "| columns | holds | meaning |",
            "| --- | --- | --- |",
            *roles,
            "",
            "| rules | default, and what else is allowed | why |",
            "| --- | --- | --- |",
            *rules,
            "",
        ]
    return "\n".join(parts)
