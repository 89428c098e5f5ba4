"""A scenario: everything a user decides, from a bundled name or a TOML file, checked, frozen and fingerprinted."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, ValidationError

from simulation.evidence.parameters import PARAMETERS, Values
from simulation.faults import Fault, InputError, nearest
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.scenario.programme import MOST_YEARS, PROGRAMMES, Calendar, build_calendar
from simulation.scenario.school import School
from simulation.scenario.support import ADD_ONS, OFFICERS, TRAINING, Support

AUTO = "auto"  # what the school's files give, else reshuffled


@dataclass(frozen=True)
class Scenario:
    """What a user decides.

    Attributes:
        name: the bundled name or the file's name.
        title, description: for people.
        programme: a key of PROGRAMMES.
        campus: a key of CAMPUS_POLICIES, or "auto".
        placement: a key of POLICIES, or "auto".
        support: training and officers.
        parameters: every parameter's value in force.
        changed: names of the parameters that the scenario or the user set.
        school: a school's own files, or None.
    """

    name: str
    title: str
    description: str
    programme: str
    campus: str
    placement: str
    support: Support
    parameters: Any
    changed: tuple[str, ...] = ()
    school: School | None = None

    @property
    def campus_policy(self) -> str:
        """Campus policy in force."""
        if self.campus != AUTO:
            return self.campus
        return "roster" if self.school and self.school.campus_group is not None else "reshuffled"

    @property
    def placement_policy(self) -> str:
        """Placement policy in force."""
        if self.placement != AUTO:
            return self.placement
        return "timetable" if self.school and self.school.timetable is not None else "reshuffled"

    @cached_property
    def calendar(self) -> Calendar:
        """The weeks of the course; where a school's friendships start it, nobody has to settle in."""
        school = self.school
        calendar = build_calendar(self.parameters, school.timetable.placed_weeks() if school and school.timetable else None)
        if school and school.has_friendships and school.start_week == 1:
            return replace(calendar, is_settling_in=np.zeros(calendar.n_weeks, dtype=bool))
        return calendar

    @cached_property
    def site_names(self) -> tuple[str, ...]:
        """Sites, in the order of their numbers."""
        if self.school and self.school.sites:
            return self.school.sites
        return tuple(f"site {s + 1}" for s in range(self.parameters.sites))

    @cached_property
    def capacity(self) -> NDArray[np.int64]:
        """Places of each site, shape (sites,); without a sites file there is room for everybody."""
        if self.school and self.school.capacity is not None:
            return self.school.capacity
        return np.full(len(self.site_names), self.parameters.students, dtype=np.int64)

    @property
    def fingerprint(self) -> str:
        """Hash of everything that can change a result, and of nothing else."""
        content = {
            "parameters": asdict(self.parameters), "campus": self.campus_policy, "placement": self.placement_policy,
            "training": sorted(self.support.training), "officers": self.support.officers, "add_ons": sorted(self.support.add_ons),
            "school": self.school.digest if self.school else None,
        }  # fmt: skip
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Grouping(_Closed):
    campus: str = AUTO
    placement: str = AUTO


class _Support(_Closed):
    training: list[str] | str = Field(default_factory=list)
    officers: str = "none"
    add_ons: list[str] | str = Field(default_factory=list)


class _File(_Closed):
    """A scenario file as TOML gives it."""

    title: str = ""
    description: str = ""
    programme: str = "GE4"
    grouping: _Grouping = Field(default_factory=_Grouping)
    support: _Support = Field(default_factory=_Support)
    parameters: dict[str, StrictInt | StrictFloat] = Field(default_factory=dict)


# Settings, besides parameters, that `--set` reaches: name -> (section of the file, allowed names).
_SETTINGS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "programme": ("", PROGRAMMES), "campus": ("grouping", CAMPUS_POLICIES), "placement": ("grouping", POLICIES),
    "officers": ("support", OFFICERS), "training": ("support", TRAINING), "add_ons": ("support", ADD_ONS),
}  # fmt: skip


def _bundled_folder() -> Any:
    return resources.files("simulation.scenario").joinpath("bundled")


