"""Sessions of the console: signed cookies that name a key, and the token that every form of a session carries."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass

SESSION_SECONDS = 8 * 3600
"""A shift; then the key is asked for again."""
COOKIE, LOGIN_COOKIE = "pabean_session", "pabean_login"
"""The second one carries the token of the log-in form, for who has no session yet."""


@dataclass(frozen=True)
class Session:
    """A cookie that is good: its text, the key's number (empty before log-in), when it ends."""

    cookie: str
    key_id: str
    expires: int


class Sessions:
    """Opens, reads and ends sessions of one process.

    Parameters
    ----------
    secret : what cookies are signed with; None: a random one, so that a restart ends all sessions.
    """

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self._ended: dict[str, int] = {}
        self._lock = threading.Lock()

    def open(self, key_id: str = "") -> Session:
        """A new session for a key; without one, only good for logging in."""
        expires = int(time.time()) + SESSION_SECONDS
        body = f"{key_id}.{expires}.{secrets.token_urlsafe(16)}"
        return Session(f"{body}.{self._sign('session', body)}", key_id, expires)

    def read(self, cookie: str | None) -> Session | None:
        """The session of a cookie that we signed, that has not expired and was not ended."""
        body, _, signature = (cookie or "").rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign("session", body).encode()):
            return None
        key_id, expires, _ = body.split(".", 2)
        if int(expires) <= time.time() or body in self._ended:
            return None
        return Session(str(cookie), key_id, int(expires))

    def end(self, session: Session) -> None:
        """Makes a session's cookie worthless, copies of it too."""
        with self._lock:
            now = time.time()
            ended = {body: expires for body, expires in self._ended.items() if expires > now}
            self._ended = {**ended, session.cookie.rpartition(".")[0]: session.expires}

    def token(self, session: Session) -> str:
        """What a form of this session has to carry."""
        return self._sign("form", session.cookie)

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
