// RemoteGraph of LangGraph for JavaScript: a graph that the server runs, used as if it were a local one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { Annotation, Command, END, MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { Client } from "@langchain/langgraph-sdk";
import { RemoteGraph } from "@langchain/langgraph/remote";
import { client, collect, human, texts, until, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const whole = ["hi", "begin", "tool_call__begin", "end"];
const remote = (graphId, options) => new RemoteGraph({ graphId, url, ...options });

/** The configuration of a new thread. */
async function onThread() {
  const { thread_id } = await client.threads.create();
  return { configurable: { thread_id } };
}

/** Waits for the end of the thread's last run. */
async function ended(threadId) {
  const [run] = await client.runs.list(threadId);
  await client.runs.join(threadId, run.run_id);
}

/** What a run of the graph asks, once the server has ended it: the client goes away at the first question that it hears of. */
async function questionsOf(running, { configurable: { thread_id } }) {
  const error = await running.then(() => assert.fail("It asked nothing."), (reason) => reason);
  assert.equal(error.name, "GraphInterrupt");
  await ended(thread_id);
  return error.interrupts.map(({ value }) => value);
}

test("it is invoked, without a thread and on one", limit, async () => {
  assert.deepEqual(texts(await remote("agent").invoke({ messages: [new HumanMessage("hi")] })), whole);

  const config = await onThread();
  await remote("agent").invoke({ messages: [new HumanMessage({ content: "hi", id: "h1" })] }, config);
  const { values } = await remote("agent").getState(config);
  assert.deepEqual([texts(values), values.messages[0].id], [whole, "h1"]);
});

test("it makes the thread that it is told of", limit, async () => {
  const threadId = crypto.randomUUID();

  await remote("agent").invoke({ messages: [human("hi")] }, { configurable: { thread_id: threadId } });

  assert.equal((await client.threads.get(threadId)).metadata.graph_id, "agent");
});

test("it is given configuration and context", limit, async () => {
  assert.deepEqual(Object.keys(await remote("dynamic").invoke({ messages: [] }, { configurable: { nodeName: "mine" } })), ["node", "messages"]);
  assert.equal((await remote("dynamic").invoke({ messages: [] }, { configurable: { nodeName: "mine" } })).node, "mine");
  assert.equal((await remote("simple_runtime").invoke({}, { context: { model: "openai" } })).model, "openai");
  assert.equal((await remote("simple_runtime").invoke({}, { ...(await onThread()), context: { model: "anthropic" } })).model, "anthropic");
});

test("it streams one mode, several, and graphs inside", limit, async () => {
  const input = { messages: ["in"] };
  const values = await collect(await remote("nested").stream(input, { streamMode: "values" }));
  assert.deepEqual(values.map(({ messages }) => messages.length), [1, 2, 10]);

  const both = await collect(await remote("nested").stream(input, { streamMode: ["values", "updates"] }));
  assert.deepEqual(both.map(([mode]) => mode), ["values", "updates", "values", "updates", "values"]);

  const inside = await collect(await remote("nested").stream(input, { streamMode: "updates", subgraphs: true }));
  assert.deepEqual(
    inside.map(([place, update]) => [...place.map((name) => name.split(":")[0]), ...Object.keys(update)].join(" ")),
    ["gp_one", "gp_two p_one", "gp_two p_two c_one", "gp_two p_two c_two", "gp_two p_two", "gp_two"]);
});

test("it streams tokens", limit, async () => {
  const pieces = await collect(await remote("agent").stream({ messages: [human("hi")] }, { streamMode: "messages" }));

  assert.equal(pieces.filter(([, { langgraph_node }]) => langgraph_node === "agent").map(([message]) => message.content).join(""), "beginend");
});

test("its questions interrupt, and are answered by a command", limit, async () => {
  const graph = remote("deep");
  const config = await onThread();

  assert.deepEqual(await questionsOf(graph.invoke({ trail: ["in"] }, config), config), ["how deep?"]);
  const paused = await graph.getState(config, { subgraphs: true });
  assert.deepEqual([paused.next, paused.tasks[0].state.next, paused.tasks[0].state.tasks[0].state.next], [["middle"], ["inner"], ["ask"]]);
  assert.equal(paused.tasks[0].interrupts[0].value, "how deep?");

  assert.deepEqual((await graph.invoke(new Command({ resume: "very" }), config)).trail.slice(-2), ["ask: very", "leave"]);
});

test("it pauses at breakpoints and goes on", limit, async () => {
  const graph = remote("agent", { interruptBefore: ["tool"] });
  const config = await onThread();

  assert.deepEqual(await questionsOf(graph.invoke({ messages: [human("hi")] }, config), config), []);

  assert.deepEqual((await graph.getState(config)).next, ["tool"]);
  assert.deepEqual(texts(await remote("agent").invoke(null, config)), whole);
});

test("its state is read and edited, at its head, in its past and inside", limit, async () => {
  const graph = remote("weather");
  const config = await onThread();
  assert.deepEqual(await questionsOf(graph.invoke({ messages: [human("SF")] }, config), config), []);

  const history = await collect(graph.getStateHistory(config));
  assert.deepEqual(history.map(({ metadata }) => metadata.step), [1, 0, -1]);
  assert.deepEqual((await collect(graph.getStateHistory(config, { limit: 1, before: history[0].config }))).map(({ metadata }) => metadata.step), [0]);
  assert.deepEqual((await graph.getState(history[1].config)).next, ["router_node"]);

  const { tasks: [task] } = await graph.getState(config);
  const inside = await graph.updateState(task.state, { city: "Rome" });
  assert.equal(inside.configurable.checkpoint_ns, task.state.configurable.checkpoint_ns);
  assert.equal((await graph.getState(inside)).values.city, "Rome");
  assert.equal((await graph.invoke(null, config)).messages.at(-1).content, "It's sunny in Rome!");

  const fork = await graph.updateState(history[1].config, { route: "llm" }, "router_node");
  assert.deepEqual((await graph.getState(fork)).next, ["normal_llm_node"]);
  assert.deepEqual(texts(await graph.invoke(null, config)), ["SF", "Hello"]);
});

test("its failure is an exception", limit, async () => {
  await assert.rejects(remote("error").invoke({ messages: [] }), (error) => error.name === "RemoteException" && /CustomError.*Boo!/.test(error.message));
});

test("it is drawn, and so are the graphs inside", limit, async () => {
  const drawn = await remote("nested").getGraphAsync();
  assert.deepEqual(Object.keys(drawn.nodes), ["__start__", "gp_one", "gp_two", "__end__"]);

  const deep = await remote("nested").getGraphAsync({ xray: true });
  assert.deepEqual(Object.keys(deep.nodes), ["__start__", "gp_one", "gp_two:p_one", "gp_two:p_two:c_one", "gp_two:p_two:c_two", "__end__"]);
  assert.match(deep.drawMermaid(), /p_one/);

  const names = async (...options) => (await collect(remote("nested").getSubgraphsAsync(...options))).map(([name]) => name);
  assert.deepEqual(await names(), ["gp_two"]);
  assert.deepEqual(await names(undefined, true), ["gp_two", "gp_two|p_two"]);
  assert.deepEqual(await names("gp_two", true), ["gp_two", "gp_two|p_two"]);
});

test("it is a node of a local graph", limit, async () => {
  const local = new StateGraph(MessagesAnnotation)
    .addNode("before", () => ({ messages: [new AIMessage("local")] }))
    .addNode("remote", remote("agent"))
    .addEdge(START, "before")
    .addEdge("before", "remote")
    .addEdge("remote", END)
    .compile({ checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: crypto.randomUUID() } };

  const told = await collect(await local.stream({ messages: [new HumanMessage("hi")] }, { ...config, streamMode: ["updates", "values"], subgraphs: true }));

  const { values, next } = await local.getState(config);
  assert.deepEqual([texts(values), next], [["hi", "local", "begin", "tool_call__begin", "end"], []]);
  const updates = told.filter(([, mode]) => mode === "updates").map(([place, , update]) => [place.map((name) => name.split(":")[0]), Object.keys(update)[0]]);
  assert.deepEqual(updates, [[[], "before"], [["remote"], "agent"], [["remote"], "tool"], [["remote"], "agent"], [[], "remote"]]);
});

test("its question pauses the local graph around it", limit, async () => {
  const State = Annotation.Root({ trail: Annotation({ reducer: (_, next) => next, default: () => [] }), visits: Annotation() });
  const local = new StateGraph(State)
    .addNode("remote", remote("deep"))
    .addEdge(START, "remote")
    .addEdge("remote", END)
    .compile({ checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: crypto.randomUUID() } };

  await local.invoke({ trail: ["in"] }, config);

  const state = await local.getState(config);
  assert.deepEqual([state.next, state.tasks[0].interrupts[0].value], [["remote"], "how deep?"]);
  await ended(config.configurable.thread_id);
  assert.equal((await client.threads.get(config.configurable.thread_id)).status, "interrupted");
});

/** Starts a run whose events come by the second protocol, and closes its thread after the test. */
async function withEvents(graph, input, use, options) {
  const run = await graph.streamEvents(input, { version: "v3", ...options });
  try {
    return await use(run);
  } finally {
    await run.thread.close();
  }
}

const begun = { messages: [new HumanMessage({ content: "hi", id: "h1" })] };

// The client opens another stream for each projection. The end of the run on an open stream ends the projections that still wait
// for theirs, and what the server replays to the new stream comes too late. So these runs last until the new streams are open.
const unhurried = { ...begun, sleep: { steps: 5, ms: 200 } };
const paced = { configurable: { pace_ms: 500 } };

test("its events tell of a run to its end", limit, async () => {
  const config = await onThread();
  await withEvents(remote("agent"), unhurried, async (run) => {
    const [events, lifecycle, output] = await Promise.all([collect(run), collect(run.lifecycle), run.output]);

    assert.deepEqual([texts(output), output.messages[0].id], [whole, "h1"]);
    assert.deepEqual(lifecycle.map(({ event, namespace }) => [event, namespace]), [["running", []], ["completed", []]]);
    const told = new Set(events.map(({ method }) => method));
    assert.deepEqual([...told].sort(), ["checkpoints", "custom", "lifecycle", "messages", "tasks", "updates", "values"]);
    assert.deepEqual([run.interrupted, run.interrupts], [false, []]);
  }, config);
  assert.deepEqual(texts((await remote("agent").getState(config)).values), whole);
});

test("its events tell of a run without a thread of the caller's", limit, async () => {
  await withEvents(remote("dynamic"), { messages: [] }, async (run) => {
    assert.equal((await run.output).node, "mine");
  }, { configurable: { nodeName: "mine" } });
});

test("its events give values and messages", limit, async () => {
  await withEvents(remote("agent"), unhurried, async (run) => {
    const read = async (message) => [message.node, await message.text];
    const [values, messages, ofAgent] = await Promise.all([
      collect(run.values),
      collect(run.messages).then((all) => Promise.all(all.map(read))),
      collect(run.messagesFrom("agent")),
    ]);

    assert.deepEqual(values.map(({ messages: said }) => said.length), [1, 2, 3, 4]);
    assert.deepEqual(messages, [["agent", "begin"], ["agent", "end"]]);
    assert.equal(ofAgent.length, 2);
  });
});

test("its events give tool calls", limit, async () => {
  await withEvents(remote("agent_with_tools"), { messages: [new HumanMessage("SF")] }, async (run) => {
    const [call] = await collect(run.thread.toolCalls);

    assert.deepEqual([call.name, call.input], ["weather", { query: "SF" }]);
    assert.match(JSON.stringify(await call.output), /It's 60 degrees and foggy\./);
  }, paced);
});

test("its events give the graphs inside, and what they name", limit, async () => {
  await withEvents(remote("nested"), { messages: ["in"] }, async (run) => {
    const inside = await until(run.subgraphs, () => true);

    assert.equal(inside.name, "gp_two");
    assert.equal((await until(inside.subgraphs, () => true)).name, "p_two");
  }, paced);
  await withEvents(remote("echo"), { messages: [human("one two three four five")], note: "a note", pace_ms: 200 }, async (run) => {
    assert.deepEqual(await until(run.extensions.notes, () => true), { text: "a note" });
  });
});

test("its events are read as a stream of bytes", limit, async () => {
  const closing = new AbortController();
  const bytes = await remote("agent").streamEvents(begun, { version: "v3", encoding: "text/event-stream", signal: closing.signal });

  const text = (await collect(bytes)).map((chunk) => new TextDecoder().decode(chunk)).join("");

  closing.abort();
  assert.match(text, /event: values\n/);
  assert.match(text, /"event":"completed"/);
});

/** A remote graph whose streams continue after an event. The end of an earlier run that is replayed would end the projections, too. */
const remoteAfter = (graphId, { thread: { ordering } }) => remote(graphId, {
  client: new Client({
    apiUrl: url,
    apiKey: null,
    onRequest: (_, init) => ({ ...init, headers: { ...init.headers, "last-event-id": ordering.lastEventId } }),
  }),
});

test("its events tell of a question, which is answered by a command", limit, async () => {
  const config = await onThread();
  const asked = await withEvents(remote("deep"), { trail: ["in"] }, async (run) => {
    const lifecycle = await collect(run.lifecycle);

    assert.ok(lifecycle.some(({ event, namespace }) => event === "interrupted" && namespace.length === 0));
    assert.equal(run.interrupted, true);
    assert.deepEqual(run.interrupts.map(({ payload }) => payload), ["how deep?"]);
    return run;
  }, config);

  const answered = await withEvents(remoteAfter("deep", asked), new Command({ resume: "very" }), async (run) => {
    assert.deepEqual((await run.output).trail.slice(-2), ["ask: very", "leave"]);
    return run;
  }, config);

  await withEvents(remoteAfter("deep", answered), new Command({ goto: "leave", update: { trail: ["jumped"] } }), async (run) => {
    assert.deepEqual((await run.output).trail.slice(-3), ["leave", "jumped", "leave"]);
  }, config);
});

test("a run whose events are followed is aborted", limit, async () => {
  const config = await onThread();
  const { thread_id: threadId } = config.configurable;
  const sleepy = { ...begun, sleep: { steps: 600, ms: 100 } };
  await withEvents(remote("agent"), sleepy, async (run) => {
    for await (const event of run) {
      if (event.method === "custom") {
        break;
      }
    }

    run.abort();

    assert.equal(run.signal.aborted, true);
    await ended(threadId);
    assert.equal((await client.runs.list(threadId))[0].status, "interrupted");
  }, config);
});

test("the events of a run that fails tell of the failure", limit, async () => {
  await withEvents(remote("error"), { messages: [] }, async (run) => {
    const [{ error }] = (await collect(run.lifecycle)).filter(({ event }) => event === "failed");

    assert.equal(error, "Boo!");
  });
});
