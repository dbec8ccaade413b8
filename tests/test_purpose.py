"""What an endpoint is for, by whole words of its path and its handler's name."""

from __future__ import annotations

import pytest

from analyzer.frameworks.purpose import purpose


@pytest.mark.parametrize(
    ("path", "handler", "expected"),
    [
        ("/login", "app.do", "login"),
        ("/api/v1/auth/sign-in", "app.do", "login"),
        ("/x", "shop.views.LoginView", "login"),
        ("/x", "app.log_in", "login"),
        ("/token", "app.issue", "login"),
        ("/oauth/token", "app.issue", "login"),
        ("/api/token/", "rest_framework_simplejwt.views.TokenObtainPairView", "login"),
        ("/blogin", "app.blogin", "other"),
        ("/tokens/{id}/colours", "app.colours", "other"),
        ("/login/{user}", "app.x", "login"),
        ("/users/{login}", "app.show", "other"),
        ("/password/reset", "app.x", "password-reset"),
        ("/forgot-password", "app.x", "password-reset"),
        ("/accounts/password_reset/done/", "app.x", "password-reset"),
        ("/x", "app.resetPassword", "password-reset"),
        ("/reset", "app.reset_game", "other"),
        ("/auth/otp/send", "app.x", "otp"),
        ("/2fa", "app.x", "otp"),
        ("/verify-code", "app.x", "otp"),
        ("/code/{x}", "app.show", "other"),
        ("/register", "app.x", "sign-up"),
        ("/users/signup", "app.x", "sign-up"),
        ("/cash-register", "app.x", "other"),
        ("/models/bulk-register", "app.x", "other"),
        ("/register/user", "app.x", "sign-up"),
        ("/auth/refresh-token", "app.x", "token"),
        ("/token/refresh/", "app.x", "token"),
        ("/health", "app.x", "health"),
        ("/api/healthz", "app.x", "health"),
        ("/api/check-db", "app.database_health_check", "health"),
        ("/health-insurance/plans", "app.x", "other"),
        ("/metrics", "app.x", "health"),
        ("/openapi.json", "app.x", "docs"),
        ("/docs/", "app.x", "docs"),
        ("/static/<path:name>", "app.x", "static"),
        ("/favicon.ico", "app.x", "static"),
        ("/stripe/webhook", "app.x", "webhook"),
        ("/x", "app.stripe_webhook", "webhook"),
        ("/", "app.index", "other"),
    ],
)
def test_purpose(path: str, handler: str, expected: str) -> None:
    assert purpose(path, handler).value == expected
