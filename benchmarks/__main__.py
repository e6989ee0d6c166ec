"""``make bench``: time the engine and the commands, print seconds and ratios.

Every ratio divides by a yardstick measured in the same process a moment before: the time
NumPy takes for one million exponentials.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

ROUNDS = 5


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median seconds of ``work``."""
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def whole(arguments: list[str], rounds: int = ROUNDS) -> tuple[float, float]:
    """Return median seconds and peak MiB of a whole process, after one warm-up."""
    seconds = []
    for i in range(rounds + 1):
        began = time.perf_counter()
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if i:
            seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    return statistics.median(seconds), peak


def main() -> None:
    """Print the table."""
    caudal = [sys.executable, "-m", "caudal"]
    with tempfile.TemporaryDirectory() as folder:
        help_seconds, _ = whole([*caudal, "--help"])
        run_seconds, run_peak = whole([*caudal, "run", "--out", folder])

    import jax
    import jax.numpy as jnp
    import numpy as np

    from caudal.simulate.executor import prepare, spread

    prepare()
    from caudal.calibrate.checkpoints import Settings
    from caudal.calibrate.likelihood import Likelihood
    from caudal.calibrate.space import space
    from caudal.core.clock import FIRST_DECISION
    from caudal.simulate.posterior import fitted
    from caudal.simulate.run import LANES, Ensemble
    from caudal.simulate.scenario import scenario

    million = np.linspace(-1.0, 1.0, 1_000_000)
    yardstick = timed(lambda: np.exp(million))
    ensemble = Ensemble(LANES, 1, 2040)
    chosen = scenario("eradication-led")
    ensemble.project(chosen)
    project = timed(lambda: ensemble.project(chosen))
    member_years = LANES * (2040 - FIRST_DECISION + 1)

    problem = Likelihood(space())
    value = jax.jit(problem.log_density)
    both = jax.jit(jax.value_and_grad(problem.log_density))
    chains = jax.jit(jax.vmap(problem.log_density))
    z, count = jnp.zeros(problem.size), Settings().chains
    many = spread(jnp.zeros((count, problem.size)))
    jax.block_until_ready((value(z), both(z), chains(many)))
    forward = timed(lambda: jax.block_until_ready(value(z)))
    gradient = timed(lambda: jax.block_until_ready(both(z)))
    together = timed(lambda: jax.block_until_ready(chains(many))) / count

    print(
        f"cores {os.cpu_count()}, load {os.getloadavg()[0]:.1f}, yardstick (1e6 exp) {yardstick * 1e3:.2f} ms"
    )
    print(f"caudal --help, whole process        {help_seconds:8.2f} s")
    print(f"caudal run, whole process           {run_seconds:8.2f} s   peak {run_peak:,.0f} MiB")
    speed = member_years / project
    print(f"projection, {LANES} members to 2040     {project:8.3f} s   {speed:,.0f} member-years/s")
    print(f"  one member-year over one million exponentials   {project / member_years / yardstick:.5f}")
    print(f"fit: value {forward * 1e3:.1f} ms, value and gradient {gradient * 1e3:.1f} ms")
    print(f"  value and gradient over value   {gradient / forward:.2f}")
    print(f"  value of one of {count} chains over one alone   {together / forward:.2f}")
    drawn = fitted()
    if drawn["quick"]:
        print(f"posterior: drawn from the nearest normal in {drawn['seconds']:.0f} s, not sampled")
    else:
        least = drawn["diagnostics"]["bulk"]
        print(f"posterior: {drawn['seconds']:.0f} s, bulk ESS at least {least:.0f}, ", end="")
        print(f"{least / drawn['seconds']:.2f} a second")


if __name__ == "__main__":
    main()
