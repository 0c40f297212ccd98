// A conversation by the types that openapi-typescript makes of the server's document: node conversation.js <url>
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const client = createClient<paths>({ baseUrl: process.argv[2] });

const created = await client.POST("/threads", { body: { metadata: { topic: "types" } } });
assert.ok(created.data);
const thread_id: string = created.data.thread_id;
const params = { path: { thread_id } };

const run = await client.POST("/threads/{thread_id}/runs", {
  params,
  body: { assistant_id: "agent_simple", input: { messages: [{ role: "user", content: "Hello" }] } },
});
assert.ok(run.data);
assert.equal(run.data.thread_id, thread_id);
const run_id: string = run.data.run_id;
await client.GET("/threads/{thread_id}/runs/{run_id}/join", { params: { path: { thread_id, run_id } } });

const ended = await client.GET("/threads/{thread_id}/runs/{run_id}", { params: { path: { thread_id, run_id } } });
assert.equal(ended.data?.status, "success");
const runs = await client.GET("/threads/{thread_id}/runs", { params: { ...params, query: { limit: 5, status: "success" } } });
assert.deepEqual(runs.data?.map((listed) => listed.run_id), [run_id]);

const state = await client.GET("/threads/{thread_id}/state", { params });
assert.ok(state.data);
assert.deepEqual(state.data.next, []);
const { messages } = state.data.values as { messages: { type: string; content: string }[] };
assert.equal(messages[0]?.content, "Hello");

const stream = await client.POST("/threads/{thread_id}/runs/stream", {
  params,
  body: { assistant_id: "agent_simple", input: { messages: "Again" }, stream_mode: ["values", "updates"] },
  parseAs: "text",
});
assert.match(stream.data as string, /event: values/);

const missing = await client.GET("/threads/{thread_id}", { params: { path: { thread_id: crypto.randomUUID() } } });
assert.equal(missing.response.status, 404);
assert.equal(typeof missing.error?.detail, "string");
console.log("ok");
