"""Writes the demo's order files: the shop system's export and the alliance's refund list.

Both are what an operator would upload: bytes of a CSV file, nothing added for our convenience.
Times are wall-clock in Asia/Shanghai, money is yuan with two decimals.
"""

from collections.abc import Iterator
from datetime import date

from portal.demo.cast import World
from portal.demo.phpcsv import document
from portal.demo.refunds import Refund, refunds
from portal.demo.trade import Order, trade

# The 20 columns of the acg-faka administrator's export, in its order.
ORDER_HEADER = (
    *("订单号", "金额", "商品名称", "数量", "支付方式", "下单时间", "下单IP", "下单设备"),
    *("支付时间", "订单状态", "联系方式", "发货状态", "优惠券", "客户", "推广人", "分站"),
    *("分站手续费", "接口手续费", "推广分成", "返利"),
)
REFUND_HEADER = (
    *("退款单号", "订单号", "分站", "商品名称", "数量", "退款金额", "退款时间", "退款原因"),
)
SITE_FEE_BPS = {1: 300, 2: 250, 3: 200, 4: 150}  # by the dealer's level
GATEWAY_FEE_BPS = 60
PROMOTER_BPS = 200
IMPOSSIBLE_TIMES = ("0000-00-00 00:00:00", "{year}-02-30 10:12:08", "{year}-13-05 09:41:33")


def order_files(world: World) -> tuple[bytes, bytes]:
    """Return (order export, refund list); trades once, so it is the cheap way to have both."""
    orders = trade(world)
    return (
        document(ORDER_HEADER, _order_rows(orders)),
        document(REFUND_HEADER, map(_refund_row, refunds(world, orders=orders))),
    )


def order_export(world: World) -> bytes:
    """Return the shop system's export: 18 full months and the running one up to yesterday.

    About one paid row in a thousand is spoiled, as in life: without its 分站, with a garbled
    amount, or paid at an impossible time.
    """
    return order_files(world)[0]


def refund_list(world: World) -> bytes:
    """Return the alliance's after-sales list; each row names the order it gives money back for."""
    return order_files(world)[1]


def _order_rows(orders: tuple[Order, ...]) -> Iterator[list[str]]:
    day, text = 0, ""
    for order in orders:
        if order.day != day:
            day, text = order.day, date.fromordinal(order.day).isoformat()
        row = _order_row(order, text)
        if order.defect:
            _spoil(row, order, year=text[:4])
        yield row


def _order_row(order: Order, day: str) -> list[str]:
    paid = order.paid_second is not None
    gateway_bps = 0 if order.method == "余额" else GATEWAY_FEE_BPS
    return [
        order.order_no,
        _yuan(order.amount_fen),
        order.product.name_zh,
        str(order.quantity),
        order.method,
        f"{day} {_clock(order.second)}",
        order.buyer.address,
        order.buyer.device,
        f"{day} {_clock(order.paid_second)}" if order.paid_second is not None else "",
        "已支付" if paid else "未支付",
        order.buyer.contact,
        "已发货" if order.delivered else "未发货",
        order.coupon,
        order.buyer.account,
        order.promoter,
        order.dealer.ref,
        _share(order.amount_fen, SITE_FEE_BPS[order.dealer.level]),
        _share(order.amount_fen, gateway_bps),
        _share(order.amount_fen, PROMOTER_BPS if order.promoter else 0),
        "0.00",
    ]


def _spoil(row: list[str], order: Order, *, year: str) -> None:
    """Break the row as its order's defect says; the variety comes from the order number."""
    kind = int(order.order_no) % 3
    if order.defect == "no_dealer":
        row[ORDER_HEADER.index("分站")] = ""
    elif order.defect == "bad_amount":
        amount = row[1]
        row[1] = (f"{amount}.0", f"¥{amount}元", amount.replace(".", "O"))[kind]
    else:
        row[ORDER_HEADER.index("支付时间")] = IMPOSSIBLE_TIMES[kind].format(year=year)


def _refund_row(refund: Refund) -> list[str]:
    order = refund.order
    return [
        refund.refund_no,
        order.order_no,
        order.dealer.ref,
        order.product.name_zh,
        str(refund.quantity),
        _yuan(refund.amount_fen),
        f"{date.fromordinal(refund.day).isoformat()} {_clock(refund.second)}",
        refund.reason,
    ]


def _share(amount_fen: int, bps: int) -> str:
    # Rounded down, as the shop system does with shares of an amount.
    return _yuan(amount_fen * bps // 10_000)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
