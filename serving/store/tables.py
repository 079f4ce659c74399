"""The store's tables. Decisions and feedback are only ever added to."""

from __future__ import annotations

from sqlalchemy import CHAR, BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()
Sequence = BigInteger().with_variant(Integer, "sqlite")

decisions = Table(
    "decisions",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=False, comment="1, 2, 3 ... without a gap"),
    Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("request_id", String(64), nullable=False),
    Column("listing_id", String(128), nullable=False),
    Column("decision", String(16), nullable=False),
    Column("model_version", String(128), nullable=False),
    Column("policy_version", String(128), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("listing", Text, nullable=False, comment="JSON as judged"),
    Column("result", Text, nullable=False, comment="JSON as answered"),
    Column("hash", CHAR(64), nullable=False, comment="SHA-256 over the row before and this one"),
)
Index("decisions_by_listing", decisions.c.listing_id, decisions.c.seq)
Index("decisions_by_decision", decisions.c.decision, decisions.c.seq)

chain = Table(
    "chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("length", Sequence, nullable=False),
    Column("hash", CHAR(64), nullable=False),
    comment="where the chain ends; one row",
)

feedback = Table(
    "feedback",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("listing_id", String(128), nullable=False),
    Column("moderated", Boolean, nullable=False, comment="whether the listing had a decision then"),
    Column("verdict", String(16), nullable=False),
    Column("correction", Text, nullable=False, comment="JSON as sent"),
)
Index("feedback_by_listing", feedback.c.listing_id, feedback.c.seq)
