"""Listings to try with one click."""

from __future__ import annotations

EXAMPLES: list[dict[str, str]] = [
    {"title": "Pashmina ceruty babydoll premium import", "price": "35000", "ship_from": "CN", "brand": ""},
    {
        "title": "Sepatu lari pria mesh breathable running shoes",
        "description": "Sol karet ringan. Dikirim langsung dari Guangzhou, estimasi 10-14 hari.",
        "price": "189000",
        "ship_from": "CN",
    },
    {"title": "Kopi bubuk arabika Gayo 250 gr", "price": "65000", "ship_from": "ID", "declared_origin": "ID"},
    {"title": "Jaket thrift preloved branded second original", "price": "120000", "ship_from": "ID"},
]
