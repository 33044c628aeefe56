"""Which addresses may be called: a member's address is no way into our own network."""

import ipaddress
import socket
import threading
import time

import endpoint_servers as servers
import pytest

from portal.notices.endpoints import targets
from portal.notices.endpoints.calls import Call
from portal.notices.endpoints.targets import ForbiddenTarget, Unreachable


@pytest.mark.asvs("V1.3.6", "V13.2.4")
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user:password@example.com/",
        "https://example.com:99999/",
        "https://example.com/#part",
        "https://例子.example/",
        "https://example.com/a b",
        "https://example.com/\r\nHost: evil",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://example.com/" + "x" * 500,
    ],
)
def test_an_address_that_must_not_be_called_is_refused_by_its_spelling(url):
    with pytest.raises(ForbiddenTarget):
        targets.check(url, loopback=False)


@pytest.mark.parametrize(
    "url", ["https://example.com/hook?a=1", "https://example.com:8443/", "https://8.8.8.8/"]
)
def test_a_public_address_may_be_called(url):
    assert targets.check(url, loopback=False).scheme == "https"


@pytest.mark.parametrize("url", ["http://192.168.1.1/", "http://169.254.169.254/"])
def test_letting_loopback_in_lets_nothing_else_in(url):
    with pytest.raises(ForbiddenTarget):
        targets.check(url, loopback=True)


@pytest.mark.asvs("V1.3.6")
@pytest.mark.parametrize("name", ["localhost", "127.1", "2130706433", "0x7f000001"])
def test_a_name_that_leads_home_is_refused_after_it_is_resolved(name):
    with pytest.raises((ForbiddenTarget, Unreachable)):
        targets.resolve(name, 443, loopback=False)


def test_one_private_address_among_public_ones_is_one_too_many(monkeypatch):
    def answers(*_arguments, **_options):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 443)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answers)

    with pytest.raises(ForbiddenTarget):
        targets.resolve("rebinding.example", 443, loopback=False)


@pytest.mark.asvs("V1.3.6")
def test_the_call_goes_to_the_address_that_was_checked_whatever_the_name_says_later(monkeypatch):
    """A name that changes its answer between check and connection gains nothing."""
    with servers.running("webhook") as server:
        answers = iter(["127.0.0.1", "203.0.113.9"])

        def one_after_another(_host, port, *_arguments, **_options):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

        server.next_replies = [(200, b"ok")]
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *rest, **options: (
                real(host, *rest, **options)
                if host == "127.0.0.1"
                else one_after_another(host, *rest, **options)
            ),
        )

        answer = targets.post(
            Call(f"http://changing.example:{server.port}/hook", b"{}"), loopback=True
        )

        assert answer.status == 200
        assert server.asked[0].headers["host"] == f"changing.example:{server.port}"
        assert next(answers) == "203.0.113.9"  # nobody asked a second time


def test_an_answer_is_read_no_further_than_needed():
    with servers.running("webhook") as server:
        server.next_replies = [(200, b"x" * 5_000_000)]

        answer = targets.post(Call(server.url, b"{}"), loopback=True)

        assert len(answer.body) == targets.MOST_BYTES


def test_who_sends_a_byte_now_and_then_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(targets, "WHOLE_S", 0.6)
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1000:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.05)
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    try:
        with pytest.raises(Unreachable):
            targets.post(Call(url, b"{}"), loopback=True)
    finally:
        thread.join(timeout=5)
        listening.close()

    assert time.monotonic() - began < 5


def test_carried_addresses_are_looked_through():
    assert not targets.is_public(ipaddress.ip_address("64:ff9b::a00:1"))  # 10.0.0.1
    assert targets.is_public(ipaddress.ip_address("64:ff9b::808:808"))  # 8.8.8.8


def test_where_one_address_of_a_name_is_dead_the_next_is_tried(monkeypatch):
    with servers.running("webhook") as server:
        server.next_replies = [(200, b"ok")]
        monkeypatch.setattr(targets, "resolve", lambda *_, **__: ["::1", "127.0.0.1"])

        answer = targets.post(Call(server.url, b"{}"), loopback=True)

        assert answer.status == 200
