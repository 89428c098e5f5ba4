"""What all pages of ours share: how a template is loaded, and how a sentence is set."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape


@cache
def template(name: str) -> Template:
    """A template of `templates/`, which is compiled when it is first asked for."""
    environment = Environment(loader=PackageLoader("experiments"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["set"] = set_sentence
    environment.filters["svg"] = Markup
    return environment.get_template(name)


def set_sentence(text: str) -> Markup:
    """Escaped text in which what stands between backticks is set as code, and no line ends between a number and its per cent sign."""
    marked = re.sub(r"`([^`]*)`", lambda found: "<code>" + found[1].replace("_", "_<wbr>") + "</code>", str(escape(text)))
    return Markup(re.sub(r"(\d) %", "\\1\N{NO-BREAK SPACE}%", marked))
