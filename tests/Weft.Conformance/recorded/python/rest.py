"""The methods of assistants, crons, threads, runs and the store, each argument of them once."""
import asyncio
import datetime
import uuid
import zoneinfo

HI = {"messages": [{"role": "human", "content": "hi", "id": "message-1"}]}
SLEEPY = {**HI, "sleep": {"steps": 600, "ms": 100}}
AWAKE = {**HI, "sleep": {"steps": 0, "ms": 0}}
NOWHERE = "00000000-0000-4000-8000-000000000000"


async def assistants(client, call):
    of = client.assistants
    made = {"made": str(uuid.uuid4())}
    id_ = (await call("create", of.create(
        "agent", {"configurable": {"model_name": "mine"}}, metadata=made, name="ours", description="what it is for",
        if_exists="raise")))["assistant_id"]
    other = str(uuid.uuid4())
    await call("create with an id and context", of.create(
        "simple_runtime", context={"model": "openai"}, assistant_id=other, if_exists="do_nothing"))
    await call("create again", of.create("simple_runtime", assistant_id=other, if_exists="do_nothing"))
    await call("create again, refused", lambda: of.create("simple_runtime", assistant_id=other, if_exists="raise"), "409")
    await call("create for no graph", lambda: of.create("nobody"), "404")
    await call("get", of.get(id_, headers={"x-mine": "yes"}, params={"more": "1"}))
    await call("get of none", lambda: of.get(NOWHERE), "404")
    await call("get_graph", of.get_graph(id_))
    await call("get_graph of a graph", of.get_graph("nested"))
    await call("get_graph with xray", of.get_graph("nested", xray=True))
    await call("get_graph with a depth", of.get_graph("nested", xray=1))
    await call("get_schemas", of.get_schemas(id_))
    await call("get_subgraphs", of.get_subgraphs("nested"))
    await call("get_subgraphs inside", of.get_subgraphs("nested", "gp_two", recurse=True))
    await call("wait", client.runs.wait(None, other, input={}))
    await call("update", of.update(
        id_, graph_id="nested", config={"tags": ["b"]}, metadata={"more": 1}, name="renamed", description="another"))
    await call("update context", of.update(other, context={"model": "anthropic"}))
    await call("update of none", lambda: of.update(NOWHERE, name="none"), "404")
    await call("wait after the update", client.runs.wait(None, other, input={}))
    await call("get_versions", of.get_versions(id_, metadata=made, limit=5, offset=0))
    await call("get_versions with the later metadata", of.get_versions(id_, metadata={"more": 1}))
    await call("set_latest", of.set_latest(id_, 1))
    await call("set_latest to none", lambda: of.set_latest(id_, 3), "404")
    await call("search", of.search(
        metadata=made, graph_id="agent", name="ours", limit=3, offset=0, sort_by="created_at", sort_order="asc"))
    await call("search for members", of.search(metadata=made, select=["assistant_id", "name"]))
    await call("create a second", of.create("agent", metadata=made, name="second"))
    found = await call("search for an object", of.search(metadata=made, limit=1, response_format="object"))
    await call("search for the next", of.search(metadata=made, limit=1, offset=int(found["next"]), response_format="object"))
    await call("count", of.count(metadata=made, graph_id="agent", name="ours"))
    thread = (await call("threads.create", client.threads.create(metadata={"assistant_id": id_})))["thread_id"]
    await call("delete", of.delete(id_, delete_threads=True))
    await call("get the thread", lambda: client.threads.get(thread), "404")
    await call("delete again", lambda: of.delete(id_), "404")
    for assistant_id in (other, found["assistants"][0]["assistant_id"]):
        await call("delete the others", of.delete(assistant_id))


