"""What a run did, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

TOP_RULES = 10


@dataclass
class Tally:
    """Counts over results: by decision, by rule and action, of abstentions and of rejects."""

    scored: int = 0
    rejected: int = 0
    abstained: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, result: Mapping[str, Any]) -> None:
        """Counts a result object."""
        self.scored += 1
        self.decisions[result["decision"]] += 1
        self.abstained += result["hs"].get("code") is None
        for flag in result["flags"]:
            self.rules.setdefault(flag["rule"], Counter())[flag["action"]] += 1

    def add(self, other: Tally) -> None:
        """Adds another tally to this one."""
        self.scored += other.scored
        self.rejected += other.rejected
        self.abstained += other.abstained
        self.decisions.update(other.decisions)
        for rule, actions in other.rules.items():
            self.rules.setdefault(rule, Counter()).update(actions)

    def as_json(self) -> dict[str, Any]:
        """The counts, names sorted."""
        values = asdict(self)
        values["decisions"] = {name: self.decisions[name] for name in ("approve", "review", "reject")}
        values["rules"] = {rule: dict(sorted(self.rules[rule].items())) for rule in sorted(self.rules)}
        return values

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Tally:
        """The tally that :meth:`as_json` gave."""
        rules = {rule: Counter(actions) for rule, actions in values["rules"].items()}
        return Tally(**{**values, "decisions": Counter(values["decisions"]), "rules": rules})


@dataclass(frozen=True)
class Summary:
    """A finished run.

    Attributes
    ----------
    rows : rows read, good and bad; ``scored`` and ``rejected`` add up to it.
    decisions, rules : results by decision, and by rule and action.
    unknown_columns : rows in which a column stood that is no listing field, by name.
    seconds : working time, that before an interruption included.
    """

    input: str
    output: str
    rows: int
    scored: int
    rejected: int
    abstained: int
    decisions: dict[str, int]
    rules: dict[str, dict[str, int]]
    unknown_columns: dict[str, int]
    seconds: float
    rows_per_second: float
    as_of: str
    model_version: str | None
    policy_version: str

    def as_json(self) -> dict[str, Any]:
        """All of it, as written to ``OUT.summary.json``."""
        return asdict(self)

    def text(self) -> str:
        """A few lines for people."""
        lines = [
            f"{self.rows:,} rows in {self.seconds:,.1f} s ({self.rows_per_second:,.0f} a second), as of {self.as_of}",
            f"  model {self.model_version or 'as stored'}, policy {self.policy_version}",
            f"  scored {self.scored:,} (no code for {self.abstained:,}), rejected {self.rejected:,}",
            "  decisions: " + ", ".join(f"{name} {count:,}" for name, count in self.decisions.items()),
        ]
        ranked = sorted(self.rules.items(), key=lambda item: (-sum(item[1].values()), item[0]))
        for rule, actions in ranked[:TOP_RULES]:
            lines.append(
                f"  {sum(actions.values()):>9,} {rule} ({', '.join(f'{a} {n:,}' for a, n in actions.items())})"
            )
        if len(ranked) > TOP_RULES:
            lines.append(f"  and {len(ranked) - TOP_RULES} rules more, see the summary file")
        if self.unknown_columns:
            names = ", ".join(f"{name} ({count:,})" for name, count in self.unknown_columns.items())
            lines.append(f"  unknown columns ignored: {names}"[:300])
        return "\n".join(lines)
