"""Where goods are made: brands, sellers' phrases, and what is usual for a heading."""

from data.origins.origins import Brand, Phrase, load_articles, load_brands, load_phrases, load_priors

__all__ = ["Brand", "Phrase", "load_articles", "load_brands", "load_phrases", "load_priors"]
