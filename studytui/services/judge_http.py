"""One POST with a hard deadline, on the standard library: whatever the other side does, it ends in time."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from typing import Any, Final
from urllib.parse import urlsplit

MOST_BYTES: Final = 1_000_000
"""A reply longer than this is no verdict on an answer."""
_CHUNK: Final = 65_536
_SLICE_S: Final = 0.05


class Failed(Exception):
    """The request came to nothing. The text goes on after "The judge at HOST"; `status` is HTTP's, 0 without one."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


def post(
    url: str, body: dict[str, Any], *, key: str, timeout_s: float, started: float, stop: threading.Event | None = None
) -> str:
    """The text of the reply to a JSON body. Setting `stop` ends the wait at once.

    The time-out counts from `started` (of `time.monotonic`), so that a second try has what the first one left.

    The exchange runs in a thread of its own that is left behind at the deadline, since looking up a name, or a server
    that sends a byte now and then, would outlast any time-out of a socket. Redirects are not followed: the key goes to
    the host that was named and to no other.

    Raises:
        Failed: no connection, no reply in time, another status than 200, or too long a reply.
    """
    exchange = _Exchange(url, body, key, timeout_s)
    thread = threading.Thread(target=exchange.run, name="judge", daemon=True)
    thread.start()
    deadline = started + timeout_s
    while thread.is_alive() and time.monotonic() < deadline and not (stop is not None and stop.is_set()):
        thread.join(_SLICE_S)
    if thread.is_alive():
        exchange.abandon()
        waited = stop is None or not stop.is_set()
        raise Failed(f"did not answer within {timeout_s:g} s" if waited else "was not waited for")
    if exchange.failure is not None:
        raise exchange.failure
    return exchange.text


class _Exchange:
    """Sends and reads; leaves what came of it in `text` or `failure`."""

    def __init__(self, url: str, body: dict[str, Any], key: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
        self._path = parts.path + (f"?{parts.query}" if parts.query else "")
        self._body = json.dumps(body, ensure_ascii=True).encode()
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._timeout_s = timeout_s
        self._socket: socket.socket | None = None
        self.text = ""
        self.failure: Failed | None = None

    def run(self) -> None:
        """The whole exchange; never raises."""
        try:
            self.text = self._talk()
        except Failed as error:
            self.failure = error
        except TimeoutError:
            self.failure = Failed(f"did not answer within {self._timeout_s:g} s")
        except ssl.SSLError as error:
            self.failure = Failed(f"has no connection that can be trusted ({error.reason or 'TLS failed'})")
        except (socket.gaierror, ConnectionError, OSError) as error:
            self.failure = Failed(f"cannot be reached ({error.strerror or type(error).__name__})")
        except (http.client.HTTPException, UnicodeError, ValueError) as error:
            # The text of the error is left out: it could repeat a header, and with it the key.
            self.failure = Failed(f"does not speak HTTP as expected ({type(error).__name__})")
        finally:
            self._connection.close()

    def abandon(self) -> None:
        """End the connection from outside; the thread then ends by itself."""
        with contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def _talk(self) -> str:
        self._connection.connect()
        # Kept, since the connection lets go of it once the server says that it will close.
        self._socket = self._connection.sock
        self._connection.request("POST", self._path, self._body, self._headers)
        with contextlib.closing(self._connection.getresponse()) as response:
            if response.status != http.client.OK:
                raise Failed(_refusal(response.status), response.status)
            found = bytearray()
            while chunk := response.read1(_CHUNK):
                found += chunk
                if len(found) > MOST_BYTES:
                    raise Failed("sent far more than a verdict")
            return found.decode("utf-8", "replace")


def _refusal(status: int) -> str:
    match status:
        case 401 | 403:
            return f"refused the key, or wants one ({status})"
        case 404:
            return "knows no such address or model (404)"
        case 429:
            return "has too much to do (429)"
        case _ if 300 <= status < 400:
            return f"points to another address ({status}); name that one in the settings"
        case _ if status >= 500:
            return f"had a fault of its own ({status})"
    return f"refused the request ({status})"
