"""A real HTTP server on this machine that plays an OpenAI-compatible endpoint, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


@dataclass
class JudgeServer:
    """`reply` answers each request; `seen` holds what was asked: path, headers in lower case, body."""

    port: int = 0
    reply: Reply = lambda _handler, _body: None
    seen: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


@contextmanager
def judge_server(reply: Reply) -> Iterator[JudgeServer]:
    """The server, running until the block ends."""
    state = JudgeServer(reply=reply)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.server.leaving = state.leaving  # type: ignore[attr-defined]
            try:
                state.reply(self, body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.leaving.set()
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, text: str | bytes, status: int = 200) -> None:
    """A whole reply."""
    data = text.encode() if isinstance(text, str) else text
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def completion(content: str) -> str:
    """What a server of this kind wraps a model's words in."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]})


def verdicts(*points: dict[str, Any]) -> Reply:
    """A judge that always says this."""
    text = completion(json.dumps({"points": list(points)}))
    return lambda handler, _body: send(handler, text)


def status(code: int) -> Reply:
    """A server that refuses."""
    return lambda handler, _body: send(handler, '{"error": "no"}', code)


def hang(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Takes the request and says nothing."""
    handler.server.leaving.wait(20)  # type: ignore[attr-defined]


def drip(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Sends a byte now and then, so that no time-out of a socket ever strikes."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(400):
        if handler.server.leaving.is_set():  # type: ignore[attr-defined]
            return
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def garbage(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Streams noise without end."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.leaving.is_set():  # type: ignore[attr-defined]
        handler.wfile.write(b"\xff\x00\x1b[31m" * 4096)


def no_http(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Speaks something else."""
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")
    handler.close_connection = True


def hang_up(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Closes the connection without a word."""
    handler.close_connection = True
    handler.connection.close()
