"""client.threads.stream: the thread's streams and projections, over events and over a socket."""
import asyncio
import contextlib

from rest import HI, NOWHERE

# Long enough for a projection to open and to read the state before the graph goes on.
SLOW = {**HI, "sleep": {"steps": 2, "ms": 300}}


class Thread:
    """A thread stream of either client, used in one way."""

    def __init__(self, stream):
        self._stream = stream
        self.asynchronous = hasattr(stream, "__aenter__")

    def __getattr__(self, name):
        return getattr(self._stream, name)

    async def __aenter__(self):
        await self._stream.__aenter__() if self.asynchronous else self._stream.__enter__()
        return self

    async def __aexit__(self, *reason):
        await self._stream.__aexit__(*reason) if self.asynchronous else self._stream.__exit__(*reason)

    async def start(self, **arguments):
        return await awaited(self.run.start(**arguments))

    async def respond(self, *arguments, **named):
        return await awaited(self.run.respond(*arguments, **named))

    async def finish(self):
        """The output, once the run has ended."""
        return await self.output if self.asynchronous else await asyncio.to_thread(lambda: self.output)


async def awaited(given):
    return await given if asyncio.iscoroutine(given) else given


async def each(projection, limit=None):
    """The items of a projection; of a thread of its own where the client blocks."""
    items = []
    if hasattr(projection, "__aiter__"):
        iterator = projection.__aiter__()
        async with contextlib.aclosing(iterator):
            async for item in iterator:
                items.append(item)
                if len(items) == limit:
                    break
        return items

    def read():
        for item in projection:
            items.append(item)
            if len(items) == limit:
                break
        return items

    return await asyncio.to_thread(read)


def opened(client, transport, assistant, thread=None, **options):
    return Thread(client.threads.stream(thread, assistant_id=assistant, transport=transport, **options))


def told(events):
    return [[event["method"], event["params"]["namespace"]] for event in events if "method" in event]


