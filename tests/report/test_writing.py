"""Text files are written whole or not at all, by any number of writers."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from caudal.core.errors import CaudalError
from caudal.core.writing import write_whole


def test_what_is_written_may_be_read_by_all(tmp_path):
    path = tmp_path / "page.md"
    write_whole(path, "año\n")
    assert path.read_text(encoding="utf-8") == "año\n"
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_folder_that_is_missing_is_not_made(tmp_path):
    with pytest.raises(CaudalError, match="CAU-402"):
        write_whole(tmp_path / "missing" / "page.md", "words")
    assert list(tmp_path.iterdir()) == []


def test_words_that_cannot_be_written_leave_what_was_there(tmp_path):
    path = tmp_path / "page.md"
    write_whole(path, "before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half of this\ud800")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_writers_at_once_do_not_meet(tmp_path):
    path = tmp_path / "page.md"
    texts = [str(i) * 200_000 for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda words: write_whole(path, words), texts * 5))
    assert path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]
