import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { client, human, texts } from "./lib/client.mjs";

const limit = { timeout: 150_000 };
const { crons } = client;
const input = { messages: [human("hi")] };

test("a cron is created, changed, found, counted and deleted", limit, async () => {
  const metadata = { group: randomUUID() };
  const cron = await crons.create("agent", {
    schedule: "0 9 * * MON",
    timezone: "Europe/Berlin",
    input,
    metadata,
    config: { configurable: { user_id: "u" } },
    endTime: "2100-01-01T00:00:00Z",
    onRunCompleted: "keep",
    streamMode: ["values"],
    durability: "sync",
  });
  assert.equal(cron.schedule, "0 9 * * MON");
  assert.equal(cron.timezone, "Europe/Berlin");
  assert.equal(cron.thread_id, null);
  assert.equal(cron.on_run_completed, "keep");
  assert.equal(cron.enabled, true);
  assert.deepEqual(cron.metadata, metadata);
  assert.deepEqual(cron.payload.input, input);
  assert.equal(cron.payload.durability, "sync");
  assert.ok(new Date(cron.next_run_date) > new Date());

  const changed = await crons.update(cron.cron_id, { schedule: "0 10 * * MON", endTime: null, enabled: false });
  assert.equal(changed.schedule, "0 10 * * MON");
  assert.equal(changed.end_time, null);
  assert.equal(changed.next_run_date, null);
  assert.deepEqual(changed.payload, cron.payload);

  const { thread_id } = await client.threads.create();
  const other = await crons.createForThread(thread_id, "agent", { schedule: "0 0 * * *", input, metadata, multitaskStrategy: "interrupt" });
  assert.equal(other.thread_id, thread_id);

  const ids = async (query) => (await crons.search(query)).map((found) => found.cron_id);
  assert.deepEqual(await ids({ metadata }), [other.cron_id, cron.cron_id]);
  assert.deepEqual(await ids({ metadata, sortBy: "created_at", sortOrder: "asc", limit: 1 }), [cron.cron_id]);
  assert.deepEqual(await ids({ threadId: thread_id }), [other.cron_id]);
  assert.deepEqual(await ids({ metadata, enabled: false }), [cron.cron_id]);
  assert.deepEqual(await ids({ metadata, assistantId: cron.assistant_id, offset: 1 }), [cron.cron_id]);
  assert.deepEqual(await crons.search({ threadId: thread_id, select: ["cron_id", "schedule"] }), [{ cron_id: other.cron_id, schedule: "0 0 * * *" }]);
  assert.equal(await crons.count({ metadata }), 2);
  assert.equal(await crons.count({ threadId: thread_id, assistantId: "agent" }), 1);

  await crons.delete(cron.cron_id);
  await crons.delete(other.cron_id);
  assert.equal(await crons.count({ metadata }), 0);
  await assert.rejects(crons.delete(cron.cron_id), (error) => error.status === 404);
});

test("a schedule that is not valid is refused", limit, async () => {
  for (const payload of [{ schedule: "* * * * * *" }, { schedule: "later" }, { schedule: "* * * * *", timezone: "Mars" }]) {
    await assert.rejects(crons.create("agent", { input, ...payload }), (error) => error.status === 422);
  }

  await assert.rejects(crons.create("nobody", { schedule: "* * * * *" }), (error) => error.status === 404);
  await assert.rejects(crons.createForThread(randomUUID(), "agent", { schedule: "* * * * *" }), (error) => error.status === 404);
});

test("a cron of each minute runs on its thread", limit, async () => {
  const { thread_id } = await client.threads.create();
  const cron = await crons.createForThread(thread_id, "agent", { schedule: "* * * * *", input });
  try {
    let runs = [];
    while (runs.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      runs = await client.runs.list(thread_id);
    }

    assert.ok(Date.now() - new Date(cron.next_run_date) < 5_000);
    assert.equal(runs[0].metadata.cron_id, cron.cron_id);
    assert.equal(texts(await client.runs.join(thread_id, runs[0].run_id))[0], "hi");
  } finally {
    await crons.delete(cron.cron_id);
  }
});
