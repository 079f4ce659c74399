"""The policy's files: what loads, what is refused and how it is named, overrides, rates, versions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import data.policy
from data.clusters import CLUSTERS
from data.policy import Policy, PolicyError, Rate, RateError, Rates, load_policy, load_rates
from data.policy.conditions import Hs
from data.tables import TableError

RULE = """
title: Ours
rules:
  - id: toys
    title: {id: mainan, en: toys}
    source: {act: Akta 1}
    certainty: certain
    effective_from: 2026-01-01
    action: reject
    thresholds: {reject: 0.9, review: 0.5}
    when: {hs: {in: ["9503"]}, border: [abroad]}
    reason: {id: "{title} adalah mainan", en: "{title} is a toy"}
"""


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PABEAN_POLICY", raising=False)
    monkeypatch.delenv("PABEAN_RATES", raising=False)


def faults(folder: Path) -> str:
    with pytest.raises(PolicyError) as caught:
        load_policy(folder)
    return str(caught.value)


def rule(policy: Policy, key: str):  # type: ignore[no-untyped-def]
    return next(rule for rule in policy.rules if rule.key == key)


def test_our_rules_load_and_hold_what_the_contract_names() -> None:
    policy = load_policy()
    keys = {rule.key for rule in policy.rules}
    clusters = set(CLUSTERS) - {"used_clothing"}
    named = clusters | {"textiles-and-fashion", "food", "handicrafts"}
    assert {f"platform-2021/{name}" for name in named} <= keys
    assert {"permendag-31-2023/floor", "prohibited-2025/used-clothing", "sni/toys", "import-2025/textiles"} <= keys
    assert policy.version.startswith("pabean-2026.11+")
    assert all(rule.action == "review" for rule in policy.rules if rule.certainty == "uncertain")


def test_a_directory_with_rules_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(RULE)
    policy = load_policy(tmp_path)
    assert [rule.key for rule in policy.rules] == ["own/toys"]
    assert policy.in_force(date(2025, 12, 31)) == ()
    assert len(policy.in_force(date(2026, 1, 1))) == 1


def test_the_environment_names_the_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.yaml").write_text(RULE)
    monkeypatch.setenv("PABEAN_POLICY", str(tmp_path))
    assert load_policy() == load_policy(tmp_path)
    monkeypatch.setenv("PABEAN_POLICY", str(tmp_path / "missing"))
    with pytest.raises(PolicyError, match="is no directory"):
        load_policy()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('["9503"]', "[0401]", "own.yaml: rule toys: when.hs.in.0: Input should be a valid string (write codes"),
        ('["9503"]', '["9599"]', "own.yaml: rule toys: when.hs.in: '9599' is no HS chapter"),
        ('["9503"]', '["63-50"]', "own.yaml: rule toys: when.hs.in: '63-50' is no HS chapter"),
        ("reject: 0.9", "reject: 1.9", "own.yaml: rule toys: thresholds.reject: "),
        ("reject: 0.9", "reject: 0.4", "own.yaml: rule toys: thresholds.reject lies below"),
        ("reject: 0.9, ", "", "own.yaml: rule toys: thresholds.reject belongs to rules whose action is reject"),
        ("certainty: certain", "certainty: uncertain", "own.yaml: rule toys: action: an uncertain rule may"),
        ("2026-01-01", "soon", "own.yaml: rule toys: effective_from: "),
        ("2026-01-01", "2026-01-01\n    effective_until: 2025-01-01", "rule toys: effective_until lies before"),
        ("{title} is a toy", "{titel} is a toy", "own.yaml: rule toys: reason: en: unknown placeholder ['titel']"),
        ("border: [abroad]", "border: [moon]", "own.yaml: rule toys: when.border.0: "),
        ("border: [abroad]", "clusters: [hijabs]", "own.yaml: rule toys: when.clusters: unknown cluster hijabs"),
        ("border: [abroad]", "price: {below: 1, at_least: 1}", "own.yaml: rule toys: when.price: needs exactly one"),
        ("    action: reject", "    action: reject\n    colour: red", "own.yaml: rule toys: colour: unknown field"),
        ("    action: reject", "    action: reject\n    action: review", "own.yaml: 'action' is there twice"),
        ("title: Ours", "title: [", "own.yaml: while parsing"),
        ('{hs: {in: ["9503"]}, border: [abroad]}', "{}", "own.yaml: rule toys: when: names no condition"),
    ],
)  # fmt: skip
def test_a_fault_names_file_rule_and_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in RULE
    (tmp_path / "own.yaml").write_text(RULE.replace(old, new))
    assert message in faults(tmp_path)


def test_all_faults_are_told_at_once_and_files_that_are_not_read_are_one(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(RULE.replace("2026-01-01", "soon"))
    (tmp_path / "two.yaml").write_text(RULE.replace("reject: 0.9", "reject: 0"))
    (tmp_path / "three.yml").write_text(RULE)
    lines = faults(tmp_path).splitlines()
    assert len(lines) == 3
    assert any(line.startswith("three.yml: is not read") for line in lines)


def test_a_repeated_id_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(RULE + RULE[RULE.index("  - id") :])
    assert "own.yaml: rule toys: id: is there twice" in faults(tmp_path)


def test_overrides_change_our_rules_without_editing_them(tmp_path: Path) -> None:
    (tmp_path / "overrides.yaml").write_text(
        """
