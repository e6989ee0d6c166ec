"""The templates of ``data/templates``: one way to fill those of markup, one to fill those of Markdown.

A name that a template uses and nobody gave is an error.
"""

from __future__ import annotations

import functools
from typing import Any

import jinja2

from caudal.core.files import data_path
from caudal.report.markdowntable import cell


def fill_markup(template: str, /, **content: Any) -> str:
    """Fill a template of HTML or SVG; what is put in is escaped, unless it is marked safe."""
    return _environment(escaped=True).get_template(template).render(**content)


def fill_markdown(template: str, /, **content: Any) -> str:
    """Fill a template of Markdown, in which ``cell`` is a filter for texts in tables."""
    return _environment(escaped=False).get_template(template).render(**content)


@functools.cache
def _environment(*, escaped: bool) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(data_path("templates")),
        autoescape=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=not escaped,  # a page of Markdown is a file and ends its last line
        undefined=jinja2.StrictUndefined,
    )
    made.filters["cell"] = cell
    return made
