"""What Django's and DRF's own view classes answer."""

from __future__ import annotations

from ..libraries import is_subclass
from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef

_READ = ("GET",)
_FORM = ("GET", "POST", "PUT")  # `ProcessFormView.put` hands over to `post`
_DELETE = ("DELETE", "GET", "POST")
_MANY = ("DELETE", "GET", "PATCH", "POST", "PUT")
_GENERIC = "django.views.generic."
_DATES = (
    "ArchiveIndexView",
    "YearArchiveView",
    "MonthArchiveView",
    "WeekArchiveView",
    "DayArchiveView",
    "TodayArchiveView",
    "DateDetailView",
)
_VIEWS: dict[str, dict[str, tuple[str, ...]]] = {
    "base": {"TemplateView": _READ, "RedirectView": _MANY},
    "list": {"ListView": _READ, "BaseListView": _READ},
    "detail": {"DetailView": _READ, "BaseDetailView": _READ},
    "edit": {
        **{name: _FORM for name in ("FormView", "CreateView", "UpdateView", "BaseFormView", "BaseCreateView")},
        "BaseUpdateView": _FORM,
        "ProcessFormView": _FORM,
        "DeleteView": _DELETE,
        "BaseDeleteView": _DELETE,
        "DeletionMixin": ("DELETE", "POST"),
    },
    "dates": dict.fromkeys(_DATES, _READ),
}
_AUTH = ("LoginView", "PasswordChangeView", "PasswordResetView", "PasswordResetConfirmView")
_WIZARDS = ("WizardView", "SessionWizardView", "CookieWizardView", "NamedUrlWizardView", "NamedUrlSessionWizardView")
_SCHEMAS = ("APIView", "YAMLAPIView", "JSONAPIView", "SwaggerView", "SwaggerSplitView", "RedocView")
_REST = "rest_framework."

# Class → methods; HEAD and OPTIONS, which every view answers, are left out.
LIBRARY_METHODS: dict[str, tuple[str, ...]] = {
    "graphene_django.views.GraphQLView": ("GET", "POST"),
    "strawberry.django.views.GraphQLView": ("GET", "POST"),
    "strawberry.django.views.AsyncGraphQLView": ("GET", "POST"),
    "ariadne_django.views.GraphQLView": ("GET", "POST"),
    "ariadne_django.views.GraphQLAsyncView": ("GET", "POST"),
    **{f"{_GENERIC}{name}": methods for views in _VIEWS.values() for name, methods in views.items()},
    **{f"{_GENERIC}{module}.{name}": methods for module, views in _VIEWS.items() for name, methods in views.items()},
    **{f"django.contrib.auth.views.{name}": _FORM for name in _AUTH},
    "django.contrib.auth.views.LogoutView": ("POST",),
    "django.contrib.auth.views.PasswordChangeDoneView": _READ,
    "django.contrib.auth.views.PasswordResetDoneView": _READ,
    "django.contrib.auth.views.PasswordResetCompleteView": _READ,
    "django.views.i18n.JavaScriptCatalog": _READ,
    "django.views.i18n.JSONCatalog": _READ,
    **{f"formtools.wizard.views.{name}": ("GET", "POST") for name in _WIZARDS},
    **{f"drf_spectacular.views.Spectacular{name}": _READ for name in _SCHEMAS},
    f"{_REST}schemas.views.SchemaView": _READ,
    f"{_REST}generics.CreateAPIView": ("POST",),
    f"{_REST}generics.ListAPIView": _READ,
    f"{_REST}generics.RetrieveAPIView": _READ,
    f"{_REST}generics.DestroyAPIView": ("DELETE",),
    f"{_REST}generics.UpdateAPIView": ("PATCH", "PUT"),
    f"{_REST}generics.ListCreateAPIView": ("GET", "POST"),
    f"{_REST}generics.RetrieveUpdateAPIView": ("GET", "PATCH", "PUT"),
    f"{_REST}generics.RetrieveDestroyAPIView": ("DELETE", "GET"),
    f"{_REST}generics.RetrieveUpdateDestroyAPIView": ("DELETE", "GET", "PATCH", "PUT"),
    f"{_REST}authtoken.views.ObtainAuthToken": ("POST",),
    **{f"knox.views.{name}": ("POST",) for name in ("LoginView", "LogoutView", "LogoutAllView")},
    **{f"rest_framework_simplejwt.views.{name}": ("POST",) for name in (
        "TokenObtainPairView", "TokenRefreshView", "TokenVerifyView", "TokenBlacklistView",
        "TokenObtainSlidingView", "TokenRefreshSlidingView")},
}  # fmt: skip

