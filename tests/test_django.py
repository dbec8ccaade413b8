"""Django and DRF: the endpoint table and who limits what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from backends import declared, limits, paths, place, rows

from analyzer.frameworks.django import declare
from analyzer.model.endpoint import App

SETTINGS = (
    "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\nMIDDLEWARE = ['django.middleware.common.CommonMiddleware']\n"
)
URLS = "from django.urls import path, re_path, include\nfrom django.contrib import admin\nfrom shop import views\n"
VIEWS = """\
from django.views import View
from django.views.generic import ListView, FormView
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST
from django.contrib.auth.decorators import login_required
from django_ratelimit.decorators import ratelimit
from rest_framework import generics, mixins, permissions, routers, throttling, viewsets
from rest_framework.decorators import action, api_view, throttle_classes
from rest_framework.views import APIView
"""


def project(urls: str, views: str = "", settings: str = "", **files: str) -> dict[str, str]:
    """The files of a project whose root URL list and views are given."""
    return {
        "manage.py": "", "shop/__init__.py": "", "shop/settings.py": SETTINGS + settings,
        "shop/urls.py": URLS + urls, "shop/views.py": VIEWS + views,
    } | {name.replace("__", "/") + ".py": text for name, text in files.items()}  # fmt: skip


def app(files: Mapping[str, str], **more: Any) -> App:
    """The only project of a repository."""
    [found] = declared(declare, files, **more)
    return found.app


def test_the_whole_table() -> None:
    urls = """\
urlpatterns = [
    path("login/", views.login),
    re_path(r"^items/(?P<pk>\\d+)/$", views.Item.as_view()),
    path("blog/", include("blog.urls")),
]
urlpatterns += [path("admin/", admin.site.urls)]
"""
    views = """\
@require_POST
@ratelimit(key="ip", rate="5/m")
def login(request): ...
class Item(View):
    def get(self, request, pk): ...
    async def delete(self, request, pk): ...
"""
    blog = "from django.urls import path\nfrom .views import Posts\nurlpatterns = [path('<slug:name>', Posts.as_view(), name='posts')]\n"
    posts = "from django.views.generic import ListView\nclass Posts(ListView): ...\n"
    files = project(urls, views, blog__urls=blog, blog__views=posts, blog____init__="")
    files = {path.replace("blog/__init__", "blog/__init__"): text for path, text in files.items()}
    [found] = declared(declare, files)
    assert (found.app.key, found.app.name, found.app.framework) == (
        "shop/urls.py:urlpatterns",
        "shop.settings",
        "django",
    )
    assert place(found.app.at) == "shop/urls.py:4:0"
    assert limits(found.app.limits) == "none"
    assert rows(found.app) == [
        ("*", "/admin/", "django.contrib.admin.site", "shop/urls.py:9:31 shop/urls.py:9:31", "sync", "login", "none"),
        ("GET", "/blog/<slug:name>", "blog.views.Posts", "blog/views.py:2:6 blog/urls.py:3:15", "sync", "other", "none"),
        ("DELETE GET", "/items/(?P<pk>\\d+)/", "shop.views.Item", "shop/views.py:13:6 shop/urls.py:6:4", "async", "other", "none"),
        ("POST", "/login/", "shop.views.login", "shop/views.py:12:4 shop/urls.py:5:4", "sync", "login",
         "django_ratelimit.decorators.ratelimit"),
    ]  # fmt: skip
    assert len(found.handlers) == 3  # login, Item.get, Item.delete


def test_url_lists_in_all_their_forms() -> None:
    urls = """\
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from shop import views as v
inner = [path("a", v.f)]
urlpatterns = [
    path("list/", include(inner)),
    path("pair/", include((inner, "ns"))),
    path("direct/", include([path("b", v.f), *[path("c", v.f)]])),
    path("twice/", include("shop.more")),
    path("again/", include("shop.more")),
    path("auth/", include("django.contrib.auth.urls")),
    path("gone/", include("nowhere.urls")),
    path("lambda", lambda request: None),
]
if settings.DEBUG:
    urlpatterns += [path("debug", v.f)]
