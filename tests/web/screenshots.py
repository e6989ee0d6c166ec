"""Take pictures of pages in each language, theme and width: ``python screenshots.py FOLDER [PAGE ...]``."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from served import PAGES, Visitor, browsing, chromium, serving

WINDOWS = {390: 844, 1440: 900}
"""Height by width of a telephone and of a desk."""
THEMES = ("light", "dark")
LANGUAGES = ("en", "es")


def main(folder: Path, names: tuple[str, ...]) -> None:
    """Write ``PAGE-LANGUAGE-THEME-WIDTH.png`` for all of a page, as far as it scrolls."""
    found = chromium()
    if found is None:
        raise SystemExit("no Chromium on this machine")
    folder.mkdir(parents=True, exist_ok=True)
    with serving() as address, browsing(found) as browser:
        for language, theme, width in itertools.product(LANGUAGES, THEMES, WINDOWS):
            one = Visitor(browser, address, width, WINDOWS[width], theme, language)
            for name in names:
                page = one.open(f"/{name}")
                page.wait_for_load_state("networkidle")
                path = folder / f"{name}-{language}-{theme}-{width}.png"
                page.screenshot(path=path, full_page=True)
                print(path)
                page.close()
            one.close()
            for told in one.complaints:
                print(f"the browser complained: {told}", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), tuple(sys.argv[2:]) or PAGES)
