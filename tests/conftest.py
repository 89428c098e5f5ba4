"""Settings for every test."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ["MPLBACKEND"] = "Agg"  # no window, whatever the machine
os.environ.pop("COLUMNS", None)  # widths of tables as without a terminal

# A slow machine is no fault of the code; on a fault, print what it takes to repeat it.
settings.register_profile("wardmates", deadline=None, print_blob=True)
settings.load_profile("wardmates")
