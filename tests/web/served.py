"""``caudal serve`` as a process of its own, and Debian's Chromium that reaches nothing but it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PAGES = ("simulate", "compare", "costs", "map", "assumptions", "library", "evidence", "backtest", "model")
LOOPBACK = ("127.0.0.1", "localhost")
BROWSERS = ("chromium", "chromium-browser")
READY = "html[data-ready=yes] main h1"
"""Is there once the first answer is drawn; the page's policy forbids the evaluation of conditions."""
WAITING = "main .waiting:visible"
"""Is there while a part of a page waits for its own answer."""
PATIENCE = 60
"""Seconds for what may have to be compiled first."""


def chromium() -> str | None:
    """Return where the browser is, None when there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextlib.contextmanager
def serving(*words: str) -> Iterator[str]:
    """Serve at a free port; yield the address once it answers."""
    command = [sys.executable, "-m", "caudal", "serve", "--port", "0", "--no-browser", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), address
            until = time.monotonic() + PATIENCE
            while True:
                with contextlib.suppress(urllib.error.URLError):
                    urllib.request.urlopen(f"{address}/health", timeout=PATIENCE).close()
                    break
                assert process.poll() is None, "caudal serve stopped"
                assert time.monotonic() < until, "caudal serve did not answer"
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()


@contextlib.contextmanager
def browsing(path: str) -> Iterator[Browser]:
    """Yield a browser without a screen that finds no host but this machine's own."""
    arguments = [
        "--no-sandbox",  # root, as in a container, has none
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, " + ", ".join(f"EXCLUDE {host}" for host in LOOPBACK),
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


class Visitor:
    """A person with a browser of their own: nothing stored, and every request and complaint noted.

    ``requests`` are addresses asked for; ``complaints`` what the console or an uncaught error said,
    broken content-security policy included.
    """

    def __init__(
        self, browser: Browser, address: str, width: int = 1440, height: int = 900,
        theme: str = "light", language: str = "en",
    ) -> None:  # fmt: skip
        """Open a browser in a language, with a window's size and a theme."""
        self.address, self.language = address, language
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=address, viewport={"width": width, "height": height}, color_scheme=theme,
            locale={"en": "en-US", "es": "es-CO"}[language], accept_downloads=True,
        )  # fmt: skip
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("console", self._hear)

    def _hear(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, path: str = "/simulate") -> Page:
        """Return a page whose first answer is drawn."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(path)
        page.wait_for_selector(READY, state="attached")
        page.wait_for_selector(WAITING, state="detached")
        return page

    def strangers(self) -> list[str]:
        """Return the requests that would have left this machine."""
        inside = (f"{self.address}/", f"blob:{self.address}/", "data:")
        return [url for url in self.requests if not url.startswith(inside)]

    def close(self) -> None:
        """End the visit."""
        self.context.close()
