// The official client of the Model Context Protocol for JavaScript: assistants as tools.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { client as weft, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const human = (content) => ({ messages: [{ role: "user", content }] });

/** A client that is closed when the test has ended. */
async function connect(t, path = "/mcp") {
  const client = new Client({ name: "conformance", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url + path)));
  t.after(() => client.close());
  return client;
}

for (const path of ["/mcp", "/mcp/", "/api/mcp"]) {
  test(`assistants are listed and called at ${path}`, limit, async (t) => {
    const client = await connect(t, path);
    const { tools } = await client.listTools();

    const echo = tools.find(({ name }) => name === "echo");
    assert.equal(echo.inputSchema.type, "object");
    assert.ok("messages" in echo.inputSchema.properties);
    const result = await client.callTool({ name: "echo", arguments: human("hello world") });
    assert.equal(result.isError, false);
    assert.equal(result.structuredContent.messages.at(-1).content.trim(), "You said: hello world");
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    assert.equal(client.getServerVersion().name, "weft");
    await client.ping();
  });
}

test("assistants that are created are tools too, and calls leave no thread", limit, async (t) => {
  const name = `helper_${Date.now()}`;
  const { assistant_id } = await weft.assistants.create({ graphId: "echo", name, description: "Says it again." });
  t.after(() => weft.assistants.delete(assistant_id));
  const client = await connect(t);

  const tool = (await client.listTools()).tools.find((one) => one.name === name);
  assert.equal(tool.description, "Says it again.");
  assert.equal((await client.callTool({ name, arguments: human("hi") })).structuredContent.messages.at(-1).content.trim(), "You said: hi");
});

test("a graph that fails is a result, and a tool that does not exist an error", limit, async (t) => {
  const client = await connect(t);

  const failed = await client.callTool({ name: "error", arguments: human("hi") });
  assert.equal(failed.isError, true);
  assert.ok(failed.content[0].text.length > 0);
  await assert.rejects(client.callTool({ name: "nobody", arguments: {} }), { code: -32602 });
  await assert.rejects(client.listResources(), /resources|Method not found|does not support/i);
});

test("a client that asks for progress gets it, and its time-out begins again", limit, async (t) => {
  const client = await connect(t);
  const reports = [];
  const result = await client.callTool(
    { name: "agent", arguments: { ...human("go"), sleep: { steps: 70, ms: 100 } } },
    undefined,
    { onprogress: (progress) => reports.push(progress), resetTimeoutOnProgress: true, timeout: 6_000 });

  assert.ok(reports.length > 0 && reports[0].progress > 0, JSON.stringify(reports));
  assert.equal(result.isError, false);
});
