"""Reading a policy: rule files, the deployment's overrides, rates."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.policy.policy import Policy, make_policy
from data.policy.rates import Rates, load_rates
from data.policy.reading import PolicyError, merge, named_faults, read_yaml
from data.policy.rules import Rule
from data.tables import TableError

HERE = Path(__file__).parent
SETTINGS, OVERRIDES, RATES = "settings.yaml", "overrides.yaml", "rates.csv"
POLICY_VARIABLE, RATES_VARIABLE = "PABEAN_POLICY", "PABEAN_RATES"
WHERE_ELSE = f"rules go into NAME.yaml, settings and changes to rules into {OVERRIDES}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _RatesSettings(_Strict):
    max_age_days: int = Field(ge=0, le=3650)


class Settings(_Strict):
    """What is said once for a policy: its name, the platform it is for, how old a rate may be."""

    name: str = Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$")
    platform: str | None = None
    rates: _RatesSettings


class _Change(_Strict):
    mode: Literal["off", "observe", "enforce", "default"] | None = None
    thresholds: dict[str, float] = {}


class _RuleFile(_Strict):
    title: str
    defaults: dict[str, Any] = {}
    rules: list[dict[str, Any]] = Field(min_length=1)


def load_policy(directory: Path | None = None) -> Policy:
    """The policy of a deployment.

    Parameters
    ----------
    directory : rules and overrides in place of ours: its rule files replace ours where it has any, its
        ``overrides.yaml`` changes single rules and settings, its ``rates.csv`` replaces our table. None:
        the directory that ``PABEAN_POLICY`` names, else ours alone. ``PABEAN_RATES`` names a rates table
        that goes before both.

    Raises
    ------
    PolicyError
        Where a file cannot be read or breaks its shape; each fault names file, rule and field.
    """
    if directory is None and os.environ.get(POLICY_VARIABLE):
        directory = Path(os.environ[POLICY_VARIABLE])
    if directory is not None and not directory.is_dir():
        raise PolicyError([f"{directory}: is no directory"])
    faults: list[str] = []
    files = _rule_files(directory) if directory else []
    if directory is not None:
        faults += [f"{path.name}: is not read; {WHERE_ELSE}" for path in _strays(directory)]
    settings, changes = _settings(directory, faults)
    stated = [rule for path in files or _rule_files(HERE) for rule in _stated(path, faults)]
    keys = {f"{rule['file']}/{rule.get('id')}" for rule in stated}
    faults += [
        f"{OVERRIDES}: rules: {pattern!r} names no rule"
        for pattern in changes
        if not any(_meant(pattern, k) for k in keys)
    ]
    rules = [rule for values in stated if (rule := _rule(values, changes, faults)) is not None]
    table = _rates_path(directory)
    try:
        rows = load_rates(table)
    except (TableError, OSError, UnicodeDecodeError) as error:
        faults.append(str(error) if isinstance(error, TableError) else f"{table}: {error}")
    if faults or settings is None:
        raise PolicyError(faults)
    return make_policy(settings.name, rules, Rates(rows, settings.rates.max_age_days), settings.platform)


def _rule_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.yaml") if path.name not in {SETTINGS, OVERRIDES})


def _strays(directory: Path) -> list[Path]:
    """Files that someone may believe to be read."""
    return sorted([*directory.glob("*.yml"), *directory.glob(SETTINGS)])


def _rates_path(directory: Path | None) -> Path:
    if os.environ.get(RATES_VARIABLE):
        return Path(os.environ[RATES_VARIABLE])
    own = directory / RATES if directory else None
    return own if own is not None and own.exists() else HERE / RATES


def _settings(directory: Path | None, faults: list[str]) -> tuple[Settings | None, dict[str, _Change]]:
    """Our settings with the deployment's over them, and its changes to rules by pattern."""
    values = read_yaml(HERE / SETTINGS, faults)
    path = directory / OVERRIDES if directory else None
    over = read_yaml(path, faults) if path is not None and path.exists() else {}
    stated = over.pop("rules", None) or {}
    changes: dict[str, _Change] = {}
    if not isinstance(stated, Mapping):
        faults.append(f"{OVERRIDES}: rules: must map names of rules to what changes")
        stated = {}
    for pattern, change in stated.items():
        change = "off" if change is False else change  # YAML reads a bare `off` as a boolean
        if isinstance(change, Mapping) and change.get("mode") is False:
            change = {**change, "mode": "off"}
        try:
            changes[str(pattern)] = _Change.model_validate({"mode": change} if isinstance(change, str) else change)
        except ValidationError as error:
            faults += named_faults(f"{OVERRIDES}: rule {pattern}", error)
    try:
        return Settings.model_validate(merge(values, over)), changes
    except ValidationError as error:
        faults += named_faults(OVERRIDES if over else SETTINGS, error)
        return None, changes


def _stated(path: Path, faults: list[str]) -> Iterator[dict[str, Any]]:
    """The rules of a file as written, its defaults filled in."""
    values = read_yaml(path, faults)
    if not values:
        return
    try:
        content = _RuleFile.model_validate(values)
    except ValidationError as error:
        faults += named_faults(path.name, error)
        return
    seen: set[str] = set()
    for values in content.rules:
        name = str(values.get("id"))
        if name in seen:
            faults.append(f"{path.name}: rule {name}: id: is there twice")
        seen.add(name)
        yield {**merge(content.defaults, values), "file": path.stem}


def _rule(values: dict[str, Any], changes: Mapping[str, _Change], faults: list[str]) -> Rule | None:
    key = f"{values['file']}/{values.get('id')}"
    try:
        rule = Rule.model_validate(values)
    except ValidationError as error:
        faults += named_faults(f"{values['file']}.yaml: rule {values.get('id')}", error)
        return None
    # a rule's own name is nearer to it than a pattern; among patterns the later one counts
    meant = sorted((p for p in changes if _meant(p, key)), key=lambda pattern: pattern == key)
    changed = dict(values)
    for pattern in meant:
        change = changes[pattern]
        if change.mode == "default":
            changed = dict(values)
        elif change.mode is not None:
            changed |= {"enabled": change.mode != "off", "observe_only": change.mode == "observe"}
        changed["thresholds"] = {**changed["thresholds"], **change.thresholds}
    if not meant:
        return rule
    try:
        return Rule.model_validate(changed)
    except ValidationError as error:
        faults += named_faults(f"{OVERRIDES}: rule {key}", error)
        return None


def _meant(pattern: str, key: str) -> bool:
    return pattern == key or fnmatchcase(key, pattern)
