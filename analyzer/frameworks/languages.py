"""Names and texts of a guard → what they say it guards against, for each kind of protection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..libraries import canonical, lineage
from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..model.location import Location
from . import authority, identity, speech
from .evidence import AUTHORISATION, IDENTITY, KINDS, LIMIT, NONE, OPENED, Evidence, doubt, merged, protection
from .harmless import harmless
from .speech import Says


@dataclass(frozen=True, slots=True)
class Language:
    """How code speaks of one kind of protection."""

    kind: str
    speaks: Callable[[str], bool]  # of a name
    heard: Callable[[Evaluator, ScopeRef], Says]  # of a body
    outside: Callable[[str], bool]  # a library's name that is known to be something else
    by_name: bool  # whether the name of the project's own function is enough
    elsewhere: Callable[[str], bool] = lambda _: False  # the name of the project's own says that it is something else


AUTHORITY = Language(AUTHORISATION, authority.speaks, authority.verdict, authority.outside, False, authority.elsewhere)
LANGUAGES = (
    Language(LIMIT, speech.speaks, speech.verdict, harmless, by_name=True),
    Language(IDENTITY, identity.speaks, identity.verdict, identity.outside, False, identity.elsewhere),
    AUTHORITY,
)


def verdict(ev: Evaluator, language: Language, ref: ScopeRef) -> Says:
    """How far the code of a scope speaks of a kind of protection; bases of many views are asked again and again."""
    key = (language.kind, ref)
    if key not in ev.said:
        ev.said[key] = language.heard(ev, ref)
    return Says(ev.said[key])


def marked(ev: Evaluator, name: str, kind: str) -> bool:
    """Whether the library models mark a name, its class or a base of it."""
    marks = ev.libraries.markers.get(kind, ())
    full = canonical(ev.libraries, name)
    return full in marks or any(owner in marks for owner, _ in lineage(ev.libraries, full))


def base_named(ev: Evaluator, ref: ScopeRef, language: Language) -> Says:
    """Whether a base of a class guards: by the models, or by its name."""
    for base in classes.bases(ev, ref)[1:]:
        if isinstance(base, str):
            if marked(ev, base, language.kind) or (language.speaks(base) and not language.outside(base)):
                return Says.YES
        elif language.by_name and language.speaks(ev.scope(base).name):
            return Says.YES
    return Says.NO


def base_says(ev: Evaluator, ref: ScopeRef, language: Language) -> Says:
    """Whether a base of a class guards: by the models, by its name, or by its body."""
    own_bases = [base for base in classes.bases(ev, ref)[1:] if isinstance(base, ScopeRef)]
    return max([base_named(ev, ref, language), *(verdict(ev, language, base) for base in own_bases)])


def of_name(ev: Evaluator, name: str, at: Location, why: str) -> Evidence:
    """A guard from outside the project, by its qualified name; `why` where nobody knows it."""
    return merged(_of_name(ev, language, name, at, why) for language in LANGUAGES)


def _of_name(ev: Evaluator, language: Language, name: str, at: Location, why: str) -> Evidence:
    kind = language.kind
    if marked(ev, name, f"{kind}-exempt"):
        opened = protection(name, at, OPENED) if kind == IDENTITY else NONE
        return merged([Evidence(exempt=(kind,)), opened])
    if marked(ev, name, kind):
        return protection(name, at, kind)
    if any(marked(ev, name, other) for other in ("transparent", "identification", *KINDS)) or language.outside(name):
        return NONE
    return protection(name, at, kind) if language.speaks(name) else doubt(why, kind)


def of_words(language: Language, names: tuple[str, ...], at: Location, why: str) -> Evidence:
    """What the words of something say that is not understood otherwise."""
    if any(language.elsewhere(name) for name in names):
        return NONE
    named = next((name for name in names if name and language.speaks(name)), "")
    return protection(named, at, language.kind) if named else doubt(why, language.kind)
