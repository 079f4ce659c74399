"""The Harmonized System as a table: codes, English titles, our own Indonesian names."""

from data.hs.nomenclature import EDITION, Nomenclature, load_nomenclature

__all__ = ["EDITION", "Nomenclature", "load_nomenclature"]
