"""Where a bundle lies: a directory, a tag in the BentoML model store, or the bundle that ships."""

from __future__ import annotations

from pathlib import Path

from models.bundle import DEFAULT_BUNDLE, BundleError


def resolve_bundle(name: str | None) -> Path:
    """The directory of a bundle given as a directory or a BentoML tag; None: the bundle that ships.

    Raises
    ------
    BundleError
        Where it is neither.
    """
    if not name:
        return DEFAULT_BUNDLE
    if Path(name).is_dir():
        return Path(name)
    import bentoml  # a second to import: only where a tag is asked for

    try:
        return Path(bentoml.models.get(name).path)
    except Exception as error:  # the model store raises several kinds; all mean that there is no such model
        raise BundleError(f"{name!r} is neither a bundle's directory nor a tag in the model store") from error
