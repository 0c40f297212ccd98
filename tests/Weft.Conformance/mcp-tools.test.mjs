// The reference server of the Model Context Protocol, over standard input and output and over HTTP: its tools for an agent.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Client } from "@langchain/langgraph-sdk";
import { collect } from "./lib/client.mjs";
import { startHost } from "./lib/host.mjs";

const limit = { timeout: 90_000 };
const everything = join(dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/server-everything/package.json")), "dist", "index.js");
const server = "--Weft:Mcp:Servers:everything";
const call = (tool, args) => ({ input: { messages: [{ role: "user", content: JSON.stringify({ tool, args }) }] } });

/** A host with these settings, and a client of it; both end with the test. */
async function start(t, switches) {
  const host = await startHost({ switches });
  t.after(() => host.stop());
  return new Client({ apiUrl: host.url, apiKey: null, callerOptions: { maxRetries: 0 } });
}

/** The message of the tool that an agent called. */
async function result(client, tool, args) {
  const { messages } = await client.runs.wait(null, "mcp_tools", call(tool, args));
  assert.equal(messages.at(-1).content, "Done.", JSON.stringify(messages));
  return messages.find(({ type }) => type === "tool");
}

async function checkTools(client) {
  assert.match((await result(client, "echo", { message: "hello" })).content, /hello/);
  assert.match((await result(client, "get-sum", { a: 2, b: 3 })).content, /5/);
  const image = await result(client, "get-tiny-image", {});
  assert.ok(image.content.some(({ type, image_url }) => type === "image_url" && image_url.url.startsWith("data:image/png;base64,")));
  const structured = await result(client, "get-structured-content", { location: "New York" });
  assert.equal(typeof structured.artifact.temperature, "number");
  const wrong = await result(client, "get-sum", { a: "two" });
  assert.equal(wrong.status, "error");
}

test("tools of a server that is started as a program", limit, async (t) => {
  const client = await start(t, [`${server}:Command=${process.execPath}`, `${server}:Arguments:0=${everything}`, `${server}:Approval=None`]);
  await checkTools(client);

  const events = await collect(client.runs.stream(null, "mcp_tools", { ...call("trigger-long-running-operation", { duration: 1, steps: 4 }), streamMode: ["custom", "values"] }));
  const progress = events.filter(({ event }) => event === "custom").map(({ data }) => data);
  assert.ok(progress.length >= 2, JSON.stringify(events));
  assert.deepEqual([progress[0].type, progress[0].server, progress[0].total], ["mcp_progress", "everything", 4]);
});

test("tools of a server over HTTP, with approval", limit, async (t) => {
  const port = await freePort();
  const child = spawn(process.execPath, [everything, "streamableHttp"], { env: { ...process.env, PORT: `${port}` }, stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  await answers(`http://127.0.0.1:${port}/mcp`);
  const client = await start(t, [`${server}:Url=http://127.0.0.1:${port}/mcp`, `${server}:Approval=None`, `${server}:ToolApproval:echo=Always`]);

  const thread = await client.threads.create();
  const paused = await client.runs.wait(thread.thread_id, "mcp_tools", call("echo", { message: "hello" }));
  assert.equal(paused.__interrupt__[0].value.action_requests[0].name, "echo");
  const done = await client.runs.wait(thread.thread_id, "mcp_tools", { command: { resume: { decisions: [{ type: "approve" }] } } });
  assert.match(done.messages.find(({ type }) => type === "tool").content, /hello/);
  assert.match((await result(client, "get-sum", { a: 2, b: 3 })).content, /5/);
});

/** A port that is free at the moment. */
function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answers(url) {
  for (let tries = 0; tries < 300; tries++) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  throw new Error(`${url} does not answer.`);
}
