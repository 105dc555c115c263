import pytest
from pydantic import ValidationError

from services.notify.channels import EmailChannel, Smtp, channel, check, masked, notifier
from services.notify.settings import Settings
from shared.errors import Invalid

SINK = Smtp("127.0.0.1", 2525, "oversight@mopac.example")
EMAIL = {"kind": "email", "address": "a.brien+board@met.example"}


def test_an_email_goes_through_the_configured_server_unencrypted_unless_told_otherwise():
    found = notifier(channel(EMAIL, SINK).url)
    assert (found.smtp_host, found.port, found.secure) == ("127.0.0.1", 2525, False)
    assert found.targets == [(False, "a.brien+board@met.example")]
    assert found.from_addr[1] == "oversight@mopac.example"


def test_a_server_that_wants_a_login_gets_it_over_an_encrypted_connection():
    smtp = Smtp("smtp.example", 587, "oversight@mopac.example", "starttls", "us:er", "p@ss/word")
    found = notifier(channel(EMAIL, smtp).url)
    assert (found.user, found.password, found.secure, found.secure_mode) == ("us:er", "p@ss/word", True, "starttls")


def test_channels_of_one_owner_are_told_apart_without_telling_their_secrets():
    one, other = channel("json://h?key=sesame", SINK), channel("json://h?key=other", SINK)
    assert one.label == other.label == "json"
    assert one.key != other.key
    assert "sesame" not in one.key


def test_each_entry_that_apprise_cannot_parse_is_named():
    with pytest.raises(Invalid) as refused:
        check(["json://good", "nonsense", EmailChannel(**EMAIL), "pigeon://x"], SINK)
    assert [error.field for error in refused.value.errors] == ["channels.1", "channels.3"]


def test_of_an_url_only_the_scheme_is_shown():
    assert masked("json://user:sesame@hooks.example/secret?+Authorization=sesame") == "json://****"
    assert masked("slack://token-a/token-b/token-c") == "slack://****"
    assert masked(EMAIL) == EMAIL


@pytest.mark.parametrize("address", ["o'brien@met.example", "a@b", "jos\u00e9@met.example"])
def test_an_address_that_apprise_would_send_elsewhere_is_refused(address):
    with pytest.raises(Invalid, match="not valid") as refused:
        check([EmailChannel(kind="email", address=address)], SINK)
    assert address in refused.value.errors[0].message


def test_a_sender_that_apprise_cannot_use_stops_the_start(tmp_path):
    common = {"kafka": "k", "database_url": "sqlite:///x.db", "tokens_file": tmp_path}
    assert Settings(**common).mail_server.host == "127.0.0.1"
    with pytest.raises(ValidationError, match="OVERSIGHT_NOTIFY_MAIL_FROM"):
        Settings(**common, mail_from="oversight@mopac")
