"""``ecocloud simulate``: devices that report to a gateway, for demonstrations and training; ``--load`` measures it.

Exit codes: 0 done or interrupted; 1 the gateway cannot be reached; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import sys
from dataclasses import replace
from pathlib import Path

from ecocloud.intake.monitoring.simulator.device import Faults, Simulated
from ecocloud.intake.monitoring.simulator.load import Load, made_packets
from ecocloud.intake.monitoring.simulator.running import Simulation

OK, UNREACHABLE, USAGE = 0, 1, 2
WATER = ("w01010", "w01001", "w01009", "w01019", "w21003", "w21011", "w21001")
AIR = ("a34004", "a34002", "a05024", "a21004", "a21026", "a21005")
STACK = ("a34013", "a21026", "a21002", "a19001", "a01012", "a00000")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``ecocloud simulate``."""
    parser.add_argument("--to", default="127.0.0.1:8212", metavar="HOST:PORT", help="接收网关")
    parser.add_argument("--devices", type=int, default=3, metavar="N", help="设备数（未给 --list 时）")
    parser.add_argument("--list", metavar="FILE", help='设备清单 JSON：[{"mn", "password", "st", "codes": […]}]')
    parser.add_argument("--interval", type=float, metavar="SECONDS", help="实时数据间隔（默认 60 秒）")
    parser.add_argument("--backfill", type=float, default=0.0, metavar="HOURS", help="先补传此前若干小时的数据")
    parser.add_argument(
        "--faults", default="", metavar="NAME=SHARE,…", help=f"故障及其比例：{'、'.join(Faults.NAMES)}，如 cut=0.01"
    )
    parser.add_argument("--seconds", type=float, metavar="S", help="运行多久（默认直到中断）")
    parser.add_argument("--seed", type=int, default=0, help="随机种子")
    parser.add_argument("--load", type=float, metavar="RATE", help="压测：每秒发送多少个数据包，0 为尽力；打印应答时间")
    parser.add_argument("--connections", type=int, default=2000, metavar="N", help="压测的连接数")
    parser.add_argument("--packets", type=int, default=200_000, metavar="N", help="压测的数据包数")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code."""
    host, _colon, port = args.to.rpartition(":")
    try:
        if not host or not port.isdigit():
            raise ValueError(f"“{args.to}”不是地址，应为 主机:端口。")
        if args.load is not None:
            return _load(host.strip("[]"), int(port), args)
        devices, faults = _devices(args), _faults(args.faults)
    except (ValueError, KeyError, TypeError) as error:
        print(error, file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"{args.to}：{error.strerror or error}。", file=sys.stderr)
        return UNREACHABLE
    simulation = Simulation(
        devices, host.strip("[]"), int(port), faults=faults, backfill=args.backfill, seed=args.seed
    )  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt, TimeoutError):
        asyncio.run(asyncio.wait_for(simulation.run(), args.seconds))
    counts = simulation.counts
    print(f"发送 {counts.packets} 个数据包，应答 {counts.acknowledged} 个，收到命令 {counts.commands} 条。")
    return OK if counts.acknowledged or not args.seconds else UNREACHABLE


def _devices(args: argparse.Namespace) -> list[Simulated]:
    if args.list:
        rows = json.loads(Path(args.list).read_text("utf-8"))
        found = [
            Simulated(row["mn"], row.get("password", ""), row["st"], tuple(row["codes"]), row.get("interval", 60.0))
            for row in rows
        ]
    else:
        kinds = (("21", WATER), ("22", AIR), ("31", STACK))
        found = [
            Simulated(f"5EED{number:020d}", "123456", *kinds[number % len(kinds)]) for number in range(args.devices)
        ]
    return [replace(one, interval=args.interval) for one in found] if args.interval else found


def _faults(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in filter(None, text.split(",")):
        name, _equals, share = item.partition("=")
        if name not in Faults.NAMES:
            raise ValueError(f"没有故障“{name}”，可用：{'、'.join(Faults.NAMES)}。")
        found[name] = float(share or 0.01)
    return found


def _load(host: str, port: int, args: argparse.Namespace) -> int:
    """Offer packets at a rate and print how they were answered."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, args.connections + 200), hard))
    packets = made_packets(args.packets, args.connections, args.seed)
    load = Load(host, port, args.connections)
    try:
        found = load.run(packets, args.load)
    finally:
        load.close()
    middle, most = found.quantile(0.5) * 1e3, found.quantile(0.99) * 1e3
    print(
        f"{args.connections} 个连接，{len(found.waits)} 个应答，{found.rate:,.0f} 个/秒，未应答 {found.unanswered} 个。"
    )
    print(f"应答时间：中位 {middle:.1f} 毫秒，99% 在 {most:.1f} 毫秒内。")
    return OK if not found.unanswered else UNREACHABLE
