"""What every test shares: 64-bit numbers, the compile cache, and fixed generated inputs."""

from __future__ import annotations

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import hypothesis
import pytest

from caudal.core import messages
from caudal.simulate.executor import prepare

prepare()  # before the first array: 64 bits, and programs compiled once per machine

hypothesis.settings.register_profile(
    "caudal",
    deadline=None,
    max_examples=60,
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
