"""Templates: what is put into markup is escaped, Markdown is left as it is, a missing name is an error."""

from types import SimpleNamespace

import jinja2
import pytest

from caudal.report.templates import fill_markdown, fill_markup


def test_markup_is_escaped():
    chart = SimpleNamespace(title="<b> & co", axis="", dots=(), panels=())
    page = fill_markup("chart.svg.j2", chart=chart, width=1, height=1, style="", badge="")
    assert "<title>&lt;b&gt; &amp; co</title>" in page


def test_markdown_is_not_escaped_and_its_last_line_is_ended():
    page = fill_markdown("validation_index.md.j2", missed=["a & b < c"], last=2024, scored=[2008], made=())
    assert "- a & b < c\n" in page
    assert page.endswith("|\n")


@pytest.mark.parametrize(
    ("fill", "template"), [(fill_markup, "panel.svg.j2"), (fill_markdown, "validation_index.md.j2")]
)
def test_a_name_that_nobody_gave_is_an_error(fill, template):
    with pytest.raises(jinja2.UndefinedError):
        fill(template)
