// What LangGraph's SDK for Python sends, and what it was answered, recorded by recorded/python/record.py.
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { url } from "./lib/client.mjs";
import { startHost } from "./lib/host.mjs";
import { Replay } from "./lib/recording.mjs";

const folder = new URL("recorded/python/", import.meta.url);
const recordingsIn = async (place) => (await readdir(place)).filter((name) => name.endsWith(".json")).sort();
const replay = async (file, server) => new Replay(server).run(JSON.parse(await readFile(file, "utf8")).exchanges);

for (const file of await recordingsIn(folder)) {
  test(`${file.slice(0, -".json".length)} is answered as recorded`, { timeout: 60_000 }, () => replay(new URL(file, folder), url));
}

const alone = new URL("alone/", folder);
for (const file of await recordingsIn(alone)) {
  test(`${file.slice(0, -".json".length)} is answered as recorded, by a server of its own`, { timeout: 120_000 }, async () => {
    const host = await startHost();
    try {
      await replay(new URL(file, alone), host.url);
    } finally {
      await host.stop();
    }
  });
}