urlpatterns.append(path("late", v.f))
urlpatterns += i18n_patterns(path("hello", v.f)) + static("/media/")
"""
    more = "from django.urls import path\nfrom shop import views\nurlpatterns = [path('x', views.f)]\n"
    found = paths(app(project(urls, "def f(request): ...\n", shop__more=more)))
    auth = {path: who for path, who in found.items() if " /auth/" in path}
    assert (
        auth["GET POST PUT /auth/login/"] == "none" and "GET POST PUT /auth/password_reset/" in auth and len(auth) == 8
    )
    assert {path: who for path, who in found.items() if path not in auth} == {
        "* /list/a": "none", "* /pair/a": "none", "* /direct/b": "none", "* /direct/c": "none", "* /twice/x": "none",
        "* /again/x": "none", "* /gone/…": "? an unresolved include", "* /lambda": "none", "* /debug": "none",
        "* /late": "none", "* /…/hello": "none",
    }  # fmt: skip


def test_circles_missing_modules_and_lists_made_at_run_time() -> None:
    urls = "import gone\nurlpatterns = [path('a/', include('shop.more')), gone.pattern('x'), *gone.patterns]\n"
    more = "from django.urls import path, include\nfrom shop import views\nurlpatterns = [path('back/', include('shop.urls')), path('x', views.f)]\n"
    found = paths(app(project(urls, "def f(request): ...\n", shop__more=more)))
    assert found == {"* /a/x": "none", "* /…": "? a route built at run time"}


def test_view_decorators_wrappers_and_methods() -> None:
    urls = """\
from django.views.decorators.cache import cache_page
from django.views.decorators.csrf import csrf_exempt
urlpatterns = [
    path("plain", csrf_exempt(login_required(views.f))),
    path("cached", cache_page(60)(views.f)),
    path("limited", views.ratelimit(key="ip", rate="1/m")(views.Plain.as_view())),
    path("weird", views.weird_view),
    path("named", views.named),
    path("dispatch", views.Dispatch.as_view()),
    path("post", views.Post.as_view()),
    path("mixed", views.Mixed.as_view()),
    path("form", views.Form.as_view()),
]
"""
    views = """\
import weird
def f(request): ...
@weird.thing
def weird_view(request): ...
@require_http_methods(["PUT", "GET"])
def named(request): ...
class Plain(View):
    def get(self, request): ...
    def head(self, request): ...
@method_decorator(ratelimit(key="ip", rate="1/m"), name="dispatch")
class Dispatch(View):
    def get(self, request): ...
class Post(View):
    def get(self, request): ...
    @method_decorator([login_required, ratelimit(key="ip", rate="1/m")])
    def post(self, request): ...
class ThrottleMixin:
    def dispatch(self, request): ...
class Mixed(ThrottleMixin, View):
    def get(self, request): ...
class Form(FormView):
    http_method_names = ["post"]
"""
    limit = "django_ratelimit.decorators.ratelimit"
    urls = urls.replace("login_required", "views.login_required")
    assert paths(app(project(urls, views))) == {
        "* /plain": "none", "* /cached": "none", "GET /limited": limit, "* /weird": "? a decorator that is not understood",
        "GET PUT /named": "none", "GET /dispatch": limit, "GET /post": "none", "POST /post": limit,
        "GET /mixed": "shop.views.Mixed", "POST /form": "none",
    }  # fmt: skip


ROUTER = """\
router = views.routers.DefaultRouter()
router.register("users", views.Users, basename="user")
router.register(r"logs", views.Logs)
urlpatterns = [path("api/", include(router.urls)), path("one/", views.One.as_view({"get": "list"}))]
"""
SETS = """\
class Users(viewsets.ModelViewSet):
    lookup_field = "name"
    http_method_names = ["get", "post", "delete"]
    def list(self, request): ...
    @action(detail=True, methods=["post"], url_path="set-password", throttle_classes=[throttling.UserRateThrottle])
    def set_password(self, request, name): ...
    @action(detail=False)
    def me(self, request): ...
    @me.mapping.delete
    def forget(self, request): ...
