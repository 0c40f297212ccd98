import assert from "node:assert/strict";
import { test } from "node:test";
import { client, collect, human, texts, threadAt } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const input = { messages: [human("hi")] };
const whole = ["hi", "begin", "tool_call__begin", "end"];

const all = (threadId) => client.threads.getHistory(threadId, { limit: 100 });
const ids = (states) => states.map((state) => state.checkpoint.checkpoint_id);
const steps = (states) => states.map((state) => [state.metadata.source, state.metadata.step, ...state.next]);
const at = (states, step) => states.find((state) => state.metadata.step === step);

test("a history is read page by page, from before a checkpoint, and by metadata", limit, async () => {
  const threadId = await threadAt("agent", { input, metadata: { tag: "one" } }, { input: { messages: [human("more")] }, metadata: { tag: "two" } });
  const states = await all(threadId);

  assert.deepEqual(steps(states), [
    ["loop", 8], ["loop", 7, "agent"], ["loop", 6, "tool"], ["loop", 5, "agent"], ["input", 4, "__start__"],
    ["loop", 3], ["loop", 2, "agent"], ["loop", 1, "tool"], ["loop", 0, "agent"], ["input", -1, "__start__"],
  ]);
  assert.deepEqual(ids(states), ids(states).toSorted().reverse());
  assert.deepEqual(states.slice(0, -1).map((state) => state.parent_checkpoint.checkpoint_id), ids(states).slice(1));
  assert.equal(states.at(-1).parent_checkpoint, null);

  const read = async (options) => ids(await client.threads.getHistory(threadId, options));
  assert.deepEqual(await read({}), ids(states));
  assert.deepEqual(await read({ limit: 3 }), ids(states).slice(0, 3));
  assert.deepEqual(await read({ limit: 3, before: { configurable: { checkpoint_id: ids(states)[2] } } }), ids(states).slice(3, 6));
  assert.deepEqual(await read({ limit: 3, before: states[8].checkpoint }), ids(states).slice(9));
  assert.deepEqual(await read({ metadata: { tag: "one" } }), ids(states).slice(5));
  assert.deepEqual(await read({ metadata: { tag: "one", source: "loop" }, limit: 2 }), ids(states).slice(5, 7));
  assert.deepEqual(await read({ metadata: { step: 6 } }), [ids(states)[2]]);
  assert.deepEqual(await read({ metadata: { tag: "three" } }), []);
});

test("past states tell what their tasks did", limit, async () => {
  const states = await all(await threadAt("agent", { input }));

  const [task] = at(states, 1).tasks;
  assert.deepEqual([task.name, task.path, task.error, texts(task.result)], ["tool", ["__pregel_pull", "tool"], null, ["tool_call__begin"]]);
  assert.deepEqual(at(states, 3).tasks, []);
});

test("a run from a past checkpoint does again what came after, on a branch of its own", limit, async () => {
  const threadId = await threadAt("agent", { input });
  const before = await all(threadId);

  const values = await client.runs.wait(threadId, "agent", { input: null, checkpointId: at(before, 1).checkpoint.checkpoint_id });

  assert.deepEqual(texts(values).slice(0, 3), whole.slice(0, 3));
  assert.notEqual(values.messages[2].id, before[0].values.messages[2].id);
  const after = await all(threadId);
  assert.deepEqual(ids(after).slice(-before.length), ids(before));
  const branch = after.slice(0, -before.length).reverse();
  assert.deepEqual(steps(branch.slice(0, 3)), [["fork", 2, "tool"], ["loop", 3, "agent"], ["loop", 4, "tool"]]);
  assert.equal(branch[0].parent_checkpoint.checkpoint_id, at(before, 1).checkpoint.checkpoint_id);
  assert.deepEqual((await client.threads.getState(threadId, before[0].checkpoint)).values, before[0].values);
});

test("a run with input from a past checkpoint begins a branch there", limit, async () => {
  const threadId = await threadAt("agent", { input });
  const before = await all(threadId);

  const values = await client.runs.wait(threadId, "agent", { input: { messages: [human("else")] }, checkpoint: at(before, 1).checkpoint });

  assert.deepEqual(texts(values).slice(0, 3), ["hi", "begin", "else"]);
  const first = (await all(threadId)).at(-before.length - 1);
  assert.deepEqual(steps([first]), [["input", 2, "__start__"]]);
  assert.equal(first.parent_checkpoint.checkpoint_id, at(before, 1).checkpoint.checkpoint_id);
});

test("an edit of a past state forks the thread, and the run goes on from it", limit, async () => {
  const threadId = await threadAt("agent", { input });
  const past = at(await all(threadId), 1);
  const edited = { ...past.values.messages[1], content: "end" };

  const { configurable } = await client.threads.updateState(threadId, { values: { messages: [edited] }, asNode: "agent", checkpoint: past.checkpoint });

  const fork = await client.threads.getState(threadId);
  assert.deepEqual(steps([fork]), [["update", 2]]);
  assert.deepEqual([fork.checkpoint.checkpoint_id, fork.parent_checkpoint.checkpoint_id], [configurable.checkpoint_id, past.checkpoint.checkpoint_id]);
  assert.deepEqual(texts(fork.values), ["hi", "end"]);
  assert.deepEqual((await client.threads.get(threadId)).values, fork.values);
  assert.deepEqual(texts(await client.runs.wait(threadId, "agent", { input: null })), ["hi", "end"]);

  await client.threads.updateState(threadId, { values: { messages: [{ ...edited, content: "on" }] }, asNode: "agent", checkpointId: past.checkpoint.checkpoint_id });
  assert.equal((await client.threads.get(threadId)).status, "interrupted");
  assert.deepEqual(texts(await client.runs.wait(threadId, "agent", { input: null })).slice(0, 3), ["hi", "on", "tool_call__on"]);
});

