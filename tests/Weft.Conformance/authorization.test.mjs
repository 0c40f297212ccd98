// Authorization as handlers of an application decide it: a host with --auth, whose two users sign in with bearer tokens.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Client } from "@langchain/langgraph-sdk";
import { startHost } from "./lib/host.mjs";

const key = Buffer.from("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "utf8");
const config = { configurable: { user_id: "123" } };
const input = { messages: [{ role: "human", content: "foo" }] };
let host;

before(async () => {
  host = await startHost({ switches: ["--auth"] });
});
after(() => host?.stop());

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(sub, scopes, { secret = key, alg = "HS256", ...claims } = {}) {
  const signed = `${encode({ alg, typ: "JWT" })}.${encode({ sub, scopes, ...claims })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

const clientWith = (authorization) => new Client({
  apiUrl: host.url,
  apiKey: null,
  callerOptions: { maxRetries: 0 },
  defaultHeaders: authorization ? { Authorization: authorization } : {},
});
const john = (...scopes) => clientWith(`Bearer ${token("johndoe", scopes)}`);
const alice = (...scopes) => clientWith(`Bearer ${token("alice", scopes)}`);
const fails = (promise, status) => assert.rejects(promise, (error) => error.status === status);

async function events(stream) {
  const all = [];
  for await (const event of stream) all.push(event);
  return all;
}

test("a missing token, a bad one and one of an unknown user are refused", async () => {
  const expired = token("johndoe", ["me"], { exp: Math.floor(Date.now() / 1000) - 3600 });
  const unsigned = `${encode({ alg: "none" })}.${encode({ sub: "johndoe", scopes: ["me"] })}.`;
  for (const authorization of [
    null, "Bearer x", "Basic am9obmRvZTo=", `Bearer ${token("wfh", ["me"])}`, `Bearer ${token("johndoe", ["me"], { secret: "other" })}`,
    `Bearer ${expired}`, `Bearer ${unsigned}`,
  ]) {
    const client = clientWith(authorization);
    await fails(client.assistants.create({ graphId: "agent" }), 401);
    await fails(client.threads.create(), 401);
  }

  const open = await fetch(`${host.url}/ok`);
  assert.equal(open.status, 200);
  assert.equal((await fetch(`${host.url}/threads`, { method: "POST" })).headers.get("x-js-middleware"), "true");
});

test("the scopes of a user decide", async () => {
  await fails(john().assistants.create({ graphId: "agent" }), 403);
  await fails(john("foo").assistants.create({ graphId: "agent" }), 403);
  await fails(john("me").assistants.create({ graphId: "agent" }), 403);
  await fails(john("read").threads.create(), 403);
  // The user has no such scope.
  await fails(john("threads:write").threads.create(), 403);
  await fails(john().crons.search(), 403);
  assert.deepEqual(await john("me").crons.search(), []);

  const created = await john("assistants:write").assistants.create({ graphId: "agent" });
  assert.equal(created.metadata.owner, "johndoe");
  const found = await john("assistants:write").assistants.search({ graphId: "agent" });
  assert.ok(found.length > 0 && found.every(({ metadata }) => metadata.owner === "johndoe"));
  assert.equal(await john("me").assistants.count({ graphId: "agent" }), found.length);
  assert.deepEqual(await alice("assistants:write").assistants.search({ graphId: "agent" }), []);
});

test("an assistant of another user is like one that does not exist", async () => {
  const [owner, other] = [john("me", "assistants:write"), alice("me", "assistants:write")];
  const { assistant_id } = await owner.assistants.create({ graphId: "agent" });
  assert.equal((await owner.assistants.get(assistant_id)).assistant_id, assistant_id);
  assert.ok((await owner.assistants.getGraph(assistant_id)).nodes.length > 0);

  for (const id of [assistant_id, randomUUID()]) {
    await fails(other.assistants.get(id), 404);
    await fails(other.assistants.getGraph(id), 404);
    await fails(other.assistants.getSchemas(id), 404);
    await fails(other.assistants.getVersions(id), 404);
    await fails(other.assistants.update(id, { metadata: { foo: "bar" } }), 404);
    await fails(other.assistants.delete(id), 404);
    await fails(other.runs.wait(null, id, { input, config }), 404);
    await fails(other.runs.create(null, id, { input, config }), 404);
  }
});

test("a thread of another user is like one that does not exist", async () => {
  const [owner, other] = [john("me"), alice("me")];
  const { thread_id, metadata } = await owner.threads.create({ metadata: { owner: "alice", a: 1 } });
  assert.equal(metadata.owner, "johndoe");
  assert.deepEqual(await owner.threads.getHistory(thread_id), []);
  await owner.runs.wait(thread_id, "agent", { input, config });
  assert.equal((await owner.threads.getHistory(thread_id)).length, 5);
  const run = await owner.runs.create(thread_id, "agent", { input, config, afterSeconds: 100 });
  assert.equal(run.metadata.owner, "johndoe");

  for (const [thread, id] of [[thread_id, run.run_id], [randomUUID(), randomUUID()]]) {
    await fails(other.threads.get(thread), 404);
    await fails(other.threads.update(thread, { metadata: { foo: "bar" } }), 404);
    await fails(other.threads.copy(thread), 404);
    await fails(other.threads.delete(thread), 404);
    await fails(other.threads.getState(thread), 404);
    await fails(other.threads.updateState(thread, { values: { sleep: 1 } }), 404);
    await fails(other.threads.getHistory(thread), 404);
    await fails(other.runs.wait(thread, "agent", { input, config }), 404);
    await fails(other.runs.create(thread, "agent", { input, config }), 404);
    await fails(other.runs.list(thread), 404);
    await fails(other.runs.get(thread, id), 404);
    await fails(other.runs.join(thread, id), 404);
    await fails(events(other.runs.joinStream(thread, id)), 404);
    await fails(events(other.runs.stream(thread, "agent", { input, config })), 404);
    await fails(other.runs.cancel(thread, id), 404);
    await fails(other.runs.delete(thread, id), 404);
  }

  assert.deepEqual(await other.threads.search({ ids: [thread_id] }), []);
  assert.equal(await other.threads.count(), 0);
  assert.equal((await owner.threads.update(thread_id, { metadata: { owner: "alice" } })).metadata.owner, "johndoe");
  await owner.runs.cancel(thread_id, run.run_id, true);
  await owner.runs.delete(thread_id, run.run_id);
  assert.notEqual((await owner.threads.copy(thread_id)).thread_id, thread_id);
});

test("a user has the items of namespaces with its name", async () => {
  const [owner, other] = [john("me"), alice("me")];
  const threads = [await owner.threads.create(), await other.threads.create()];
  await owner.runs.wait(threads[0].thread_id, "agent_simple", { input: { messages: [{ role: "human", content: "A" }] }, config });
  await other.runs.wait(threads[1].thread_id, "agent_simple", { input: { messages: [{ role: "human", content: "B" }] }, config });

  for (const ns of [["ALL"], ["alice"]]) {
    await fails(owner.store.getItem(ns, "key_one"), 403);
    await fails(owner.store.putItem(ns, "key_one", { foo: "bar" }), 403);
    await fails(owner.store.deleteItem(ns, "key_one"), 403);
    await fails(owner.store.searchItems(ns), 403);
    await fails(owner.store.listNamespaces({ prefix: ns }), 403);
  }

  assert.deepEqual((await owner.store.getItem(["johndoe"], "key_one")).value, { text: "A" });
  assert.deepEqual((await other.store.getItem(["alice"], "key_one")).value, { text: "B" });
  for (const [user, name] of [[owner, "johndoe"], [other, "alice"]]) {
    assert.deepEqual((await user.store.searchItems([name])).items.map((item) => item.key), ["key_one"]);
    assert.deepEqual((await user.store.searchItems([])).items.map((item) => item.namespace), [[name]]);
    assert.deepEqual((await user.store.listNamespaces({ prefix: [name] })).namespaces, [[name]]);
    assert.deepEqual((await user.store.listNamespaces()).namespaces, [[name]]);
  }
});

test("stateless runs and crons belong to the user", async () => {
  const owner = john("me", "assistants:write");
  const { assistant_id } = await owner.assistants.create({ graphId: "agent" });
  assert.ok(await owner.runs.wait(null, assistant_id, { input, config }));
  const chunks = await events(owner.runs.stream(null, assistant_id, { input, config }));
  assert.ok(chunks.length > 0 && chunks.every(({ event }) => event !== "error"));

  const { cron_id } = await owner.crons.create(assistant_id, { schedule: "0 0 1 1 *", input });
  assert.deepEqual((await owner.crons.search()).map((cron) => cron.cron_id), [cron_id]);
  assert.deepEqual(await alice("me").crons.search(), []);
  await fails(alice("me").crons.delete(cron_id), 404);
  await owner.crons.delete(cron_id);
});