class Logs(mixins.ListModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet): ...
class One(viewsets.ViewSet):
    def list(self, request): ...
"""


def test_routers_and_viewsets() -> None:
    [found] = declared(declare, project(ROUTER, SETS, "REST_FRAMEWORK = {'DEFAULT_THROTTLE_RATES': {'user': '9/m'}}\n"))
    assert paths(found.app) == {
        "GET POST /api/users/": "none",
        "DELETE GET /api/users/<name>/": "none",
        "POST /api/users/<name>/set-password/": "rest_framework.throttling.UserRateThrottle",
        "DELETE GET /api/users/me/": "none",
        "GET /api/logs/": "none",
        "DELETE /api/logs/<pk>/": "none",
        "GET /one/": "none",
    }
    by_path = {row[1]: row for row in rows(found.app)}
    assert by_path["/api/users/"][2:4] == ("shop.views.Users", "shop/views.py:10:6 shop/urls.py:5:0")
    assert by_path["/api/users/<name>/set-password/"][2:4] == (
        "shop.views.Users.set_password",
        "shop/views.py:15:8 shop/urls.py:5:0",
    )
    assert len(found.handlers) == 5  # Users.list, set_password, me, forget, One.list


def test_a_viewset_registered_in_a_loop() -> None:
    literal = "router = views.routers.SimpleRouter(trailing_slash=False)\nfor name, one in [('a', views.One), ('b', views.One)]:\n    router.register(name, one)\nurlpatterns = router.urls\n"
    views = "class One(viewsets.ReadOnlyModelViewSet): ...\n"
    assert set(paths(app(project(literal, views)))) == {"GET /a", "GET /a/<pk>", "GET /b", "GET /b/<pk>"}
    dynamic = literal.replace("[('a', views.One), ('b', views.One)]", "views.load()")
    assert paths(app(project(dynamic, views))) == {"* /…": "? a router built at run time"}


DRF_URLS = """\
urlpatterns = [
    path("plain", views.Plain.as_view()),
    path("own", views.Own.as_view()),
    path("none", views.Emptied.as_view()),
    path("scoped", views.Scoped.as_view()),
    path("function", views.function),
    path("listed", views.listed),
    path("chosen", views.Chosen.as_view()),
    path("django", views.Django.as_view()),
]
"""
DRF_VIEWS = """\
class Plain(APIView):
    def get(self, request): ...
class Burst(throttling.UserRateThrottle):
    rate = "1/s"
class Own(generics.ListAPIView):
    throttle_classes = [Burst]
class Emptied(Plain):
    throttle_classes = []
class Scoped(Plain):
    throttle_scope = "login"
class Chosen(Plain):
    def get_throttles(self): ...
class Django(View):
    def get(self, request): ...
