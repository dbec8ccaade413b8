"""Who may, once it is known who asks: what the frameworks say of each endpoint's roles, permissions and owners."""

from __future__ import annotations

import pytest
from backends import declared, limits

from analyzer.frameworks import django, fastapi, flask
from analyzer.link.declared import Declared

FASTAPI = """
from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import HTTPBearer
from outside import unknown
app = FastAPI()
def current_user(token=Depends(HTTPBearer())):
    if not token: raise HTTPException(401)
    user = load(token)
    if not user.is_active: raise HTTPException(403)
    return user
def admin(user=Depends(current_user)):
    if user.role != "admin":
        raise HTTPException(status_code=403)
def require_role(role):
    def check(user=Depends(current_user)):
        if role not in user.roles: raise HTTPException(403)
    return check
class Member:
    def __call__(self, project: str, user=Depends(current_user)):
        if user.is_superuser: return user
        if membership(project, user) is not None: return user
        raise HTTPException(403)
class Permissions:
    def __init__(self, asked): self.asked = asked
    def __call__(self, request):
        for one in self.asked: one(request)
class OwnerOnly:
    def __init__(self, request):
        if not self.is_owner(request.user): raise HTTPException(403)
def connection(): ...
def own_order(order_id: int, user=Depends(current_user)):
    order = load(order_id)
    if order.user_id != user.id: raise HTTPException(404)
    return order
"""


def may(found: list[Declared]) -> dict[str, str]:
    """ "POST /orders" → who may."""
    [one] = found
    return {f"{' '.join(e.methods)} {e.path}": limits(e.authorisation) for e in one.app.endpoints}


DEPENDENCIES = {
    "Depends(current_user)": "none",
    "Depends(connection)": "none",
    "Depends(admin)": "main.admin",
    "Depends(require_role('admin'))": "main.require_role",
    "Depends(Member())": "main.Member",
    "Depends(Permissions([OwnerOnly]))": "main.OwnerOnly",
    "Depends(own_order)": "main.own_order",
    "unknown()": "? a dependency that is not understood",
}


@pytest.mark.parametrize(("written", "who"), DEPENDENCIES.items())
def test_fastapi_dependencies(written: str, who: str) -> None:
    source = f'{FASTAPI}\n@app.post("/x", dependencies=[{written}])\ndef x(): ...\n'
    assert may(declared(fastapi.declare, {"main.py": source})) == {"POST /x": who}


HANDLERS = {
    "return store.get(x)": "none",
    "if not user.is_admin: raise HTTPException(403)": "main.x",
    "authorize(user, Policy.delete(x))": "main.x",
    "order = load(x)\n    if order.owner_id != user.id: raise HTTPException(404)": "main.x",
    "return db.query(Order).filter(Order.user_id == user.id).first()": "main.x",
    "return helper(x, user)": "main.helper",
    "log.info(user.name)": "? a handler that looks at who is asking",
    "if user.email != x: raise HTTPException(409)": "? a handler that looks at who is asking",
    "if not user.can_edit(x): return None": "? a handler that looks at who is asking",
    "return looks(x, user)": "? a handler that looks at who is asking",
}
HELPERS = """
def helper(x, user: User):
    if not user.has_permission("orders"): raise HTTPException(403)
def looks(x, user: User):
    return render(x, user.locale)
"""


@pytest.mark.parametrize(("body", "who"), HANDLERS.items())
def test_what_a_handler_does(body: str, who: str) -> None:
    source = f'{FASTAPI}{HELPERS}\n@app.post("/x")\ndef x(x: str, user=Depends(current_user)):\n    {body}\n'
    assert may(declared(fastapi.declare, {"main.py": source})) == {"POST /x": who}


FLASK = """
from flask import Flask, abort, g
from flask_login import current_user, login_required
from flask_principal import Permission, RoleNeed
from flask_security import roles_required
from functools import wraps
from outside import guard
app = Flask(__name__)
admins = Permission(RoleNeed("admin"))
def group_required(name):
    def decorator(f):
        @wraps(f)
        def inner(*args, **kwargs):
            if name not in current_user.groups and not current_user.is_superuser:
                abort(403)
            return f(*args, **kwargs)
        return inner
    return decorator
def asks(role=None):
    def decorator(f):
        if not current_user.is_authenticated: abort(401)
        if role and current_user.role != role: abort(403)
        return f
    return decorator
def signed_in(f):
    @wraps(f)
    def inner(*args, **kwargs):
        if not g.user: abort(401)
        return f(*args, **kwargs)
    return inner
"""
DECORATORS = {
    "@login_required": "none",
    "@signed_in": "none",
    "@roles_required('admin')": "flask_security.roles_required",
    "@admins.require(http_exception=403)": "flask_principal.Permission.require",
    "@group_required('editors')": "main.group_required",
    "@asks()": "none",
    "@asks(role='admin')": "main.asks",
    "@guard": "? a decorator that is not understood",
}


