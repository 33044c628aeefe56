"""What the alliance keeps: organisations, order imports, report builds, jobs, the audit trail."""

from portal.i18n import lazy_gettext as _l
from portal.privacy.kept.words import PROOF, WHO, gone, pointer
from portal.privacy.rules import Deletion, Field, Table

_TO_RUN = _l("联盟日常运营")
_TO_PROVE = _l("查清问题，防止冒用")

TABLES = (
    Table(
        name="organisation",
        what=_l("组织资料"),
        purpose=_l("店铺、供应商或联盟本身的资料"),
        rows=Deletion.KEEP,
        organisation=("id",),
        exported=(
            "id",
            "kind",
            "name",
            "shop_ref",
            "region",
            "level",
            "joined_on",
            "shares_name",
            "state",
            "created_at",
        ),
        fields={},
    ),
    Table(
        name="notice_endpoint",
        what=_l("接收通知的群和网址"),
        purpose=_l("把通知发到组织自己的群"),
        rows=Deletion.KEEP,
        organisation=("organisation_id",),
        exported=("channel", "name", "host", "kinds", "created_at"),
        fields={},
    ),
    Table(
        name="product",
        what=_l("商品"),
        purpose=_TO_RUN,
        rows=Deletion.KEEP,
        organisation=("supplier_id",),
        exported=("id", "code", "name_zh", "name_en", "active"),
        fields={},
    ),
    Table(
        name="order_import",
        what=_l("上传的订单文件"),
        purpose=_l("计算增长报告"),
        rows=Deletion.KEEP,
        person=("uploaded_by", "confirmed_by"),
        exported=("public_id", "filename", "state", "rows_read", "uploaded_at", "finished_at"),
        fields={
            "uploaded_by": pointer(),
            "confirmed_by": pointer(),
            "filename": Field(_l("文件名"), Deletion.MASK),
        },
    ),
    Table(
        name="allocation_round",
        what=_l("分配过的顾问名额"),
        purpose=_TO_RUN,
        rows=Deletion.KEEP,
        person=("opened_by",),
        exported=("id", "state", "first_day", "last_day", "opened_at", "published_at"),
        fields={"opened_by": pointer()},
    ),
    Table(
        name="report_build",
        what=_l("生成过的增长报告"),
        purpose=_TO_RUN,
        rows=Deletion.KEEP,
        person=("started_by",),
        exported=("public_id", "state", "dealers", "created_at", "finished_at"),
        fields={"started_by": pointer()},
    ),
    Table(
        name="job",
        what=_l("后台任务，留 30 天"),
        purpose=_TO_RUN,
        rows=Deletion.KEEP,
        person=("caused_by", "given_up_by"),
        exported=("kind", "state", "created_at", "finished_at", "given_up_reason"),
        fields={
            "caused_by": pointer(),
            "given_up_by": pointer(),
            "given_up_reason": Field(_l("放弃的原因"), Deletion.MASK),
        },
    ),
    Table(
        name="evidence_entry",
        what=_l("操作记录"),
        purpose=_TO_PROVE,
        rows=Deletion.KEEP,
        person=("person_id",),
        exported=("seq", "at", "role", "action", "subject", "subject_id"),
        fields={"person_id": Field(WHO, Deletion.KEEP, why_kept=PROOF)},
    ),
    Table(
        name="evidence_detail",
        what=_l("操作记录的明细"),
        purpose=_TO_PROVE,
        rows=Deletion.ERASE,
        parent=("seq", "evidence_entry"),
        exported=("seq", "address", "user_agent", "details"),
        fields={
            "address": gone(_l("来源地址")),
            "user_agent": gone(_l("浏览器")),
            "details": gone(_l("其他明细")),
        },
    ),
)
