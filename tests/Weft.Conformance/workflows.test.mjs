import assert from "node:assert/strict";
import { test } from "node:test";
import { client, collect, threadAt } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const input = { topic: "looms" };
const question = 'Is "An essay about looms" good?';

test("a workflow asks, and its steps are not done again", limit, async () => {
  const { thread_id } = await client.threads.create();

  const asked = await collect(client.runs.stream(thread_id, "essay", { input, streamMode: ["updates", "custom", "values", "tasks"] }));
  assert.deepEqual(asked.filter(({ event }) => event === "custom").map(({ data }) => data), ["drafting"]);
  assert.deepEqual(asked.filter(({ event }) => event === "updates").map(({ data }) => data.draft ?? data.__interrupt__[0].value), ["An essay about looms", question]);
  assert.equal(asked.findLast(({ event }) => event === "values").data.__interrupt__[0].value, question);
  assert.deepEqual((await client.threads.getState(thread_id)).next, ["essay"]);
  assert.equal((await client.threads.get(thread_id)).status, "interrupted");

  const answered = await collect(client.runs.stream(thread_id, "essay", { command: { resume: "splendid" }, streamMode: ["updates", "custom", "values"] }));
  const essay = { text: "An essay about looms", verdict: "splendid", topics: ["looms"], drafts: 0 };
  assert.deepEqual(answered.filter(({ event }) => event === "custom"), []);
  assert.deepEqual(answered.filter(({ event }) => event === "updates").map(({ data }) => data), [
    { draft: "An essay about looms", __metadata__: { cached: true } },
    { essay },
  ]);
  assert.deepEqual(answered.findLast(({ event }) => event === "values").data, essay);
  assert.deepEqual((await client.threads.getState(thread_id)).values, essay);
});

test("a turn of a workflow knows what the one before returned", limit, async () => {
  const threadId = await threadAt("essay", { input }, { command: { resume: "good" } }, { input: { topic: "shuttles" } });

  assert.deepEqual((await client.runs.wait(threadId, "essay", { command: { resume: "bad" } })).topics, ["looms", "shuttles"]);
  assert.deepEqual((await client.threads.getHistory(threadId)).map(({ metadata }) => metadata.step), [2, 1, 0, -1]);
});

test("a workflow takes no input of another shape", limit, async () => {
  const { thread_id } = await client.threads.create();

  await assert.rejects(client.runs.wait(thread_id, "essay", { input: { topic: { not: "text" } } }), (error) => {
    assert.equal(error.status, 422);
    assert.match(error.message, /The input of the workflow 'essay' is wrong at 'topic'/);
    return true;
  });
  assert.deepEqual(await client.runs.list(thread_id), []);
});

test("a workflow is drawn and has schemas", limit, async () => {
  assert.deepEqual((await client.assistants.getGraph("essay")).nodes.map(({ id }) => id), ["__start__", "essay", "__end__"]);
  const { input_schema, output_schema } = await client.assistants.getSchemas("essay");
  assert.deepEqual(Object.keys(input_schema.properties), ["topic"]);
  assert.deepEqual(Object.keys(output_schema.properties), ["text", "verdict", "topics", "drafts"]);
});
