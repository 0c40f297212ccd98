import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { client, human, texts, threadAt } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const { store } = client;

test("an item is put, read, put again and deleted", limit, async () => {
  const namespace = [randomUUID(), "user 1", "préfs"];
  await store.putItem(namespace, "a/b?c=d", { lang: "dé", deep: { list: [1, null] } }, { index: ["lang"], ttl: 60 });

  const item = await store.getItem(namespace, "a/b?c=d");
  assert.deepEqual(item.namespace, namespace);
  assert.equal(item.key, "a/b?c=d");
  assert.deepEqual(item.value, { lang: "dé", deep: { list: [1, null] } });
  assert.equal(item.createdAt, item.updatedAt);
  assert.ok(Math.abs(Date.now() - new Date(item.createdAt)) < 60_000);

  await store.putItem(namespace, "a/b?c=d", { lang: "en" }, { index: false });
  const again = await store.getItem(namespace, "a/b?c=d", { refreshTtl: false });
  assert.deepEqual(again.value, { lang: "en" });
  assert.equal(again.createdAt, item.createdAt);
  assert.ok(new Date(again.updatedAt) >= new Date(item.updatedAt));

  assert.equal(await store.deleteItem(namespace, "a/b?c=d"), undefined);
  assert.equal(await store.getItem(namespace, "a/b?c=d"), null);
  await store.deleteItem(namespace, "a/b?c=d");
});

test("items are found by namespace and value, page by page", limit, async () => {
  const root = randomUUID();
  for (let i = 0; i < 12; i++) {
    await store.putItem([root, i % 2 ? "odd" : "even"], `k${i}`, { i, name: `n${i}` });
  }

  const search = async (prefix, options) => (await store.searchItems(prefix, options)).items.map((item) => item.key);
  assert.equal((await search([root])).length, 10);
  assert.deepEqual(await search([root], { limit: 3, offset: 1 }), ["k10", "k9", "k8"]);
  assert.deepEqual(await search([root, "odd"], { limit: 2 }), ["k11", "k9"]);
  assert.deepEqual(await search([root], { filter: { name: "n3" } }), ["k3"]);
  assert.deepEqual(await search([root, "even"], { filter: { i: { $gt: 2, $lte: 6 } } }), ["k6", "k4"]);
  assert.deepEqual(await search([root, "none"]), []);
  assert.deepEqual(await search([root], { query: "what is the name", limit: 1 }), ["k11"]);

  const { items: [found] } = await store.searchItems([root], { filter: { i: 0 } });
  assert.deepEqual(found.value, { i: 0, name: "n0" });
  assert.equal(found.score, null);
  assert.ok(found.createdAt);
});

test("namespaces are listed by their ends and down to a depth", limit, async () => {
  const root = randomUUID();
  for (const labels of [["u1", "notes"], ["u1", "prefs"], ["u2", "notes", "old"]]) {
    await store.putItem([root, ...labels], "k", {});
  }

  const list = async (options) => (await store.listNamespaces({ prefix: [root], ...options })).namespaces.map((namespace) => namespace.slice(1).join("."));
  assert.deepEqual(await list(), ["u1.notes", "u1.prefs", "u2.notes.old"]);
  assert.deepEqual(await list({ suffix: ["notes"] }), ["u1.notes"]);
  assert.deepEqual(await list({ prefix: [root, "*", "notes"] }), ["u1.notes", "u2.notes.old"]);
  assert.deepEqual(await list({ maxDepth: 2 }), ["u1", "u2"]);
  assert.deepEqual(await list({ limit: 1, offset: 1 }), ["u1.prefs"]);
});

test("a label with a dot is refused, by the client and by the server", limit, async () => {
  await assert.rejects(store.putItem(["a.b"], "k", {}), /namespace/i);
  await assert.rejects(store.searchItems(["a.b"]), (error) => error.status === 422);
  await assert.rejects(store.putItem(["langgraph"], "k", {}), (error) => error.status === 422);
  await assert.rejects(store.putItem([], "k", {}), (error) => error.status === 400);
});

test("what a node puts is there for clients, and for nodes of other threads", limit, async () => {
  const user = randomUUID();
  const payload = { input: { messages: [human("hi")] }, config: { configurable: { user_id: user } } };

  const threadId = await threadAt("agent", payload);
  assert.deepEqual((await store.getItem(["sharedState", "data"], "user_id")).value, { id: user });
  assert.deepEqual((await client.threads.getState(threadId)).values.sharedStateFromStoreConfig, { id: user });

  await store.putItem(["sharedState", "data"], "user_id", { id: "another" });
  const paused = await threadAt("agent", { ...payload, interruptBefore: ["tool"] });
  assert.deepEqual((await store.getItem(["sharedState", "data"], "user_id")).value, { id: user });
  await store.putItem(["sharedState", "data"], "user_id", { id: "put meanwhile" });
  await client.runs.wait(paused, "agent", { ...payload, input: null });
  assert.deepEqual((await client.threads.getState(paused)).values.sharedStateFromStoreConfig, { id: "put meanwhile" });
});

test("what a client puts is there for nodes", limit, async () => {
  const input = { messages: [human("___check_state_value")] };
  await store.deleteItem(["inputtedState", "data"], "my_key");
  await assert.rejects(client.runs.wait(null, "agent", { input }), /my_key/);

  await store.putItem(["inputtedState", "data"], "my_key", { isTrue: true });

  assert.equal(texts(await client.runs.wait(null, "agent", { input }))[0], "___check_state_value");
  await store.deleteItem(["inputtedState", "data"], "my_key");
});
