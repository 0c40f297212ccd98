import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { client, human, texts } from "./lib/client.mjs";

const limit = { timeout: 30_000 };

test("a thread is created, read, changed and deleted", limit, async () => {
  const created = await client.threads.create({ metadata: { a: 1 } });
  assert.equal(created.status, "idle");
  assert.deepEqual(created.metadata, { a: 1 });

  assert.equal((await client.threads.get(created.thread_id)).thread_id, created.thread_id);
  assert.deepEqual((await client.threads.update(created.thread_id, { metadata: { b: 2 } })).metadata, { a: 1, b: 2 });

  await client.threads.delete(created.thread_id);
  await assert.rejects(client.threads.get(created.thread_id), (error) => error.status === 404);
});

test("an id that is taken conflicts unless the client allows it", limit, async () => {
  const threadId = randomUUID();
  await client.threads.create({ threadId });

  await assert.rejects(client.threads.create({ threadId, ifExists: "raise" }), (error) => error.status === 409);
  assert.equal((await client.threads.create({ threadId, ifExists: "do_nothing" })).thread_id, threadId);
});

test("threads are found by metadata, page by page", limit, async () => {
  const tag = randomUUID();
  const ids = [];
  for (let i = 0; i < 3; i++) {
    ids.unshift((await client.threads.create({ metadata: { tag, i } })).thread_id);
  }

  const search = async (query) => (await client.threads.search({ metadata: { tag }, ...query })).map((thread) => thread.thread_id);
  assert.deepEqual(await search({}), ids);
  assert.deepEqual(await search({ limit: 1, offset: 1 }), [ids[1]]);
  assert.deepEqual(await search({ metadata: { tag, i: 0 } }), [ids[2]]);
  assert.deepEqual(await search({ status: "busy" }), []);
  assert.deepEqual(await search({ sortBy: "created_at", sortOrder: "asc" }), ids.toReversed());
});

test("the state and its history can be read and edited", limit, async () => {
  const { thread_id } = await client.threads.create();
  await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi", "initial")] } });

  const state = await client.threads.getState(thread_id);
  assert.deepEqual(texts(state.values), ["hi", "begin", "tool_call__begin", "end"]);
  assert.deepEqual(state.next, []);
  assert.equal(state.values.messages[0].id, "initial");

  const history = await client.threads.getHistory(thread_id, { limit: 10 });
  assert.equal(history.length, 5);
  assert.equal(history[0].checkpoint.checkpoint_id, state.checkpoint.checkpoint_id);
  assert.equal(history[0].parent_checkpoint.checkpoint_id, history[1].checkpoint.checkpoint_id);
  assert.deepEqual(history.map((entry) => entry.metadata.step), [3, 2, 1, 0, -1]);
  const older = await client.threads.getHistory(thread_id, { before: { configurable: { checkpoint_id: history[1].checkpoint.checkpoint_id } } });
  assert.equal(older.length, 3);
  assert.deepEqual(texts((await client.threads.getState(thread_id, history[2].checkpoint)).values), texts(history[2].values));
  assert.deepEqual(texts((await client.threads.getState(thread_id, history[2].checkpoint.checkpoint_id)).values), texts(history[2].values));

  const updated = await client.threads.updateState(thread_id, { values: { keyOne: "edited" }, asNode: "agent" });
  const after = await client.threads.getState(thread_id);
  assert.equal(after.values.keyOne, "edited");
  assert.equal(after.checkpoint.checkpoint_id, updated.configurable.checkpoint_id);
  assert.equal(after.metadata.source, "update");
});

test("the metadata of a state is patched", limit, async () => {
  const { thread_id } = await client.threads.create();
  await assert.rejects(client.threads.patchState(thread_id, { rating: 5 }), (error) => error.status === 404);
  await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")] } });
  const before = await client.threads.getState(thread_id);

  assert.equal(await client.threads.patchState(thread_id, { rating: 5, step: 100 }), undefined);
  await client.threads.patchState({ configurable: { thread_id } }, { by: "ada" });

  const after = await client.threads.getState(thread_id);
  assert.deepEqual(after, { ...before, metadata: { ...before.metadata, rating: 5, by: "ada" } });
  assert.deepEqual((await client.threads.getHistory(thread_id, { metadata: { rating: 5 } })).map(({ checkpoint }) => checkpoint), [before.checkpoint]);
});

test("a copy has the state and history of its thread and goes on by itself", limit, async () => {
  const { thread_id } = await client.threads.create();
  const input = { messages: [human("hi", "initial")] };
  await client.runs.wait(thread_id, "agent", { input });

  const copied = await client.threads.copy(thread_id);
  assert.notEqual(copied.thread_id, thread_id);
  assert.deepEqual(copied.values, (await client.threads.getState(thread_id)).values);

  const ids = async (id) => (await client.threads.getHistory(id)).map((state) => state.checkpoint.checkpoint_id);
  assert.deepEqual(await ids(copied.thread_id), await ids(thread_id));
  assert.ok((await client.threads.getHistory(copied.thread_id)).every((state) => state.metadata.thread_id === copied.thread_id));

  await client.runs.wait(copied.thread_id, "agent", { input: { messages: [human("more")] } });
  assert.equal((await ids(thread_id)).length, 5);
});

test("threads are counted and pruned", limit, async () => {
  const metadata = { tag: randomUUID() };
  const [first, second] = [await client.threads.create({ metadata }), await client.threads.create({ metadata, ttl: 60 })];
  await client.runs.wait(first.thread_id, "agent", { input: { messages: [human("hi")] } });
  assert.equal(await client.threads.count({ metadata }), 2);
  assert.equal(await client.threads.count({ metadata, status: "busy" }), 0);

  const { values } = await client.threads.getState(first.thread_id);
  assert.deepEqual(await client.threads.prune([first.thread_id], { strategy: "keep_latest" }), { pruned_count: 1 });
  assert.deepEqual((await client.threads.getHistory(first.thread_id)).map((state) => state.values), [values]);

  assert.deepEqual(await client.threads.prune([first.thread_id, second.thread_id, randomUUID()]), { pruned_count: 2 });
  assert.equal(await client.threads.count({ metadata }), 0);
});

test("a search extracts parts of threads", limit, async () => {
  const { thread_id } = await client.threads.create({ metadata: { tag: randomUUID() } });
  await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")] } });

  const [found] = await client.threads.search({ ids: [thread_id], select: ["thread_id"], extract: { last: "values.messages[-1].content" } });
  assert.deepEqual(found.extracted, { last: "end" });
});

test("a thread that is not there has no state", limit, async () => {
  await assert.rejects(client.threads.getState(randomUUID()), (error) => error.status === 404);
});

test("assistants are found by their graphs", limit, async () => {
  const [assistant] = await client.assistants.search({ graphId: "agent" });

  assert.equal(assistant.assistant_id, "fe096781-5601-53d2-b2f6-0d3403f7e9ca");
  assert.deepEqual(assistant.config, { configurable: { model_name: "openai" } });
  assert.deepEqual(assistant.metadata, { created_by: "system" });
  assert.equal((await client.assistants.get("agent")).assistant_id, assistant.assistant_id);
  await assert.rejects(client.assistants.get(randomUUID()), (error) => error.status === 404);
});
