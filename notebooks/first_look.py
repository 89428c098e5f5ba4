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
# # A first look: who notices, who helps, and whom nobody reaches
#
# This notebook is for people who teach medical students. You need not read the cells with code: every picture is explained below it.
#
# **Before you start.** The pictures are about distress among students. Nobody in them is real: every student is invented by a computer
# program, and a number stands where a name would be. No deaths are simulated. If any of this is close to you, or to somebody in your class,
# stop here and talk to someone you trust, to your student service or to a local support line. Before you show this to a class, write in whom
# they can turn to: ______________
#
# **What this is.** A *simulation*: a program that plays a year group through its course, week by week, by rules. Students get to know one
# another in small groups on campus. Placements in hospitals and clinics later scatter them. Some become distressed. Whoever knows them, or
# works beside them, may notice and may offer help; the help may be accepted or not. The rules come from a study that interviewed ten medical
# students (Graves and others 2022, doi 10.1186/s12909-022-03368-w).
#
# **What it is not.** It is no forecast for your school and no tool for looking at a person. Ten interviews tell *what* goes on; they do not
# tell *how often* or *how strongly*. Most numbers in the rules about noticing and helping are therefore **assumed**: somebody had to choose
# them. What you see below follows from the rules and these numbers, no more.

# %% [markdown]
# ## Some words
#
# | word | meaning here |
# |---|---|
# | cohort | the students who begin together: here 120, for two years on campus and two on placement |
# | tie | what time spent together has made between two students: from 0 (strangers) to nearly 1; it fades when they no longer meet |
# | friend | a tie of at least one half: about 90 hours shared lately |
# | without a friend | no friend *in the cohort*. Not the same as lonely: family, partners and friends elsewhere are not simulated |
# | spell of distress | weeks on end in which a student is distressed: more than a bad day, and not a diagnosis |
# | reached | somebody's help was accepted, or professional care began |
# | unreached isolated student | distressed for four weeks or longer, without a friend for at least half of them, and reached by nobody |
# | block | six weeks on placement in one place with the same few students; then everybody changes |

# %%
from collections import defaultdict

import numpy as np
import pandas as pd

import pictures
from wardmates import OUTCOMES, PARAMETERS, PeerSupportModel, Student, compare, load_scenario, run

SEED = 1  # which cohort: any other whole number is another one, with other students and other luck
COHORTS = 50  # how many cohorts are compared in sections 4 and 5

# %% [markdown]
# How well are the numbers in the rules known? *Measured*: a published figure. *Derived*: worked out from published figures. *Recalled*: from a
# known study whose text was not at hand. *Assumed*: chosen, without a source for its size.

# %%
known = pd.Series([row.evidence for row in PARAMETERS.values()]).value_counts()
pictures.show_table(known.rename_axis("known how").reset_index(name="numbers in the rules"))

# %% [markdown]
# ## 1. One cohort
#
# No training and no program: students notice and help as the interviews describe it. (After an installation the first run takes a minute or
# two longer, because the program is then translated for your machine, once.)

# %%
informal = load_scenario("informal")
n_weeks = informal.calendar.n_weeks
history = run(informal, SEED, weeks_of_ties=tuple(range(1, n_weeks + 1)))
pictures.show(pictures.draw_years(history))

# %% [markdown]
# **What to look for.** Distress is spread over many students, most of them for a while. Is being without a friend spread like that? Look at
# how few lines hold most of the blue, once the first term is over. Where the two meet the line is dark brown, and there help has the longest
# way to go.
#
# **What is assumed.** Students differ in how much time they want to spend with others, and by how much they differ was chosen: nobody has
# measured it at a medical school, and it decides more than anything else how many are without a friend. The share in distress was set to
# agree with published surveys, so it is no finding. And one cohort is one throw of the dice: change `SEED` above, and look again.
#
# **To ask a class.** Which of these lines would a teacher see? Which would a fellow student?

# %%
pictures.show_numbers({
    "sociability_mean": "time that an average student wants to spend with others outside the timetable, counted for each of them",
    "sociability_cv": "how much students differ in that (0: not at all)",
    "distressed_at_entry": "students who are distressed on the first day",
    "onset_rate": "how often an average student becomes distressed (0.008 a week: about once in two and a half years)",
    "recovery_rate": "how readily a spell of distress ends; some do much more readily than others",
})  # fmt: skip

# %% [markdown]
# ## 2. Ties, before and after placements
#
# The same students at the end of the campus years, and at the end of the first year on placement.


# %%
def ties_of(history):
    """Strength of the tie of every pair in every week, as an array: week (0 is entry), student, student."""
    strength = np.zeros((n_weeks + 1, history.n_students, history.n_students))
    for week, ties in history.ties.items():
        strength[week, ties.i, ties.j] = strength[week, ties.j, ties.i] = ties.strength
    return strength


def friends_in(week):
    """Pairs of students who are friends at the end of a week."""
    i, j = np.nonzero(np.triu(strength[week] >= history.parameters.friend_strength))
    return set(zip(i.tolist(), j.tolist(), strict=True))


strength = ties_of(history)
_, campus_end, placed_end, *_ = history.calendar.year_ends().tolist()
times = ("At the end of the campus years", "After a year of placements")
pictures.show(pictures.draw_friendships(history.n_students, friends_in(campus_end), friends_in(placed_end), times))

# %% [markdown]
# **What to look for.** Many friendships end and many begin; their number alone hides that. New ones run right across the ring, because
# placements bring together people who did not know one another. Are those without a friend the same students both times?
#
# **What is assumed.** That it takes about 90 hours to make a friend and 200 to make a close one was measured, in one American study (Hall
# 2019). How much an hour of *compulsory* time together counts is assumed, and section 5 comes back to it.
#
# Is it the placements, or would these friendships have ended anyway? In a simulation one can ask. Below, the same students with the same luck
# go through the course twice: once with placements, and once with two more years on campus instead. To see who was put together with whom, we
# also run the cohort on the slower version of the program, in which each student acts one by one and can be watched.

# %%
moments = []


class Watched(Student):
    """A student who does what every student does, while we take notes."""

    def notice(self, peer, chance, luck):
        """Notice a peer's distress, or not."""
        noticed = super().notice(peer, chance, luck)
        if noticed:
            moments.append((self.model.week, self.key, peer.key, "noticed"))
        return noticed

    def accept(self, helper, luck):
        """Accept the help that somebody offers, or not."""
        accepted = super().accept(helper, luck)
        moments.append((self.model.week, helper.key, self.key, "accepted" if accepted else "declined"))
        return accepted


model = PeerSupportModel(informal, SEED, student_class=Watched)
together = np.zeros(strength.shape, dtype=bool)
groups, seen = {}, set()
while model.running:
    model.step()
    gatherings = [(gathering.members, gathering.is_placement) for gathering in model.schedule.gatherings]
    for members, _ in gatherings:
        together[np.ix_([model.week], members, members)] = True
    term_or_block = (model.calendar.term[model.week - 1], model.calendar.block[model.week - 1])
    if gatherings and term_or_block not in seen:
        seen.add(term_or_block)
        groups[model.week] = gatherings

# Both versions of the program give the same cohort, so what we note in one holds for the other.
assert model.history().episode_frame().equals(history.episode_frame())

# %%
years = informal.parameters.campus_years + informal.parameters.clinical_years
on_campus = load_scenario("informal", overrides={"campus_years": years, "clinical_years": 0})
stayed = ties_of(run(on_campus, SEED, weeks_of_ties=tuple(range(1, n_weeks + 1))))
assert np.array_equal(strength[: campus_end + 1], stayed[: campus_end + 1])  # one world, until the placements begin
pictures.show(pictures.draw_groupmates(history, groups, strength, stayed, friends_in(campus_end), campus_end))

# %% [markdown]
# **What to look for.** *Above:* six weeks side by side on placement bring two students a good part of the way to friendship; then the block
# ends, and the tie fades before it has held. The very first campus groups are another matter: where nobody knows anybody, the people one is
# put with become one's friends. *Below:* the shaded gap is what placements cost the friendships that students bring with them, in this
# simulation. Part of the fall would happen without placements too.
#
# **What is assumed.** That half of each hour on placement counts towards a tie and a quarter of each hour in a campus group; and that students
# at different sites can have only part of the free time that they would like to share. The lines are averages: in every group some pairs stay
# friends and others never become friends.
#
# **To ask a class.** Whom did you know on your first day of placements? How long would it have taken until somebody there noticed a bad week?

# %%
pictures.show_numbers({
    "friend_hours": "time shared lately that makes a friend",
    "tie_half_life": "time in which half of the hours shared are, as it were, forgotten",
    "kappa_campus": "how much of an hour in a campus group counts towards a tie",
    "kappa_placement": "how much of an hour together on placement counts towards a tie",
    "block_weeks": "length of a block on placement",
    "placement_hours": "time that a placement group spends together",
    "offsite_availability": "free time that students at different sites can share, of what they would like to",
})  # fmt: skip

# %% [markdown]
# ## 3. Who noticed whom
#
# Now two spells of distress from this cohort, week by week. They are examples, chosen by a rule and not by eye: the first in the placement
# years in which, within half a year, one offer of help was turned down and another accepted; and the first in which a student was without a
# friend when it began and mostly so afterwards, and no help arrived. (Where there is none like that, the next best: one of the campus years,
# or one in which the student lost the last friend later.)

# %%
HALF_A_YEAR = 26

moments = pd.DataFrame(moments, columns=["week", "helper", "student", "what"])
moments = moments.sort_values(["week", "what"]).drop_duplicates(["week", "helper", "student"])  # an offer says that they noticed

spells = history.episode_frame().query("not is_early")
spells = spells.assign(is_on_campus=~history.calendar.is_clinical[spells["onset_week"] - 1])
spells = spells.sort_values(["is_on_campus", "onset_week"], kind="stable")

happened = defaultdict(set)
for spell in spells.itertuples():
    last = min(spell.onset_week + HALF_A_YEAR, n_weeks if pd.isna(spell.end_week) else spell.end_week)
    is_in_it = (moments["student"] == spell.student) & moments["week"].between(spell.onset_week + 1, last)
    happened[spell.Index] = set(moments["what"][is_in_it])


def first_of(spells):
    """The first spell of some, placement years first."""
    if spells.empty:
        raise LookupError("this cohort has no such spell of distress: choose another SEED above")
    return spells.iloc[0]


helped = spells[[{"declined", "accepted"} <= happened[number] for number in spells.index]]
pictures.show(pictures.draw_spell(history, first_of(helped), moments, strength, together))

# %% [markdown]
# **What to look for.** In most weeks nobody notices anything: knowing somebody well makes noticing likelier, never certain. Look for marks in
# pale rows: people who were merely put beside the student that month. And look at the triangles: an offer can be turned down, and another,
# from somebody nearer or on another day, accepted.

# %%
long_enough = spells["weeks"] >= history.parameters.episode_weeks
missed = spells[~spells["is_reached"] & long_enough & (2 * spells["isolated_weeks"] >= spells["weeks"])]
missed = missed.sort_values("is_isolated_at_onset", ascending=False, kind="stable")
pictures.show(pictures.draw_spell(history, first_of(missed), moments, strength, together))

# %% [markdown]
# **What to look for.** There are people here too: acquaintances, and whoever the timetable puts beside the student. But the rows are paler, with
# no friend among them or only for some weeks. Whoever does notice may hardly know the student, and that is where the students who were
# interviewed said that they hesitate.
#
# **What is assumed.** The chance of noticing in an hour together is a small number that nobody has measured; so are the effects of closeness on
# offering and on accepting. A picture of one spell illustrates the rules. It is no evidence for them, and no case report.
#
# **To ask a class.** In which of these rows could you be? What would you need, to turn an open circle into an offer?

# %%
pictures.show_numbers({
    "notice_contact": "how often distress is noticed in time spent together (0.003 an hour: about once in 330 hours)",
    "notice_absence": "how often a close friend notices that somebody is missing",
    "withdrawal": "time with others that a distressed student gives up",
    "offer_tie": "how much more readily help is offered to the closest friend than to a stranger",
    "accept_tie": "how much more readily the closest friend's help is accepted than a stranger's",
})  # fmt: skip

# %% [markdown]
# (*Log odds* are a scale for chances: one more multiplies the odds by 2.7, so that 10 in 100 become 23 in 100, and 50 in 100 become 73.)
#
# ## 4. Where help stops
#
# One cohort has few spells of distress without a friend, too few to count. So we simulate many cohorts, each with other students and other
# luck. For the next section we also group the students on placement in three ways:
#
# - **random groups:** new companions, drawn by lot, in every block;
# - **fixed groups:** the same companions in every block, drawn by lot once;
# - **isolate-aware groups:** in every block everyone is placed, wherever possible, with at least one person whom they know, and those with
#   fewest friends are seen to first.
#
# And each of these under four values of one assumed number: how much an hour on placement counts towards a tie. Until the last picture we use
# its usual value, one half.

# %%
usual = PARAMETERS["kappa_placement"].default
names = {"random-groups": "random groups", "fixed-groups": "fixed groups", "isolate-aware": "isolate-aware groups"}
comparisons = {
    value: compare([load_scenario(name, overrides={"kappa_placement": value}) for name in names], seed=SEED, replicates=COHORTS, workers=None)
    for value in (0.05, 0.2, usual, 0.8)
}
comparison = comparisons[usual]
pictures.show(pictures.draw_cascade(comparison))