def bundled() -> dict[str, str]:
    """Bundled scenarios: name -> description, in the order in which they are told."""
    contents = {entry.name[:-5]: tomllib.loads(entry.read_text(encoding="utf-8")) for entry in _bundled_folder().iterdir()
                if entry.name.endswith(".toml")}  # fmt: skip
    first = ["informal", "training", "officers", "officers-outreach"]
    names = [*first, *sorted(name for name in contents if name not in first)]
    return {name: str(contents[name].get("description", "")) for name in names}


def load_scenario(name: str | Path, *, overrides: Mapping[str, Any] | None = None, school: School | None = None) -> Scenario:
    """Read a scenario.

    Args:
        name: a bundled name, or the path of a TOML file (recognised by a path separator or the ending .toml).
        overrides: parameters and settings that win over the file (texts, as after `--set`, numbers, or lists of names).
        school: a school's files.

    Returns:
        The scenario, every value checked against the table.

    Raises:
        InputError: with every fault of the file and of the overrides.
    """
    name = str(name)
    is_path = name.endswith(".toml") or "/" in name or "\\" in name
    if is_path:
        path = Path(name)
        if not path.is_file():
            raise InputError([Fault("scenario", f"no such file: {name}", "a bundled name (`wardmates scenarios` lists them) or a TOML file")])
        try:
            text, label = path.read_bytes().decode("utf-8", errors="replace"), path.stem
        except OSError as error:
            raise InputError([Fault("scenario", f"cannot be read: {error.strerror}", "a TOML file that you may read", value=name)]) from None
    else:
        names = bundled()
        if name not in names:
            raise InputError([Fault("scenario", f"no scenario is called {name!r}", nearest(name, names, most=40) + " (or the path of a .toml file)")])
        text, label = _bundled_folder().joinpath(f"{name}.toml").read_text(encoding="utf-8"), name
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault(name, f"not valid TOML: {error}", "see `wardmates scenarios` and docs/scenarios.md")]) from None
    return make_scenario(raw, label=label, where=name, overrides=overrides, school=school)


def make_scenario(raw: Mapping[str, Any], *, label: str = "scenario", where: str = "scenario",
                  overrides: Mapping[str, Any] | None = None, school: School | None = None) -> Scenario:  # fmt: skip
    """Check the contents of a scenario file, already parsed; arguments and errors as for `load_scenario`."""
    faults: list[Fault] = []
    try:
        content = _File.model_validate(dict(raw))
    except ValidationError as error:
        for fault in error.errors():
            key = ".".join(str(part) for part in fault["loc"] if part not in ("int", "float", "str", "list[str]"))
            sections: dict[str, type[_Closed]] = {"grouping": _Grouping, "support": _Support}
            model = sections.get(str(fault["loc"][0]), _File)
            allowed = nearest(str(fault["loc"][-1]), model.model_fields) if fault["type"] == "extra_forbidden" else _type_allowed(fault["loc"])
            what = "no such key" if fault["type"] == "extra_forbidden" else "not of the right kind"
            faults.append(Fault(where, f"{key}: {what}", allowed, value=str(fault["input"])[:60]))
        raise InputError(_told_once(faults)) from None
    changed: dict[str, float] = dict(content.parameters)
    for key, value in (overrides or {}).items():
        if key in _SETTINGS:
            section = _SETTINGS[key][0]
            setattr(getattr(content, section) if section else content, key, value if isinstance(value, list) else str(value))
        elif key not in PARAMETERS:
            faults.append(Fault("--set", f"no parameter or setting is called {key!r}", nearest(key, [*PARAMETERS, *_SETTINGS])))
        else:
            try:
                changed[key] = float(value)
            except ValueError:
                faults.append(Fault("--set", f"{key} is not a number", _bounds(key), value=str(value)))
    training, add_ons = _several(content.support.training, TRAINING), _several(content.support.add_ons, ADD_ONS)
    for key, given in (("programme", [content.programme]), ("campus", [content.grouping.campus]), ("placement", [content.grouping.placement]),
                       ("officers", [content.support.officers]), ("training", training), ("add_ons", add_ons)):  # fmt: skip
        known = _SETTINGS[key][1]
        for value in [given] if isinstance(given, str) else given:
            if value not in known and not (key in ("campus", "placement") and value == AUTO):
                faults.append(Fault(where, f"{key}: no such choice", nearest(value, known), value=value))
    if add_ons and content.support.officers == "none":
        faults.append(Fault(where, "add_ons need officers", "officers = one of " + ", ".join(n for n in OFFICERS if n != "none"),
                            value=", ".join(add_ons)))  # fmt: skip
    faults += _check_values(where, changed)
    if faults:
        raise InputError(faults)
    values = {**PROGRAMMES[content.programme], **changed}
    parameters = Values(**{k: int(v) if PARAMETERS[k].is_integer else float(v) for k, v in values.items()})
    if parameters.campus_years + parameters.clinical_years < 1:
        raise InputError([Fault(where, "the course has no years", "campus_years + clinical_years of at least 1")])
    if parameters.campus_years + parameters.clinical_years > MOST_YEARS:
        raise InputError([Fault(where, "the course is too long", f"campus_years + clinical_years of at most {MOST_YEARS}")])
    if not parameters.acquaintance_strength <= parameters.friend_strength <= parameters.close_strength:
        raise InputError([Fault(where, "strengths are out of order", "acquaintance_strength <= friend_strength <= close_strength")])
    support = Support(frozenset(training), content.support.officers, frozenset(add_ons))
    scenario = Scenario(label, content.title or label, content.description, content.programme, content.grouping.campus,
                        content.grouping.placement, support, parameters, tuple(sorted(changed)))  # fmt: skip
    return attach_school(scenario, school)


