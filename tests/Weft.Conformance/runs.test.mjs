import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { client, collect, human, sleepingRun, texts, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const whole = ["hi", "begin", "tool_call__begin", "end"];

test("a background run can be joined, read, listed and deleted", limit, async () => {
  const { thread_id } = await client.threads.create();

  const run = await client.runs.create(thread_id, "agent", { input: { messages: [human("hi")] }, metadata: { tag: 1 } });

  assert.equal(run.status, "pending");
  assert.equal(run.thread_id, thread_id);
  assert.equal(run.metadata.tag, 1);
  assert.deepEqual(texts(await client.runs.join(thread_id, run.run_id)), whole);
  assert.equal((await client.runs.get(thread_id, run.run_id)).status, "success");
  assert.deepEqual((await client.runs.list(thread_id)).map((listed) => listed.run_id), [run.run_id]);
  assert.deepEqual(await client.runs.list(thread_id, { status: "pending" }), []);
  await client.runs.delete(thread_id, run.run_id);
  await assert.rejects(client.runs.get(thread_id, run.run_id), (error) => error.status === 404);
});

test("creating a run tells its ids", limit, async () => {
  const { thread_id } = await client.threads.create();
  const created = [];
  const onRunCreated = (run) => created.push(run);
  const payload = { input: { messages: [human("hi")] }, onRunCreated };

  await collect(client.runs.stream(thread_id, "agent", payload));
  await client.runs.wait(thread_id, "agent", payload);
  await client.runs.create(thread_id, "agent", payload);

  assert.equal(created.length, 3);
  const known = (await client.runs.list(thread_id)).map((run) => run.run_id);
  assert.ok(created.every((run) => run.thread_id === thread_id && known.includes(run.run_id)));
  const stateless = [];
  await collect(client.runs.stream(null, "agent", { ...payload, onRunCreated: (run) => stateless.push(run) }));
  assert.match(stateless[0].run_id, /^[0-9a-f-]{36}$/);
  assert.equal(stateless[0].thread_id, undefined);
});

test("waiting gives the values", limit, async () => {
  const { thread_id } = await client.threads.create();

  assert.deepEqual(texts(await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")] } })), whole);
});

test("a failure is raised, or given when the client asks for it", limit, async () => {
  const { thread_id } = await client.threads.create();
  const payload = { input: { messages: [] } };

  await assert.rejects(client.runs.wait(thread_id, "error", payload), /CustomError: Boo!/);
  const given = await client.runs.wait(thread_id, "error", { ...payload, raiseError: false });
  assert.deepEqual(given.__error__, { error: "CustomError", message: "Boo!" });
  assert.equal((await client.threads.get(thread_id)).status, "error");
});

test("a failure ends a stream with its name and message", limit, async () => {
  const { thread_id } = await client.threads.create();

  const events = await collect(client.runs.stream(thread_id, "error", { input: { messages: [] } }));

  const error = events.find((event) => event.event === "error");
  assert.equal(error.data.error, "CustomError");
  assert.equal(error.data.message, "Boo!");
  const [run] = await client.runs.list(thread_id);
  assert.equal(run.status, "error");
});

test("problems come with their status", limit, async () => {
  const { thread_id } = await client.threads.create();

  await assert.rejects(client.runs.create(thread_id, "nobody", { input: {} }), (error) => error.status === 404 && /No assistant found/.test(error.message));
  await assert.rejects(client.runs.create(randomUUID(), "agent", { input: {} }), (error) => error.status === 404);
  await assert.rejects(client.runs.get(thread_id, randomUUID()), (error) => error.status === 404);
  await assert.rejects(client.runs.create(thread_id, "agent", { input: "text" }), (error) => error.status === 422);
});

test("a run can be cancelled", limit, async () => {
  const { threadId, runId } = await sleepingRun();

  await client.runs.cancel(threadId, runId, true);

  assert.equal((await client.runs.get(threadId, runId)).status, "interrupted");
});

test("a run can be rolled back", limit, async () => {
  const { threadId, runId } = await sleepingRun();

  await client.runs.cancel(threadId, runId, true, "rollback");

  await assert.rejects(client.runs.get(threadId, runId), (error) => error.status === 404);
  assert.deepEqual(await client.threads.getHistory(threadId), []);
});

test("a stateless run needs no thread and leaves none", limit, async () => {
  assert.deepEqual(texts(await client.runs.wait(null, "agent", { input: { messages: [human("hi")] } })), whole);

  const events = await collect(client.runs.stream(null, "agent", { input: { messages: [human("hi")] }, streamMode: "updates" }));
  assert.deepEqual(events.filter((event) => event.event === "updates").map((event) => Object.keys(event.data)[0]), ["agent", "tool", "agent"]);
  const { thread_id } = events.find((event) => event.event === "metadata").data;
  await assert.rejects(client.threads.get(thread_id), (error) => error.status === 404);
});

test("a batch creates stateless runs", limit, async () => {
  const runs = await client.runs.createBatch([
    { assistantId: "agent", input: { messages: [human("a")] } },
    { assistantId: "agent", input: { messages: [human("b")] } },
  ]);

  assert.equal(new Set(runs.map((run) => run.run_id)).size, 2);
});

test("configuration and context reach the graph", limit, async () => {
  const { thread_id } = await client.threads.create();

  assert.deepEqual(await client.runs.wait(thread_id, "simple_runtime", { input: { message: "x" } }), { message: "x", model: "unknown" });
  assert.equal((await client.runs.wait(thread_id, "simple_runtime", { input: {}, context: { model: "openai" } })).model, "openai");
});

test("many runs can be cancelled at once", limit, async () => {
  const { threadId, runId } = await sleepingRun();
  const waiting = await client.runs.create(threadId, "agent", { input: { messages: [human("more")] }, multitaskStrategy: "enqueue" });

  await client.runs.cancelMany({ threadId, runIds: [runId, waiting.run_id], action: "interrupt" });

  await client.runs.join(threadId, runId);
  for (const id of [runId, waiting.run_id]) {
    assert.equal((await client.runs.get(threadId, id)).status, "interrupted");
  }

  await assert.rejects(client.runs.cancelMany({}), (error) => error.status === 422);
});

test("a webhook is told of the end of a run", limit, async () => {
  const { thread_id } = await client.threads.create();
  const values = await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")] }, webhook: "/custom/webhook" });

  let payload;
  do {
    await new Promise((resolve) => setTimeout(resolve, 20));
    payload = JSON.parse((await (await fetch(`${url}/custom/webhook-payload`)).text()) || "null");
  } while (payload?.thread_id !== thread_id);
  assert.equal(payload.status, "success");
  assert.deepEqual(texts(payload.values), texts(values));
});
