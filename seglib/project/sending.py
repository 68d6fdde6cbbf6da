"""Alerts on their way to people: to a webhook or by mail, where the environment names one."""

from __future__ import annotations

import json
import os
import smtplib
import urllib.request
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from seglib.errors import ParamsError

#: Variables of the environment; nothing is sent where neither of the first two is set.
WEBHOOK, SMTP, TO, FROM = (f"SEGLIB_ALERT_{name}" for name in ("WEBHOOK", "SMTP", "TO", "FROM"))
_SECONDS = 10


def send(facts: dict[str, Any], environment: Mapping[str, str] = os.environ) -> list[str]:
    """Send the alerts of a run where the environment says so.

    Parameters
    ----------
    facts
        What `alerts.json` holds: project, as_of and alerts, nothing of which is about a customer.
    environment
        `SEGLIB_ALERT_WEBHOOK`, an https or http address that receives JSON with the key `text` beside the
        facts; `SEGLIB_ALERT_SMTP`, as in smtps://user:password@mail.example.com:465, with `SEGLIB_ALERT_TO`
        and `SEGLIB_ALERT_FROM`.

    Returns
    -------
    list of str
        A line for each way that failed; the run is complete all the same. No address or password is in it.
    """
    if not facts["alerts"]:
        return []
    text = message(facts)
    ways = {
        WEBHOOK: lambda value: _post(value, facts | {"text": text}),
        SMTP: lambda value: _mail(value, text, environment),
    }
    failed = []
    for name, way in ways.items():
        value = environment.get(name, "").strip()
        try:
            if value:
                way(value)
        except ParamsError as error:
            failed.append(f"{name}: {error}")
        except (OSError, ValueError, smtplib.SMTPException) as error:
            failed.append(
                f"{name}: the alerts were not sent ({type(error).__name__}); check it, and the network"
            )
    return failed


def message(facts: dict[str, Any]) -> str:
    """Write the alerts as plain text: what was found, what to look at, which command follows.

    Examples
    --------
    >>> alert = {"severity": "high", "found": "A segment is new.", "look_at": "07", "command": "seglib run p.yaml"}
    >>> print(message({"project": "acme", "as_of": "2025-09-01", "alerts": [alert]}))
    acme, 2025-09-01: 1 alert
    - high: A segment is new. See 07; then: seglib run p.yaml
    """
    alerts = facts["alerts"]
    head = f"{facts['project']}, {facts['as_of']}: {len(alerts)} alert{'s' if len(alerts) > 1 else ''}"
    return "\n".join([head, *(f"- {a['severity']}: {line(a)}" for a in alerts)])


def line(alert: dict[str, Any]) -> str:
    """Write one alert: what was found, what to look at, which command follows."""
    return f"{alert['found']} See {alert['look_at']}; then: {alert['command']}"


def _post(address: str, facts: dict[str, Any]) -> None:
    if urlsplit(address).scheme not in ("http", "https"):
        raise ParamsError("allowed: an address that begins with https:// or http://")
    body = json.dumps(facts, ensure_ascii=False).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310
    urllib.request.urlopen(request, timeout=_SECONDS).close()  # noqa: S310


def _mail(server: str, text: str, environment: Mapping[str, str]) -> None:
    parts, to = urlsplit(server), environment.get(TO, "").strip()
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ParamsError("allowed: smtp://host:port or smtps://user:password@host:port")
    if not to:
        raise ParamsError(f"{TO} is not set; set it to the address that receives the alerts")
    mail = EmailMessage()
    mail["Subject"], mail["To"], mail["From"] = (
        text.splitlines()[0],
        to,
        environment.get(FROM, "").strip() or to,
    )
    mail.set_content(text)
    secure = parts.scheme == "smtps"
    client = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with client(parts.hostname, parts.port or (465 if secure else 25), timeout=_SECONDS) as session:
        if parts.username:
            if not secure:
                session.starttls()
            session.login(unquote(parts.username), unquote(parts.password or ""))
        session.send_message(mail)
