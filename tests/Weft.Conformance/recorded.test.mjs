import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { client, collect } from "./lib/client.mjs";
import { masked, shapeOf } from "./lib/shape.mjs";

const folder = new URL("recorded/", import.meta.url);

for (const file of (await readdir(folder)).filter((name) => name.endsWith(".json")).sort()) {
  test(`${file.slice(0, -".json".length)} is streamed as recorded`, { timeout: 30_000 }, async () => {
    const { graph, runs } = JSON.parse(await readFile(new URL(file, folder), "utf8"));
    const { thread_id } = await client.threads.create();
    for (const { payload, events } of runs) {
      const streamed = await collect(client.runs.stream(thread_id, graph, payload));
      if (events) {
        assert.deepEqual(masked(shapeOf(streamed), events), events);
      }
    }
  });
}
