// Cancelling runs by their status meets all runs of a server, so these tests have a server of their own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "@langchain/langgraph-sdk";
import { startHost } from "./lib/host.mjs";

const sleepy = { input: { messages: [{ role: "human", content: "go" }], sleep: { steps: 600, ms: 100 } } };
const limit = { timeout: 60_000 };
let host;
let client;

before(async () => {
  host = await startHost();
  client = new Client({ apiUrl: host.url, apiKey: null, callerOptions: { maxRetries: 0 } });
});

after(() => host.stop());

/** A thread with a run that runs and two that wait. */
async function busyThread() {
  const { thread_id } = await client.threads.create();
  const runs = [await client.runs.create(thread_id, "agent", sleepy)];
  const statusOf = async () => (await client.runs.get(thread_id, runs[0].run_id)).status;
  while (await statusOf() === "pending") await new Promise((resolve) => setTimeout(resolve, 20));
  for (let count = 0; count < 2; count++) {
    runs.push(await client.runs.create(thread_id, "agent", { ...sleepy, multitaskStrategy: "enqueue" }));
  }

  return { threadId: thread_id, statuses: async () => (await client.runs.list(thread_id)).map(({ status }) => status).reverse(), ids: runs.map(({ run_id }) => run_id) };
}

test("the runs that wait are cancelled, or all of them", limit, async () => {
  const threads = [await busyThread(), await busyThread()];

  assert.equal(await client.runs.cancelMany({ status: "pending" }), undefined);
  for (const { statuses } of threads) {
    assert.deepEqual(await statuses(), ["running", "interrupted", "interrupted"]);
  }

  await client.runs.cancelMany({ status: "all", action: "interrupt" });
  for (const { threadId, ids, statuses } of threads) {
    await client.runs.join(threadId, ids[0]);
    assert.deepEqual(await statuses(), ["interrupted", "interrupted", "interrupted"]);
  }
});

test("a rollback removes the runs", limit, async () => {
  const { threadId, ids } = await busyThread();

  await client.runs.cancelMany({ status: "all", action: "rollback" });

  for (const id of ids) {
    let error;
    while (!error) {
      error = await client.runs.join(threadId, id).then(() => client.runs.get(threadId, id)).then(() => undefined, (reason) => reason);
    }

    assert.equal(error.status, 404);
  }
});

test("a status that is none, and a status beside ids, are refused", limit, async () => {
  for (const options of [{ status: "success" }, { status: "all", threadId: crypto.randomUUID(), runIds: [] }]) {
    await assert.rejects(client.runs.cancelMany(options), (error) => error.status === 422);
  }
});
