"""The notebooks' pictures: data in; out come a figure, a caption that says how to read it, and a text for who does not see it."""

from pictures.cohort import draw_friendships, draw_groupmates, draw_years
from pictures.many import draw_assumption, draw_cascade, draw_pairs
from pictures.sensitivity import (
    draw_convergence,
    draw_ranks,
    draw_responses,
    draw_screening,
    draw_wins,
    show_discovery,
    show_findings,
    show_next,
    suggested,
    worlds_table,
)
from pictures.showing import show, show_numbers, show_table
from pictures.spell import draw_spell

__all__ = [
    "draw_assumption", "draw_cascade", "draw_convergence", "draw_friendships", "draw_groupmates", "draw_pairs",
    "draw_ranks", "draw_responses", "draw_screening", "draw_spell", "draw_wins", "draw_years", "show", "show_discovery",
    "show_findings", "show_next", "show_numbers", "show_table", "suggested", "worlds_table",
]  # fmt: skip