test("an edit is made as the node that ran last, as input, as the end, or as a copy", limit, async () => {
  const threadId = await threadAt("agent", { input, interruptAfter: ["agent"] });
  const edit = async (options) => {
    await client.threads.updateState(threadId, options);
    const state = await client.threads.getState(threadId);
    return [state.metadata.source, texts(state.values).length, ...state.next];
  };

  assert.deepEqual(await edit({ values: { messages: [{ role: "assistant", content: "end" }] } }), ["update", 3]);
  assert.deepEqual(await edit({ values: { messages: [human("again")] }, asNode: "__start__" }), ["update", 4, "agent"]);
  assert.deepEqual(await edit({ values: null, asNode: "__copy__" }), ["fork", 4, "agent"]);
  assert.deepEqual(await edit({ values: null, asNode: "__end__" }), ["update", 4]);
  assert.deepEqual(await edit({ values: { messages: [human("new")] }, asNode: "__input__" }), ["input", 4, "__start__"]);
  assert.deepEqual(texts(await client.runs.wait(threadId, "agent", { input: null })).slice(4), ["new", "end"]);
});

test("a command goes to nodes, with the state or with an input of their own", limit, async () => {
  const threadId = await threadAt("agent", { input });
  const nodes = async (command) =>
    (await collect(client.runs.stream(threadId, "agent", { command, streamMode: "updates" }))).filter(({ event }) => event === "updates").map(({ data }) => data);

  const [first, second] = await nodes({ goto: "tool" });
  assert.deepEqual([texts(first.tool), Object.keys(second)], [["tool_call__end"], ["agent"]]);
  const [sent] = await nodes({ goto: { node: "tool", input: { messages: [human("x")] } } });
  assert.deepEqual(texts(sent.tool), ["tool_call__x"]);
  const both = await nodes({ goto: ["tool", { node: "tool", input: { messages: [human("y")] } }], update: { keyOne: "with it" } });
  assert.deepEqual(both.slice(0, 2).map((update) => texts(update.tool)[0]).sort(), ["tool_call__end", "tool_call__y"]);
  assert.equal((await client.threads.getState(threadId)).values.keyOne, "with it");
  assert.deepEqual(await nodes({ goto: "__end__" }), []);
});

test("a command updates the state of a thread that is at its end", limit, async () => {
  const threadId = await threadAt("agent", { input }, { command: { update: { keyOne: "one" } } }, { command: { update: [["keyTwo", "two"], ["messages", human("bye")]] } });

  const { values, next } = await client.threads.getState(threadId);
  assert.deepEqual([values.keyOne, values.keyTwo, texts(values), next], ["one", "two", [...whole, "bye"], []]);
});

test("a thread begins with the supersteps that it is given", limit, async () => {
  const { thread_id } = await client.threads.create({
    graphId: "agent",
    supersteps: [
      { updates: [{ values: { messages: [human("imported", "m1")] }, asNode: "__start__" }] },
      { updates: [{ values: { messages: [{ role: "assistant", content: "of course", id: "m2" }] }, asNode: "agent" }] },
      { updates: [{ values: { keyOne: "left" }, asNode: "tool" }, { values: { keyTwo: "right" }, asNode: "checkSharedState" }] },
    ],
  });

  const states = await all(thread_id);
  assert.deepEqual(states.map(({ metadata, values, next }) => [metadata.step, texts(values), next]), [
    [2, ["imported", "of course"], ["agent"]], [1, ["imported", "of course"], ["tool"]], [0, ["imported"], ["agent"]],
  ]);
  assert.deepEqual([states[0].values.keyOne, states[0].values.keyTwo], ["left", "right"]);
  assert.equal((await client.threads.get(thread_id)).status, "interrupted");
  assert.deepEqual(texts(await client.runs.wait(thread_id, "agent", { input: null })).slice(0, 3), ["imported", "of course", "begin"]);
});

test("a copy of a thread that waits inside of a graph is answered by itself", limit, async () => {
  const threadId = await threadAt("deep", { input: { trail: ["in"] } });

  const { thread_id: copy } = await client.threads.copy(threadId);
  assert.equal((await client.threads.get(copy)).status, "interrupted");
  const nested = async (id) => (await client.threads.getState(id, undefined, { subgraphs: true })).tasks[0].state.tasks[0].state;
  assert.deepEqual((await nested(copy)).values, (await nested(threadId)).values);

  assert.deepEqual((await client.runs.wait(copy, "deep", { command: { resume: "copied" } })).trail.slice(-2), ["ask: copied", "leave"]);
  assert.deepEqual((await client.threads.getState(threadId)).next, ["middle"]);
  assert.deepEqual((await client.runs.wait(threadId, "deep", { command: { resume: "first" } })).trail.slice(-2), ["ask: first", "leave"]);
});
