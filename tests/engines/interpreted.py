"""The engine's kernels as the plain Python that they are written in: nothing to compile, and any function of theirs can be replaced."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
from numba.core.dispatcher import Dispatcher

import simulation.engine


def engine_modules() -> list[ModuleType]:
    """All modules of the engine."""
    package = simulation.engine
    return [importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)]


@contextmanager
def in_python() -> Iterator[None]:
    """Every kernel of every module of the engine, uncompiled."""
    with ExitStack() as stack:
        for module in engine_modules():
            for name, kernel in list(vars(module).items()):
                if isinstance(kernel, Dispatcher):
                    stack.enter_context(patch.object(module, name, kernel.py_func))
        stack.enter_context(np.errstate(over="ignore"))  # hashes are modulo 2^64
        yield


@contextmanager
def replaced(module: ModuleType, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """Inside `in_python`: what `name` in a module stands for is replaced, wherever in the engine it was imported to.

    Args:
        module: where it is defined.
        name: of a function or a constant.
        make: from what is there to what takes its place.
    """
    original = getattr(module, name)
    other = make(original)
    with ExitStack() as stack:
        for user in engine_modules():
            if vars(user).get(name) is original:
                stack.enter_context(patch.object(user, name, other))
        yield
