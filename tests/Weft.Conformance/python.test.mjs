// What LangGraph's SDK for Python sends, and what it was answered, recorded by recorded/python/record.py.
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { url } from "./lib/client.mjs";
import { Replay } from "./lib/recording.mjs";

const folder = new URL("recorded/python/", import.meta.url);

for (const file of (await readdir(folder)).filter((name) => name.endsWith(".json")).sort()) {
  test(`${file.slice(0, -".json".length)} is answered as recorded`, { timeout: 60_000 }, async () => {
    const { exchanges } = JSON.parse(await readFile(new URL(file, folder), "utf8"));
    await new Replay(url).run(exchanges);
  });
}