@api_view(["POST"])
def function(request): ...
@api_view()
@throttle_classes([Burst])
def listed(request): ...
"""


@pytest.mark.parametrize(
    ("classes", "rates", "plain", "scoped"),
    [
        ("AnonRateThrottle", "{'anon': '5/m'}", True, True),
        ("AnonRateThrottle", "{'anon': None}", False, False),  # a class without a rate lets everything pass
        ("AnonRateThrottle", "{'user': '5/m'}", False, False),
        ("ScopedRateThrottle", "{'login': '5/m'}", False, True),  # views without a scope are always allowed
        ("", "{'anon': '5/m'}", False, False),
    ],
)
def test_throttles_of_drf(classes: str, rates: str, plain: bool, scoped: bool) -> None:
    listed = f"['rest_framework.throttling.{classes}']" if classes else "[]"
    settings = f"REST_FRAMEWORK = {{'DEFAULT_THROTTLE_CLASSES': {listed}, 'DEFAULT_THROTTLE_RATES': {rates}}}\n"
    name = f"rest_framework.throttling.{classes}"
    assert paths(app(project(DRF_URLS, DRF_VIEWS, settings))) == {
        "GET /plain": name if plain else "none",
        "GET /own": "shop.views.Burst",
        "GET /none": "none",
        "GET /scoped": name if scoped else "none",
        "POST /function": name if plain else "none",
        "GET /listed": "shop.views.Burst",
        "GET /chosen": "? throttles chosen at run time",
        "GET /django": "none",
    }


def test_rest_framework_assigned_by_key_and_in_a_module_that_builds_on_the_base() -> None:
    files = project("urlpatterns = [path('x', views.Plain.as_view())]\n", DRF_VIEWS)
    files["shop/settings_prod.py"] = (
        "from .settings import *\nREST_FRAMEWORK = {}\nREST_FRAMEWORK['DEFAULT_THROTTLE_RATES'] = {'anon': '1/m'}\n"
        "REST_FRAMEWORK['DEFAULT_THROTTLE_CLASSES'] = ['rest_framework.throttling.AnonRateThrottle']\n"
    )
    assert paths(app(files)) == {"GET /x": "rest_framework.throttling.AnonRateThrottle"}


@pytest.mark.parametrize(
    ("settings", "wide", "login"),
    [
        ("", "none", "none"),
        ("MIDDLEWARE += ['shop.limits.Limit']", "shop.limits.Limit", "shop.limits.Limit"),
        ("MIDDLEWARE.insert(0, 'other.RateLimitMiddleware')", "other.RateLimitMiddleware", "other.RateLimitMiddleware"),
        ("MIDDLEWARE = MIDDLEWARE + ['gone.Thing']", "? a middleware that is not understood", "? a middleware that is not understood"),
        ("import env\nMIDDLEWARE = env.load()", "? a middleware that is not understood", "? a middleware that is not understood"),
        ("MIDDLEWARE += ['axes.middleware.AxesMiddleware']", "none", "axes.middleware.AxesMiddleware"),
        ("AUTHENTICATION_BACKENDS = ['axes.backends.AxesStandaloneBackend']", "none", "axes.backends.AxesStandaloneBackend"),
        ("MIDDLEWARE += ['corsheaders.middleware.CorsMiddleware', 'whitenoise.middleware.WhiteNoiseMiddleware']", "none", "none"),
        ("MIDDLEWARE += ['django_ratelimit.middleware.RatelimitMiddleware']", "none", "none"),  # only turns errors into a page
    ],
)  # fmt: skip
def test_middlewares(settings: str, wide: str, login: str) -> None:
    files = project(
        "urlpatterns = [path('login/', views.f), path('x', views.f)]\n", "def f(request): ...\n", settings + "\n"
    )
    files["shop/limits.py"] = (
        "class Limit:\n    def __call__(self, request):\n        return HttpResponse(status=429)\n"
    )
    found = app(files)
    assert limits(found.limits) == wide
    assert paths(found) == {"* /login/": login, "* /x": wide}


def test_two_projects_under_one_root_are_told_apart() -> None:
    files = {}
    for name, middleware in (("a", "x.RateLimitMiddleware"), ("b", "django.middleware.common.CommonMiddleware")):
        files[f"{name}/manage.py"] = ""
        files[f"{name}/config/__init__.py"] = ""
        files[f"{name}/config/settings.py"] = f"ROOT_URLCONF = 'config.urls'\nMIDDLEWARE = ['{middleware}']\n"
        files[f"{name}/config/urls.py"] = (
            f"from django.urls import path\nurlpatterns = [path('{name}', lambda request: None)]\n"
        )
    found = declared(declare, files)
    assert [(d.app.key, paths(d.app)) for d in found] == [
        ("a/config/urls.py:urlpatterns", {"* /a": "x.RateLimitMiddleware"}),
        ("b/config/urls.py:urlpatterns", {"* /b": "none"}),
    ]


def test_a_reusable_application_has_no_settings() -> None:
    files = {
        "lib/__init__.py": "",
        "lib/urls.py": "from django.urls import path, include\nurlpatterns = [path('in/', include('lib.inner')), path('x', lambda r: None)]\n",
        "lib/inner.py": "from django.urls import path\nurlpatterns = [path('y', lambda r: None)]\n",
        "tests/settings.py": "ROOT_URLCONF = 'lib.urls'\n",
    }
    found = app(files, tests=["tests/settings.py"])
    assert (found.key, limits(found.limits)) == ("lib/urls.py:urlpatterns", "? no settings module found")
    assert paths(found) == {"* /in/y": "? no settings module found", "* /x": "? no settings module found"}


def test_an_unread_file_forbids_to_say_none() -> None:
    files = project("urlpatterns = [path('x', views.f)]\n", "def f(request): ...\n")
    assert paths(app(files, unread=["shop/broken.py"])) == {"* /x": "? an unread file"}
    assert paths(app(files, unread=["shop/tests/broken.py"], tests=["shop/tests/broken.py"])) == {"* /x": "none"}


def test_url_lists_that_are_comprehensions() -> None:
    urls = """
