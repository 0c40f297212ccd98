// API keys of the main host, as the SDK sends them.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "@langchain/langgraph-sdk";
import WebSocket from "ws";
import { collect, human } from "./lib/client.mjs";
import { dataOf } from "./lib/host.mjs";

// Node has had its own only since version 22.
globalThis.WebSocket ??= WebSocket;

const dll = join(dirname(fileURLToPath(import.meta.url)), "../../src/Weft.Host/bin/Release/net10.0/Weft.Host.dll");
const run = promisify(execFile);
let folder, host, url;

const keys = async (...args) => (await run("dotnet", [dll, "keys", ...args, ...dataOf(folder)])).stdout.trim();
const clientWith = (options) => new Client({ apiUrl: url, callerOptions: { maxRetries: 0 }, ...options });
const fails = (status) => (error) => error.status === status;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-auth-"));
  host = spawn(
    "dotnet",
    [dll, "--urls", "http://127.0.0.1:0", ...dataOf(folder), "--Weft:Auth:ApiKeys:Enabled", "true", "--Weft:Auth:ApiKeys:CacheTime", "00:00:00"],
    { stdio: ["ignore", "pipe", "inherit"] });
  url = await new Promise((resolve, reject) => {
    let output = "";
    host.once("exit", (code) => reject(new Error(`The host ended with ${code}:\n${output}`)));
    host.stdout.on("data", (chunk) => {
      output += chunk;
      const listening = /Weft listens on (\S+)/.exec(output);
      if (listening) resolve(listening[1]);
    });
  });
});

after(async () => {
  const exited = new Promise((resolve) => host.once("exit", resolve));
  host.kill("SIGTERM");
  await exited;
  await rm(folder, { recursive: true, force: true });
});

test("a client with a key has its own threads, runs and streams", async () => {
  const alice = clientWith({ apiKey: await keys("create", "--name", "sdk", "--owner", "alice") });
  const bob = clientWith({ apiKey: null, defaultHeaders: { Authorization: `Bearer ${await keys("create", "--name", "sdk", "--owner", "bob")}` } });

  const { thread_id } = await alice.threads.create();
  const events = await collect(alice.runs.stream(thread_id, "chat", { input: { messages: [human("hello")] }, streamMode: "values" }));
  assert.equal(events.findLast(({ event }) => event === "values").data.messages.length, 2);
  await alice.store.putItem(["notes"], "k", { text: "mine" });

  assert.equal((await alice.threads.search()).length, 1);
  assert.equal((await bob.threads.search()).length, 0);
  assert.equal((await bob.store.searchItems([])).items.length, 0);
  await assert.rejects(bob.threads.get(thread_id), fails(404));
  await assert.rejects(bob.runs.wait(thread_id, "chat", { input: {} }), fails(404));
});

test("a client without a key, with a wrong one or with a revoked one is refused", async () => {
  const key = await keys("create", "--name", "sdk", "--owner", "carol");
  const carol = clientWith({ apiKey: key });
  const { thread_id } = await carol.threads.create();

  for (const apiKey of [null, "lsv2_pt_of_another_service", `${key}A`]) {
    const client = clientWith({ apiKey });
    await assert.rejects(client.threads.create(), fails(401));
    await assert.rejects(client.assistants.search(), fails(401));
    await assert.rejects(collect(client.runs.stream(thread_id, "chat", { input: {} })), fails(401));
  }

  await keys("revoke", key);
  await assert.rejects(carol.threads.get(thread_id), fails(401));
});

test("the events of a thread need the key, over a socket too", async () => {
  const dora = clientWith({ apiKey: await keys("create", "--name", "sdk", "--owner", "dora") });
  const { thread_id } = await dora.threads.create();
  // The API of browsers does not show the status of a refused handshake, so a socket is accepted and closed with a code.
  for (const [transport, message] of [["sse", /401/], ["websocket", /4401/]]) {
    const refused = clientWith({ apiKey: null }).threads.stream(thread_id, { assistantId: "chat", transport });
    await assert.rejects(refused.run.start({ input: { messages: [human("hello")] } }), message);
    await refused.close();
  }

  const thread = dora.threads.stream(thread_id, { assistantId: "chat" });
  await thread.run.start({ input: { messages: [human("hello")] } });
  assert.equal((await thread.output).messages.length, 2);
  await thread.close();
});
