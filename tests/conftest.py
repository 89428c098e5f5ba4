"""Settings for every test."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ["MPLBACKEND"] = "Agg"  # no window, whatever the machine
os.environ.pop("COLUMNS", None)  # widths of tables as without a terminal

# A slow machine is no fault of the code, and what fails here fails everywhere: the examples are the same in each run. Others are looked for with
# `pytest --hypothesis-profile=explore`, which prints what it takes to repeat a fault.
settings.register_profile("wardmates", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("wardmates")
