import assert from "node:assert/strict";
import { test } from "node:test";
import { client, collect, human, texts, threadAt, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const taskId = "[0-9a-f]{8}-[0-9a-f-]{27}";

/** The states from the root down to the innermost one, along the last task of each. */
const depths = (state) => (state ? [state, ...depths(state.tasks.at(-1)?.state)] : []);

const asked = () => threadAt("deep", { input: { trail: ["in"] } });

test("events of graphs inside are named with their place", limit, async () => {
  const { thread_id } = await client.threads.create();

  const events = await collect(client.runs.stream(thread_id, "deep", { input: { trail: ["in"] }, streamMode: ["updates", "values"], streamSubgraphs: true }));

  const places = [...new Set(events.filter(({ event }) => event.startsWith("updates")).map(({ event }) => event))];
  assert.equal(places.length, 4);
  const [counter, root, middle, inner] = places;
  assert.equal(counter, "updates|visit");
  assert.equal(root, "updates");
  assert.match(middle, new RegExp(`^updates\\|middle:${taskId}$`));
  assert.match(inner, new RegExp(`^updates\\|middle:${taskId}\\|inner:${taskId}$`));
  assert.ok(inner.startsWith(`${middle}|`));
  const last = (name) => events.findLast(({ event }) => event === name).data;
  assert.deepEqual(last(inner.replace("updates", "values")).trail, ["in", "descend", "look"]);
  assert.deepEqual(last("values").trail, ["in"]);
  const told = events.filter(({ event, data }) => event.startsWith("updates") && data.__interrupt__).map(({ event }) => event);
  assert.deepEqual(told, [inner, middle, root]);
});

test("a stream is of the graphs that are asked for", limit, async () => {
  const namesOf = async (options) => {
    const { thread_id } = await client.threads.create();
    const events = await collect(client.runs.stream(thread_id, "deep", { input: { trail: ["in"] }, streamMode: ["updates"], streamSubgraphs: true, ...options }));
    return [...new Set(events.map(({ event }) => event.replace(/:[0-9a-f-]{36}/g, "")))].sort();
  };
  const { flags } = await (await fetch(`${url}/info`)).json();
  assert.equal(flags.stream_namespaces, true);

  assert.deepEqual(await namesOf({ streamNamespaces: [""] }), ["end", "metadata", "updates"]);
  assert.deepEqual(await namesOf({ streamNamespaces: ["middle"] }), ["end", "metadata", "updates|middle"]);
  assert.deepEqual(await namesOf({ streamNamespaces: ["", "middle|inner"] }), ["end", "metadata", "updates", "updates|middle|inner"]);
  assert.deepEqual(await namesOf({ streamNamespaces: ["nobody"] }), ["end", "metadata"]);
});

test("without the option only the root graph is heard", limit, async () => {
  const { thread_id } = await client.threads.create();

  const events = await collect(client.runs.stream(thread_id, "deep", { input: { trail: ["in"] }, streamMode: ["values", "updates", "tasks", "checkpoints", "debug", "messages-tuple"] }));

  assert.deepEqual([...new Set(events.map(({ event }) => event))].sort(), ["checkpoints", "debug", "end", "metadata", "tasks", "updates", "values"]);
});

test("states of graphs inside come with the state when asked for, else their places", limit, async () => {
  const threadId = await asked();

  const shallow = await client.threads.getState(threadId);
  assert.equal(shallow.tasks[0].state, null);
  assert.equal(shallow.tasks[0].checkpoint.checkpoint_ns, `middle:${shallow.tasks[0].id}`);

  const states = depths(await client.threads.getState(threadId, undefined, { subgraphs: true }));
  assert.deepEqual(states.map(({ next }) => next), [["middle"], ["inner"], ["ask"]]);
  assert.deepEqual(states.map(({ values }) => values.trail), [["in"], ["in", "descend"], ["in", "descend", "look"]]);
  assert.deepEqual(states.map(({ tasks }) => tasks[0].checkpoint), [null, null, null]);
  const questions = states.map(({ tasks }) => tasks[0].interrupts[0]);
  assert.deepEqual(new Set(questions.map(({ id }) => id)).size, 1);
  assert.deepEqual(questions.map(({ value }) => value), ["how deep?", "how deep?", "how deep?"]);
  assert.deepEqual(Object.values(states[2].metadata.parents), states.slice(0, 2).map(({ checkpoint }) => checkpoint.checkpoint_id));
});

test("a state inside is found by its place and by its checkpoint, and has a history", limit, async () => {
  const threadId = await asked();
  const inner = depths(await client.threads.getState(threadId, undefined, { subgraphs: true }))[2];
  const { checkpoint_ns } = inner.checkpoint;

  const byPlace = await client.threads.getState(threadId, { checkpoint_ns });
  assert.deepEqual(byPlace, inner);
  assert.deepEqual(await client.threads.getState(threadId, inner.checkpoint), inner);
  const history = await client.threads.getHistory(threadId, { checkpoint: { checkpoint_ns } });
  assert.deepEqual(history.map(({ metadata }) => metadata.step), [1, 0, -1]);
  assert.deepEqual(history.map(({ next }) => next), [["ask"], ["look"], ["__start__"]]);
  assert.deepEqual((await client.threads.getState(threadId, history[1].checkpoint)).values, { trail: ["in", "descend"] });
  assert.deepEqual((await client.threads.getHistory(threadId, { checkpoint: { checkpoint_ns }, limit: 1, before: { configurable: history[0].checkpoint } })).map(({ next }) => next), [["look"]]);
  await assert.rejects(client.threads.getState(threadId, { checkpoint_ns: "middle|nobody" }), (error) => error.status === 404);
});

test("a question two graphs down is answered at the root", limit, async () => {
  const threadId = await asked();

  const values = await client.runs.wait(threadId, "deep", { command: { resume: "very" } });

  assert.deepEqual(values, { trail: ["in", "in", "descend", "in", "descend", "look", "ask: very", "leave"], visits: 1 });
  assert.deepEqual((await client.threads.getState(threadId, undefined, { subgraphs: true })).tasks, []);
});

test("a graph with memory of the thread goes on where its last visit ended", limit, async () => {
  const threadId = await asked();
  await client.runs.wait(threadId, "deep", { command: { resume: "very" } });

  const again = await client.runs.wait(threadId, "deep", { input: { trail: ["again"] } });

  assert.equal(again.visits, 2);
  assert.deepEqual((await client.threads.getState(threadId, { checkpoint_ns: "visit" })).values, { count: 2 });
  assert.equal((await client.runs.wait((await client.threads.create()).thread_id, "deep", { input: {} })).visits, 1);
});

test("a state inside is edited, and the run goes on from there", limit, async () => {
  const threadId = await threadAt("weather", { input: { messages: [human("SF")] } });
  const [before] = (await client.threads.getState(threadId)).tasks;
  const { checkpoint } = before;

  const edited = await client.threads.updateState(threadId, { values: { city: "LA" }, checkpoint });
  assert.equal(edited.configurable.checkpoint_ns, checkpoint.checkpoint_ns);

  const inside = (await client.threads.getState(threadId, undefined, { subgraphs: true })).tasks[0].state;
  assert.equal(inside.values.city, "LA");
  assert.deepEqual([inside.metadata.source, inside.metadata.step, inside.next], ["update", 2, ["weather_node"]]);
  assert.equal(inside.checkpoint.checkpoint_id, edited.configurable.checkpoint_id);
  assert.deepEqual(inside.checkpoint.checkpoint_map, edited.configurable.checkpoint_map);
  assert.equal((await client.threads.getState(threadId)).tasks[0].id, before.id);

  assert.equal(texts(await client.runs.wait(threadId, "weather", { input: null })).at(-1), "It's sunny in LA!");
  const history = await client.threads.getHistory(threadId, { checkpoint });
  assert.deepEqual(history.map(({ metadata }) => metadata.source), ["loop", "update", "loop", "loop", "input"]);
});

test("a state inside is edited as one of its nodes", limit, async () => {
  const threadId = await threadAt("weather", { input: { messages: [human("SF")] } });
  const { checkpoint } = (await client.threads.getState(threadId)).tasks[0];

  await client.threads.updateState(threadId, { values: { messages: [{ role: "assistant", content: "rain" }] }, checkpoint, asNode: "weather_node" });

  assert.deepEqual((await client.threads.getState(threadId, undefined, { subgraphs: true })).tasks[0].state.next, []);
  assert.equal(texts(await client.runs.wait(threadId, "weather", { input: null })).at(-1), "rain");
});

test("a run begins again inside a past graph", limit, async () => {
  const threadId = await asked();
  const inner = depths(await client.threads.getState(threadId, undefined, { subgraphs: true }))[2];
  await client.runs.wait(threadId, "deep", { command: { resume: "very" } });

  const again = await client.runs.wait(threadId, "deep", { input: null, checkpoint: inner.checkpoint });
  assert.equal(again.__interrupt__[0].value, "how deep?");

  const values = await client.runs.wait(threadId, "deep", { command: { resume: "less" } });
  assert.deepEqual(values.trail.slice(-2), ["ask: less", "leave"]);
});
