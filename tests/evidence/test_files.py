"""What a hash of the code sees: what it computes, and not its words."""

import textwrap

import pytest

from caudal.core.files import code

BEFORE = '''
    """About the file."""

    def area(x):  # hectares
        """Return twice
        the area."""
        return f"{2 * x} ha"
'''


@pytest.fixture
def of(tmp_path):
    """Return what is seen of some source."""

    def seen(source):
        path = tmp_path / "one.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return code(path)

    return seen


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("About the file", "About it"),
        ("# hectares", "# ha"),
        ("twice\n", "two times\n"),
        ("2 * x", "(2 * x)"),
    ],
)
def test_words_do_not_count_and_what_is_computed_does(of, old, new):
    assert (of(BEFORE.replace(old, new)) == of(BEFORE)) == (old != "2 * x")


def test_lines_broken_otherwise_are_the_same_code(of):
    assert of("x = sum(\n    [1, 2]\n)\n\n\ny = 1\n") == of("x = sum([1, 2])\ny = 1\n")
    assert of('x = "kept"\n') != of('x = "other"\n')