def scenarios(transport):
    async def values(client, call):
        async with opened(client, transport, "agent", run_start_timeout=5, headers={"x-mine": "yes"}) as thread:
            await call("run.start", thread.start(input=SLOW, config={"tags": ["a"]}, metadata={"made": "streams"}))
            call.note("values", await each(thread.values))
            call.note("output", await thread.finish())
            await call("agent.get_tree", thread.agent.get_tree(xray=True))
            threaded = thread.thread_id
        async with opened(client, transport, "agent", threaded) as thread:
            call.note("output of a thread that has ended", await thread.finish())

    async def messages(client, call):
        async with opened(client, transport, "agent", await made(client)) as thread:
            await call("run.start", thread.start(input=HI))
            said = await each(thread.messages)
            call.note("messages", [[message.message_id, message.node, message.text, message.kinds] for message in said])
            call.note("output", await thread.finish())

    async def tools(client, call):
        async with opened(client, transport, "agent_with_tools", await made(client)) as thread:
            await call("run.start", thread.start(input={"messages": [{"role": "human", "content": "SF", "id": "message-1"}]}))
            calls = await each(thread.tool_calls)
            call.note("tool_calls", [
                [one.tool_call_id, one.name, one.input, await one.output if thread.asynchronous else one.output] for one in calls])

    async def subgraphs(client, call):
        async with opened(client, transport, "nested", await made(client)) as thread:
            await call("run.start", thread.start(input={"messages": ["in"]}))
            handles = await each(thread.subgraphs)
            call.note("subgraphs", [[handle.graph_name, handle.namespace, handle.status] for handle in handles])
            for handle in handles:
                inside = await each(handle.subgraphs)
                call.note("subgraphs inside", [[one.graph_name, one.namespace, one.status] for one in inside])

    async def question(client, call):
        async with opened(client, transport, "agent", await made(client)) as thread:
            await call("run.start", thread.start(input={**HI, "interrupt": True}))
            call.note("lifecycle and input", told(await until(thread, ["lifecycle", "input"], "interrupted")))
            await settled(lambda: thread.interrupted)
            call.note("interrupts", thread.interrupts)
            await call("run.respond", thread.respond("go on"))
            call.note("output", await thread.finish())

    async def questions(client, call):
        async with opened(client, transport, "asking", await made(client)) as thread:
            await call("run.start", thread.start(input={}))
            await until(thread, ["lifecycle", "input"], "interrupted")
            await settled(lambda: len(thread.interrupts) == 2)
            call.note("interrupts", thread.interrupts)
            await call("run.respond to none of two", lambda: thread.respond("any"), "ambiguous")
            asked = list(thread.interrupts)
            await call("run.respond to the first", thread.respond("red", interrupt_id=asked[0]["interrupt_id"]))
            await call("run.respond to an unknown one", lambda: thread.respond("any", interrupt_id=NOWHERE), "does not match")
            # The one that is left is asked again, by the run that goes on.
            await settled(lambda: len(thread.interrupts) == 3)
            await settled_run(client, thread.thread_id)
            await call("run.respond to the second", thread.respond("large", interrupt_id=asked[1]["interrupt_id"]))
            call.note("output", await thread.finish())

    async def subscriptions(client, call):
        async with opened(client, transport, "nested", await made(client)) as thread:
            await call("run.start", thread.start(input={"messages": ["in"]}))
            call.note("subscribe", told(await until(thread, ["values", "lifecycle"], "completed", namespaces=[[]], depth=0)))

    async def subscriptions_inside(client, call):
        async with opened(client, transport, "nested", await made(client)) as thread:
            await call("run.start", thread.start(input={"messages": ["in"]}))
            call.note("subscribe", told(await until(thread, ["updates", "lifecycle"], "completed", namespaces=[["gp_two"], []], depth=1)))

    async def events(client, call):
        async with opened(client, transport, "agent_with_tools", await made(client)) as thread:
            await call("run.start", thread.start(input={"messages": [{"role": "human", "content": "SF", "id": "message-1"}]}))
            call.note("events", told(await told_until(thread.events, "completed")))

    async def interleaved(client, call):
        async with opened(client, transport, "agent_with_tools", await made(client)) as thread:
            await call("run.start", thread.start(input={"messages": [{"role": "human", "content": "SF", "id": "message-1"}]}))
            items = await each(thread.interleave_projections(["values", "messages", "tool_calls", "subgraphs", "progress"]))
            call.note("interleave_projections", [[name, item if name == "values" else ""] for name, item in items])

    async def extensions(client, call):
        async with opened(client, transport, "echo", await made(client)) as thread:
            await call("run.start", thread.start(input={**HI, "note": "a note", "pace_ms": 100}))
            call.note("extensions", await each(thread.extensions["notes"]))

    async def cut(client, call):
        """A stream whose connection breaks goes on after its last event."""
        async with opened(client, transport, "agent", await made(client)) as thread:
            await call("run.start", thread.start(input={**HI, "sleep": {"steps": 4, "ms": 100}}))
            call.cut_after(3)
            call.note("custom and values", told(await until(thread, ["custom", "values", "lifecycle"], "completed")))

    async def failure(client, call):
        async with opened(client, transport, "error", await made(client)) as thread:
            await call("run.start", thread.start(input={"messages": []}))
            await call("output", thread.finish, "Boo!")
        async with opened(client, transport, "nobody") as thread:
            await call("run.start of nobody", lambda: thread.start(input={}), "nobody")

    for scenario in (values, messages, tools, subgraphs, question, questions, subscriptions, subscriptions_inside, events,
                     interleaved, extensions, cut, failure):
        scenario.__name__ = f"{transport}_{scenario.__name__}"
        yield scenario


async def made(client):
    return (await awaited(client.threads.create()))["thread_id"]


async def until(thread, channels, end, **filters):
    return await told_until(thread.subscribe(channels, **filters), end)


async def told_until(subscription, end):
    """Reads events until the root graph has come to that end."""
    read = []

    def ended(event):
        read.append(event)
        of = event.get("params", {})
        return event.get("method") == "lifecycle" and of["namespace"] == [] and of["data"]["event"] == end

    if hasattr(subscription, "__aiter__"):
        async for event in subscription:
            if ended(event):
                break
    else:
        await asyncio.to_thread(lambda: next((event for event in subscription if ended(event)), None))
    return read


async def settled_run(client, thread):
    """Waits until no run of the thread is under way."""
    while (await awaited(client.threads.get(thread)))["status"] == "busy":
        await asyncio.sleep(0.05)


async def settled(holds):
    """Waits until it holds; the clients learn of questions on a stream of their own."""
    for _ in range(100):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("It never held.")


SCENARIOS = [*scenarios("sse"), *scenarios("websocket")]
