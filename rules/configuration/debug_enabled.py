"""
Debug mode is switched on in code that production may load.

In debug mode an error page shows source code, settings, local variables and, with Werkzeug, a console that runs Python
for whoever finds it. Debug servers also serve one request at a time, reload themselves, and keep every query they ran
in memory: they are neither safe nor able to stay up.

Read the switch from the environment with "off" as the default: `DEBUG = os.environ.get("DEBUG") == "1"`. Keep
`DEBUG = True` in a settings module that only development loads, and start production with a real server instead of
`app.run()`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged, Unknown

RULE = Rule(
    id="debug-enabled",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    cwe=489,
    standard=Standard.SECURITY,
    node=Node.CALL,
    aliases=("bandit:B201", "ruff:S201"),
    supersedes=("bandit:B201",),
    since="0.1",
    bad="""
        from fastapi import FastAPI

        app = FastAPI(debug=True)
    """,
    good="""
        import os
        from fastapi import FastAPI

        app = FastAPI(debug=os.environ.get("DEBUG") == "1")
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for argument in project.arguments("debug"):
        if isinstance(argument.value, Known) and argument.value.value is True and argument.given:
            call = argument.call
            # Under `if __name__ == "__main__":` or `if in_debug_mode():` it is the developer's own server.
            confidence = Confidence.LOW if call.main_guard or argument.switched or not call.sure else None
            node = Node.ASSIGNMENT if argument.assigned else None
            yield Suspicion(RULE.id, call.at, f"`{call.name}` runs in debug mode", "", node=node, confidence=confidence)
    for setting in project.settings("DEBUG"):
        elsewhere = isinstance(setting.production, Known) and not setting.production.value
        sure = isinstance(setting.production, Known)
        if elsewhere or setting.overridden is not None:
            continue
        node = Node.CALL if setting.called else Node.ASSIGNMENT
        if isinstance(setting.value, Known) and setting.value.value is True:
            message = "`DEBUG` is on for whoever loads these settings"
            confidence = None if sure else Confidence.MEDIUM
            yield Suspicion(RULE.id, setting.at, message, "DEBUG", node=node, confidence=confidence)
        elif setting.fallback is True:
            message = "`DEBUG` is on unless the environment says otherwise"
            yield Suspicion(
                RULE.id, setting.at, message, "DEBUG", node=node, confidence=Confidence.MEDIUM, severity=Severity.MEDIUM
            )  # fmt: skip
        elif isinstance(setting.value, Unknown) and setting.fallback is None:
            yield Unjudged(RULE.id, setting.value.why, setting.at)
