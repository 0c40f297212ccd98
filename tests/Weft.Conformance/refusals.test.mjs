import assert from "node:assert/strict";
import { test } from "node:test";
import { client, collect, threadAt } from "./lib/client.mjs";

const limit = { timeout: 30_000 };

/** What the thread's state and history are. */
const standing = async (threadId) => ({ state: await client.threads.getState(threadId), history: await client.threads.getHistory(threadId) });

/** Expects the call to be refused with the status and text, and the thread to stay as it was. */
async function refused(threadId, call, status, text) {
  const before = await standing(threadId);
  await assert.rejects(call, (error) => error.status === status && text.test(error.message));
  assert.deepEqual(await standing(threadId), before);
}

/** A thread whose last superstep ran two nodes. */
const answered = async () => {
  const threadId = await threadAt("asking", { input: {} });
  const { interrupts } = await client.threads.getState(threadId);
  await client.runs.wait(threadId, "asking", { command: { resume: Object.fromEntries(interrupts.map(({ id }) => [id, "x"])) } });
  return threadId;
};

test("an edit as a node that is not there is refused, and one that could be of several nodes", limit, async () => {
  const threadId = await answered();

  await refused(threadId, () => client.threads.updateState(threadId, { values: { answers: ["y"] }, asNode: "nobody" }), 422, /no node 'nobody'; there are colour, size/);
  await refused(threadId, () => client.threads.updateState(threadId, { values: { answers: ["y"] } }), 422, /specify as_node.*colour and size/);
});

test("a command that goes nowhere is refused before there is a run", limit, async () => {
  const threadId = await answered();

  for (const goto of ["nobody", ["size", { node: "nobody", input: {} }], { node: "__end__", input: {} }, "__start__"]) {
    await refused(threadId, () => client.runs.wait(threadId, "asking", { command: { goto } }), 422, /command: goto: the graph has no node/);
    await refused(threadId, () => collect(client.runs.stream(threadId, "asking", { command: { goto } })), 422, /command: goto: the graph has no node/);
  }

  assert.equal((await client.runs.list(threadId)).length, 2);
});

test("a checkpoint of another thread is not found", limit, async () => {
  const threadId = await answered();
  const { checkpoint } = await client.threads.getState(await answered());

  await refused(threadId, () => client.runs.wait(threadId, "asking", { input: null, checkpoint }), 404, /no checkpoint/);
  await refused(threadId, () => client.runs.wait(threadId, "asking", { input: {}, checkpointId: checkpoint.checkpoint_id }), 404, /no checkpoint/);
  await refused(threadId, () => client.threads.updateState(threadId, { values: {}, asNode: "size", checkpoint }), 404, /no checkpoint/);
  await refused(threadId, () => client.threads.getState(threadId, checkpoint), 404, /no checkpoint/);
  await refused(threadId, () => client.threads.getState(threadId, checkpoint.checkpoint_id), 404, /no checkpoint/);
});

test("an answer that nobody waits for changes nothing", limit, async () => {
  const threadId = await answered();
  const before = await standing(threadId);

  assert.deepEqual(await client.runs.wait(threadId, "asking", { command: { resume: "late" } }), { answers: ["x", "x"] });

  assert.deepEqual(await standing(threadId), before);
});

test("channels that are not there are passed over", limit, async () => {
  const threadId = await threadAt("broken", { input: { stranger: 1 } });

  await client.threads.updateState(threadId, { values: { stranger: 1, count: 1 }, asNode: "breaks" });

  assert.deepEqual((await client.threads.getState(threadId)).values, { count: 2 });
});

for (const [how, error, message] of [
  ["goes nowhere", "UnknownNodeException", "The graph has no node 'nobody'; there are breaks, work."],
  ["sends nowhere", "UnknownNodeException", "The graph has no node 'nobody'; there are breaks, work."],
  ["writes nowhere", "InvalidUpdateError", "The graph has no channel 'stranger': add it with AddChannel."],
  ["writes no JSON", "InvalidUpdateError", /^The value of 'ratio' is not valid JSON: /],
]) {
  test(`a node that ${how} fails the run, and its step stays open`, limit, async () => {
    const { thread_id } = await client.threads.create();
    const streamMode = ["values", "updates", "tasks", "checkpoints", "debug", "events"];

    const events = await collect(client.runs.stream(thread_id, "broken", { input: { how }, streamMode, streamResumable: true }));

    const { data } = events.find(({ event }) => event === "error");
    assert.equal(data.error, error);
    typeof message === "string" ? assert.equal(data.message, message) : assert.match(data.message, message);
    assert.equal(events.at(-1).data.status, "error");
    const { values, next } = await client.threads.getState(thread_id);
    assert.deepEqual({ values, next }, { values: { how, count: 1 }, next: ["breaks"] });
    await assert.rejects(client.runs.wait(thread_id, "broken", { input: null }), (raised) => raised.message.includes(data.message));
    assert.deepEqual(await client.runs.wait(thread_id, "broken", { command: { update: { how: "not" } } }), { how: "not", count: 1 });
  });
}
