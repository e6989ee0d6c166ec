"""Every page opens, from this machine alone, light and readable by all."""

from __future__ import annotations

import pytest
from served import PAGES

pytestmark = pytest.mark.web

LARGEST = 450_000
"""Bytes of a first visit, as they travel."""
MOST = 30
"""Requests of a first visit."""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_opens_and_is_accessible(name, theme, visitor, axe):
    page = visitor(theme=theme).open(f"/{name}")
    assert "Caudal" in page.title()
    assert page.locator("h1").count() == 1
    assert axe(page) == []


def test_pages_have_their_own_titles(visitor):
    one = visitor()
    titles = [one.open(f"/{name}").title() for name in PAGES]
    assert len(set(titles)) == len(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_first_visit_is_light(name, visitor):
    one = visitor()
    sizes = []
    one.context.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page = one.open(f"/{name}")
    page.wait_for_load_state("networkidle")
    assert 0 < len(one.requests) <= MOST
    assert len(sizes) == len(one.requests)
    assert 1_000 < sum(sizes) <= LARGEST


def test_an_address_of_a_page_opens_that_page(visitor):
    one = visitor()
    page = one.open("/")
    assert page.evaluate("fetch('/simulate').then(told => told.text())") == page.evaluate(
        "fetch('/').then(told => told.text())"
    )
    assert page.evaluate("fetch('/assets/none.js').then(told => told.status)") == 404
    one.complaints.clear()  # the browser says of each 404 that it was one


def test_nothing_is_stored_for_others(visitor):
    one = visitor()
    one.open("/")
    assert one.context.cookies() == []


def test_another_host_is_not_found(visitor):
    one = visitor()
    page = one.open("/")
    outside = page.evaluate("fetch('http://caudal.example/').then(() => 'reached', () => 'refused')")
    assert outside == "refused"
    assert any("Content Security Policy" in told for told in one.complaints)
    one.complaints.clear()
    one.requests.clear()
