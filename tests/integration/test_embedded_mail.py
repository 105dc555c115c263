import email
import smtplib
from email.message import EmailMessage

import pytest

from local.home import Home
from local.parts import mail
from local.supervision.children import Children
from local.supervision.ports import free_port


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    return home


@pytest.fixture
def children(home):
    children = Children(home.logs)
    yield children
    children.stop()


def serve(home, children, port=None):
    children.start(mail.program(home, port))
    children.wait_until_ready()
    host, _, port = mail.address(home).partition(":")
    return host, int(port)


def message(subject):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "oversight@example.org", "mps@example.org", subject
    message.set_content("Action 14 fell due yesterday.\n.\nA line that was only a dot, and £.\n")
    return message


def test_each_e_mail_becomes_one_file_with_what_was_sent(home, children):
    with smtplib.SMTP(*serve(home, children)) as client:
        for subject in ("first", "second", "third"):
            client.send_message(message(subject))
    kept = [email.message_from_bytes(path.read_bytes()) for path in sorted(home.mail.glob("*.eml"))]
    assert [each["Subject"] for each in kept] == ["first", "second", "third"]
    assert "only a dot, and £" in kept[0].get_payload(decode=True).decode()


def test_the_sink_listens_on_the_port_that_it_is_given(home, children):
    port = free_port()
    assert serve(home, children, port) == ("127.0.0.1", port)


def test_an_e_mail_that_cannot_be_kept_is_refused_for_now(home, children):
    address = serve(home, children)
    home.mail.rmdir()
    with smtplib.SMTP(*address) as client, pytest.raises(smtplib.SMTPDataError) as refused:
        client.send_message(message("lost?"))
    assert refused.value.smtp_code == 452
