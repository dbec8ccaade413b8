"""
Sending mail can wait for ever.

`smtplib` takes the operating system's global time limit, which is none. Mail servers are slow on purpose (greylisting,
tarpits) and are the dependency that hangs most often. A sign-up or password reset that sends its mail within the
request then hangs with it, and takes a worker along.

Pass `timeout=` where the connection is made (in Django: set `EMAIL_TIMEOUT`), and send mail from a queue, not from the
request.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged, Unknown

RULE = Rule(
    id="mail-call-without-timeout",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=1088,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import smtplib

        def send(message):
            with smtplib.SMTP("mail.example") as server:
                server.send_message(message)
    """,
    good="""
        import smtplib

        def send(message):
            with smtplib.SMTP("mail.example", timeout=10) as server:
                server.send_message(message)
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for wait in project.endless("mail"):
        where = " and `EMAIL_TIMEOUT` is not set" if wait.parameter.isupper() else ""
        message = f"`{wait.call.name}` waits for ever when the mail server does not answer{where}"
        confidence = None if wait.call.sure and not wait.call.main_guard else Confidence.LOW
        related = tuple(Step(call.at, f"`{call.name}` waits without limit too") for call in wait.others[:10])
        yield Suspicion(RULE.id, wait.at, message, "", related=related, confidence=confidence)
    for deadline in project.deadlines("mail"):
        if isinstance(deadline.seconds, Unknown):
            yield Unjudged(RULE.id, deadline.seconds.why, deadline.call.at)
