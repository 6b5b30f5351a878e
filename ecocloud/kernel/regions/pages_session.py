"""Pages around a session: sign-in, second step, enrolment, password, own account. Thin."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import password_validation, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import NoReverseMatch
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from ecocloud.base.errors import EcoError
from ecocloud.kernel.regions import passwords, permissions, services, signin


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    try:
        return resolve_url("web:start")
    except NoReverseMatch:
        return resolve_url(settings.LOGIN_REDIRECT_URL)


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    problem, username = "", ""
    if request.method == "POST":
        username = request.POST.get("username", "")[:150]
        if signin.sign_in(request, username, request.POST.get("password", "")) is not None:
            return redirect(_next(request))
        problem = _("账号或密码不对，或账号已停用。")
    context = {
        "problem": problem,
        "username": username,
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "idle_minutes": settings.IDLE_TIMEOUT_SECONDS // 60 if request.GET.get("idle") else 0,
        "limit": settings.AXES_FAILURE_LIMIT,
        "lock_minutes": round(float(settings.AXES_COOLOFF_TIME) * 60),
    }
    return render(request, "regions/sign_in.html", context, status=401 if problem else 200)


def sign_out(request: HttpRequest) -> HttpResponse:
    """Close the session."""
    signin.sign_out(request)
    return redirect("regions:sign-in")


@never_cache
def second_step(request: HttpRequest) -> HttpResponse:
    """The one-time code after the password."""
    if request.user.is_verified():
        return redirect(_next(request))
    if signin.device_of(request.user) is None:
        return redirect("regions:enrol" if signin.is_administrator(request.user) else _next(request))
    problem = ""
    if request.method == "POST":
        try:
            signin.verify_code(request, request.POST.get("token", ""))
            return redirect(_next(request))
        except EcoError as error:
            if not request.user.is_authenticated:
                messages.error(request, error.sentence_zh())
                return redirect("regions:sign-in")
            problem = error.sentence_zh()
    return render(request, "regions/second_step.html", {"problem": problem, "next": request.GET.get("next", "")})


@never_cache
def enrol(request: HttpRequest) -> HttpResponse:
    """Register a one-time code device. With a confirmed device the second step comes first."""
    if signin.device_of(request.user) is not None and not request.user.is_verified():
        return redirect("regions:second-step")
    problem = ""
    if request.method == "POST":
        try:
            signin.confirm_device(request, request.POST.get("token", ""))
            messages.success(request, _("动态口令设备已登记。"))
            return redirect(_next(request))
        except EcoError as error:
            if not request.user.is_authenticated:
                messages.error(request, error.sentence_zh())
                return redirect("regions:sign-in")
            problem = error.sentence_zh()
    device = signin.pending_device(request.user)
    context = {
        "qr": signin.qr_svg(device),
        "secret": signin.secret_text(device),
        "problem": problem,
        "obligatory": signin.is_administrator(request.user),
    }
    return render(request, "regions/enrol.html", context)


@never_cache
@sensitive_post_parameters("old", "new", "again")
def password(request: HttpRequest) -> HttpResponse:
    """Change the own password; where it is forced, nothing else opens before."""
    if signin.missing_step(request.user):
        return redirect(signin.missing_step(request.user))
    problem = ""
    if request.method == "POST":
        new = request.POST.get("new", "")
        try:
            if new != request.POST.get("again", ""):
                raise services.accounts.PasswordError("两次输入的新密码不一致。", "passwords differ")
            user = services.change_own_password(request.user, request.POST.get("old", ""), new)
            update_session_auth_hash(request, user)
            messages.success(request, _("密码已修改。"))
            return redirect(_next(request))
        except EcoError as error:
            problem = error.sentence_zh()
    context = {
        "problem": problem,
        "forced": passwords.must_change(request.user),
        "expired": passwords.expired(request.user.password_changed_at),
        "rules": password_validation.password_validators_help_texts(),
        "days": passwords.max_age_days(),
    }
    return render(request, "regions/password.html", context, status=400 if problem else 200)


def account(request: HttpRequest) -> HttpResponse:
    """The person's own account: roles, data scope, second factor."""
    context = {
        "held": permissions.rights(request.user).roles,
        "device": signin.device_of(request.user),
        "keeps_keys": permissions.allowed(request.user, "regions.key.own"),
    }
    return render(request, "regions/account.html", context)