@pytest.mark.parametrize(("decorator", "who"), DECORATORS.items())
def test_flask_decorators(decorator: str, who: str) -> None:
    source = f'{FLASK}\n@app.post("/x")\n{decorator}\ndef x(): ...\n'
    assert may(declared(flask.declare, {"main.py": source})) == {"POST /x": who}


CLAIMS = {
    "Order.query.filter_by(id=1, owner=session['user'])": "main.x",
    "mail(claims['sub'])": "? a handler that looks at who is asking",
    "mail(settings['user'])": "none",
}


@pytest.mark.parametrize(("body", "who"), CLAIMS.items())
def test_what_the_log_in_left(body: str, who: str) -> None:
    source = f'{FLASK}\n@app.post("/x")\n@login_required\ndef x():\n    {body}\n'
    assert may(declared(flask.declare, {"main.py": source})) == {"POST /x": who}


def test_methods_of_one_view_may_differ() -> None:
    source = f"{FLASK}\nfrom flask.views import MethodView\nclass Order(MethodView):\n    decorators = [login_required]\n    @roles_required('admin')\n    def delete(self): ...\n    def get(self): ...\n    def put(self): ...\napp.add_url_rule('/x', view_func=Order.as_view('x'))\n"
    assert may(declared(flask.declare, {"main.py": source})) == {
        "DELETE /x": "flask_security.roles_required",
        "GET PUT /x": "none",
    }


REST = """
from rest_framework import generics, permissions, viewsets
from .models import Order
from outside import Rights
class Always(permissions.BasePermission):
    def has_permission(self, request, view): return True
class Known(permissions.BasePermission):
    def has_permission(self, request, view): return bool(request.user and request.user.is_authenticated)
class Staff(permissions.BasePermission):
    def has_permission(self, request, view): return request.user.is_staff
class Owner(permissions.BasePermission):
    def has_object_permission(self, request, view, obj): return obj.owner == request.user
class StaffWrites(permissions.BasePermission):
    def has_permission(self, request, view):
        return request.method in permissions.SAFE_METHODS or request.user.is_staff
class View(generics.DestroyAPIView):
    permission_classes = [LISTED]
"""
LISTS = {
    "permissions.IsAuthenticated": "none",
    "permissions.IsAdminUser": "rest_framework.permissions.IsAdminUser",
    "permissions.DjangoModelPermissions": "rest_framework.permissions.DjangoModelPermissions",
    "Always": "none",
    "Known": "none",
    "Staff": "shop.views.Staff",
    "StaffWrites": "shop.views.StaffWrites",
    "permissions.IsAuthenticated & Owner": "shop.views.Owner",
    "Staff | permissions.IsAuthenticated": "none",
    "Staff | Owner": "shop.views.Staff",
    "Rights": "? a permission that is not understood",
}
URLS = "from django.urls import path\nfrom .views import View\nurlpatterns = [path('x', View.as_view())]"
DJANGO = {"shop/__init__.py": "", "shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n', "shop/urls.py": URLS}


@pytest.mark.parametrize(("listed", "who"), LISTS.items())
def test_rest_permissions(listed: str, who: str) -> None:
    views = REST.replace("LISTED", listed)
    assert may(declared(django.declare, DJANGO | {"shop/views.py": views})) == {"DELETE /x": who}


def test_whose_objects_a_view_finds() -> None:
    views = "from rest_framework import generics\nclass View(generics.DestroyAPIView):\n    def get_queryset(self):\n        return Order.objects.filter(owner=self.request.user)\n"
    found = may(declared(django.declare, DJANGO | {"shop/views.py": views}))
    assert found == {"DELETE /x": "shop.views.View.get_queryset"}


MIXINS = {
    "LoginRequiredMixin": ("none", ""),
    "PermissionRequiredMixin": ("permission_required, shop.views.View", "    permission_required = 'shop.change'\n"),
    "UserPassesTestMixin": ("shop.views.View", "    def test_func(self): return self.request.user.is_staff\n"),
}


@pytest.mark.parametrize("mixin", MIXINS)
def test_django_mixins(mixin: str) -> None:
    who, attributes = MIXINS[mixin]
    views = f"from django.contrib.auth.mixins import {mixin}\nfrom django.views import View as Base\nclass View({mixin}, Base):\n{attributes}    def post(self, request): ...\n"
    [found] = may(declared(django.declare, DJANGO | {"shop/views.py": views})).values()
    assert ", ".join(sorted(found.split(", "))) == who
