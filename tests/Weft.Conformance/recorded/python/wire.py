"""Records what goes over the wire, below the SDK: requests, answers, streamed events and sockets, in the order of their start."""
import json
import threading
from urllib.parse import parse_qsl

import httpx
from websockets.exceptions import ConnectionClosedError

TOLD_OF_REQUESTS = ("accept", "cache-control", "content-type", "idempotency-key", "last-event-id", "prefer")
TOLD_OF_ANSWERS = ("content-location", "content-type", "location", "x-pagination-next", "x-pagination-total")


class Recording:
    """The exchanges of a scenario. An exchange says how many events each open stream had told when it began ("after"), and which
    exchange was the last to begin before it ended ("during") if others began meanwhile."""

    def __init__(self):
        self.exchanges = []
        self.cut_after = None
        self._lock = threading.Lock()

    def begin(self, exchange):
        with self._lock:
            exchange["after"] = [(other, len(other["events"])) for other in self.exchanges if "events" in other and "during" not in other]
            self.exchanges.append(exchange)
            return exchange

    def end(self, exchange):
        with self._lock:
            exchange.setdefault("during", self.exchanges[-1])

    def cut(self, exchange):
        """Whether the connection is to break here, once, after so many events; the streams of the SDK's own do not."""
        filter_ = exchange.get("body") or exchange.get("sent", [{}])[0].get("params")
        if self.cut_after is None or len(exchange.get("events", [])) < self.cut_after or filter_.get("channels") == ["lifecycle", "input"]:
            return False
        self.cut_after = None
        return True

    def finished(self):
        """The exchanges with numbers in place of what they refer to, without streams that were opened before their thread was."""
        kept = [one for one in self.exchanges if "status" in one or "events" in one]
        kept = [one for one in kept if not (one["path"].endswith("/stream/events") and one.get("status") == 404)]
        at = {id(one): index for index, one in enumerate(kept)}
        last = {}
        for one in self.exchanges:
            last[id(one)] = at.get(id(one), max(last.values(), default=0))
        finished = []
        for index, one in enumerate(kept):
            after = {str(at[id(other)]): told for other, told in one["after"] if id(other) in at and at[id(other)] < index}
            during = last[id(one.get("during", self.exchanges[-1]))]
            rest = {name: value for name, value in one.items() if name not in ("after", "during")}
            finished.append({**({"after": after} if after else {}), **({"during": during} if during > index else {}), **rest})
        return finished

    def of_request(self, request):
        headers = {name: value for name, value in request.headers.items()
                   if (name in TOLD_OF_REQUESTS or name.startswith("x-")) and value != "*/*"}
        query = [[name, value] for name, value in parse_qsl(request.url.query.decode(), keep_blank_values=True)]
        return self.begin({
            "method": request.method, "path": request.url.path, **({"query": query} if query else {}),
            **({"headers": headers} if headers else {}), **({"body": json.loads(request.content)} if request.content else {})})

    def of_answer(self, exchange, response):
        exchange["status"] = response.status_code
        headers = {name: response.headers[name].partition(";")[0] for name in TOLD_OF_ANSWERS if name in response.headers}
        exchange["answered"] = headers
        if headers.get("content-type") == "text/event-stream":
            exchange["events"] = []

    def of_chunk(self, exchange, chunk, rest):
        """Takes bytes of an answer; gives those that are not a whole event yet."""
        rest += chunk
        if "events" in exchange:
            *frames, rest = rest.replace(b"\r\n", b"\n").split(b"\n\n")
            exchange["events"] += [event for event in map(_event, frames) if event]
        return rest

    def of_end(self, exchange, rest):
        if "events" not in exchange and rest:
            exchange["answer"] = json.loads(rest)
        self.end(exchange)


def _event(frame):
    """The fields of a frame; None for a comment."""
    fields = dict(line.split(": ", 1) for line in frame.decode().split("\n") if line and not line.startswith(":"))
    if "data" in fields:
        fields["data"] = json.loads(fields["data"])
    return fields


class _AsyncBytes(httpx.AsyncByteStream):
    def __init__(self, recording, exchange, stream):
        self._recording, self._exchange, self._stream, self._rest = recording, exchange, stream, b""

    async def __aiter__(self):
        async for chunk in self._stream:
            self._rest = self._recording.of_chunk(self._exchange, chunk, self._rest)
            yield chunk
            if self._recording.cut(self._exchange):
                raise httpx.ReadError("cut")

    async def aclose(self):
        self._recording.of_end(self._exchange, self._rest)
        self._rest = b""
        await self._stream.aclose()


class _SyncBytes(httpx.SyncByteStream):
    def __init__(self, recording, exchange, stream):
        self._recording, self._exchange, self._stream, self._rest = recording, exchange, stream, b""

    def __iter__(self):
        for chunk in self._stream:
            self._rest = self._recording.of_chunk(self._exchange, chunk, self._rest)
            yield chunk
            if self._recording.cut(self._exchange):
                raise httpx.ReadError("cut")

    def close(self):
        self._recording.of_end(self._exchange, self._rest)
        self._rest = b""
        self._stream.close()


class AsyncTransport(httpx.AsyncHTTPTransport):
    def __init__(self, recording):
        super().__init__()
        self._recording = recording

    async def handle_async_request(self, request):
        exchange = self._recording.of_request(request)
        response = await super().handle_async_request(request)
        self._recording.of_answer(exchange, response)
        response.stream = _AsyncBytes(self._recording, exchange, response.stream)
        return response


class SyncTransport(httpx.HTTPTransport):
    def __init__(self, recording):
        super().__init__()
        self._recording = recording

    def handle_request(self, request):
        exchange = self._recording.of_request(request)
        response = super().handle_request(request)
        self._recording.of_answer(exchange, response)
        response.stream = _SyncBytes(self._recording, exchange, response.stream)
        return response


class _Socket:
    """An open socket, asynchronous or not."""

    def __init__(self, recording, exchange, socket):
        self._recording, self._exchange, self._socket = recording, exchange, socket

    def send(self, frame):
        self._exchange["sent"].append(json.loads(frame))
        return self._socket.send(frame)

    def close(self, *arguments, **named):
        self._recording.end(self._exchange)
        return self._socket.close(*arguments, **named)

    def __iter__(self):
        for frame in self._socket:
            self._exchange["events"].append(json.loads(frame))
            yield frame
            if self._recording.cut(self._exchange):
                raise ConnectionClosedError(None, None)

    async def __aiter__(self):
        async for frame in self._socket:
            self._exchange["events"].append(json.loads(frame))
            yield frame
            if self._recording.cut(self._exchange):
                raise ConnectionClosedError(None, None)


class _Connection:
    def __init__(self, recording, connecting, url):
        self._recording, self._connecting, self._url = recording, connecting, httpx.URL(url)

    def _open(self, socket):
        self._exchange["events"] = []
        return _Socket(self._recording, self._exchange, socket)

    def _begin(self):
        self._exchange = self._recording.begin({"method": "SOCKET", "path": self._url.path, "sent": []})

    def __enter__(self):
        self._begin()
        return self._open(self._connecting.__enter__())

    def __exit__(self, *reason):
        self._recording.end(self._exchange)
        return self._connecting.__exit__(*reason)

    async def __aenter__(self):
        self._begin()
        return self._open(await self._connecting.__aenter__())

    async def __aexit__(self, *reason):
        self._recording.end(self._exchange)
        return await self._connecting.__aexit__(*reason)


def connector(recording, connect):
    """A replacement of the function that opens sockets."""
    return lambda url, **options: _Connection(recording, connect(url, **options), url)
