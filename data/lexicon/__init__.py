"""What sellers call things, with the HS code an expert gives it."""

from data.lexicon.lexicon import LexiconLine, VagueText, load_lexicon, load_vague

__all__ = ["LexiconLine", "VagueText", "load_lexicon", "load_vague"]
