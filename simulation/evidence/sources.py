"""The one bibliography: every source that a parameter, a target or a claim leans on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One work, as a reader would look it up.

    Attributes:
        key: short name used in the parameter table.
        citation: authors, year, title or subject, where published.
        locator: doi, PMC number or address-free locator; empty where none is known.
        checked: whether the text was at hand when the figure was taken; if not, check it before relying on it.
    """

    key: str
    citation: str
    locator: str = ""
    checked: bool = False


_ROWS = (
    ("graves-2021", "Graves J, Flynn E, Woodward-Kron R, Hu WCY. Supporting medical students to support peers: a qualitative "
     "interview study. Preprint 2021; published BMC Medical Education 2022;22.",
     "doi 10.21203/rs.3.rs-530357/v1; doi 10.1186/s12909-022-03368-w", True),
    ("mtrp", "Medical Training Review Panel (Australia): 16,994 students in 18 schools with courses of 4 to 6 years.", ""),
    ("uq", "University of Queensland: ten 8-week rotations over the two clinical years.", ""),
    ("flinders", "Flinders University: 6-week clinical rotations.", ""),
    ("hall-2019", "Hall JA. How many hours does it take to make a friend? J Soc Pers Relat 2019;36.", "doi 10.1177/0265407518761225"),
    ("roberts-dunbar-2015", "Roberts SGB, Dunbar RIM. Managing relationship decay. Human Nature 2015;26.",
     "doi 10.1007/s12110-015-9242-7"),
    ("burt", "Burt RS. Bridge decay. Social Networks 2002;24 (nine bridges in ten gone within a year).", ""),
    ("woolf-2012", "Woolf K, Potts HWW, Patel S, McManus IC. The hidden medical school. Med Teach 2012;34.", ""),
    ("student-class-degree", "Degree and turnover in a student class over three waves: 5.4 (SD 2.9), 3.9, 3.4.", "PMC10922236"),
    ("rotenstein-2016", "Rotenstein LS et al. Prevalence of depression, depressive symptoms and suicidal ideation among medical "
     "students. JAMA 2016;316:2214-2236.", ""),
    ("puthran-2016", "Puthran R, Zhang MWB, Tam WW, Ho RC. Prevalence of depression amongst medical students. Med Educ 2016;50.", ""),
    ("quince-2012", "Quince TA, Wood DF, Parker RA, Benson J. Prevalence and persistence of depression among undergraduate medical "
     "students. BMJ Open 2012;2.", "PMC3425899"),
    ("spijker-2002", "Spijker J et al. Duration of major depressive episodes in the general population (NEMESIS). Br J Psychiatry "
     "2002;181.", ""),
    ("haldorsen", "Haldorsen H, Bak NH, Dissing A, Petersson B. Stress and symptoms of depression among medical students. Scand J "
     "Public Health 2014;42.", ""),
    ("gariepy-2016", "Gariepy G, Honkaniemi H, Quesnel-Vallee A. Social support and protection from depression. Br J Psychiatry "
     "2016;209.", ""),
    ("loneliness-remission", "Loneliness and remission of depression in a cohort (severe loneliness: odds ratio .25).", ""),
    ("elmer-2020", "Elmer T, Stadtfeld C. Depressive symptoms are associated with social isolation in face-to-face interaction "
     "networks. Sci Rep 2020;10.", "PMC6989520"),
    ("schaefer-2011", "Schaefer DR, Kornienko O, Fox AM. Misery does not love company. Am Sociol Rev 2011;76.", ""),
    ("xu", "Xu and others: roommates underestimate distress but track its change.", ""),
    ("morgan-2018", "Morgan AJ, Ross A, Reavley NJ. Systematic review and meta-analysis of Mental Health First Aid training. PLoS "
     "One 2018;13.", "PMC5979014"),
    ("lipson-2014", "Lipson SK, Speer N, Brunwasser S, Hahn E, Eisenberg D. Gatekeeper training and access to mental health care "
     "at universities. J Adolesc Health 2014;55.", ""),
    ("svensson-2014", "Svensson B, Hansson L. Effectiveness of mental health first aid training in Sweden: 6-month and 2-year "
     "follow-up. PLoS One 2014;9.", "PMC4071003"),
    ("hallford-2023", "Hallford DJ et al. Disclosure of suicidal thoughts: a meta-analysis (45.9 %). Clin Psychol Rev 2023;101.", ""),
    ("amarasuriya-2018", "Amarasuriya SD, Reavley NJ, Rossetto A, Jorm AF. Helping intentions of undergraduates towards their "
     "depressed peers. BMC Psychiatry 2018;18.", ""),
    ("phillips-2022", "Phillips and others 2022: referral by a peer and service use (adjusted odds ratio 2.82; stigma .90 a point).", ""),
    ("qiu-2024", "Qiu and others 2024: stigma and help-seeking (odds ratio 2.0).", ""),
    ("cuijpers-2021", "Cuijpers P et al. The effects of psychotherapies for depression on response. World Psychiatry 2021;20 (41 % "
     "against 17 %).", ""),
    ("maunder-white-2019", "Maunder RD, White FA. Intergroup contact and mental health stigma. Clin Psychol Rev 2019;72.", ""),
    ("martin-2020", "Martin A, Chilton J, Gothelf D, Amsalem D. Physician self-disclosure of lived experience improves mental "
     "health attitudes among medical students. J Med Educ Curric Dev 2020;7.", ""),
    ("kvaale-2013", "Kvaale EP, Haslam N, Gottdiener WH. The side effects of medicalization. Clin Psychol Rev 2013;33.", ""),
    ("baek-2023", "Baek and others 2023: biogenetic explanations and stigma.", ""),
    ("moir-2016", "Moir F, Henning M, Hassed C, Moyes SA, Elley CR. A peer-support and mindfulness program to improve the mental "
     "health of medical students. Teach Learn Med 2016;28 (12 leaders for about half of 275).", ""),
    ("abrams-2022", "Abrams and others 2022: what peer supporters gain and carry.", ""),
    ("eisenberg-2013", "Eisenberg D, Golberstein E, Whitlock JL, Downs MF. Social contagion of mental health. Health Econ 2013;22.", ""),
    ("hillis", "Hillis and others: stigma as students perceive it (55 %).", ""),
)

SOURCES: dict[str, Source] = {row[0]: Source(*row) for row in _ROWS}
