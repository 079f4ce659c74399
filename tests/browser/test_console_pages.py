"""The console as a moderator meets it, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

SHOTS = Path(__file__).resolve().parents[2] / ".cache" / "console"


def shoot(page: Any, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def test_trying_a_listing_with_the_keyboard_alone(page: Any) -> None:
    page.goto("/ui/")
    page.keyboard.type("Hijab segiempat voal premium")
    page.keyboard.press("Tab")
    page.keyboard.type("35000")
    page.keyboard.press("Tab")
    page.keyboard.type("CN")
    page.keyboard.press("Enter")
    page.wait_for_selector(".outcome .path")
    assert "621430" in page.inner_text(".path")
    assert page.locator(".verdict .badge").first.inner_text() == "tolak"
    assert page.locator("mark").count() > 0
    shoot(page, "try")


def test_the_language_switch_keeps_the_page(page: Any) -> None:
    page.goto("/ui/rules?as_of=2026-01-01")
    page.click("text=English")
    assert page.inner_text("h1") == "Rules"
    assert page.input_value("input[name=as_of]") == "2026-01-01"
    page.click("text=Bahasa Indonesia")
    assert page.inner_text("h1") == "Aturan"


def test_an_injected_title_stays_text(page: Any, console: str) -> None:
    title = "<img src=x onerror=alert(1)><script>alert(2)</script> hijab"
    answer = httpx.post(f"{console}/v1/moderate", json={"listings": [{"id": "x", "title": title, "ship_from": "CN"}]})
    assert answer.status_code == 200
    page.goto("/ui/decisions")
    assert title in page.inner_text("table")
    page.click(f"table a >> text={title}")
    assert title in page.inner_text(".seller")
    assert page.locator("main img, main script").count() == 0
    shoot(page, "decision")


@pytest.mark.parametrize("path", ["/ui/?example=0", "/ui/decisions", "/ui/rules", "/ui/model"])
def test_pages_fit_a_phone(page: Any, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(page, "phone-" + path.strip("/").replace("/", "-").split("?")[0])
