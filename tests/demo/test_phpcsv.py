"""PHP's own way of quoting; the expected fields follow the loop of fputcsv in PHP's file.c."""

import pytest

from portal.demo.phpcsv import document, field


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("支付宝", "支付宝"),
        ("-1", "-1"),
        ("a'b", "a'b"),
        ("《星海征途》点券 648", '"《星海征途》点券 648"'),
        ("a,b", '"a,b"'),
        ("a\tb", '"a\tb"'),
        ("a\nb", '"a\nb"'),
        ('say "x"', '"say ""x"""'),
        ("a\\b", '"a\\b"'),
        ('a\\"b', '"a\\"b"'),
        ('a\\""b', '"a\\"""b"'),
        ('a\\b"c', '"a\\b""c"'),
    ],
)
def test_a_field_is_quoted_only_where_php_would(text, written):
    assert field(text) == written


def test_a_document_starts_with_a_bom_and_ends_every_line_with_a_line_feed():
    content = document(("甲", "乙"), [("1", "2 3")])

    assert content == b"\xef\xbb\xbf" + '甲,乙\n1,"2 3"\n'.encode()
