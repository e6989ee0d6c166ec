"""What tests in a browser share: a server, a browser, and visitors who must have no complaint."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import Visitor, browsing, chromium, serving

from caudal.app.server import client

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def server():
    assert (client() / "index.html").exists(), "the pages are not built: make web"
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    found = chromium()
    if found is None:
        pytest.skip("no Chromium on this machine, and it could not be installed")
    with browsing(found) as one:
        yield one


@pytest.fixture
def visitor(browser, server):
    """Return a function that makes a visitor; after the test none may have asked outside or complained."""
    made = []

    def visit(**wishes):
        made.append(Visitor(browser, server, **wishes))
        return made[-1]

    yield visit
    for one in made:
        one.close()
    assert [url for one in made for url in one.strangers()] == []
    assert [told for one in made for told in one.complaints] == []


@pytest.fixture(scope="session")
def axe():
    """Return a function that gives the serious and critical violations that axe-core finds in a page."""
    source = AXE.read_text(encoding="utf-8")

    def violations(page):
        page.evaluate(source)
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        assert found["passes"], "axe looked at nothing"
        return [
            f"{one['id']}: {node['target']}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    return violations
