"""What every test shares: 64-bit numbers, the compile cache, and fixed generated inputs."""

from __future__ import annotations

import dataclasses
import os
import re

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import hypothesis
import pytest
import shelfcase

import caudal.evidence.series as module
from caudal.core import messages
from caudal.evidence.inputs import _departmental, inputs
from caudal.simulate.executor import prepare

prepare()  # before the first array: 64 bits, and programs compiled once per machine

for profile, examples in {"caudal": 60, "quick": 15}.items():  # quick: make check
    hypothesis.settings.register_profile(
        profile,
        deadline=None,
        max_examples=examples,
        derandomize=True,  # the same inputs on every machine: a failure here is a failure there
        database=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
    )
hypothesis.settings.load_profile("caudal")


def pytest_configure(config: pytest.Config) -> None:
    """Make a number that is not one, in our own code, a failure."""
    config.addinivalue_line("filterwarnings", "error::RuntimeWarning:caudal")


@pytest.fixture(scope="session")
def bench():
    """Return the model at the fit with MEMBERS members; its programs serve most tests."""
    from caudal.explore.bench import Bench

    return Bench()


@pytest.fixture(autouse=True)
def own_language():
    """Let no test leave its language to the next."""
    token = messages._language.set(None)
    yield
    messages._language.reset(token)


@pytest.fixture
def stocked(tmp_path, monkeypatch):
    """Let made-up posteriors of every structure and owner, and made-up weights, come with Caudal."""
    shelfcase.stock(tmp_path, monkeypatch)
    yield
    shelfcase.forget()


def clear():
    """Forget what was read of the series."""
    for cached in (module._theme, module.series, inputs, _departmental):
        cached.cache_clear()


@pytest.fixture
def garbage(monkeypatch):
    """Return a function that writes garbage into the rows of some series after a year."""
    read = module.read_rows

    def write(after, hit):
        def rows(path):
            return {
                name: [
                    spoilt(row, i) if hit(name) and last_year(row.year) > after else row
                    for i, row in enumerate(found)
                ]
                for name, found in read(path).items()
            }

        monkeypatch.setattr(module, "read_rows", rows)
        clear()

    yield write
    monkeypatch.undo()
    clear()


def spoilt(row, i):
    """Return a row whose value is off by a factor of 0.5 to 1.1, another one in each row."""
    return (
        row if row.value is None else dataclasses.replace(row, value=0.01 + row.value * (0.5 + 0.1 * (i % 7)))
    )


def last_year(period):
    """Return the last year that a period names."""
    return max((int(found) for found in re.findall(r"\d{4}", period)), default=0)
