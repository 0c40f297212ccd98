// Streams recorded from LangGraph's own agent server for JavaScript (langgraph-api 1.5.1), reduced to their shape.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { client, collect } from "./lib/client.mjs";
import { masked, shapeOf } from "./lib/shape.mjs";

const folder = new URL("recorded/", import.meta.url);

for (const file of (await readdir(folder)).sort()) {
  const { graph, payload, events } = JSON.parse(await readFile(new URL(file, folder), "utf8"));
  test(`${graph} streams ${[payload.streamMode].flat().join(" and ")} as recorded`, { timeout: 30_000 }, async () => {
    const { thread_id } = await client.threads.create();

    const streamed = shapeOf(await collect(client.runs.stream(thread_id, graph, payload)));

    assert.deepEqual(masked(streamed, events), events);
  });
}
