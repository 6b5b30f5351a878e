"""``ecocloud gateway``: receive packets of devices until told to stop (SIGTERM, SIGINT).

Exit codes: 0 stopped in order; 1 cannot start (port taken, journal locked, disk refuses); 2 wrong usage.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import resource
import signal
import ssl
import sys
from dataclasses import replace
from pathlib import Path

from ecocloud.intake.monitoring.gateway.backstage import Backstage, MemoryBackstage
from ecocloud.intake.monitoring.gateway.limits import Limits
from ecocloud.intake.monitoring.gateway.server import Gateway, Options

OK, REFUSED, USAGE = 0, 1, 2
# The thread that writes waits at most so long for the one that reads, seconds; Python's own 5 ms add up in each group.
_SWITCH = 0.0005
# Files a gateway has open besides its connections.
_OTHER_FILES = 64
PORT, METRICS_PORT = 8212, 9212


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``ecocloud gateway``."""
    parser.add_argument("--name", default="gateway", help="网关名称，每个进程一个（默认 gateway）")
    parser.add_argument("--listen", default=f"127.0.0.1:{PORT}", metavar="HOST:PORT", help="设备连接的地址和端口")
    parser.add_argument(
        "--metrics", default=f"127.0.0.1:{METRICS_PORT}", metavar="HOST:PORT", help="运行指标的地址和端口，none 为不开"
    )
    parser.add_argument("--tls-cert", metavar="FILE", help="TLS 证书（PEM）；给出后只接受 TLS 连接")
    parser.add_argument("--tls-key", metavar="FILE", help="TLS 私钥（PEM）")
    parser.add_argument("--reuse-port", action="store_true", help="与其他网关共用一个端口")
    parser.add_argument("--idle", type=float, default=Limits.idle, metavar="SECONDS", help="连接静默多久后断开")
    parser.add_argument("--connections", type=int, default=Limits.connections, metavar="N", help="最多多少个连接")
    parser.add_argument("--per-address", type=int, default=Limits.per_address, metavar="N", help="每个地址最多几个连接")
    parser.add_argument("--anyone", metavar="FOLDER", help="不用数据库，接收任何设备，流水写入此文件夹（试验和压测用）")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        host, port = _address(args.listen)
        metrics = None if args.metrics == "none" else _address(args.metrics)
        tls = _tls(args.tls_cert, args.tls_key)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return USAGE
    folder, backstage = _memory(args.anyone) if args.anyone else _database()
    connections = _allowed(args.connections)
    options = Options(
        folder, args.name, host, port, reuse_port=args.reuse_port, tls=tls,
        metrics_host=metrics[0] if metrics else "", metrics_port=metrics[1] if metrics else None,
        limits=replace(Limits(), idle=args.idle, connections=connections, per_address=args.per_address),
    )  # fmt: skip
    sys.setswitchinterval(_SWITCH)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(Gateway(options, backstage)))
    except OSError as error:
        print(f"接收网关没有启动：{error.strerror or error}（{args.listen}）。", file=sys.stderr)
        return REFUSED
    return OK


async def _serve(gateway: Gateway) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await gateway.start()
    gc.collect()
    gc.freeze()
    options = gateway.options
    print(f"接收网关 {options.name}：{options.host}:{gateway.port}", flush=True)
    if options.metrics_port is not None:
        print(f"运行指标：http://{options.metrics_host}:{gateway.metrics_port}/metrics", flush=True)
    await stop.wait()
    await gateway.stop()


def _loop_factory() -> type | None:
    """uvloop's event loop where it is installed (extra ``gateway``)."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _allowed(connections: int) -> int:
    """As many connections as the system's limit of open files allows, which is raised as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = connections + _OTHER_FILES if hard == resource.RLIM_INFINITY else min(hard, connections + _OTHER_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    if soft != resource.RLIM_INFINITY and soft < connections + _OTHER_FILES:
        connections = max(1, soft - _OTHER_FILES)
        logging.warning("系统允许打开的文件数只够 %d 个连接", connections)
    return connections


def _address(text: str) -> tuple[str, int]:
    """``host:port``, the host of IPv6 in brackets. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError(f"“{text}”不是地址，应为 主机:端口，如 0.0.0.0:{PORT}。")
    return host.strip("[]"), int(port)


def _tls(certificate: str | None, key: str | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def _memory(folder: str) -> tuple[Path, Backstage]:
    return Path(folder), MemoryBackstage(anyone=True)


def _database() -> tuple[Path, Backstage]:
    """The journals of this installation and its database."""
    import django
    from django.conf import settings

    django.setup()
    from ecocloud.intake.monitoring.gateway.backstage_db import DatabaseBackstage

    return Path(settings.HOME) / "lake" / "raw", DatabaseBackstage()
