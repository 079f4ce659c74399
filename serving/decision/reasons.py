"""Wording: to the seller, what is wrong, under which rule and what to do; to the moderator, scores and evidence.

Listing texts enter these sentences as they are: whoever shows a reason in a page escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from data.hs import load_nomenclature
from data.policy import Rule
from data.policy.rates import HOME_CURRENCY
from serving.decision.facts import Facts

ListingWords = dict[str, dict[str, str]]
LANGUAGES = ("id", "en")
TITLE_LENGTH, GOODS_LENGTH = 80, 60
SYMBOLS = {"IDR": "Rp", "USD": "US$"}
BORDER = {
    "abroad": {"id": "dikirim langsung dari luar negeri", "en": "is shipped straight from abroad"},
    "inside": {
        "id": "dijual dari dalam negeri tetapi tampaknya barang impor",
        "en": "is sold from inside Indonesia but seems to be imported",
    },
    "declared": {"id": "dinyatakan sebagai barang impor", "en": "is declared as imported"},
    "unknown": {
        "id": "tampaknya barang impor yang tempat pengirimannya belum disebut",
        "en": "seems to be imported, while the listing does not say where it ships from",
    },
}
ASK = {
    "border": {
        "id": "Sebutkan dari mana barang dikirim, agar kami dapat memutuskan.",
        "en": "Say where the goods ship from, so that we can decide.",
    },
    "price": {
        "id": "Cantumkan harga satuan barang, agar kami dapat memutuskan.",
        "en": "State the unit price, so that we can decide.",
    },
    "missing rate": {
        "id": "Kurs mata uang {currency} tidak kami miliki; cantumkan harga dalam rupiah atau dolar AS.",
        "en": "We have no exchange rate for {currency}; state the price in rupiah or US dollars.",
    },
    "stale rate": {
        "id": "Kurs mata uang {currency} yang kami miliki sudah lama, jadi harganya kami periksa dulu.",
        "en": "Our exchange rate for {currency} is out of date, so we look at the price first.",
    },
    "goods": {
        "id": "Sebutkan nama barangnya dengan jelas: beberapa jenis barang dikecualikan dari aturan ini.",
        "en": "Name the goods clearly: some kinds of goods are exempt from this rule.",
    },
}
NOTHING_STATED = {"id": "tidak disebut", "en": "not stated"}
CLOSING = {
    "reject": {
        "id": (
            "Karena aturan ini iklan ditolak secara otomatis. {papers}Jika menurut Anda keliru, ajukan keberatan; "
            "petugas kami akan memeriksanya."
        ),
        "en": (
            "Under this rule the listing was rejected automatically. {papers}If you think this is wrong, appeal; "
            "a person will look at it."
        ),
    },
    "review": {
        "id": "Untuk aturan ini iklan perlu diperiksa petugas kami. {papers}Hasilnya dapat Anda sanggah.",
        "en": "Under this rule a person has to look at the listing. {papers}You may contest the outcome.",
    },
}
PAPERS = {"id": "Siapkan: {list}. ", "en": "Please have ready: {list}. "}
BASIS = {"id": "Dasar: {basis}.", "en": "Basis: {basis}."}


class SellerWording:
    """What a rule says to sellers: everything but the listing's own facts is put together once."""

    def __init__(self, rule: Rule) -> None:
        self._head = {language: _head(rule, language) for language in LANGUAGES}
        self._tail = {
            action: {language: _closing(rule, action, language) for language in LANGUAGES} for action in CLOSING
        }

    def reason(self, action: str, listing: ListingWords, unknowns: Sequence[str]) -> dict[str, str]:
        """The flag's reason in both languages, filled with the listing's own facts."""
        found = {}
        for language in LANGUAGES:
            words = listing[language]
            parts = [self._head[language].format_map(words)]
            parts += [ASK[name][language].format_map(words) for name in dict.fromkeys(unknowns)]
            parts.append(self._tail[action][language])
            found[language] = " ".join(parts)
        return found


def listing_words(prediction: Mapping[str, Any], facts: Facts) -> ListingWords:
    """The listing's facts as its reasons show them, by language and placeholder."""
    stated: Mapping[str, Any] = prediction.get("facts") or {}
    title = _short(str(stated.get("title") or prediction.get("id") or ""), TITLE_LENGTH)
    channel = _channel(facts)
    return {
        language: {
            "title": title,
            "border": BORDER[channel][language],
            "goods": goods_name(prediction, language),
            "price": money(facts.price, facts.currency, language),
            "declared": stated.get("declared_origin") or NOTHING_STATED[language],
            "currency": facts.currency,
        }
        for language in LANGUAGES
    }


