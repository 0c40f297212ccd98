import assert from "node:assert/strict";
import { test } from "node:test";
import { client, collect, human, sleepingRun, texts } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const whole = ["hi", "begin", "tool_call__begin", "end"];

test("a run that asks is resumed with the answer", limit, async () => {
  const { thread_id } = await client.threads.create();

  const asked = await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")], interrupt: true } });
  assert.equal(asked.__interrupt__[0].value, "i want to interrupt");
  const thread = await client.threads.get(thread_id);
  assert.equal(thread.status, "interrupted");
  assert.equal(Object.values(thread.interrupts)[0][0].value, "i want to interrupt");
  const state = await client.threads.getState(thread_id);
  assert.deepEqual(state.next, ["agent"]);
  assert.equal(state.tasks[0].interrupts[0].id, asked.__interrupt__[0].id);

  assert.deepEqual(texts(await client.runs.wait(thread_id, "agent", { command: { resume: "go on" } })), whole);
  assert.equal((await client.threads.get(thread_id)).status, "idle");
});

test("a question is streamed", limit, async () => {
  const { thread_id } = await client.threads.create();

  const events = await collect(client.runs.stream(thread_id, "agent", { input: { messages: [human("hi")], interrupt: true }, streamMode: ["values", "updates"] }));

  assert.equal(events.findLast((event) => event.event === "updates").data.__interrupt__[0].value, "i want to interrupt");
  assert.equal(events.findLast((event) => event.event === "values").data.__interrupt__[0].value, "i want to interrupt");
});

test("breakpoints pause before and after nodes", limit, async () => {
  const { thread_id } = await client.threads.create();

  await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")] }, interruptBefore: ["tool"] });
  assert.deepEqual((await client.threads.getState(thread_id)).next, ["tool"]);
  await client.runs.wait(thread_id, "agent", { input: null, interruptAfter: ["tool"] });
  assert.deepEqual((await client.threads.getState(thread_id)).next, ["agent"]);

  assert.deepEqual(texts(await client.runs.wait(thread_id, "agent", { input: null })), whole);
});

test("a run forks from an earlier checkpoint", limit, async () => {
  const { thread_id } = await client.threads.create();
  await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")] } });
  const history = await client.threads.getHistory(thread_id);
  const fork = history.find((entry) => entry.next[0] === "tool");

  assert.deepEqual(texts(await client.runs.wait(thread_id, "agent", { input: null, checkpoint: fork.checkpoint })).slice(0, 3), whole.slice(0, 3));

  assert.ok((await client.threads.getHistory(thread_id, { limit: 20 })).length > history.length);
});

const quick = { input: { messages: [human("second")] } };

test("reject refuses a second run", limit, async () => {
  const { threadId, runId } = await sleepingRun();

  await assert.rejects(client.runs.create(threadId, "agent", { ...quick, multitaskStrategy: "reject" }), (error) => error.status === 409);

  assert.equal((await client.runs.get(threadId, runId)).status, "running");
  await client.runs.cancel(threadId, runId, true);
});

test("interrupt goes on from what the first run did", limit, async () => {
  const { threadId, runId } = await sleepingRun();

  const values = await client.runs.wait(threadId, "agent", { input: { messages: [human("second")], sleep: null }, multitaskStrategy: "interrupt" });

  assert.deepEqual(texts(values).slice(0, 2), ["go", "second"]);
  assert.equal((await client.runs.get(threadId, runId)).status, "interrupted");
});

test("rollback goes on from before the first run", limit, async () => {
  const { threadId, runId } = await sleepingRun();

  const values = await client.runs.wait(threadId, "agent", { ...quick, multitaskStrategy: "rollback" });

  assert.equal(texts(values)[0], "second");
  await assert.rejects(client.runs.get(threadId, runId), (error) => error.status === 404);
});

test("enqueue runs one after the other", limit, async () => {
  const { thread_id } = await client.threads.create();
  const first = await client.runs.create(thread_id, "delay", { input: { messages: [human("first")], delay: 200 } });
  const second = await client.runs.create(thread_id, "delay", { input: { messages: [human("second")], delay: 1 }, multitaskStrategy: "enqueue" });

  const values = await client.runs.join(thread_id, second.run_id);

  assert.deepEqual(texts(values), ["first", "finished after 200ms", "second", "finished after 1ms"]);
  assert.equal((await client.runs.get(thread_id, first.run_id)).status, "success");
});