name: acme-1
platform: shopee
rates: {max_age_days: 14}
rules:
  platform-2021/muslim_*: {thresholds: {reject: 0.95}}
  platform-2021/food: off
  bpom/*: observe
  bpom/sold-inside: enforce
  permendag-31-2023/floor: {mode: observe, thresholds: {review: 0.2}}
"""
    )
    policy, plain = load_policy(tmp_path), load_policy()
    assert rule(policy, "platform-2021/muslim_kids").thresholds.reject == 0.95
    assert rule(policy, "platform-2021/batik").thresholds.reject == 0.8
    assert not rule(policy, "platform-2021/food").enabled
    assert rule(policy, "platform-2021/food") not in policy.in_force(date(2026, 11, 24))
    assert rule(policy, "bpom/cosmetics").observe_only
    assert not rule(policy, "bpom/sold-inside").observe_only
    assert rule(policy, "permendag-31-2023/floor").observe_only
    assert rule(policy, "permendag-31-2023/floor").thresholds.review == 0.2
    assert (policy.name, policy.platform, policy.rates.max_age_days) == ("acme-1", "shopee", 14)
    assert policy.version != plain.version
    assert len(policy.rules) == len(plain.rules)


def test_default_takes_back_what_a_pattern_changed(tmp_path: Path) -> None:
    (tmp_path / "overrides.yaml").write_text("rules:\n  platform-2021/*: off\n  platform-2021/hijab: default\n")
    policy = load_policy(tmp_path)
    on = {rule.key for rule in policy.rules if rule.enabled and rule.key.startswith("platform-2021/")}
    assert on == {"platform-2021/hijab"}


def test_the_overrides_of_the_readme_load(tmp_path: Path) -> None:
    readme = (Path(data.policy.__file__).parent / "README.md").read_text(encoding="utf-8")
    example = next(block for block in readme.split("```yaml\n")[1:] if block.startswith("name:"))
    (tmp_path / "overrides.yaml").write_text(example.split("```")[0], encoding="utf-8")
    policy = load_policy(tmp_path)
    assert rule(policy, "platform-2021/muslim_dress").thresholds.reject == 0.9
    assert rule(policy, "platform-2021/muslim_kids").thresholds.reject == 0.8
    assert not rule(policy, "bpom/sold-inside").observe_only


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: {platform-2021/hijabs: off}", "overrides.yaml: rules: 'platform-2021/hijabs' names no rule"),
        ("rules: {platform-2021/hijab: loud}", "overrides.yaml: rule platform-2021/hijab: mode: "),
        (
            "rules: {platform-2021/hijab: {thresholds: {reject: 2}}}",
            "overrides.yaml: rule platform-2021/hijab: thresholds.reject",
        ),
        ("rules: {platform-2021/food: {thresholds: {reject: 0.9}}}", "thresholds.reject belongs to rules whose action"),
        ("rates: {max_age_days: -1}", "overrides.yaml: rates.max_age_days: "),
        ("colour: red", "overrides.yaml: colour: unknown field"),
        ("- a list", "overrides.yaml: is no mapping"),
    ],
)
def test_a_fault_in_overrides_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "overrides.yaml").write_text(text)
    assert message in faults(tmp_path)


def test_rules_of_another_platform_do_not_apply(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        RULE.replace("    action: reject", "    action: reject\n    platforms: [lazada]")
    )
    day = date(2026, 6, 1)
    assert len(load_policy(tmp_path).in_force(day)) == 1
    (tmp_path / "overrides.yaml").write_text("platform: shopee")
    assert load_policy(tmp_path).in_force(day) == ()


def test_the_version_covers_rules_overrides_rates_and_settings(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(RULE)
    versions = [load_policy(tmp_path).version, load_policy(tmp_path).version]
    assert versions[0] == versions[1]
    (tmp_path / "own.yaml").write_text(RULE + "\n# a comment decides nothing\n")
    assert load_policy(tmp_path).version == versions[0]
    (tmp_path / "own.yaml").write_text(RULE.replace("reject: 0.9", "reject: 0.91"))
    versions.append(load_policy(tmp_path).version)
    (tmp_path / "overrides.yaml").write_text("rules: {own/toys: observe}")
    versions.append(load_policy(tmp_path).version)
    (tmp_path / "overrides.yaml").write_text("rules: {own/toys: observe}\nrates: {max_age_days: 7}")
    versions.append(load_policy(tmp_path).version)
    (tmp_path / "rates.csv").write_text("date,currency,idr,usd,source\n2026-11-01,USD,16000,1,test\n")
    versions.append(load_policy(tmp_path).version)
    assert len(set(versions[1:])) == len(versions) - 1
    assert {len(version.split("+")[1]) for version in versions} == {12}


def test_prefix_ranges_are_written_out() -> None:
    hs = Hs.model_validate({"in": ["50-52", "3303-3305"]})
    assert hs.inside == ("3303", "3304", "3305", "50", "51", "52")


WANTED = (
    "USD", "IDR", "CNY", "SGD", "MYR", "EUR", "GBP", "JPY", "KRW", "THB", "AUD", "HKD", "TWD", "VND", "PHP", "INR",
    "SAR", "AED",
)  # fmt: skip


def test_our_rates_hold_the_currencies_that_sellers_use() -> None:
    rates = load_policy().rates
    assert set(WANTED) <= set(rates.currencies)
    for currency in WANTED:
        assert rates.convert(1.0, currency, currency, date(1990, 1, 1)) == 1.0
        assert rates.find(currency, date(2026, 11, 24)).source.startswith("approximate")
    assert 10_000 < rates.convert(1, "USD", "IDR", date(2026, 11, 24)) < 25_000
    for day in (date(2023, 9, 26), date(2024, 6, 30), date(2026, 11, 24)):
        assert rates.convert(1, "CNY", "IDR", day) > 1_000


def test_the_rate_of_the_day_counts_until_it_is_stale() -> None:
    rows = [Rate(date(2026, 1, 1), "USD", 16_000, 1, ""), Rate(date(2026, 2, 1), "USD", 17_000, 1, "")]
    rates = Rates([*rows, Rate(date(2026, 1, 1), "IDR", 1, 1 / 16_000, "")], max_age_days=31)
    assert rates.find("USD", date(2026, 1, 31)).idr == 16_000
    assert rates.find("USD", date(2026, 2, 1)).idr == 17_000
    assert rates.convert(2, "USD", "IDR", date(2026, 1, 15)) == 32_000
    for day, currency, kind in [
        (date(2025, 12, 31), "USD", "missing"),
        (date(2026, 3, 5), "USD", "stale"),
        (date(2026, 1, 5), "XAU", "missing"),
    ]:
        with pytest.raises(RateError) as caught:
            rates.find(currency, day)
        assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-11-01,USD,x,1,test", "rates.csv:2"),
        ("2026-13-01,USD,16000,1,test", "rates.csv:2"),
        ("2026-11-01,usd,16000,1,test", "no ISO 4217 code"),
        ("2026-11-01,USD,-1,1,test", "positive number"),
        ("2026-11-01,USD,nan,1,test", "positive number"),
        ("2026-11-01,USD,16000,1,test\n2026-11-01,CNY,23000,0.14,test", "rates.csv:3: idr and usd disagree"),
        ("2026-11-01,USD,16000,1", "4 cells, expected 5"),
    ],
)
def test_a_faulty_rate_is_refused_by_its_row(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(f"date,currency,idr,usd,source\n{row}\n")
    with pytest.raises(TableError, match=message):
        load_rates(path)
    (tmp_path / "own.yaml").write_text(RULE)
    assert message in faults(tmp_path)


def test_the_environment_names_a_rates_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kmk.csv"
    path.write_text("date,currency,idr,usd,source\n2026-11-18,USD,16543,1,KMK\n")
    monkeypatch.setenv("PABEAN_RATES", str(path))
    assert load_policy().rates.find("USD", date(2026, 11, 24)).idr == 16_543
    monkeypatch.setenv("PABEAN_RATES", str(tmp_path / "none.csv"))
    with pytest.raises(PolicyError, match=r"none\.csv"):
        load_policy()
