// Answers and caches are bounded in bytes: a server with a heap of 512 MB answers throughout.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { Client } from "@langchain/langgraph-sdk";
import { startHost } from "./lib/host.mjs";

const limit = { timeout: 120_000 };
let host;
let client;

before(async () => {
  host = await startHost({ heapMegabytes: 512 });
  client = new Client({ apiUrl: host.url, apiKey: null, callerOptions: { maxRetries: 0 } });
});

after(() => host.stop());

const isOk = async () => assert.deepEqual(await (await fetch(`${host.url}/ok`)).json(), { ok: true });

/** Asks for something, with a body if one is given, and reads nothing of the answer's body. */
const ask = (path, body) => new Promise((resolve, reject) => {
  const asked = request(
    host.url + path,
    body ? { method: "POST", headers: { "content-type": "application/json" } } : {},
    (answer) => {
      assert.equal(answer.statusCode, 200);
      answer.on("error", () => {});
      answer.pause();
      resolve(asked);
    });
  asked.on("error", reject);
  asked.end(body && JSON.stringify(body));
});

/** Reads an answer to its end, and returns the number of its bytes. */
async function read(path, body) {
  const answer = await fetch(host.url + path, body
    ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
    : {});
  assert.equal(answer.status, 200);
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
  }

  return bytes;
}

/** Asks for a list six times without reading an answer, and reads it once. */
async function listShouldHave(bytesMin, path, body) {
  const unread = await Promise.all(Array.from({ length: 6 }, () => ask(path, body)));
  await isOk();
  const bytes = await read(path, body);
  assert.ok(bytes > bytesMin, `${path} had ${bytes} bytes.`);
  await isOk();
  unread.forEach((asked) => asked.destroy());
}

test("histories of 600 MB are read to their end, and cost little while nobody reads them", limit, async () => {
  const { thread_id } = await client.threads.create();
  for (let turn = 0; turn < 20; turn++) {
    await client.runs.wait(thread_id, "bench", { input: { messages: ["x"], size: 1_000_000 } });
  }

  const unread = await Promise.all([1, 2, 3].map(() => ask(`/threads/${thread_id}/history?limit=1000`)));
  await isOk();
  const bytes = await read(`/threads/${thread_id}/history?limit=1000`);
  assert.ok(bytes > 600_000_000, `The history had ${bytes} bytes.`);
  await isOk();
  unread.forEach((asked) => asked.destroy());
  await listShouldHave(20_000_000, `/weft/threads/${thread_id}/messages?limit=1000`);
});

test("300 items of 1 MB are listed", limit, async () => {
  const value = { text: "x".repeat(1_000_000) };
  for (let i = 0; i < 300; i++) {
    await client.store.putItem(["large", `${i % 3}`], `${i}`, value);
  }

  await listShouldHave(300_000_000, "/store/items/search", { namespace_prefix: ["large"], limit: 1000 });
  await listShouldHave(100_000_000, "/store/items/search", { namespace_prefix: ["large", "1"], filter: value, limit: 1000 });
});

test("150 runs with an input of 3 MB are listed, ended or not", limit, async () => {
  const { thread_id } = await client.threads.create();
  const input = { messages: ["x"], unknown: "x".repeat(3_000_000) };
  for (let i = 0; i < 150; i++) {
    await (i < 120
      ? client.runs.wait(thread_id, "bench", { input })
      : client.runs.create(thread_id, "bench", { input, multitaskStrategy: "enqueue", afterSeconds: 3600 }));
  }

  await listShouldHave(400_000_000, `/threads/${thread_id}/runs?limit=1000`);
  await listShouldHave(400_000_000, `/api/threads/${thread_id}/runs?limit=1000`);
  await listShouldHave(80_000_000, `/threads/${thread_id}/queue?limit=1000`);
  await listShouldHave(400_000_000, "/weft/runs/search", { thread_id, limit: 1000 });
  await client.threads.delete(thread_id);
  await isOk();
});

test("200 runs with an input of 3 MB wait outside of memory, and have it when they start", limit, async () => {
  const { thread_id } = await client.threads.create();
  const text = "x".repeat(3_000_000);
  const runs = [];
  for (let i = 0; i < 200; i++) {
    runs.push(await client.runs.create(thread_id, "echo", {
      input: { messages: [{ role: "human", content: `${i} ${text}` }] },
      metadata: { i },
      multitaskStrategy: "enqueue",
      afterSeconds: i === 7 ? 60 : 3600,
    }));
    await isOk();
  }

  const { messages } = await client.runs.join(thread_id, runs[7].run_id);
  assert.deepEqual(messages.map(({ content }) => content.slice(0, 10)), ["7 xxxxxxxx", "You said: "]);
  assert.equal(messages[0].content, `7 ${text}`);
  await client.threads.delete(thread_id);
  await isOk();
});

test("1,000 threads with 250 kB of metadata are listed", limit, async () => {
  const metadata = { kind: "large", text: "x".repeat(250_000) };
  for (let i = 0; i < 1000; i++) {
    await client.threads.create({ metadata });
  }

  for (const search of [{}, { metadata: { kind: "large" } }, { sort_by: "status" }]) {
    await listShouldHave(250_000_000, "/threads/search", { ...search, limit: 1000 });
  }

  const ids = await read("/threads/search", { select: ["thread_id"], limit: 1000 });
  assert.ok(ids < 100_000, `The ids had ${ids} bytes.`);
});