def listed(prefix, more=()):
    return [
        path(f"{prefix}{end}", view, name=name)
        for end, view, name in [("/", views.Shown.as_view(), "all"), (".json", views.f, "json")]
    ]
KINDS = {"a": views.f, "b": views.Shown.as_view()}
urlpatterns = [
    path("in/", include([*listed("schedule"), *listed("schedule/<version>")])),
    *[path(f"kind/{kind}", view) for kind, view in KINDS.items() if kind != "b"],
    *[path(f"open/{kind}", view) for kind, view in KINDS.items() if kind.isalpha()],
]
"""
    found = paths(app(project(urls, "class Shown(View):\n    def get(self, request): ...\ndef f(request): ...\n")))
    assert set(found) == {
        "GET /in/schedule/", "* /in/schedule.json", "GET /in/schedule/<version>/", "* /in/schedule/<version>.json",
        "* /kind/a", "* /…",
    }  # fmt: skip


def test_what_views_of_libraries_answer() -> None:
    urls = """
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView
urlpatterns = [
    path("old", RedirectView.as_view(url="/new")),
    path("schema", SpectacularAPIView.as_view()),
    path("form", views.Form.as_view()),
    path("made", views.Made().as_view(serializer_class=None)),
]
"""
    views = "class Form(FormView): ...\nclass Made(generics.CreateAPIView): ...\n"
    assert set(paths(app(project(urls, views)))) == {
        "DELETE GET PATCH POST PUT /old", "GET /schema", "GET POST PUT /form", "POST /made",
    }  # fmt: skip


def test_viewsets_registered_under_names_that_are_put_together() -> None:
    urls = """
router = views.routers.SimpleRouter()
for name, one in {"a": views.One, "b": views.Two}.items():
    router.register(f"all-{name}", one)
urlpatterns = router.urls
"""
    views = "class One(viewsets.ReadOnlyModelViewSet): ...\nclass Two(mixins.ListModelMixin, viewsets.GenericViewSet): ...\n"
    assert set(paths(app(project(urls, views)))) == {"GET /all-a/", "GET /all-a/<pk>/", "GET /all-b/"}


def test_classes_of_libraries_that_bear_the_names_of_rest_framework() -> None:
    urls = """
from drf_rw_serializers import generics, viewsets
from knox.views import LoginView
class Things(viewsets.ModelViewSet):
    http_method_names = ["get", "head", "delete"]