def _head(rule: Rule, language: str) -> str:
    """The rule's template and its basis; what only the listing knows stays a placeholder."""
    limit = rule.when.price
    known = _Partly(
        rule=_escaped(_text(rule.title, language)),
        limit=_escaped(money(limit.amount, limit.currency, language)) if limit else "",
    )
    text = _text(rule.reason, language).replace("{{", "{{{{").replace("}}", "}}}}")
    return f"{text.format_map(known)} {_escaped(BASIS[language].format(basis=rule.source.citation))}"


def _closing(rule: Rule, action: str, language: str) -> str:
    papers = "; ".join(_text(document, language) for document in rule.documents)
    return CLOSING[action][language].format(papers=PAPERS[language].format(list=papers) if papers else "")


class _Partly(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def moderator_reason(flag: Mapping[str, Any], prediction: Mapping[str, Any]) -> dict[str, str]:
    """One line for the console: rule, score against threshold, what the model saw, the words that carried it."""
    return {language: _moderator(flag, prediction, language) for language in LANGUAGES}


def _moderator(flag: Mapping[str, Any], prediction: Mapping[str, Any], language: str) -> str:
    words = _MODERATOR[language]
    facts = Facts(prediction)
    hs: Mapping[str, Any] = prediction.get("hs") or {}
    origin: Mapping[str, Any] = prediction.get("origin") or {}
    code = f"{hs['code']} ({hs.get('confidence') or 0:.2f})" if hs.get("code") else words["abstained"]
    clusters = ", ".join(f"{row['name']} {row['score']:.2f}" for row in prediction.get("clusters") or ()) or "-"
    spans = "; ".join(f"{span['field']}: “{_short(span['text'], 40)}”" for span in flag.get("evidence") or ()) or "-"
    parts = [
        f"{flag['rule']}: {words[flag['action']]}, {words['score']} {flag['score']:.2f} ≥ {flag['threshold']:.2f}",
        f"HS {code}",
        f"{words['clusters']} {clusters}",
        f"{words['imported']} {facts.imported:.2f} ({words[origin.get('basis') or 'predicted']})",
        f"{words['crossing']} {words[str(facts.crossing)]}",
        f"{words['price']} {money(facts.price, facts.currency, language)}",
        f"{words['used']} {facts.used:.2f}",
        f"{words['evidence']} {spans}",
    ]
    return " · ".join(parts)


_MODERATOR: dict[str, dict[str, str]] = {
    "id": {
        "review": "periksa", "reject": "tolak", "score": "skor", "clusters": "klaster", "imported": "impor",
        "crossing": "dari luar negeri:", "True": "ya", "False": "tidak", "None": "tidak diketahui",
        "price": "harga", "used": "bekas", "evidence": "bukti", "abstained": "tidak ditentukan",
        "predicted": "perkiraan", "declared": "dinyatakan", "conflict": "bertentangan",
    },
    "en": {
        "review": "review", "reject": "reject", "score": "score", "clusters": "clusters", "imported": "imported",
        "crossing": "from abroad:", "True": "yes", "False": "no", "None": "unknown",
        "price": "price", "used": "used", "evidence": "evidence", "abstained": "abstained",
        "predicted": "predicted", "declared": "declared", "conflict": "in conflict",
    },
}  # fmt: skip


def documents(rule: Rule) -> list[str]:
    """What is asked for, each in Indonesian with English behind it."""
    return [f"{document.id} ({document.en})" for document in rule.documents]


def money(amount: float | None, currency: str, language: str) -> str:
    """An amount as people write it: ``Rp 1.500.000`` and ``US$ 99,99``, or ``IDR``-style names for others."""
    if amount is None:
        return NOTHING_STATED[language]
    text = f"{amount:,.0f}" if currency == HOME_CURRENCY and amount == int(amount) else f"{amount:,.2f}"
    if language == "id":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{SYMBOLS.get(currency, currency)} {text}"


def goods_name(prediction: Mapping[str, Any], language: str) -> str:
    """Name of the predicted code; of the likeliest heading where the model abstains."""
    hs: Mapping[str, Any] = prediction.get("hs") or {}
    headings = hs.get("headings") or ()
    code = hs.get("code") or (headings[0]["code"] if headings else None)
    return _name(code, language) if code else {"id": "barang belum jelas", "en": "unclear goods"}[language]


@lru_cache(maxsize=16_384)
def _name(code: str, language: str) -> str:
    return _short(load_nomenclature().name(code, language) or f"HS {code}", GOODS_LENGTH)


def _channel(facts: Facts) -> str:
    if facts.crossing is None:
        return "declared" if facts.declared and facts.imported > 0.5 else "unknown"
    return "abroad" if facts.crossing else "inside"


def _text(text: Any, language: str) -> str:
    return str(text.id if language == "id" else text.en)


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