test("300 assistants with 750 kB of configuration are listed", limit, async () => {
  const text = "x".repeat(250_000);
  for (let i = 0; i < 300; i++) {
    await client.assistants.create({
      graphId: "bench", name: `large ${i}`, config: { configurable: { text } }, context: { text }, metadata: { kind: "large", text },
    });
  }

  for (const search of [{}, { metadata: { kind: "large" }, sort_by: "name", sort_order: "asc" }]) {
    await listShouldHave(225_000_000, "/assistants/search", { ...search, limit: 1000 });
  }

  assert.equal(await client.assistants.count({ metadata: { kind: "large" } }), 300);
  // Other APIs list assistants too.
  assert.ok(await read("/v1/models") < 500_000);
});

test("300 versions of an assistant with 750 kB are listed", limit, async () => {
  const text = "x".repeat(250_000);
  const version = { graphId: "bench", config: { configurable: { text } }, context: { text }, metadata: { kind: "versions", text } };
  const { assistant_id } = await client.assistants.create({ ...version, name: "0" });
  for (let i = 1; i < 300; i++) {
    await client.assistants.update(assistant_id, { ...version, name: `${i}` });
  }

  for (const search of [{}, { metadata: { kind: "versions" } }]) {
    await listShouldHave(225_000_000, `/assistants/${assistant_id}/versions`, { ...search, limit: 1000 });
  }
});

test("100 crons with an input of 3 MB are listed", limit, async () => {
  const input = { messages: ["x"], unknown: "x".repeat(3_000_000) };
  for (let i = 0; i < 100; i++) {
    await client.crons.create("bench", { schedule: "0 0 1 1 *", input, metadata: { kind: "large" } });
  }

  await listShouldHave(300_000_000, "/runs/crons/search", { limit: 1000 });
  await listShouldHave(300_000_000, "/runs/crons/search", { metadata: { kind: "large" }, sort_by: "next_run_date", limit: 1000 });
  assert.equal(await client.crons.count({ metadata: { kind: "large" } }), 100);
});

test("hundreds of threads with a value of 1 MB are not all kept in memory", limit, async () => {
  const keyOne = "y".repeat(1_000_000);
  const threads = [];
  for (let i = 0; i < 400; i++) {
    const { thread_id } = await client.threads.create({ graphId: "agent" });
    await client.threads.updateState(thread_id, { values: { keyOne }, asNode: "tool" });
    threads.push(thread_id);
  }

  await isOk();
  for (const thread of threads.slice(0, 100)) {
    assert.equal((await client.threads.getState(thread)).values.keyOne.length, keyOne.length);
  }

  await isOk();
});

test("a thread that overwrites a large value in each turn is read in proportion to its state", limit, async () => {
  const { thread_id } = await client.threads.create();
  const value = (turn) => `${turn} ${"z".repeat(3_000_000)}`;
  for (let turn = 0; turn < 200; turn++) {
    await client.runs.wait(thread_id, "agent", { input: { messages: "should_end", keyOne: value(turn) } });
  }

  await host.crash();
  host = await startHost({ heapMegabytes: 512, address: host.url, folder: host.folder });

  const state = await client.threads.getState(thread_id);
  assert.equal(state.values.keyOne, value(199));
  assert.equal(state.values.messages.length, 400);
  await listShouldHave(50_000, `/weft/threads/${thread_id}/messages?limit=400`);
  await client.runs.wait(thread_id, "agent", { input: { messages: "should_end", keyOne: "short" } });
  assert.equal((await client.threads.getState(thread_id)).values.keyOne, "short");
});

test("logs of 2,000 turns of threads of 200 kB are let go of", limit, async () => {
  const turns = async (streamed) => {
    const { thread_id } = await client.threads.create();
    await client.runs.wait(thread_id, "bench", { input: { messages: ["x"], size: 200_000 } });
    for (let turn = 0; turn < 99; turn++) {
      const payload = { input: { messages: ["x"], size: 2 } };
      if (!streamed) {
        await client.runs.wait(thread_id, "bench", payload);
        continue;
      }

      let last;
      for await (last of client.runs.stream(thread_id, "bench", { ...payload, streamMode: ["values", "messages-tuple"] }));
      assert.equal(last.event, "end");
    }
  };

  for (const streamed of [false, true]) {
    await Promise.all(Array.from({ length: 10 }, () => turns(streamed)));
    await isOk();
  }
});

for (const streamResumable of [false, true]) {
  test(`a run that streams 480 MB ends, and its log is bounded${streamResumable ? " also when it is resumable" : ""}`, limit, async () => {
    const { thread_id } = await client.threads.create();
    const run = await client.runs.create(thread_id, "flood", { input: { count: 60_000, size: 8192 }, streamMode: ["custom"], streamResumable });
    let status;
    while ((status = (await client.runs.get(thread_id, run.run_id)).status) === "pending" || status === "running") {
      await isOk();
      await new Promise((resolve) => setTimeout(resolve, 250));
    }

    assert.equal(status, "success");
    await client.threads.delete(thread_id);
    await isOk();
  });
}