router = views.routers.SimpleRouter()
router.register(r"", Things)
class Listed(generics.ListCreateAPIView): ...
class Login(LoginView): ...
urlpatterns = [path("listed", Listed.as_view()), path("login", Login.as_view()), path("things/", include(router.urls))]
"""
    assert set(paths(app(project(urls)))) == {
        "GET POST /listed", "POST /login", "GET /things/", "DELETE GET /things/<pk>/",
    }  # fmt: skip


def test_url_lists_that_a_class_makes_for_itself() -> None:
    """Which path it gives for which action is decided by constants that the call hands over, and by the class."""
    views = """
from django.urls import path
from django.utils.decorators import classonlymethod
ACTIONS = {"list": 1, "update": 2, "delete": 3}
class Made(View):
    key = "pk"
    one_page = False
    @classonlymethod
    def where(cls, base, action):
        if action == "list":
            return f"{base}/"
        base = f"{base}/<int:{cls.key}>"
        if action == "delete" or (action == "update" and not cls.one_page):
            return f"{base}/{action}/"
        if action == "update":
            return f"{base}/"
    @classonlymethod
    def urls(cls, base, actions=None):
        actions = actions or ACTIONS.keys()
        if cls.one_page:
            actions = [action for action in actions if action != "delete"]
        return [path(cls.where(base, action), cls.as_view()) for action in actions]
class Orders(Made):
    key = "order"
    def get(self, request): ...
class Notes(Made):
    one_page = True
    def post(self, request): ...
"""
    urls = 'urlpatterns = [*views.Orders.urls("orders", ("list", "delete")), *views.Orders.urls("all"), *views.Notes.urls("notes")]\n'
    found = set(paths(app(project(urls, views))))
    assert found >= {
        "GET /orders/", "GET /orders/<int:order>/delete/", "GET /all/", "GET /all/<int:order>/update/",
        "GET /all/<int:order>/delete/", "POST /notes/", "POST /notes/<int:pk>/",
    }  # fmt: skip
    assert not {path for path in found if "orders/<int:order>/update" in path or "<int:pk>/update" in path}


def test_a_root_of_a_library_includes_the_one_that_the_settings_name() -> None:
    files = project("urlpatterns = [path('x', views.x)]\n", "@ratelimit(key='ip', rate='5/m')\ndef x(request): ...\n")
    files["shop/settings.py"] = (
        "SITE_ROOT_URLCONF = 'shop.urls'\nROOT_URLCONF = 'rooted.urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
    )
    assert paths(app(files)) == {"* /x": "django_ratelimit.decorators.ratelimit"}
    assert limits(app(files).limits) == "none"


def test_url_modules_that_nobody_includes_are_listed_under_an_unknown_prefix() -> None:
    head = "from django.urls import path\nfrom shop import views\n"
    files = project(
        "from shop.taken import urlpatterns as more\nurlpatterns = [path('a', views.a), *more]\n",
        "def a(request): ...\n@login_required\ndef b(request): ...\n",
        shop__plugins__stock=f"{head}urlpatterns = [path('b', views.b), path('inner/', include('shop.plugins.below'))]\n",
        shop__plugins__below=f"{head}urlpatterns = [path('a', views.a)]\n",
        shop__taken=f"{head}urlpatterns = [path('taken', views.a)]\n",
        tests__urls=f"{head}urlpatterns = [path('t', views.a)]\n",
    )
    files["shop/plugins/stock.py"] = "from django.urls import include\n" + files["shop/plugins/stock.py"]
    found = app(files, tests=["tests/urls.py"])
    why = "? a URL module that nothing is seen to include"
    assert paths(found) == {"* /a": "none", "* /taken": "none", "* /…/b": why, "* /…/inner/a": why}
    asks = {e.path: limits(e.authentication) for e in found.endpoints}
    assert asks["/…/b"] == "django.contrib.auth.decorators.login_required" and asks["/…/inner/a"] == why
