# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: -all
#     notebook_metadata_filter: -jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A small study: which assumptions decide, and how much is the seed
#
# This notebook is for researchers. It does small, in less than a minute on two free cores, what takes the better part of an hour when it is done
# properly: a sensitivity analysis of the simulation, in two stages, of one outcome and of one paired difference. Change it and run it again. What
# a study of this size *cannot* tell is said at each step, and it is a good deal.
#
# **Before you start.** The pictures are about distress among students. Nobody in them is real, and no deaths are simulated. If any of this is
# close to you, talk to someone you trust, to your student service or to a local support line. Before you show this to a class, write in whom
# they can turn to: ______________
#
# **Two questions.** (a) Which assumptions decide how many isolated students are reached by nobody? (b) Which decide what changes when student
# officers look up those who seem to have little contact (*officers-outreach*), compared with what students do unasked (*informal*)?
#
# **What it is not.** An analysis of assumptions tells what the *model's answer* hangs on within the ranges that were held possible. It does not
# tell what matters at a school, and it cannot find what is not in the model.

# %% [markdown]
# ## Some words
#
# | word | meaning here |
# |---|---|
# | parameter | a number in the rules; most of those about noticing and helping are assumed |
# | point | one choice of values for all parameters that are varied |
# | world, replicate | a seed: which students there are, and their luck. Here every point is run in the same five worlds |
# | run | one scenario at one point in one world |
# | paired difference | two scenarios at the same point in the same world, the one less the other |
# | chance, noise | the part of a single run's variance that comes from the seed, not from the parameters |
# | told from zero | larger than what chance alone would give in a design like this one, and with an interval that leaves out zero |
# | unreached isolated students | distressed for four weeks or longer, without a friend in the cohort for half of them, reached by nobody; per 100 |

# %%
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

import pictures
from wardmates import analyse, draw_design, run_sweep

SEED = 1  # of the points and of the worlds: another whole number is another study
STUDENTS = 40  # a third of the usual cohort, so that a run takes milliseconds
WORLDS = 5  # seeds at each point
TRAJECTORIES = 10  # of the screening
BASE = 64  # base points of the second stage, a power of two; 512 is a usual size
FEW = 6  # parameters of the second stage

OUTCOME = "unreached_isolated_students"
SCENARIOS = ("informal", "officers-outreach")
DIFFERENCE = ("officers-outreach", "informal")  # the first less the second: below zero, officers leave fewer unreached
PLACE = TemporaryDirectory()  # where the runs are kept until this notebook is closed; name a folder of your own to keep them

# %% [markdown]
# ## 1. Twelve of the assumptions
#
# The rules hold more than a hundred numbers that could be otherwise. Here are twelve, a few for each step on the way from a tie to help.
# **The choice is the first result that is not one:** what is left out cannot be found to matter. `make study` screens all of them.

# %%
CHOSEN = {
    "tie_half_life": "time in which half of the hours shared are, as it were, forgotten",
    "sociability_mean": "time that an average student wants to spend with others outside the timetable, counted for each of them",
    "sociability_cv": "how much students differ in that",
    "kappa_placement": "how much of an hour together on placement counts towards a tie",
    "onset_rate": "how often an average student becomes distressed",
    "frailty_sd": "how much spells of distress differ in how readily they end",
    "notice_contact": "how readily distress is noticed in an hour together",
    "offer_intercept": "readiness to offer help to somebody one hardly knows",
    "accept_intercept": "willingness to accept help from somebody one hardly knows",
    "students_per_officer": "how many students share one officer",
    "outreach_sensitivity": "how well officers recognise who has no friend in the cohort",
    "crowding_out": "how much less others offer once there are officers",
}
pictures.show_numbers(CHOSEN)

# %% [markdown]
# ## 2. Screening: which matter at all?
#
# Morris' method moves one parameter at a time, from ten starting places, over most of its range. That is cheap, and crude: it tells which
# parameters can be left alone, not how large a share each has. (After an installation the first runs take a minute or two longer, because the
# program is then translated for your machine, once.)

