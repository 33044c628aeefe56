"""Brings the demo's order files in the way an operator would: upload, dry run, confirm, build."""

from datetime import datetime
from io import BytesIO

from portal.access import Member
from portal.demo.cast import World
from portal.demo.orders import order_files
from portal.reporting import actions as reporting
from portal.sales.actions import deciding, receiving
from portal.sales.models import OrderImport


def receive(world: World, *, operator: Member, at: datetime) -> None:
    """Upload and confirm the order export and the refund list; the worker imports them."""
    orders, refunds = order_files(world)
    stamp = f"{world.today:%Y%m%d}"
    for name, content in (
        (f"订单导出-{stamp}.csv", orders),
        (f"售后退款登记-{stamp}.csv", refunds),
    ):
        received: OrderImport = receiving.receive(
            stream=BytesIO(content),
            filename=name,
            mapping=None,
            uploaded_by=operator.person_id,
            at=at,
        )
        deciding.confirm(public_id=received.public_id, by_person_id=operator.person_id, at=at)


def start_build(*, operator: Member, at: datetime) -> None:
    """Let the worker build every dealer's report."""
    reporting.start_build(started_by=operator.person_id, at=at)