async def crons(client, call):
    """None of them is ever due while tests run."""
    of = client.crons
    made = {"made": str(uuid.uuid4())}
    yearly = "0 0 1 1 *"
    # One that is not in UTC, so that it is recorded.
    end = datetime.datetime(2099, 12, 31, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    id_ = (await call("create", of.create(
        "agent", schedule=yearly, input=HI, metadata=made, config={"tags": ["a"]}, context={"user": "someone"},
        interrupt_before=["tool"], interrupt_after="*", webhook="https://example.com/told", on_run_completed="keep",
        multitask_strategy="enqueue", end_time=end, enabled=True, timezone="Europe/Berlin", stream_mode=["values", "updates"],
        stream_subgraphs=True, stream_resumable=True, durability="sync")))["cron_id"]
    thread = (await client_thread(client, call))["thread_id"]
    other = (await call("create_for_thread", of.create_for_thread(
        thread, "agent", schedule="0 12 29 FEB *", input=HI, metadata=made, config={"tags": ["a"]}, context={"user": "someone"},
        interrupt_before="*", interrupt_after=["tool"], webhook="https://example.com/told", multitask_strategy="interrupt",
        end_time=end.replace(tzinfo=None), enabled=False, timezone=zoneinfo.ZoneInfo("America/New_York"), stream_mode="values",
        stream_subgraphs=False, stream_resumable=False, durability="exit")))["cron_id"]
    least = (await call("create with the least", of.create("agent", schedule=yearly)))["cron_id"]
    during = (await call("create with checkpoint_during", of.create(
        "agent", schedule=yearly, timezone=datetime.timezone.utc, checkpoint_during=True)))["cron_id"]
    during_on = (await call("create_for_thread with checkpoint_during", of.create_for_thread(
        thread, "agent", schedule=yearly, checkpoint_during=False)))["cron_id"]
    await call("create for nobody", lambda: of.create("nobody", schedule=yearly), "404")
    await call("create_for_thread on none", lambda: of.create_for_thread(NOWHERE, "agent", schedule=yearly), "404")
    await call("create without a schedule", lambda: of.create("agent", schedule="later"), "422")
    await call("create with an end in the past", lambda: of.create("agent", schedule=yearly, end_time=end.replace(year=2001)), "422")
    await call("search", of.search(
        assistant_id="agent", thread_id=thread, enabled=False, metadata=made, limit=5, offset=0, sort_by="created_at", sort_order="asc"))
    await call("search for members", of.search(metadata=made, sort_by="end_time", select=[
        "cron_id", "assistant_id", "thread_id", "end_time", "schedule", "timezone", "created_at", "updated_at", "user_id", "payload",
        "next_run_date", "metadata", "now", "on_run_completed", "enabled"]))
    await call("search for a part", of.search(metadata=made, limit=1, offset=1, sort_by="next_run_date"))
    await call("count", of.count(assistant_id="agent", thread_id=thread, metadata=made))
    await call("update", of.update(
        id_, schedule="30 6 1 1 *", end_time=end.replace(year=2098), input={"messages": []}, metadata={**made, "more": 1},
        config={"tags": ["b"]}, context={"user": "another"}, webhook="https://example.com/changed", interrupt_before="*",
        interrupt_after=["agent"], on_run_completed="delete", enabled=False, timezone="UTC", stream_mode="values",
        stream_subgraphs=False, stream_resumable=False, durability="exit"))
    await call("update to no end", of.update(other, end_time=None))
    await call("update to enabled", of.update(other, enabled=True))
    await call("update of none", lambda: of.update(NOWHERE, enabled=False), "404")
    await call("update to a wrong schedule", lambda: of.update(id_, schedule="0 0 30 2 *"), "422")
    for cron_id in (id_, other, least, during, during_on):
        await call("delete", of.delete(cron_id, headers={"x-mine": "yes"}, params={"more": "1"}))
    await call("delete again", lambda: of.delete(id_), "404")
    await call("count of none", of.count(metadata=made))


async def threads(client, call):
    of = client.threads
    id_ = (await call("create", of.create(
        metadata={"made": "threads"}, thread_id=NOWHERE[:-1] + "2", if_exists="do_nothing", graph_id="agent",
        ttl={"ttl": 5, "strategy": "delete"})))["thread_id"]
    await call("create again", lambda: of.create(thread_id=id_, if_exists="raise"), "409")
    filled = (await call("create with supersteps", of.create(metadata={"made": "threads"}, graph_id="agent", ttl=60, supersteps=[
        {"updates": [{"values": HI, "as_node": "__start__"}]},
        {"updates": [{"values": {"messages": [{"role": "ai", "content": "begin", "id": "message-2"}]}, "as_node": "agent"}]},
    ])))["thread_id"]
    await call("get", of.get(filled))
    await call("get with its time to live", of.get(id_, include=["ttl"]))
    await call("get of none", lambda: of.get(NOWHERE), "404")
    await call("update", of.update(id_, metadata={"kept": True}, ttl=120))
    await call("update with no answer", of.update(id_, metadata={"kept": False}, return_minimal=True))
    await call("search", of.search(
        metadata={"made": "threads"}, status="idle", limit=5, offset=0, sort_by="created_at", sort_order="asc"))
    await call("search by ids and values", of.search(ids=[id_, filled], values={"interrupt": None}))
    await call("search for members", of.search(
        ids=[filled], select=["thread_id", "status"], extract={"said": "values.messages[0].content"}))
    await call("count", of.count(metadata={"made": "threads"}, status="idle"))
    await call("count by values", of.count(metadata={"made": "threads"}, values={"interrupt": True}))
    await call("copy", of.copy(filled))
    state = await call("get_state", of.get_state(filled, subgraphs=True))
    await call("get_state at a checkpoint", of.get_state(filled, checkpoint=state["checkpoint"], subgraphs=True))
    await call("get_state at a checkpoint's id", of.get_state(filled, checkpoint_id=state["checkpoint"]["checkpoint_id"]))
    said = {"messages": [{"role": "ai", "content": "mended", "id": "message-3"}]}
    await call("update_state", of.update_state(filled, said, as_node="agent"))
    await call("update_state at a checkpoint", of.update_state(filled, said, as_node="agent", checkpoint=state["checkpoint"]))
    await call("update_state at a checkpoint's id", of.update_state(
        filled, said, as_node="agent", checkpoint_id=state["checkpoint"]["checkpoint_id"]))
    await call("update_state with nothing", of.update_state(filled, None, as_node="tool"))
    await call("get_history", of.get_history(filled, limit=2))
    await call("get_history before", of.get_history(
        filled, limit=1, before=state["checkpoint"]["checkpoint_id"], metadata={"source": "update"}))
    await call("get_history at a checkpoint", of.get_history(filled, checkpoint=state["checkpoint"]))
    await call("get_history before a configuration", of.get_history(filled, before={
        "configurable": {"checkpoint_id": state["checkpoint"]["checkpoint_id"]}}))
    await call("prune to the latest", of.prune([filled], strategy="keep_latest"))
    await call("prune", of.prune([filled], strategy="delete"))
    await call("delete", of.delete(id_))
    await call("delete again", lambda: of.delete(id_), "404")


async def runs(client, call):
    of = client.runs
    created = []
    thread = (await client_thread(client, call))["thread_id"]
    await call("stream", of.stream(
        thread, "agent", input=HI, stream_mode=["values", "updates", "messages", "messages-tuple", "tasks", "checkpoints", "custom"],
        stream_subgraphs=True, stream_resumable=True, metadata={"made": "runs"},
        config={"configurable": {"model_name": "mine"}, "tags": ["a"]},
        on_disconnect="continue", multitask_strategy="reject", if_not_exists="reject", durability="sync",
        langsmith_tracing={"project_name": "ours"}, on_run_created=created.append))
    call.note("on_run_created", created)
    run = created[0]["run_id"]
    await call("join_stream", of.join_stream(thread, run, stream_mode=["values", "updates"], last_event_id="-1", cancel_on_disconnect=True))
    await call("join", of.join(thread, run))
    await call("get", of.get(thread, run))
    await call("get of none", lambda: of.get(thread, NOWHERE), "404")
    await call("list", of.list(thread, limit=2, offset=0, status="success", select=["run_id", "status"]))
    state = await call("get_state", client.threads.get_state(thread))
    await call("wait on a checkpoint", of.wait(
        thread, "agent", input={"messages": [{"role": "human", "content": "again", "id": "message-2"}]}, checkpoint=state["checkpoint"],
        metadata={"made": "runs"}, config={"recursion_limit": 20}, on_disconnect="cancel", multitask_strategy="enqueue",
        if_not_exists="reject", raise_error=True, checkpoint_during=True, on_run_created=created.append))
    await call("wait on a checkpoint's id", of.wait(
        thread, "agent", checkpoint_id=state["checkpoint"]["checkpoint_id"], input=HI, durability="exit"))
    await call("wait until a breakpoint", of.wait(thread, "agent", input=HI, interrupt_before=["tool"], interrupt_after="*"))
    # Only the asynchronous client raises it.
    raised = "Boo!" if asyncio.iscoroutinefunction(of.wait) else None
    await call("wait for a failure", lambda: of.wait(thread, "error", input={"messages": []}), raised)
    await call("wait for a failure without an exception", of.wait(thread, "error", input={"messages": []}, raise_error=False))
    await call("wait without a thread", of.wait(None, "simple_runtime", input={}, context={"model": "openai"}, on_completion="delete"))
    await call("stream without a thread", of.stream(None, "simple_runtime", input={}, context={"model": "anthropic"}, on_completion="keep"))
    await call("stream in the second form", of.stream(None, "agent", input=HI, stream_mode=["values", "updates"], version="v2"))
    await call("stream a failure", of.stream(None, "error", input={"messages": []}, stream_mode="updates"))
    await call("delete", of.delete(thread, run))
    await call("delete again", lambda: of.delete(thread, run), "404")
    await call("a wrong request", lambda: of.wait(thread, "nobody", input=HI), "404")
    await call("create on no thread", lambda: of.create(NOWHERE, "agent", input=HI), "404")


async def runs_interrupted(client, call):
    of = client.runs
    thread = (await client_thread(client, call))["thread_id"]
    await call("stream to a question", of.stream(thread, "agent", input={**HI, "interrupt": True}, stream_mode=["updates", "values"]))
    await call("stream the answer", of.stream(thread, "agent", command={"resume": "go on"}, stream_mode="updates"))
    thread = (await client_thread(client, call))["thread_id"]
    await call("wait for a question", of.wait(thread, "deep", input={"trail": ["in"]}))
    await call("get_state inside", client.threads.get_state(thread, subgraphs=True))
    await call("wait for the answer", of.wait(thread, "deep", command={"resume": "very"}))
    await call("wait after a jump", of.wait(thread, "deep", command={"goto": "leave", "update": {"trail": ["jumped"]}}))


async def runs_in_the_background(client, call):
    of = client.runs
    thread = (await client_thread(client, call))["thread_id"]
    created = []
    first = await call("create", of.create(
        thread, "agent", input=SLEEPY, stream_mode=["values", "custom"], stream_subgraphs=False, stream_resumable=True,
        metadata={"made": "background"}, config={"tags": ["a"]}, context={"user": "someone"}, interrupt_before=["tool"],
        interrupt_after=["tool"], multitask_strategy="enqueue",
        if_not_exists="reject", durability="async", langsmith_tracing={"project_name": "ours"}, on_run_created=created.append))
    call.note("on_run_created", created)
    second = await call("create behind it", of.create(thread, "agent", input=HI, multitask_strategy="enqueue", after_seconds=0))
    await call("create, refused", lambda: of.create(thread, "agent", input=HI, multitask_strategy="reject"), "409")
    await call("cancel the second", of.cancel(thread, second["run_id"], wait=True, action="interrupt"))
    await call("cancel", of.cancel(thread, first["run_id"], wait=True, action="rollback"))
    third = await call("create a third", of.create(thread, "agent", input=SLEEPY))
    await call("cancel_many", of.cancel_many(thread_id=thread, run_ids=[third["run_id"]], action="interrupt"))
    await call("join", of.join(thread, third["run_id"]))
    await call("create without a thread", of.create(None, "simple_runtime", input={}, context={"model": "openai"}, on_completion="delete"))
    await call("create_batch", of.create_batch([
        {"thread_id": thread, "assistant_id": "agent", "input": HI, "multitask_strategy": "enqueue"},
        {"assistant_id": "simple_runtime", "input": {}}]))
    made = await call("create a missing thread", of.create(NOWHERE[:-1] + "3", "agent", input=HI, if_not_exists="create"))
    await call("join what it made", of.join(NOWHERE[:-1] + "3", made["run_id"]))
    await call("delete what it made", client.threads.delete(NOWHERE[:-1] + "3"))


async def runs_repeated(client, call):
    """A request with the key of an earlier one gets the run of that."""
    of = client.runs
    thread = (await client_thread(client, call))["thread_id"]
    keys = [{"Idempotency-Key": str(uuid.uuid4())} for _ in range(4)]
    for name in ("wait", "wait again"):
        await call(name, of.wait(thread, "agent", input=HI, headers=keys[0]))
    for name in ("stream", "stream again"):
        await call(name, of.stream(thread, "agent", input=HI, stream_mode="updates", headers=keys[1]))
    for name in ("create", "create again"):
        run = await call(name, of.create(thread, "agent", input=HI, headers=keys[2]))
        await call("join", of.join(thread, run["run_id"]))
    await call("create another", lambda: of.create(thread, "agent", input=None, headers=keys[2]), "422")
    await call("list", of.list(thread))
    for name in ("wait without a thread", "wait without a thread again"):
        await call(name, of.wait(None, "simple_runtime", input={}, context={"model": "openai"}, on_completion="keep", headers=keys[3]))


async def thread_stream_of_the_first_protocol(client, call):
    thread = (await client_thread(client, call))["thread_id"]
    await call("wait", client.runs.wait(thread, "agent", input=HI))
    streamed = client.threads.join_stream(thread, last_event_id="-", stream_mode=["run_modes", "lifecycle"])
    told = await until(streamed, lambda part: part.event == "values" and len(part.data["messages"]) == 4)
    call.note("join_stream", told)


async def until(streamed, is_last):
    """Reads a stream to the part that a condition names, and closes it."""
    told = []
    if hasattr(streamed, "__await__"):
        streamed = await streamed
    if hasattr(streamed, "__aiter__"):
        async for part in streamed:
            told.append(part)
            if is_last(part):
                break
        await streamed.aclose()
    else:
        for part in streamed:
            told.append(part)
            if is_last(part):
                break
        streamed.close()
    return told


async def runs_cancelled_by_status(client, call):
    """Meets all runs of a server: it is recorded, and replayed, on one that has no others."""
    of = client.runs
    threads = [(await client_thread(client, call))["thread_id"] for _ in range(2)]
    first = [await call("create", of.create(thread, "agent", input=SLEEPY)) for thread in threads]
    for run in first:
        await until(of.join_stream(run["thread_id"], run["run_id"], last_event_id="-1"), lambda part: part.event == "values")
    behind = [await call("create behind it", of.create(thread, "agent", input=HI, multitask_strategy="enqueue")) for thread in threads]
    await call("cancel_many that wait", of.cancel_many(status="pending"))
    for run in behind:
        await call("join", of.join(run["thread_id"], run["run_id"]))
        await call("get", of.get(run["thread_id"], run["run_id"]))
    await call("cancel_many that run", of.cancel_many(status="running", action="interrupt"))
    for run in first:
        await call("join", of.join(run["thread_id"], run["run_id"]))
    for thread in threads:
        await call("create another", of.create(thread, "agent", input=SLEEPY))
    await call("cancel_many", of.cancel_many(status="all", action="rollback"))
    for thread in threads:
        await call("wait behind what is removed", of.wait(thread, "agent", input=AWAKE, multitask_strategy="enqueue"))
        await call("list", of.list(thread))


async def runs_cut(client, call):
    """A stream whose connection breaks goes on at its location, after its last event."""
    thread = (await client_thread(client, call))["thread_id"]
    call.cut_after(3)
    await call("stream", client.runs.stream(
        thread, "agent", input={**HI, "sleep": {"steps": 4, "ms": 100}}, stream_mode=["values", "custom"], stream_resumable=True,
        on_disconnect="continue"))


async def store(client, call):
    of = client.store
    place = ["python", "notes"]
    await call("put_item", of.put_item(place, "a", {"text": "first", "n": 1}, index=["text"], ttl=60))
    await call("put_item without an index", of.put_item(place, "b", {"text": "second", "n": 2}, index=False))
    await call("put_item deeper", of.put_item(place + ["deep", "er"], "c", {"text": "third"}))
    await call("get_item", of.get_item(place, "a", refresh_ttl=True))
    await call("get_item of none", of.get_item(place, "none"))
    await call("search_items", of.search_items(place, filter={"n": 1}, limit=5, offset=0, refresh_ttl=False))
    await call("search_items by words", of.search_items(place, query="second"))
    await call("list_namespaces", of.list_namespaces(prefix=["python"], suffix=["er"], max_depth=4, limit=5, offset=0))
    await call("list_namespaces to a depth", of.list_namespaces(prefix=["python"], max_depth=2))
    for key, where in (("a", place), ("b", place), ("c", [*place, "deep", "er"])):
        await call("delete_item", of.delete_item(where, key))
    await call("put_item with a dot", lambda: of.put_item(["a.b"], "a", {}), "")


async def client_thread(client, call):
    return await call("threads.create", client.threads.create())


SCENARIOS = [
    assistants, crons, threads, runs, runs_interrupted, runs_in_the_background, runs_cut, runs_repeated,
    thread_stream_of_the_first_protocol, store]
SCENARIOS_ALONE = [runs_cancelled_by_status]