# %%
screening = draw_design(list(CHOSEN), "morris", TRAJECTORIES, scenarios=SCENARIOS, overrides={"students": STUDENTS}, replicates=WORLDS, seed=SEED)
screened = run_sweep(screening, f"{PLACE.name}/screening", outcomes=[OUTCOME])
unreached, difference = analyse(screened, OUTCOME), analyse(screened, OUTCOME, difference=DIFFERENCE)

# %% [markdown]
# First, before any index, the seed. Below are ten of the points, and each row is *one* set of assumptions in five worlds.

# %%
every = max(1, screening.n_points // 10)
pictures.show_table(pictures.worlds_table(screened, OUTCOME, "informal", range(0, screening.n_points, every)[:10]))

# %% [markdown]
# **What to look for.** Read a row across: nothing but the seed changes. In a cohort of 40 one student more or less is a step of 2.5 per 100. Could
# you tell from one world alone which of two rows has the higher average?
#
# Now the first question: what decides how many isolated students are reached by nobody?

# %%
pictures.show(pictures.draw_screening(unreached))

# %% [markdown]
# **What to look for.** Which points stand clear of the shaded strip? And how high: a point above the upper line has an effect that is now large,
# now small or even the other way, depending on where the other parameters stand. Then a table that changes one number at a time from its usual
# value would mislead.
#
# **What cannot be told.** The order of those whose bars overlap. And nothing is said of those in the strip: with ten trajectories, five worlds
# and 40 students their effects may be real and lost in the noise. Only the officers' numbers are certain to do nothing here: in *informal*
# there are no officers.

# %%
pictures.show_findings(unreached)

# %% [markdown]
# The second question: what decides the difference between officers who reach out and none?

# %%
pictures.show(pictures.draw_screening(difference))

# %% [markdown]
# **What to look for.** Is anything to the right of the strip? The axis is another one: effects on a difference are much smaller than effects on
# the outcome, because most of what a parameter does, it does to both scenarios alike, and that cancels.
#
# **What cannot be told.** Here, nearly everything. If no point is told from zero, that is *not* a finding that outreach does equally well under
# all assumptions. It says that a study of this size is blind to it.

# %%
pictures.show_findings(difference)

# %% [markdown]
# ## 3. Shares of the variance: what decides how much?
#
# Sobol's indices divide the variance among the parameters, and need many more runs; so they are kept for a few. Which? What the screening
# suggests for (a) and for (b); and as it may suggest nothing for (b), places that are left go to those that looked largest there, *told from
# chance or not*.

# %%
wanted = [*pictures.suggested(unreached)[: FEW - 2], *pictures.suggested(difference), *difference.analysis.ranked()]
few = list(dict.fromkeys(wanted))[:FEW]
design = draw_design(few, "sobol", BASE, scenarios=SCENARIOS, overrides={"students": STUDENTS}, replicates=WORLDS, seed=SEED)
store = run_sweep(design, f"{PLACE.name}/shares", outcomes=[OUTCOME])
unreached, difference = analyse(store, OUTCOME), analyse(store, OUTCOME, difference=DIFFERENCE)
pictures.show(pictures.draw_ranks(unreached))

# %% [markdown]
# **What to look for.** Left, the seeds are averaged out; right are the shares of a *single* run, where chance takes its part. Total order well
# above first order: the parameter acts together with others. The bar below is what one run is made of. Part of chance is alike at all points
# (a world with many who keep to themselves has more unreached students whatever the assumptions) and cancels when two points are compared in
# the same world; the hatched part does not cancel.
#
# **What cannot be told.** Shares of what? Of the variance over *these* ranges of *these* few parameters, with all others at their usual values.
# Widen a range and its parameter gains. With 64 base points intervals are wide, and five worlds say little about how much worlds differ.

# %%
pictures.show_findings(unreached)

# %%
pictures.show(pictures.draw_convergence(unreached))

# %% [markdown]
# **What to look for.** Do the lines still cross, or still climb or fall, at the end? Then another study of this size would rank them otherwise.
# Few sizes fit into 64 base points, so lines that lie quiet here are no proof either.

# %%
pictures.show(pictures.draw_ranks(difference))

# %% [markdown]
# **What to look for.** Compare the bar at the bottom with the one above: how much of a single paired difference is chance? Pairing has already
# taken out what is alike in both scenarios. What is left hangs on a few encounters: whether one officer happens to look up one student.
#
# **What cannot be told.** Indices whose intervals reach into the shaded strip, or from one side of the picture to the other. They are drawn
# because leaving them out would look like certainty. Where the bar is mostly chance, more worlds help more than more points.

# %%
pictures.show_findings(difference)

# %% [markdown]
# What that chance looks like: below, each row is one world, over *all* points of the second stage.

# %%
y = difference.evaluations.y  # points, worlds
pictures.show_table(pd.DataFrame({
    "world": np.arange(WORLDS) + 1, "average difference": y.mean(axis=0).round(2),
    "fewer unreached, % of points": (100 * (y < 0).mean(axis=0)).round(1), "the same, % of points": (100 * (y == 0).mean(axis=0)).round(1),
    "more, % of points": (100 * (y > 0).mean(axis=0)).round(1),
}))  # fmt: skip

# %% [markdown]
# **What to look for.** The rows have all their assumptions in common, and still differ several times over. In a small cohort there may be nobody
# whom outreach could have reached, or one such student at a great many points. And in most runs there is no difference at all: where nobody
# is left unreached, nobody more can be reached.
#
# **What cannot be told.** How large the average is beyond these five worlds. Hundreds of points do not help with that: they share the five.

# %% [markdown]
# ## 4. Which way, and where?
#
# An index tells how much, not which way. The curves do: averages over everything else that is varied.

# %%
pictures.show(pictures.draw_responses(unreached))

# %% [markdown]
# **What to look for.** Does a line rise, fall or bend? The pale band is where nine in ten points lie: how different the answer can be at the *same*
# value, through the other parameters. A line that moves less than its band is wide is one influence among several.
#
# **What cannot be told.** A flat line can hide effects that cancel. And a slope is what the rules make of a number, not evidence for it.

# %%
pictures.show(pictures.draw_responses(difference))

# %% [markdown]
# **What to look for.** Below zero, outreach leaves fewer unreached. Does the interval leave out zero anywhere? And where does the line come close to
# zero: there, or where most are left unreached in the picture before? Where few are unreached to begin with, little can change.
#
# **What cannot be told.** Whether a slope is real, where the interval is as wide as the line is high. The interval is that wide because it is meant
# for worlds other than these five, which the table above shows to differ; the line itself would look smoother with more points, and no surer.

# %%
pictures.show(pictures.draw_wins(difference))

# %% [markdown]
# **What to look for.** Capital letters: cells in which the winner is told from the other. Small pale letters are guesses, or cells in which both do
# equally well because next to nobody is left unreached in either. Are the capital letters in one corner, or strewn? Strewn ones are what
# chance gives.
#
# **What cannot be told.** Borders. A cell holds so few points that another seed redraws the map; and to win is not to win by much.
#
# When does outreach not help? A tree looks for conditions that part the points at which it does from those at which it does not.

# %%
pictures.show_discovery(difference)

# %% [markdown]
# **What to look for.** At how many points are the two the same in every run? A rule that is found may mostly say where anybody is left to be
# reached.
#
# **What cannot be told.** That a rule holds in other worlds. The points on which it was tried were kept apart; the worlds were not, they are the
# same five. A point counts as one where outreach does better even if it did so in one world of the five only.

# %% [markdown]
# ## What you may say after this, and what not
#
# You may say which of twelve assumptions move the model's count of isolated students whom nobody reaches, those that stand clear of the floor, and
# which way; and that one run of a small cohort is to a good part its seed, a single paired difference mostly.
#
# You may not say
#
# - that an assumption which is not told from zero does not matter;
# - in which order those matter whose intervals overlap;
# - which assumptions decide the *difference*, unless one stood clear of the floor; change `SEED` and see whether it does so again;
# - anything about the assumptions that were not varied;
# - how many are left unreached in a cohort of the usual size: here 40 students are spread over as many sites as there 120;
# - anything about a school. The ranges are what somebody held possible, and the rules come from ten interviews.
#
# **Where to go on.** `make study` is the same with all parameters, the usual cohort and more of everything. On the command line each step is one
# command, and each analysis names the next, as here:

# %%
pictures.show_next(difference)
