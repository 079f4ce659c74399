"""Who may call: API keys with roles, hashed at rest, sessions of the console, a rate for each key."""

from serving.keys.access import Access, open_access
from serving.keys.records import KeyFileError, KeyRecord, Role
from serving.keys.ring import KeyRing

__all__ = ["Access", "KeyFileError", "KeyRecord", "KeyRing", "Role", "open_access"]
