"""Drives the Python SDK against a running conformance host and records it: python3 record.py http://127.0.0.1:PORT

The README says what has to be on PYTHONPATH. Each scenario runs with the asynchronous and with the synchronous client."""
import asyncio
import inspect
import json
import pathlib
import re
import sys

import stand_ins

stand_ins.install()

import langgraph_sdk  # noqa: E402
from langgraph_sdk import get_client, get_sync_client  # noqa: E402
from langgraph_sdk.stream.transport import sync_ws, ws  # noqa: E402

import live  # noqa: E402
import rest  # noqa: E402
import wire  # noqa: E402

HERE = pathlib.Path(__file__).parent
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")
TIMES = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$")
SEQUENCE = ("seq", "since", "applied_through_seq")
# The ids of the graphs' own assistants are the same on every server.
OF_A_GRAPH = re.compile(r'"assistant_id": "([0-9a-f]{8}-[0-9a-f]{4}-5[^"]*)"')


class Calls:
    """What the SDK gave its caller: call(name, given) awaits a value or reads a stream to its end, whichever client gave it."""

    def __init__(self, recording):
        self.returned = []
        self._recording = recording

    async def __call__(self, name, given, expected=None):
        try:
            value = await everything(given)
        except Exception as error:
            answer = getattr(error, "response", None)
            told = str(answer.status_code if answer is not None else error)
            if expected is None or expected not in told:
                raise RuntimeError(f"{name} failed: {answer.text if answer is not None else error!r}") from error
            self.note(f"{name} raises {type(error).__name__}", told)
            return None
        if expected is not None:
            raise RuntimeError(f"{name} did not fail: {value}")
        self.note(name, value)
        return value

    def note(self, name, value):
        self.returned.append([name, plain(value)])

    def cut_after(self, events):
        """Breaks the connection of the next stream after so many events."""
        self._recording.cut_after = events


async def everything(given):
    """The value of a call, or all that its stream tells."""
    given = given() if callable(given) else given
    if inspect.isawaitable(given):
        given = await given
    if hasattr(given, "__aiter__"):
        return [item async for item in given]
    if hasattr(given, "__next__"):
        return list(given)
    return given


def plain(value):
    """The value as JSON has it; stream parts are named tuples."""
    if hasattr(value, "_asdict"):
        return {name: plain(member) for name, member in value._asdict().items()}
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def symbolic(recorded):
    """Puts "<id n>" in the place of ids, in the order in which they appear, and the like in that of sequence numbers and times."""
    ids, numbers, events = {}, {}, {}
    well_known = set(OF_A_GRAPH.findall(json.dumps(recorded)))

    def of(value, member=None):
        if isinstance(value, dict):
            # How much a new subscription finds is a matter of time.
            if "subscription_id" in (value.get("result") or {}):
                result = {**value["result"], "replayed_events": "<number>"}
                value = {**value, "result": result, "meta": {**value["meta"], "applied_through_seq": "<number>"}}
            return {of(name): of(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [of(item) for item in value]
        if member == "timestamp" and isinstance(value, int) or isinstance(value, str) and TIMES.match(value):
            return "<time>"
        if member in SEQUENCE and isinstance(value, int) and value > 0:
            return f"<seq {numbers.setdefault(value, len(numbers) + 1)}>"
        if member == "event_id" or value in events:
            return f"<event {events.setdefault(value, len(events) + 1)}>"
        if isinstance(value, str):
            name_of = lambda match: match[0] if match[0] in well_known else f"<id {ids.setdefault(match[0], len(ids) + 1)}>"
            return IDS.sub(name_of, value)
        return value

    return of(recorded)


async def run(scenario, url, synchronous):
    recording = wire.Recording()
    calls = Calls(recording)
    for module, kind in ((ws, "ProtocolWebSocketTransport"), (sync_ws, "SyncProtocolWebSocketTransport")):
        getattr(module, kind).__init__.__kwdefaults__["connect"] = wire.connector(recording, module.websocket_connect)
    client = (get_sync_client if synchronous else get_client)(url=url, api_key="a key", headers={"x-tenant": "acme"})
    client.http.client._transport = (wire.SyncTransport if synchronous else wire.AsyncTransport)(recording)
    try:
        await asyncio.wait_for(scenario(client, calls), 20)
    finally:
        await everything(client.close if synchronous else client.aclose)
    recorded = symbolic({"exchanges": recording.finished(), "returned": calls.returned})
    recorded["returned"] = [f"{name}: {brief(value)}" for name, value in recorded["returned"]]
    return recorded


def brief(value, limit=300):
    """The beginning of what was returned; the exchanges have the whole."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[:limit] + "..."


def sent(recorded):
    """What was sent, in any order: streams are opened in threads or tasks of the SDK's own."""
    names = ("method", "path", "query", "headers", "body", "sent")
    exchanges = [{name: one[name] for name in names if name in one} for one in recorded["exchanges"]]
    texts = [json.dumps({**one, "query": sorted(one.get("query", []))}, sort_keys=True) for one in exchanges]
    return sorted(re.sub(r"<(id|seq) \d+>", "", text) for text in texts)


def save(name, recorded):
    compact = {part: [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in recorded[part]] for part in recorded}
    parts = ",\n".join(f'  "{part}": [\n    ' + ",\n    ".join(lines) + "\n  ]" for part, lines in compact.items())
    (HERE / f"{name}.json").write_text(f'{{\n  "sdk": "{langgraph_sdk.__version__}",\n{parts}\n}}\n')


async def main(url, only):
    for scenario in rest.SCENARIOS + live.SCENARIOS + rest.SCENARIOS_ALONE:
        name = scenario.__name__.replace("_", "-")
        if only and name not in only:
            continue
        if scenario in rest.SCENARIOS_ALONE:
            name = f"alone/{name}"
        asynchronous, synchronous = await run(scenario, url, False), await run(scenario, url, True)
        save(name, asynchronous)
        same = sent(asynchronous) == sent(synchronous)
        if not same:
            save(name + "-sync", synchronous)
        print(name, "" if same else "(the synchronous client sends something else)", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
