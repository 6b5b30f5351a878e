"""Sign-in, its refusals, locks and the second factor: what happens around a session, and its traces in the journal."""

from __future__ import annotations

import base64
import io
from ipaddress import ip_address
from typing import Any

import qrcode
import qrcode.image.svg
from axes.signals import user_locked_out
from axes.utils import reset as reset_attempts
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.backends import ModelBackend
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice

from ecocloud.base.errors import EcoError
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Actor, change, count_refusal
from ecocloud.kernel.regions.models import Role, User
from ecocloud.kernel.regions.permissions import rights

ROUTE = "regions:sign-in"
SEEN_KEY = "regions_seen"
CODE_FAILURES_KEY = "regions_code_failures"
CODE_FAILURE_LIMIT = 5
ADMINISTRATORS = (Role.Camp.SYSTEM, Role.Camp.SECURITY, Role.Camp.AUDIT)


class Backend(ModelBackend):
    """Accounts by user name and password; a session's person comes with department, post and second factor at once."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, ``None`` when the account is closed."""
        devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        people = User.objects.select_related("department__region", "post").annotate(has_device=Exists(devices))
        user = people.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


class CodeError(EcoError):
    """The one-time code is not the right one."""

    code = "regions.one_time_code"


def address_of(request: HttpRequest) -> str:
    """The address the request came from: behind trusted proxies the last address of ``X-Forwarded-For`` before them.

    An address that is not one of the ``TRUSTED_PROXIES`` is believed as it is; what it claims in headers is not.
    """
    trusted = getattr(settings, "TRUSTED_PROXIES", ())
    address = request.META.get("REMOTE_ADDR", "") or ""
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    while address in trusted and chain:
        address = chain.pop()
    try:
        return str(ip_address(address))
    except ValueError:
        return request.META.get("REMOTE_ADDR", "") or ""


def _stranger(request: HttpRequest) -> Actor:
    return Actor("anonymous", "未登录", address=address_of(request), request_id=getattr(request, "request_id", ""))


def sign_in(request: HttpRequest, username: str, password: str) -> User | None:
    """Open a session, or ``None``. A refusal of a known account is journalled, of an unknown name only counted."""
    username = username.strip()
    user = authenticate(request, username=username, password=password)
    if user is None:
        known = User.objects.filter(username=username).first()
        if known is None:
            count_refusal(ROUTE, "unknown-user")
        elif not getattr(request, "axes_locked_out", False):
            with change(_stranger(request)) as tx:
                tx.log("regions.signin.refused", Ref("user", str(known.pk)), after={"active": known.is_active})
        return None
    login(request, user)
    reset_attempts(username=user.username)
    request.session[SEEN_KEY] = timezone.now().timestamp()
    with change(user.actor(getattr(request, "request_id", ""), address_of(request))) as tx:
        tx.log("regions.signin", Ref("user", str(user.pk)))
    return user


def sign_out(request: HttpRequest, reason: str = "") -> None:
    """Close the session; ``reason`` is '' (own wish), ``idle`` or ``code`` (too many wrong one-time codes)."""
    user = request.user
    if user.is_authenticated:
        actor = user.actor(getattr(request, "request_id", ""), address_of(request))
        with change(actor) as tx:
            tx.log("regions.signout", Ref("user", str(user.pk)), after={"reason": reason} if reason else None)
    logout(request)


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """The page that says how long the account or the address stays locked (called by django-axes)."""
    minutes = round(float(settings.AXES_COOLOFF_TIME) * 60)
    return render(request, "regions/locked.html", {"minutes": minutes}, status=429)


def _journal_lock(
    sender: Any, request: HttpRequest, username: str | None, ip_address: str | None, **kwargs: Any
) -> None:
    known = User.objects.filter(username=username or "").first()
    first = getattr(request, "axes_failures_since_start", None) is not None
    if not first:
        count_refusal(ROUTE, "locked")
        return
    ref = Ref("user", str(known.pk)) if known else Ref("lock", ip_address or "unknown")
    with change(_stranger(request)) as tx:
        tx.log("regions.signin.locked", ref, after={"address": ip_address, "known": known is not None})


user_locked_out.connect(_journal_lock, dispatch_uid="regions.lock")


# -- second factor ---------------------------------------------------------------------------------------------------


def device_of(user: User) -> TOTPDevice | None:
    """The person's confirmed one-time code device."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def is_administrator(user: User) -> bool:
    """Whether the person is one of the three administrators, for whom the second factor is obligatory."""
    return rights(user).camp in ADMINISTRATORS


def missing_step(user: User) -> str:
    """The route the person must pass before anything else: enrolment, the one-time code, or '' when complete."""
    if user.is_verified():
        return ""
    known = getattr(user, "has_device", None)  # read with the person of a session
    if device_of(user) is not None if known is None else known:
        return "regions:second-step"
    return "regions:enrol" if is_administrator(user) else ""


def pending_device(user: User) -> TOTPDevice:
    """The device being enrolled; its key stays the same until it is confirmed."""
    started = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
    return started or TOTPDevice.objects.create(user=user, confirmed=False, name=user.username)


def qr_svg(device: TOTPDevice) -> str:
    """The enrolment address as a QR code in SVG, drawn here; nothing is asked from outside."""
    picture = qrcode.make(device.config_url, image_factory=qrcode.image.svg.SvgPathImage, box_size=8)
    out = io.BytesIO()
    picture.save(out)
    text = out.getvalue().decode()
    return text[text.index("<svg") :]


def secret_text(device: TOTPDevice) -> str:
    """The key in base 32 in groups of four, for typing it into the app."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def confirm_device(request: HttpRequest, token: str) -> None:
    """Finish enrolment with the first code of the new device. Raises :class:`CodeError`."""
    user = request.user
    device = pending_device(user)
    _verify(request, device, token)
    with change(user.actor(getattr(request, "request_id", ""), address_of(request))) as tx:
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        device.confirmed = True
        device.save()
        tx.log("regions.device.enrol", Ref("user", str(user.pk)))
    otp_login(request, device)


def verify_code(request: HttpRequest, token: str) -> None:
    """The second step of a sign-in. Raises :class:`CodeError`; too many wrong codes end the session."""
    device = device_of(request.user)
    if device is None:
        raise CodeError("尚未登记动态口令设备。", "no device enrolled", remedy_zh="请先登记。")
    _verify(request, device, token)
    otp_login(request, device)
    with change(request.user.actor(getattr(request, "request_id", ""), address_of(request))) as tx:
        tx.log("regions.signin.second-step", Ref("user", str(request.user.pk)))


def _verify(request: HttpRequest, device: TOTPDevice, token: str) -> None:
    token = "".join(token.split())
    if token.isascii() and token.isdigit() and len(token) == 6 and device.verify_token(token):
        request.session.pop(CODE_FAILURES_KEY, None)
        return
    user = request.user
    failures = request.session.get(CODE_FAILURES_KEY, 0) + 1
    request.session[CODE_FAILURES_KEY] = failures
    with change(user.actor(getattr(request, "request_id", ""), address_of(request))) as tx:
        tx.log("regions.signin.code-refused", Ref("user", str(user.pk)), after={"failures": failures})
    if failures >= CODE_FAILURE_LIMIT:
        sign_out(request, "code")
        raise CodeError("动态口令多次错误，已退出登录。", "too many wrong codes", remedy_zh="请重新登录。")
    raise CodeError(
        "动态口令不对或已过期。", "wrong one-time code", where={"字段": "动态口令"}, remedy_zh="请输入最新的六位数字。"
    )
