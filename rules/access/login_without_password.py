"""
A directory log-in succeeds with an empty password.

To bind with a name and no password is no error in LDAP: it is the "unauthenticated bind", and many servers answer that
it went well without having looked at anything. Whoever knows a user's name and sends an empty password is in.

Refuse an empty password before the bind: `if not password: return None`. And have the server refuse such binds too
(`olcRequires: authc`, in Active Directory `DenyUnauthenticatedBind`). `ldap3` refuses them by itself, python-ldap
does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="login-without-password",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=287,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import ldap

        def sign_in(name, password):
            connection = ldap.initialize("ldaps://directory.example.com")
            connection.simple_bind_s(f"uid={name},ou=people,dc=example,dc=com", password)
            return name
    """,
    good="""
        import ldap

        def sign_in(name, password):
            if not password:
                return None
            connection = ldap.initialize("ldaps://directory.example.com")
            connection.simple_bind_s(f"uid={name},ou=people,dc=example,dc=com", password)
            return name
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for bind in project.directory_binds():
        message = f"`{bind.within}` binds with a password that may be empty, and the directory may say yes to that"
        yield Suspicion(RULE.id, bind.at, message, bind.within)
