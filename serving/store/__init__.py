"""What the service remembers: decisions, chained so that none can be changed unseen, and feedback."""

from serving.store.store import Entry, Store, StoreDown

__all__ = ["Entry", "Store", "StoreDown"]
