"""Why bytes were rejected, and which departures from the text were let pass: codes with their sentences."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """Why a packet was rejected."""

    NO_HEAD = "no_head"
    LENGTH_NOT_DIGITS = "length_not_digits"
    LENGTH_ZERO = "length_zero"
    LENGTH_OVER_LIMIT = "length_over_limit"
    LENGTH_MISMATCH = "length_mismatch"
    CRC_NOT_HEX = "crc_not_hex"
    CRC_ERROR = "crc_error"
    BAD_TAIL = "bad_tail"
    INCOMPLETE = "incomplete"
    NO_KEY = "no_key"
    NO_CP = "no_cp"
    CP_NOT_CLOSED = "cp_not_closed"
    NO_MN = "no_mn"
    NO_CN = "no_cn"
    DUPLICATE_FIELD = "duplicate_field"
    PART_NUMBER = "part_number"


REASONS: dict[Reason, tuple[str, str]] = {
    Reason.NO_HEAD: ("没有包头“##”", "no packet head ##"),
    Reason.LENGTH_NOT_DIGITS: ("数据段长度不是四位数字", "the length is not four digits"),
    Reason.LENGTH_ZERO: ("数据段长度为 0", "the length is zero"),
    Reason.LENGTH_OVER_LIMIT: ("数据段长度超过上限", "the length is over the limit"),
    Reason.LENGTH_MISMATCH: ("数据段长度与实际不符", "the length does not fit the bytes"),
    Reason.CRC_NOT_HEX: ("CRC 校验码不是四位十六进制数", "the CRC is not four hex digits"),
    Reason.CRC_ERROR: ("CRC 校验错误", "the CRC is wrong"),
    Reason.BAD_TAIL: ("CRC 之后既不是包尾也不是下一个包头", "neither the tail nor a next head follows the CRC"),
    Reason.INCOMPLETE: ("数据包不完整", "the packet is incomplete"),
    Reason.NO_KEY: ("数据区已加密，没有该设备的密钥", "the data region is encrypted and no key is known"),
    Reason.NO_CP: ("没有数据区 CP=&&", "no data region CP=&&"),
    Reason.CP_NOT_CLOSED: ("数据区没有以“&&”结束", "the data region is not closed by &&"),
    Reason.NO_MN: ("没有设备唯一标识 MN", "no device identity MN"),
    Reason.NO_CN: ("没有命令编码 CN", "no command code CN"),
    Reason.DUPLICATE_FIELD: ("包头字段重复且内容不同", "a head field stands twice with different contents"),
    Reason.PART_NUMBER: ("拆分包序号不在 1 到总包数之间", "the part number is not within 1 to PNUM"),
}


class Kind(StrEnum):
    """A kind of leniency."""

    NO_CRLF = "no_crlf"
    LF_ONLY = "lf_only"
    SKIPPED_BYTES = "skipped_bytes"
    CRC_LOWER_CASE = "crc_lower_case"
    CRC_DIALECT = "crc_dialect"
    LENGTH_IN_CHARACTERS = "length_in_characters"
    SEGMENT_LONG = "segment_long"
    NO_QN = "no_qn"
    QN_FORM = "qn_form"
    NO_ST = "no_st"
    NO_MN = "no_mn"
    MN_FORM = "mn_form"
    NO_FLAG = "no_flag"
    FLAG_NOT_NUMBER = "flag_not_number"
    FLAG_RANGE = "flag_range"
    FLAG_EDITION = "flag_edition"
    COMMA_IN_HEAD = "comma_in_head"
    NO_SEMICOLON = "no_semicolon_before_cp"
    HEAD_CASE = "head_case"
    HEAD_UNKNOWN = "head_unknown_field"
    HEAD_REPEATED = "head_field_repeated"
    RF_FORM = "rf_form"
    PART_WITHOUT_NUMBERS = "part_without_numbers"
    PART_WITHOUT_FLAG = "part_without_flag"
    CP_FORM = "cp_form"
    CP_NOT_CLOSED = "cp_not_closed"
    MARKS_INSIDE = "marks_inside"
    SPACES = "spaces"
    CONTROL_BYTES = "control_bytes"
    GB18030 = "charset_gb18030"
    UNDECODABLE = "charset_replaced"
    EMPTY_ITEM = "empty_item"
    NO_EQUALS = "item_without_equals"
    NO_NAME = "item_without_name"
    EQUALS_IN_VALUE = "equals_in_value"
    NAME_UNKNOWN = "name_unknown"
    NAME_CASE = "name_case"
    NAME_REPEATED = "name_repeated"
    VALUE_MISSING = "value_missing"
    VALUE_NOT_NUMBER = "value_not_number"
    VALUE_BOUND = "value_bound"
    NUMBER_FORM = "number_form"
    DATATIME_FORM = "datatime_form"
    DATATIME_INVALID = "datatime_invalid"
    DATATIME_FUTURE = "datatime_future"


KINDS: dict[Kind, tuple[str, str]] = {
    Kind.NO_CRLF: ("没有包尾", "no tail CR LF"),
    Kind.LF_ONLY: ("包尾只有 LF", "the tail is LF alone"),
    Kind.SKIPPED_BYTES: ("包前有杂音，已跳过", "noise before the packet was skipped"),
    Kind.CRC_LOWER_CASE: ("CRC 用小写字母", "CRC in lower case"),
    Kind.CRC_DIALECT: ("CRC 按该设备的约定校验", "CRC checked by the device's own rule"),
    Kind.LENGTH_IN_CHARACTERS: ("长度按字符数而非字节数计", "length counts characters, not bytes"),
    Kind.SEGMENT_LONG: ("数据段超过 1024 字节", "segment longer than 1024 bytes"),
    Kind.NO_QN: ("没有请求编码 QN", "no QN"),
    Kind.QN_FORM: ("QN 不是 17 位数字", "QN is not 17 digits"),
    Kind.NO_ST: ("没有系统编码 ST", "no ST"),
    Kind.NO_MN: ("应答中没有 MN", "an answer without MN"),
    Kind.MN_FORM: ("MN 不是标准规定的形式", "MN is not in the form of the standard"),
    Kind.NO_FLAG: ("没有 Flag，按 2005 版处理", "no Flag; read as the edition of 2005"),
    Kind.FLAG_NOT_NUMBER: ("Flag 不是数字，按不需应答处理", "Flag is not a number; no answer wanted"),
    Kind.FLAG_RANGE: ("Flag 超出 0～255", "Flag is not within 0 to 255"),
    Kind.FLAG_EDITION: ("Flag 中的版本号未知", "Flag names an unknown edition"),
    Kind.COMMA_IN_HEAD: ("包头字段之间用了逗号", "a comma between head fields"),
    Kind.NO_SEMICOLON: ("CP 之前缺分号", "no semicolon before CP"),
    Kind.HEAD_CASE: ("包头字段名大小写不符", "head field in another case"),
    Kind.HEAD_UNKNOWN: ("包头有标准以外的字段", "head field not in the standard"),
    Kind.HEAD_REPEATED: ("包头字段重复，内容相同", "head field twice with the same content"),
    Kind.RF_FORM: ("RF 不是 1", "RF is not 1"),
    Kind.PART_WITHOUT_NUMBERS: ("标志为拆分包但没有包号，按单包处理", "a part without numbers; read as single"),
    Kind.PART_WITHOUT_FLAG: ("有包号但标志不是拆分包", "part numbers without the flag"),
    Kind.CP_FORM: ("CP=&& 的写法不规范", "CP=&& written in another way"),
    Kind.CP_NOT_CLOSED: ("数据区没有以“&&”结束", "the data region is not closed by &&"),
    Kind.MARKS_INSIDE: ("数据区内有“&&”", "&& inside the data region"),
    Kind.SPACES: ("字段前后有空白", "blanks around a name or value"),
    Kind.CONTROL_BYTES: ("有控制字符", "control characters"),
    Kind.GB18030: ("按 GB18030 解码", "decoded as GB18030"),
    Kind.UNDECODABLE: ("有无法解码的字节", "bytes in no known charset"),
    Kind.EMPTY_ITEM: ("多余的分隔符", "a separator too many"),
    Kind.NO_EQUALS: ("数据项没有等号", "an item without an equals sign"),
    Kind.NO_NAME: ("数据项没有名称", "an item without a name"),
    Kind.EQUALS_IN_VALUE: ("值中有等号", "an equals sign inside a value"),
    Kind.NAME_UNKNOWN: ("标准以外的数据项名称", "a name not in the standard"),
    Kind.NAME_CASE: ("数据项名称大小写不符", "a name in another case"),
    Kind.NAME_REPEATED: ("数据项重复，取后一个", "a name twice; the last one holds"),
    Kind.VALUE_MISSING: ("没有值", "no value"),
    Kind.VALUE_NOT_NUMBER: ("值不是数", "the value is not a number"),
    Kind.VALUE_BOUND: ("值是上下限（如低于检出限）", "the value is a bound, as below detection"),
    Kind.NUMBER_FORM: ("数的写法不规范", "a number written in another way"),
    Kind.DATATIME_FORM: ("DataTime 不是 14 位", "DataTime is not 14 digits"),
    Kind.DATATIME_INVALID: ("DataTime 不是有效时间", "DataTime is no valid time"),
    Kind.DATATIME_FUTURE: ("DataTime 晚于接收时间", "DataTime is later than the receipt"),
}  # fmt: skip


class Leniency(NamedTuple):
    """One departure that was let pass: its kind, the name it concerns ('' for the packet), the text as it was sent."""

    kind: Kind
    where: str = ""
    text: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON: code, where and text when given, the English sentence."""
        found = {"code": str(self.kind)}
        if self.where:
            found["where"] = self.where
        if self.text:
            found["text"] = self.text
        found["meaning"] = KINDS[self.kind][1]
        return found