# DRF's mixins → the actions that they bring.
ACTIONS: dict[str, tuple[str, ...]] = {
    f"{_REST}mixins.CreateModelMixin": ("create",),
    f"{_REST}mixins.ListModelMixin": ("list",),
    f"{_REST}mixins.RetrieveModelMixin": ("retrieve",),
    f"{_REST}mixins.UpdateModelMixin": ("update", "partial_update"),
    f"{_REST}mixins.DestroyModelMixin": ("destroy",),
    f"{_REST}viewsets.ModelViewSet": ("create", "list", "retrieve", "update", "partial_update", "destroy"),
    f"{_REST}viewsets.ReadOnlyModelViewSet": ("list", "retrieve"),
}

# Classes of libraries that build on DRF's bear the names of DRF's: `drf_rw_serializers.viewsets.ModelViewSet`.
_BY_NAME = {name.rpartition(".")[2]: methods for name, methods in LIBRARY_METHODS.items() if ".generics." in name}
_ACTIONS_BY_NAME = {name.rpartition(".")[2]: actions for name, actions in ACTIONS.items()}


def methods_of(base: str) -> tuple[str, ...]:
    """The methods that a library's class answers; () where that is not known."""
    return LIBRARY_METHODS.get(base, ()) or _BY_NAME.get(base.rpartition(".")[2], ())


def actions_of(base: str) -> tuple[str, ...]:
    """The actions that a library's viewset or mixin brings; () where that is not known."""
    return ACTIONS.get(base, ()) or _ACTIONS_BY_NAME.get(base.rpartition(".")[2], ())


# Patterns of URL modules that libraries bring: module → (route, view).
LIBRARY_URLS: dict[str, tuple[tuple[str, str], ...]] = {
    "django.contrib.auth.urls": (
        ("login/", "django.contrib.auth.views.LoginView"),
        ("logout/", "django.contrib.auth.views.LogoutView"),
        ("password_change/", "django.contrib.auth.views.PasswordChangeView"),
        ("password_change/done/", "django.contrib.auth.views.PasswordChangeDoneView"),
        ("password_reset/", "django.contrib.auth.views.PasswordResetView"),
        ("password_reset/done/", "django.contrib.auth.views.PasswordResetDoneView"),
        ("reset/<uidb64>/<token>/", "django.contrib.auth.views.PasswordResetConfirmView"),
        ("reset/done/", "django.contrib.auth.views.PasswordResetCompleteView"),
    ),
    "rest_framework.urls": (
        ("login/", "django.contrib.auth.views.LoginView"),
        ("logout/", "django.contrib.auth.views.LogoutView"),
    ),
}

_REST_PACKAGES = ("rest_framework.", "rest_framework_simplejwt.", "dj_rest_auth.", "djoser.")


def is_rest(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a class is a view of DRF's kind, which the default throttles guard."""
    if classes.derives(ev, ref, f"{_REST}views.APIView", f"{_REST}viewsets.ViewSetMixin"):
        return True
    return any(
        isinstance(base, str)
        and (base.startswith(_REST_PACKAGES) or is_subclass(ev.libraries, base, f"{_REST}views.APIView"))
        for base in classes.bases(ev, ref)
    )
