"""Reading YAML so that a fault is found and named: file, rule, field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError


class PolicyError(ValueError):
    """A policy breaks its rules; ``faults`` names file, rule and field, one fault a line."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def named_faults(where: str, error: ValidationError) -> list[str]:
    """What a validation error says, one line a fault, each starting with ``where``."""
    found = []
    for item in error.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in item["loc"])
        message = "unknown field" if item["type"] == "extra_forbidden" else item["msg"].removeprefix("Value error, ")
        if item["type"] == "string_type" and field.startswith(("when.", "unless.")):
            message += " (write codes in quotes: YAML reads 0401 as a number)"
        found.append(f"{where}: {field}: {message}" if field else f"{where}: {message}")
    return found


class _Loader(yaml.SafeLoader):
    """A safe loader that does not let a second key of the same name hide the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, faults: list[str]) -> dict[str, Any]:
    """The mapping a file holds; where it holds none, an empty one and a fault more in ``faults``."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        faults.append(f"{path.name}: {' '.join(str(error).split())}")
        return {}
    if not isinstance(content, dict):
        faults.append(f"{path.name}: is no mapping")
        return {}
    return content


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` on top of ``under``; mappings are merged, anything else is replaced."""
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        merged[name] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged
