"""The model works with Mesa's own tools."""

from __future__ import annotations

import gc
import pickle
import weakref

import mesa
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from simulation.agents import Student
from simulation.faults import InputError
from simulation.model import PeerSupportModel
from tests.runs import SMALL, scenario, stepped


class Bystander(Student):
    """A student who never offers help."""

    def offer(self, peer: Student, luck: float) -> bool:
        return False


def finished(**options: object) -> PeerSupportModel:
    model = PeerSupportModel("informal", seed=1, **options, **SMALL)
    while model.running:
        model.step()
    return model


def test_a_subclass_changes_one_behaviour_and_nothing_else() -> None:
    usual, bystanders = finished(), finished(student_class=Bystander)
    assert all(type(student) is Bystander for student in bystanders.students)
    noticed = [e for e in bystanders.recorder.episodes if e.first_noticed >= 0]
    assert len(noticed) > 10
    assert all(e.first_offered < 0 and e.first_accepted < 0 for e in bystanders.recorder.episodes)
    assert any(e.first_accepted >= 0 for e in usual.recorder.episodes)
    # nobody else's draws moved: both cohorts are the same until the first support is accepted
    first = min(e.first_accepted for e in usual.recorder.episodes if e.first_accepted >= 0)
    a, b = PeerSupportModel("informal", seed=1, **SMALL), PeerSupportModel("informal", seed=1, student_class=Bystander, **SMALL)
    for _ in range(first - 1):
        a.step()
        b.step()
    assert np.array_equal(a.ties.strength, b.ties.strength)
    assert np.array_equal(a.state.distress, b.state.distress)
    a.step()
    b.step()
    assert not np.array_equal(a.state.received, b.state.received)


def test_batch_run_over_parameters_and_seeds() -> None:
    parameters = {"scenario": "informal", "seed": [1, 2], "withdrawal": [0.0, 0.6], "campus_years": 1, "clinical_years": 0, "students": 16}
    results = pd.DataFrame(mesa.batch_run(PeerSupportModel, parameters, number_processes=1, max_steps=60, display_progress=False))
    assert len(results) == 4
    assert set(results["Step"]) == {51}  # the course ends the run (Mesa numbers what it collected from 0)
    assert results["friends_mean"].nunique() >= 3
    anew = mesa.batch_run(PeerSupportModel, {**parameters, "seed": [None], "withdrawal": 0.4}, iterations=3, max_steps=60, display_progress=False)
    assert len({(row["friends_mean"], row["distressed"]) for row in anew}) > 1  # three worlds
    model = PeerSupportModel("informal", seed=2, withdrawal=0.6, campus_years=1, clinical_years=0, students=16)
    while model.running:
        model.step()
    row = results[(results["seed"] == 2) & (results["withdrawal"] == 0.6)].iloc[0]
    assert row["friends_mean"] == model.datacollector.model_vars["friends_mean"][-1]
    assert {"distressed", "isolated", "in_care"} <= set(results.columns)


def test_data_collector_and_agent_sets() -> None:
    model = stepped(30)
    frame = model.datacollector.get_model_vars_dataframe()
    assert len(frame) == 30
    distressed = model.students.select(lambda student: student.distress >= 1)
    assert len(distressed) / len(model.students) == pytest.approx(frame["distressed"].iloc[-1])
    assert model.students.agg("n_friends", np.mean) == pytest.approx(frame["friends_mean"].iloc[-1])
    assert len(model.students.groupby("distress").groups) >= 2
    collector = mesa.DataCollector(agent_reporters={"load": "load", "friends": "n_friends"})
    collector.collect(model)
    assert len(collector.get_agent_vars_dataframe()) == 48


def test_a_pickled_model_goes_on_as_if_nothing_had_happened() -> None:
    model = stepped(60, officers="near-peer", add_ons=("outreach",))
    copy = pickle.loads(pickle.dumps(model))
    while model.running:
        model.step()
        copy.step()
    assert np.array_equal(model.state.distress, copy.state.distress)
    assert np.array_equal(model.ties.strength, copy.ties.strength)
    assert len(model.recorder.episodes) == len(copy.recorder.episodes)


def test_a_model_that_nobody_holds_is_let_go() -> None:
    model = stepped(1)
    held = weakref.ref(model)
    del model
    gc.collect()
    assert held() is None


def test_running_ends_with_the_course_and_a_further_step_does_nothing() -> None:
    model = stepped(103)
    assert model.running
    with pytest.raises(RuntimeError, match="week 103 of 104"):
        model.history()
    model.step()
    assert not model.running
    before = model.state.distress.copy()
    model.step()
    assert model.week == 104
    assert np.array_equal(before, model.state.distress)
    assert model.history().distress.shape == (104, 48)


def test_graph_is_a_networkx_graph_of_the_ties() -> None:
    model = stepped(36)
    graph = model.graph()
    assert isinstance(graph, nx.Graph)
    assert graph.number_of_nodes() == 48
    friends = [edge for edge in graph.edges(data="strength") if edge[2] >= 0.5]
    assert 2 * len(friends) == sum(student.n_friends for student in model.students)
    assert model.graph(least=0.0).number_of_edges() > graph.number_of_edges()
    first = model.people[0]
    assert {friend.key for friend in first.friends} == {key for key in graph[1] if graph[1][key]["strength"] >= 0.5}
    assert set(graph.nodes[1]) == {"distress", "friends", "is_officer", "site"}


def test_students_tell_what_they_are() -> None:
    model = stepped(60)
    student = model.people[3]
    assert student.stigma == pytest.approx(model.state.stigma[3])
    student.stigma = 2.0
    assert model.state.stigma[3] == pytest.approx(2.0)
    student.load = 1.5
    assert model.state.load[3] == 1.5
    assert student.site in model.scheduler.site_names
    assert 0.1 <= student.attend() <= 1
    assert student.meet() >= 0
    assert student.is_isolated == (student.n_friends == 0)


def test_unknown_parameters_are_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'withdrawal'"):
        PeerSupportModel("informal", withdrawl=0.3)
    with pytest.raises(ValueError, match="16 different numbers"):
        PeerSupportModel("informal", students=16, keys=[1, 2])
    with pytest.raises(TypeError, match="with a scenario's name"):
        PeerSupportModel(scenario(), withdrawal=0.3)
