"""Fictitious names: every association starts with 示例, no person or association is real."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from lib.domain.credit_code import check_digit

PLACE_WORD = "示例"
OUTSIDE_UNIT = "示例市体育局"
COUNTS = (40, 26, 22, 18, 15, 14, 12, 11, 10, 9, 9, 8, 7, 6, 5, 5, 4, 3, 1, 0)
"""In-scope associations of each supervising unit, largest first; includes the edges 0, 1, 4, 5 and 6."""

TRADES = (
    "钢铁", "化工", "纺织", "服装", "食品", "酒类", "茶叶", "水产", "粮油", "家具", "建材", "陶瓷", "玻璃",
    "水泥", "涂料", "塑料", "橡胶", "造纸", "印刷", "包装", "仪表", "轴承", "模具", "焊接", "铸造", "电机",
    "电缆", "电池", "照明", "家电", "通信", "软件", "芯片", "机器人", "航材", "船舶", "汽配", "自行车",
    "医疗器械", "中药", "保健品", "化妆品", "珠宝", "眼镜", "钟表", "玩具", "乐器", "文具", "礼品", "花卉",
    "苗木", "种业", "饲料", "养殖", "物流", "仓储", "冷链", "快递", "拍卖", "典当",
)  # fmt: skip
SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘范彭鲁韦马苗方俞任袁柳史唐薛雷贺汤"
GIVEN = (
    "明", "建国", "志强", "丽华", "文静", "海涛", "晓东", "玉兰", "国庆", "小红", "永福", "秀英", "立新",
    "春生", "长江", "佳宁", "思远", "雨桐", "子涵", "若愚",
)  # fmt: skip


def person(random: Random) -> str:
    """A made-up name."""
    return random.choice(SURNAMES) + random.choice(GIVEN)


def association_names(count: int, suffixes: Sequence[str], random: Random) -> list[str]:
    """``count`` different names, or as many as there are, with the endings the plan covers."""
    every = [f"{PLACE_WORD}{trade}{suffix}" for suffix in suffixes for trade in TRADES]
    return random.sample(every, min(count, len(every)))


def credit_code(number: int) -> str:
    """A well-formed code that belongs to nobody: region 000000 does not exist."""
    body = f"51000000{number:09d}"
    return body + check_digit(body)


def email(number: int) -> str:
    """An address under a name that is reserved for never existing (RFC 2606)."""
    return f"unit{number:02d}@example.invalid"


def phone(number: int) -> str:
    """A number in a range that is not in use."""
    return f"022-0000{number % 10000:04d}"
