import io
import json
import smtplib
import urllib.error
import urllib.request

import pytest

from seglib.project import sending

ALERT = {
    "alert": "rebuild",
    "severity": "high",
    "subject": "segments",
    "found": "A segment is new.",
    "limit": None,
    "look_at": "07_monitor.html",
    "command": "seglib run params/acme.yaml --refit",
}
FACTS = {"project": "acme", "as_of": "2025-09-01", "alerts": [ALERT]}


@pytest.fixture
def receiver(monkeypatch):
    got = []

    def opened(request, timeout):
        got.append(json.loads(request.data))
        if request.full_url.endswith("/broken"):
            raise urllib.error.HTTPError(request.full_url, 500, "broken", {}, None)
        return io.BytesIO()

    monkeypatch.setattr(urllib.request, "urlopen", opened)
    return "https://hooks.example.com/secret-token", got


def test_nothing_is_sent_unless_the_environment_says_so(receiver):
    assert sending.send(FACTS, {}) == [] and receiver[1] == []


def test_no_alert_sends_no_message(receiver):
    assert sending.send(FACTS | {"alerts": []}, {sending.WEBHOOK: receiver[0]}) == []
    assert receiver[1] == []


def test_a_webhook_receives_the_alerts_and_what_to_do(receiver):
    address, got = receiver
    assert sending.send(FACTS, {sending.WEBHOOK: address}) == []
    assert got[0]["alerts"] == [ALERT] and got[0]["project"] == "acme"
    assert "seglib run params/acme.yaml --refit" in got[0]["text"] and "07_monitor.html" in got[0]["text"]


@pytest.mark.parametrize(
    "environment",
    [
        {sending.WEBHOOK: "file:///etc/secret-token"},
        {sending.WEBHOOK: "http://127.0.0.1:1/secret-token"},
        {sending.WEBHOOK: "secret-token"},
        {sending.SMTP: "smtp://user:secret-token@127.0.0.1:1", sending.TO: "a@example.com"},
        {sending.SMTP: "ftp://secret-token", sending.TO: "a@example.com"},
        {sending.SMTP: "smtp://secret-token:notaport", sending.TO: "a@example.com"},
        {sending.SMTP: "smtp://127.0.0.1:1/secret-token"},
    ],
)
def test_what_cannot_be_sent_is_one_line_without_the_address(environment):
    (line,) = sending.send(FACTS, environment)
    assert line.startswith("SEGLIB_ALERT_") and "secret-token" not in line and "\n" not in line


def test_a_webhook_that_refuses_is_one_line(receiver):
    (line,) = sending.send(FACTS, {sending.WEBHOOK: f"{receiver[0]}/broken"})
    assert "not sent" in line


def test_mail_goes_to_who_is_named_over_a_secured_line(monkeypatch):
    done = []

    class Session:
        def __init__(self, host, port, timeout):
            done.append((host, port))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def starttls(self):
            done.append("tls")

        def login(self, user, password):
            done.append((user, password))

        def send_message(self, mail):
            done.append((mail["To"], mail["From"], mail["Subject"], mail.get_content()))

    monkeypatch.setattr(smtplib, "SMTP", Session)
    environment = {sending.SMTP: "smtp://ann:p%40ss@mail.example.com:587", sending.TO: "team@example.com"}
    assert sending.send(FACTS, environment) == []
    assert done[:3] == [("mail.example.com", 587), "tls", ("ann", "p@ss")]
    to, sender, subject, text = done[3]
    assert (to, sender, subject) == ("team@example.com", "team@example.com", "acme, 2025-09-01: 1 alert")
    assert "A segment is new. See 07_monitor.html; then: seglib run params/acme.yaml --refit" in text
