// Answers and caches are bounded in bytes: a server with a heap of 512 MB answers throughout.
import assert from "node:assert/strict";
import { get } from "node:http";
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

/** Asks for something and reads nothing of the answer's body. */
const ask = (path) => new Promise((resolve, reject) => {
  const request = get(host.url + path, (answer) => {
    answer.on("error", () => {});
    answer.pause();
    resolve(request);
  });
  request.on("error", reject);
});

test("histories of 600 MB are read to their end, and cost little while nobody reads them", limit, async () => {
  const { thread_id } = await client.threads.create();
  for (let turn = 0; turn < 20; turn++) {
    await client.runs.wait(thread_id, "bench", { input: { messages: ["x"], size: 1_000_000 } });
  }

  const unread = await Promise.all([1, 2, 3].map(() => ask(`/threads/${thread_id}/history?limit=1000`)));
  await isOk();
  let bytes = 0;
  for await (const chunk of (await fetch(`${host.url}/threads/${thread_id}/history?limit=1000`)).body) {
    bytes += chunk.length;
  }

  assert.ok(bytes > 600_000_000, `The history had ${bytes} bytes.`);
  await isOk();
  unread.forEach((request) => request.destroy());
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
