"""Where members run: the local machine's devices, in chunks of one compiled program."""

from __future__ import annotations

import contextlib
import os

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from platformdirs import user_cache_path


def prepare() -> None:
    """Set up JAX once: 64-bit numbers, one device per core, and a lasting compile cache."""
    jax.config.update("jax_enable_x64", True)
    if getattr(jax.config, "jax_compilation_cache_dir", None) is None:
        jax.config.update("jax_compilation_cache_dir", str(user_cache_path("caudal") / "jax"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    with contextlib.suppress(RuntimeError):  # a backend that already runs keeps its devices
        jax.config.update("jax_num_cpu_devices", min(os.cpu_count() or 1, 8))


def spread(tree):
    """Return a pytree with its leading member axis spread over the local devices.

    A member count that the devices do not divide stays on one device.
    """
    devices = jax.devices()
    members = jax.tree.leaves(tree)[0].shape[0]
    if len(devices) == 1 or members % len(devices):
        return tree
    mesh = Mesh(np.array(devices), ("member",))
    return jax.device_put(tree, NamedSharding(mesh, PartitionSpec("member")))
