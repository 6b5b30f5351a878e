"""The words of the actions this room writes into the journal: code -> (Chinese, English)."""

from __future__ import annotations

ACTIONS: dict[str, tuple[str, str]] = {
    "monitoring.device.add": ("登记设备", "Add a device"),
    "monitoring.device.edit": ("修改设备", "Change a device"),
    "monitoring.device.secret": ("更换设备口令", "Change a device's password"),
    "monitoring.device.enable": ("启用设备", "Switch a device on"),
    "monitoring.device.disable": ("停用设备", "Switch a device off"),
    "monitoring.device.channels": ("修改监测因子", "Change a device's channels"),
    "monitoring.upkeep.add": ("登记校准维护", "Enter upkeep"),
    "monitoring.upkeep.end": ("结束校准维护", "End upkeep"),
    "monitoring.upkeep.cancel": ("撤销校准维护", "Take back upkeep"),
    "monitoring.values.bring": ("导入监测数据", "Bring in measurements"),
    "monitoring.stranger.admit": ("准入设备", "Admit a sender"),
    "monitoring.stranger.refuse": ("拒绝准入", "Refuse a sender"),
    "monitoring.stranger.reopen": ("重新考虑准入", "Look at a sender again"),
    "monitoring.command.ask": ("提出指令", "Ask for a command"),
    "monitoring.command.approve": ("同意指令", "Agree to a command"),
    "monitoring.command.dismiss": ("不同意指令", "Not agree to a command"),
    "monitoring.command.withdraw": ("撤回指令", "Take a command back"),
    "monitoring.command.sent": ("指令已下发", "Command sent"),
    "monitoring.command.end": ("指令结束", "Command ended"),
    "monitoring.command.setting": ("设置指令方式", "Set how a device takes commands"),
    "monitoring.lake.end": ("测量数据到期清理", "End measurements kept long enough"),
    "monitoring.lake.rebuild": ("重建测量库", "Build the lake again"),
    "monitoring.lake.export": ("导出测量数据", "Export measurements"),
}
