"""The report's pictures: each answers one question, says the answer in its title and shows how sure it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import matplotlib
from matplotlib.figure import Figure

from experiments.figure_answer import draw_differences, draw_headline
from experiments.figure_costs import draw_burden, draw_cohorts
from experiments.figure_groups import draw_changed, draw_isolation
from experiments.figure_help import draw_cascade, draw_missed
from experiments.figure_years import draw_years
from experiments.style import STYLE, Drawn, to_element, to_png, to_svg

if TYPE_CHECKING:
    from experiments.compare import Comparison

PICTURES: dict[str, Callable[[Comparison], Drawn]] = {
    "headline": draw_headline, "differences": draw_differences, "burden": draw_burden, "cascade": draw_cascade, "isolation": draw_isolation,
    "changed": draw_changed, "missed": draw_missed, "years": draw_years, "cohorts": draw_cohorts,
}  # fmt: skip
"""Every picture there may be, in the report's order."""
_OF_TWO = ("differences", "changed")


@dataclass(frozen=True)
class Picture:
    """A picture of the report.

    Attributes:
        name: short name, part of the ids inside the SVG and of the names of files.
        caption: how to read it.
        text: what it shows, for who does not see it.
        svg: the picture as a file.
        figure: what it was drawn on.
    """

    name: str
    caption: str
    text: str
    svg: str
    figure: Figure = field(compare=False, repr=False)

    @property
    def element(self) -> str:
        """The picture, to be set into a page."""
        return to_element(self.svg, self.name)

    def png(self) -> bytes:
        """The picture in pixels."""
        return to_png(self.figure)


def pictures(comparison: Comparison) -> list[Picture]:
    """All pictures of a comparison, without those that need a second scenario where there is none, and of a school without who is gained and lost."""
    missing = set(_OF_TWO) if len(comparison.scenarios) == 1 else set() if comparison.changes is not None else {"changed"}
    result = []
    for name, draw in PICTURES.items():
        if name not in missing:
            with matplotlib.rc_context(STYLE):
                figure, caption, text = draw(comparison)
            result.append(Picture(name, caption, text, to_svg(figure, text), figure))
    return result