def attach_school(scenario: Scenario, school: School | None) -> Scenario:
    """The scenario on a school's own cohort: the roster decides the number of students.

    Raises:
        InputError: the scenario asks for a timetable or campus groups that the school's files do not give.
    """
    if school is not None:
        scenario = replace(scenario, school=school, parameters=replace(scenario.parameters, students=school.n_students))
    faults = []
    if scenario.placement == "timetable" and (school is None or school.timetable is None):
        faults.append(Fault(scenario.name, "placement 'timetable' needs a school's timetable", "give --roster and --timetable"))
    if scenario.campus == "roster" and (school is None or school.campus_group is None):
        faults.append(Fault(scenario.name, "campus 'roster' needs a roster with a column campus_group",
                            "give --roster" if school is None else "add a column campus_group to the roster"))  # fmt: skip
    if faults:
        raise InputError(faults)
    return scenario


def _several(given: list[str] | str, known: Mapping[str, Any]) -> list[str]:
    """Names of a list setting: a list, a text with commas, "all" or "none"."""
    names = [part.strip() for part in given.split(",")] if isinstance(given, str) else list(given)
    return list(known) if names == ["all"] else [name for name in names if name and name != "none"]


def _type_allowed(location: tuple[int | str, ...]) -> str:
    """What kind of value a key takes."""
    if location[0] == "parameters" and len(location) > 1:
        return _bounds(str(location[1])) if location[1] in PARAMETERS else "a number"
    if location[0] in ("grouping", "support", "parameters") and len(location) == 1:
        return f"a section: [{location[0]}]"
    return "a list of names in quotes" if {"training", "add_ons"} & set(location) else "a name in quotes"


def _told_once(faults: list[Fault]) -> list[Fault]:
    """Faults without repetition: a value that fits none of several kinds is one fault."""
    return list({(fault.what, fault.value): fault for fault in faults}.values())


def _bounds(name: str) -> str:
    row = PARAMETERS[name]
    kind = "a whole number" if row.is_integer else "a number"
    return f"{kind} from {row.minimum:g} to {row.maximum:g} ({row.unit})"


def _check_values(where: str, values: Mapping[str, float]) -> list[Fault]:
    """Faults of parameter values: unknown names, values out of bounds, fractions where whole numbers are wanted."""
    faults = []
    for name, value in values.items():
        if name not in PARAMETERS:
            faults.append(Fault(where, f"no parameter is called {name!r}", nearest(name, PARAMETERS)))
            continue
        row = PARAMETERS[name]
        if not row.minimum <= value <= row.maximum or (row.is_integer and value != int(value)):
            faults.append(Fault(where, f"{name} is out of bounds", _bounds(name), value=f"{value:g}"))
    return faults


assert {f.name for f in fields(Values)} == set(PARAMETERS)
