"""``python -m serving policy check | show | diff``: look at a policy without touching code.

Each command is a function of the parsed arguments, found under ``args.run``, that returns the exit status.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from data.policy import Policy, PolicyError, load_policy
from serving.clock import read_day, today
from serving.decision import changes_after, policy_as_json
from serving.decision.compare import RuleChanges, compare_decisions, compare_rules
from serving.decision.lint import dead_rules, overlaps, rate_faults


def add_policy_commands(subparsers: Any) -> None:
    """Adds ``policy`` with its three commands to the subparsers of a command line."""
    policy = subparsers.add_parser("policy", help="check, show and compare policies")
    commands = policy.add_subparsers(dest="policy_command", required=True)

    check = commands.add_parser("check", help="validate a policy; list rules that overlap or can never fire")
    check.add_argument(
        "directory", nargs="?", type=Path, help="rules and overrides (default: PABEAN_POLICY, else ours)"
    )
    check.add_argument("--as-of", type=_day, default=None, metavar="D", help="day to judge by (default: today)")
    check.set_defaults(run=_check)

    show = commands.add_parser("show", help="the rules in force on a day")
    show.add_argument("--as-of", type=_day, default=None, metavar="D", help="YYYY-MM-DD (default: today)")
    show.add_argument("--policy", type=Path, default=None, metavar="DIR")
    show.add_argument("--json", action="store_true", help="as GET /v1/policy answers it")
    show.set_defaults(run=_show)

    diff = commands.add_parser("diff", help="what changes between two days or two directories")
    diff.add_argument("before", metavar="D1", help="YYYY-MM-DD or a directory")
    diff.add_argument("after", metavar="D2", help="YYYY-MM-DD or a directory")
    diff.add_argument("--results", type=Path, metavar="FILE", help="stored results of `score` (.jsonl): count changes")
    diff.add_argument("--as-of", type=_day, default=None, metavar="D", help="day for directories (default: today)")
    diff.set_defaults(run=_diff)


def _check(args: argparse.Namespace) -> int:
    as_of = args.as_of or today()
    try:
        policy = load_policy(args.directory)
    except PolicyError as error:
        print(f"{len(error.faults)} fault(s):")
        for fault in error.faults:
            print(f"  {fault}")
        return 1
    print(f"{policy.version}: {len(policy.rules)} rules, {len(policy.in_force(as_of))} in force on {as_of}")
    _section("can never fire", [f"{key}: {reason}" for key, reason in dead_rules(policy, as_of).items()])
    _section("rates", rate_faults(policy, as_of))
    lines = []
    for pair in overlaps(policy):
        doubled = "  (the same conditions)" if pair.identical else ""
        lines.append(f"{pair.first} and {pair.second}: {pair.shared} codes or clusters in common{doubled}")
    _section("overlap", lines)
    return 0


def _show(args: argparse.Namespace) -> int:
    as_of = args.as_of or today()
    policy = _load(args.policy)
    if policy is None:
        return 1
    if args.json:
        print(json.dumps(policy_as_json(policy, as_of), ensure_ascii=False, indent=2))
        return 0
    print(f"{policy.version}, in force on {as_of}")
    for rule in policy.in_force(as_of):
        limits = ", ".join(f"{name} {value:g}" for name, value in rule.thresholds if value is not None)
        until = f" until {rule.effective_until}" if rule.effective_until else ""
        print(f"  {rule.key}: {'observe' if rule.observe_only else rule.action} ({limits})")
        print(f"    {rule.title.id} / {rule.title.en}; since {rule.effective_from}{until}; {rule.certainty}")
        print(f"    {rule.source.citation}")
    _section("changes to come", [f"{c['date']} {c['rule']} {c['change']}" for c in changes_after(policy, as_of)])
    return 0


def _diff(args: argparse.Namespace) -> int:
    sides = []
    for text in (args.before, args.after):
        day = _maybe_day(text)
        policy = _load(None if day else Path(text))
        if policy is None:
            return 1
        sides.append((policy, day or args.as_of or today()))
    before, after = sides
    print(f"before: {before[0].version} on {before[1]}\nafter:  {after[0].version} on {after[1]}")
    _print_rules(compare_rules(before, after))
    if args.results is None:
        return 0
    try:
        counts = compare_decisions(_results(args.results), before, after)
    except (OSError, ValueError) as error:
        print(f"{args.results}: {error}")
        return 1
    print(f"results: {counts.results}, decisions that change: {counts.decisions}, flags that change: {counts.flags}")
    for name, count in (*counts.moves.most_common(), *counts.rules.most_common()):
        print(f"  {count} {name}")
    return 0


def _print_rules(changes: RuleChanges) -> None:
    for sign, keys in (("+", changes.added), ("-", changes.removed)):
        for key in keys:
            print(f"{sign} {key}")
    for key, fields in changes.changed.items():
        print(f"~ {key}")
        for name, (old, new) in fields.items():
            print(f"    {name}: {old} -> {new}")
    if not (changes.added or changes.removed or changes.changed):
        print("no rule changes")


def _results(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as handle:
        for number, line in enumerate(handle, start=1):
            if line.strip():
                result = json.loads(line)
                if not isinstance(result, dict) or "facts" not in result:
                    raise ValueError(f"line {number} is no stored result of `score`: it has no facts")
                yield result


def _load(directory: Path | None) -> Policy | None:
    try:
        return load_policy(directory)
    except PolicyError as error:
        print(error)
        return None


def _section(title: str, lines: list[str]) -> None:
    print(f"{title}: {len(lines) or 'nothing'}")
    for line in lines:
        print(f"  {line}")


def _day(text: str) -> date:
    day = _maybe_day(text)
    if day is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD")
    return day


def _maybe_day(text: str) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None
