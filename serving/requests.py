"""From a JSON value to a request, or to an error that names every fault."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from data.listing import faults
from serving.errors import MAX_DETAILS, ApiError, detail
from serving.schema import ClassifyRequest
from serving.settings import MAX_LISTINGS

Shape = TypeVar("Shape", bound=BaseModel)


def read_request(shape: type[Shape], value: Any) -> Shape:
    """The request in ``value``.

    Raises
    ------
    ApiError
        422, with every fault named: index of the listing, field, message.
    """
    found = _repeated(value) if issubclass(shape, ClassifyRequest) else []
    try:
        request = shape.model_validate(value)
    except ValidationError as error:
        found = sorted([*_details(error), *found], key=lambda item: -1 if item["index"] is None else item["index"])
    if found:
        raise _refused(found)
    return request


def _repeated(value: Any) -> list[dict[str, Any]]:
    """Listings with an id that an earlier one has, looked for beside the faults of single listings."""
    listings = value.get("listings") if isinstance(value, dict) else None
    seen: dict[str, int] = {}
    found = []
    for index, listing in enumerate(listings[:MAX_LISTINGS] if isinstance(listings, list) else []):
        name = listing.get("id") if isinstance(listing, dict) else None
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            found.append(detail("id", f"is the same as that of listing {seen[name]}", index))
    return found


def _details(error: ValidationError) -> list[dict[str, Any]]:
    found = []
    for item, fault in zip(error.errors(include_url=False, include_input=False), faults(error), strict=True):
        place = item["loc"]
        message = "has to be a JSON object" if item["type"] in {"model_type", "dict_type"} else fault.message
        if len(place) > 1 and place[0] == "listings" and isinstance(place[1], int):
            field = ".".join(str(part) for part in place[2:]) or "listing"
            found.append(detail(field, message, place[1]))
        else:
            found.append(detail(".".join(str(part) for part in place) or "body", message))
    return found


def _refused(details: list[dict[str, Any]]) -> ApiError:
    listing = any(item["index"] is not None for item in details)
    first = details[0]
    where = f"listings[{first['index']}].{first['field']}" if first["index"] is not None else first["field"]
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    if len(details) > MAX_DETAILS:
        more += f"; the first {MAX_DETAILS} are listed"
    return ApiError(
        422, "invalid_listing" if listing else "invalid_request", f"{where}: {first['message']}{more}", details
    )
