"""Entries of deployment files → limits that a gateway in front of the backend sets."""

from __future__ import annotations

import re

from ..link.evaluate import Evaluator
from ..model.location import Location
from ..model.project import Protection
from .guards import KIND, Evidence

# The last part of an entry's key → the words for it. nginx: `limit_req_zone` alone limits nothing.
_ENTRIES = (
    (re.compile(r"(?:^|\.)limit_req(?:\.\d+)?$"), "nginx limit_req"),
    (re.compile(r"(?:^|\.|/)limit-(?:rps|rpm)$"), "ingress limit-rps"),
    (re.compile(r"(?:^|\.)rateLimit\.average$"), "traefik rateLimit"),
    (re.compile(r"\.ratelimit\.average$"), "traefik rateLimit"),
)


def gateway(ev: Evaluator) -> Evidence:
    """The limits that nginx, an ingress or traefik set for the whole backend, by what the deployment files say."""
    found = [
        Protection(KIND, what, Location(path, entry.at))
        for path, facts in sorted(ev.index.text.items())
        if path not in ev.index.tests
        for entry in facts.entries
        for pattern, what in _ENTRIES
        if pattern.search(entry.key)
    ]
    return Evidence(tuple(found))
