"""Starting the application: where it listens, under which names, and with which certificate."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from speechcoach.errors import UsageError
from speechcoach.judgement import check_rubric
from speechcoach.settings import Norms, Rubric
from speechcoach.team.review.people import People
from speechcoach.team.store import Store

_PATIENCE_S = 5.0  # for a store that somebody writes into: who waits at a browser holds a thread
_UNSEEN = ("0.0.0.0", "::")
_NAME = re.compile(r"\*|(\*\.)?[^\W_]([\w.-]*\w)?")  # as it stands in an address, without the port


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and the names that browsers may ask for; `behind_https` where a proxy of theirs speaks https."""

    host: str
    port: int
    names: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    behind_https: bool = False
    without_https: bool = False

    @property
    def secure(self) -> bool:
        return self.behind_https or self.certificate is not None

    @property
    def at_home(self) -> bool:
        return self.host == "localhost" or _loopback(self.host)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that are answered to."""
        own = ("127.0.0.1", "localhost") if self.at_home or self.host in _UNSEEN else ()
        host = f"[{self.host}]" if ":" in self.host else self.host
        own = own if host in own or self.host in _UNSEEN else (host, *own)
        return (*dict.fromkeys(name.lower() for name in (*own, *self.names)),)

    @property
    def shown(self) -> str:
        """The address for people."""
        name = self.names[0] if self.names else self.hosts[0]
        return f"{'https' if self.secure else 'http'}://{name}:{self.port}/"


def checked(address: Address) -> Address:
    """The address, where it can be listened on. Raises UsageError where it cannot."""
    if not 0 < address.port < 65536:
        raise UsageError(f"--port must be 1 to 65535, not {address.port}")
    if (address.certificate is None) != (address.key is None):
        raise UsageError("--certificate and --key belong together: name both")
    for file in filter(None, (address.certificate, address.key)):
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file; check the path")
    _check_certificate(address)
    for name in address.names:
        if _NAME.fullmatch(name) is None:
            raise UsageError(f"--name {name!r} is no host's name; write it as coach.example.org, or *.example.org")
    if not address.at_home and not address.names:
        raise UsageError(f"{address.host} is not this machine alone: say by which --name browsers ask for it")
    if not (address.at_home or address.secure or address.without_https):
        raise UsageError(
            f"{address.host} can be reached from elsewhere, and passwords would travel unencrypted; give --certificate "
            "and --key, say --behind-https where a proxy of yours speaks https, or --without-https where nobody "
            "else is on the way"
        )
    return address


def start(url: str, address: Address, norms: Path | None, rubric: Path | None, say: Callable[[str], None]) -> None:
    """Serve until it is stopped. Raises UsageError where the port is taken or packages are missing."""
    try:
        import uvicorn

        from speechcoach.web.application import Shop, application
        from speechcoach.web.call.drawing import warm
    except ImportError as why:
        raise UsageError(
            f"the review application needs {why.name}; install it: pip install 'speechcoach[web]'"
        ) from None
    Norms.load(None, norms)  # files that cannot be meant are said before anybody is let in
    check_rubric(Rubric.load(rubric))
    store = Store(url, new=False, wait_s=_PATIENCE_S)
    people = People(store)
    if people.count() == 0:
        say(f"nobody can sign in yet: speechcoach user add NAME --role qa --store {store.shown}")
    listening = _socket(address)
    app = application(Shop(store, people, norms, rubric, address.secure), address.hosts)
    Thread(target=warm, daemon=True).start()
    say(f"the calls of {store.shown} are at {address.shown} (Ctrl-C stops)")
    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ssl_certfile=address.certificate,
        ssl_keyfile=str(address.key) if address.key else None,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _check_certificate(address: Address) -> None:
    """Raises UsageError where the two cannot be used; uvicorn would fall over them later."""
    if address.certificate is None or address.key is None:
        return

    def refuse() -> str:
        raise UsageError(f"{address.key}: the key asks for a password; give one without, that only you can read")

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(address.certificate, address.key, refuse)
    except OSError as why:  # an SSLError is one
        cause = getattr(why, "reason", None) or why.strerror or str(why)
        raise UsageError(
            f"{address.certificate} and {address.key}: no certificate with its key ({cause}); give both as PEM"
        ) from None


def _socket(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address.host, address.port))
    except OSError as why:
        made.close()
        cause = why.strerror or str(why)
        raise UsageError(
            f"{address.host}:{address.port} cannot be listened on ({cause}); choose another --port"
        ) from None
    return made


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