# %% [markdown]
# **What to look for.** Follow the hatched parts: these are the spells that are lost between one step and the next. Being noticed is not enough
# here: some are noticed by people who then say nothing, and some offers are not accepted. Without a friend, more is lost at each step.
# Professional care can look different: a student may also ask for it alone, and a friend's suggestion makes that likelier but is not the only
# way to it.
#
# **What is assumed.** The size of every step. Published studies say roughly how many begin care, and little about the rest: other numbers for
# noticing, offering and accepting would give the same total, with the losses elsewhere.
#
# **The black lines** are 95 % intervals. They say how far a bar might move if we simulated other cohorts: made in this way, 95 of 100 intervals
# contain the simulation's own long-run average. They know nothing of whether the assumptions are right.

# %% [markdown]
# ## 5. A fair comparison
#
# Would it help to place students differently? Cohorts differ by luck, so it would be unfair to group one in one way, another in another, and
# compare. Instead each cohort goes through its course once under each grouping: the same students, the same dispositions, the same dice. What
# differs then is what the grouping does.

# %%
pictures.show(pictures.draw_pairs(comparison, list(names).index("isolate-aware"), (names["random-groups"], names["isolate-aware"])))

# %% [markdown]
# **What to look for.** Each upright line is one cohort: its grey end is random groups, its blue end isolate-aware groups. On the right are the
# lengths of these lines. How much the grouping changes differs from cohort to cohort, also because one student more or less is nearly one in
# 100; the average over all cohorts is known much better.
#
# **Too good to be true?** Be wary of so clear a result. The simulation *knows* everybody's ties exactly and uses them to make the groups, which
# no placement office can. And in it being placed with an acquaintance has no drawback: nobody meets somebody whom they would rather avoid.
#
# One number that gets better is not the whole account. Here are others, costs among them, on average over all cohorts.

# %%
shown = ["unreached_isolated_students", "reach_isolated_at_baseline", "reach_connected", "persistently_isolated_share", "prevalence", "friends_mean",
         "cross_group_ties_lost", "relocations"]  # fmt: skip
table = comparison.frame().pivot(index="outcome", columns="scenario", values="mean").loc[shown, list(names)].round(2)
table = table.rename(columns=names).rename_axis(columns=None).reset_index(drop=True)
table.insert(0, "what is counted", [OUTCOMES[name].meaning for name in shown])
table.insert(1, "unit", [OUTCOMES[name].unit for name in shown])
pictures.show_table(table)

# %% [markdown]
# (*Reach*: of 1 spell of distress, how much was reached; 0.30 is 30 in 100. *Baseline*: random groups; the second row follows those who would
# have no friend under random groups through all three. *Episode*: a spell of distress.
# *Student-week*: one student in one week.)
#
# Compare the last two columns before you go on: how much is gained by knowing who is without a friend?
#
# **What the table cannot hold.** To place students by who has no friend, somebody must ask who has none, write it down and keep it safe.
# Students may be labelled by it, or feel watched, or be grouped against their will. Fixed groups ask nobody anything; but whoever is unhappy in
# one stays there. Such harms are not simulated. Weigh them beside the numbers, with students at the table.
#
# Look at the row for distress, too: it hardly moves. To be reached is not to be well, and no grouping is a treatment.
#
# ### What the answer hangs on
#
# How much does an hour together on placement count towards a tie? Nobody has measured it. Here is the same comparison under four answers.

# %%
pictures.show(pictures.draw_assumption(comparisons, list(names.values())))

# %% [markdown]
# **What to look for.** Where the marks lie apart at every value, the order does not hang on this number; where they meet or cross, it does. Look
# at fixed groups on the left: if compulsory hours make few friends, then keeping groups together helps less, and placing people with someone
# whom they *already* know helps still. And look at random groups: they need not get better step by step. In the simulation a new tie, half
# made, draws free time away from old friends, and is then cut off by the next block.
#
# **What is assumed.** Everything else stays at its usual value. Other assumed numbers matter as well, above all how much students differ in the
# time they give to others, and how fast ties fade.

# %% [markdown]
# ## What you may say after this, and what not
#
# You may say: *if* friendships grow out of shared hours, *if* people notice mostly those whom they know or work beside, and *if* closeness makes
# help easier to offer and to accept, *then* who is placed with whom can decide who is left unreached; so it is worth finding out how placements
# make and end friendships.
#
# You may not say that a grouping or a program prevents illness, or how large its effect would be at your school, or anything about one student.
#
# **Where to go on.** `wardmates compare` compares programs of support (training for all, student officers who look up those who seem to have
# little contact) in the same way, and writes a report. `docs/files.md` says how to bring your own roster and timetable, `docs/model.md` has
# every rule, and `wardmates parameters` lists every number with its source.
