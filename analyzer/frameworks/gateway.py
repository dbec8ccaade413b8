"""Entries of deployment files → limits that a gateway in front of the backend sets, and whether it asks who calls."""

from __future__ import annotations

import re

from ..link.evaluate import Evaluator
from ..model.endpoint import Protection
from ..model.location import Location
from .evidence import BODY_LIMIT, IDENTITY, LIMIT, Evidence

# The last part of an entry's key → what it gives and the words for it. nginx: `limit_req_zone` alone limits nothing.
_ENTRIES = (
    (re.compile(r"(?:^|\.)limit_req(?:\.\d+)?$"), LIMIT, "nginx limit_req"),
    (re.compile(r"(?:^|\.|/)limit-(?:rps|rpm)$"), LIMIT, "ingress limit-rps"),
    (re.compile(r"(?:^|\.)rateLimit\.average$"), LIMIT, "traefik rateLimit"),
    (re.compile(r"\.ratelimit\.average$"), LIMIT, "traefik rateLimit"),
    (re.compile(r"(?:^|\.)client_max_body_size(?:\.\d+)?$"), BODY_LIMIT, "nginx client_max_body_size"),
    (re.compile(r"(?:^|\.|/)proxy-body-size$"), BODY_LIMIT, "ingress proxy-body-size"),
    (re.compile(r"(?:^|\.)maxRequestBodyBytes$"), BODY_LIMIT, "traefik buffering"),
    (re.compile(r"(?:^|\.)auth_(?:request|basic|jwt)(?:\.\d+)?$"), IDENTITY, "nginx auth_request"),
    (re.compile(r"(?:^|\.|/)auth-(?:url|type|signin)$"), IDENTITY, "ingress auth-url"),
    (re.compile(r"(?i)\.(?:forwardauth\.address|basicauth\.users)(?:file)?(?:\.\d+)?$"), IDENTITY, "traefik auth"),
)


def gateway(ev: Evaluator) -> Evidence:
    """What nginx, an ingress or traefik do for the whole backend, by what the deployment files say."""
    found = [
        Protection(kind, what, Location(path, entry.at))
        for path, facts in sorted(ev.index.text.items())
        if path not in ev.index.tests
        for entry in facts.entries
        for pattern, kind, what in _ENTRIES
        if pattern.search(entry.key)
    ]
    return Evidence(tuple(found))
