"""
Any password will do, also an empty one's neighbour: "1".

Django checks new passwords by `AUTH_PASSWORD_VALIDATORS`, and that list is empty unless a project fills it (the file
that `startproject` writes does). Lists of passwords that people use everywhere are tried against every log-in form on
the internet; accounts whose owner chose one of them are taken over without any hole in the code.

Set the four validators of Django, with a length of at least twelve; `CommonPasswordValidator` matters most. Where
accounts come from an identity provider alone, take local passwords out (`set_unusable_password`).
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="no-password-rules",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=521,
    standard=Standard.SECURITY,
    node=Node.ASSIGNMENT,
    since="0.1",
    bad={
        "shop/settings.py": """
            ROOT_URLCONF = "shop.urls"
            INSTALLED_APPS = ["django.contrib.auth", "shop"]
        """
    },
    good={
        "shop/settings.py": """
            ROOT_URLCONF = "shop.urls"
            INSTALLED_APPS = ["django.contrib.auth", "shop"]
            AUTH_PASSWORD_VALIDATORS = [
                {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
            ]
        """
    },
)
_SETTING, _ACCOUNTS = "AUTH_PASSWORD_VALIDATORS", "django.contrib.auth"


# What forms and serializers of a project's own ask of a password, apart from Django's setting.
_OWN = ("min_length", "MinLengthValidator", "minlength", "zxcvbn", "password_strength")


def detect(project: Project) -> Iterator[Suspicion]:
    both = set(project.mentions(_OWN)) & set(project.mentions(("password",)))
    own = Confidence.LOW if any("migrations/" not in at.path for at in both) else None
    for option in project.setting_options(_SETTING):
        setting = option.setting
        loaded = setting.production != Known(False) and setting.overridden is None
        if setting.framework == "django" and loaded and isinstance(option.items, Known) and not option.items.value:
            sure = own or (None if setting.production == Known(True) else Confidence.MEDIUM)
            message = f"`{_SETTING}` is empty: any password will do"
            yield Suspicion(RULE.id, setting.at, message, _SETTING, confidence=sure)
    for unset in project.unset(_SETTING):
        if isinstance(unset.installed, Known) and _ACCOUNTS in unset.installed.value:
            message = f"any password will do: no settings set `{_SETTING}`"
            yield Suspicion(RULE.id, unset.at, message, _SETTING, confidence=own)
