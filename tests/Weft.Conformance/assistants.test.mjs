import assert from "node:assert/strict";
import { test } from "node:test";
import { client, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const drawn = async (graph, xray) => {
  const { nodes, edges } = await client.assistants.getGraph(graph, { xray });
  return { nodes: nodes.map(({ id }) => id), edges: edges.map(({ source, target, conditional }) => `${source} ${conditional ? ".." : "--"} ${target}`).sort() };
};

test("a graph is drawn with its conditional edges", limit, async () => {
  assert.deepEqual(await drawn("agent"), {
    nodes: ["__start__", "agent", "tool", "checkSharedState", "__end__"],
    edges: ["__start__ -- agent", "agent .. __end__", "agent .. checkSharedState", "agent .. tool", "checkSharedState -- __end__", "tool -- agent"],
  });
  const { nodes } = await client.assistants.getGraph("nested");
  assert.deepEqual(nodes.map(({ type }) => type), ["schema", "runnable", "runnable", "schema"]);
  assert.deepEqual(nodes.map(({ data }) => data.name), [undefined, "gp_one", "gp_two", undefined]);
});

test("graphs inside are drawn in place, as deep as asked for", limit, async () => {
  const outside = { nodes: ["__start__", "gp_one", "gp_two", "__end__"], edges: ["__start__ -- gp_one", "gp_one -- gp_two", "gp_two -- __end__"] };
  assert.deepEqual(await drawn("nested"), outside);
  assert.deepEqual(await drawn("nested", false), outside);
  assert.deepEqual(await drawn("nested", 1), {
    nodes: ["__start__", "gp_one", "gp_two:p_one", "gp_two:p_two", "__end__"],
    edges: ["__start__ -- gp_one", "gp_one -- gp_two:p_one", "gp_two:p_one -- gp_two:p_two", "gp_two:p_two -- __end__"],
  });
  const whole = {
    nodes: ["__start__", "gp_one", "gp_two:p_one", "gp_two:p_two:c_one", "gp_two:p_two:c_two", "__end__"],
    edges: ["__start__ -- gp_one", "gp_one -- gp_two:p_one", "gp_two:p_one -- gp_two:p_two:c_one", "gp_two:p_two:c_one -- gp_two:p_two:c_two", "gp_two:p_two:c_two -- __end__"],
  };
  assert.deepEqual(await drawn("nested", 2), whole);
  assert.deepEqual(await drawn("nested", true), whole);
});

test("a graph has schemas of what it takes, keeps and gives", limit, async () => {
  const schemas = await client.assistants.getSchemas("simple_runtime");
  assert.equal(schemas.graph_id, "simple_runtime");
  for (const schema of [schemas.input_schema, schemas.output_schema, schemas.state_schema]) {
    assert.deepEqual(Object.keys(schema.properties), ["message", "model"]);
    assert.deepEqual(schema.properties.message.type, "string");
  }

  assert.deepEqual(schemas.context_schema.properties.model, { type: "string", enum: ["anthropic", "openai", "unknown"] });
  const { input_schema, output_schema, config_schema } = await client.assistants.getSchemas("agent");
  assert.ok("sharedStateFromStoreConfig" in input_schema.properties);
  assert.ok(!("sharedStateFromStoreConfig" in output_schema.properties));
  assert.equal(config_schema.properties.model_name.type, "string");
  const { state_schema } = await client.assistants.getSchemas("state_schema_graph");
  assert.equal(state_schema.properties.messages.description, "A list of chat messages");
  assert.equal(state_schema.properties.messages.langgraph_type, "messages");
  assert.equal(state_schema.properties.count.default, 0);
  const registry = (await client.assistants.getSchemas("zod_registry_graph")).state_schema.properties;
  assert.deepEqual(registry.messages, { type: "array", items: { type: "string" }, description: "A list of chat messages", langgraph_type: "messages" });
  assert.deepEqual(registry.status, { type: "string", enum: ["idle", "processing", "done"], default: "idle" });
  const { gp_two, "gp_two|p_two": p_two } = await client.assistants.getSubgraphs("nested", { recurse: true });
  assert.deepEqual(gp_two.state_schema.properties.parent, { type: "string", enum: ["parent_one", "parent_two"] });
  assert.deepEqual(p_two.state_schema.properties.child, { type: "string", enum: ["child_one", "child_two"] });
});

test("the graphs inside have schemas, by their places", limit, async () => {
  const subgraphs = async (options) => Object.entries(await client.assistants.getSubgraphs("nested", options)).map(([place, { state_schema }]) => [place, ...Object.keys(state_schema.properties)]);
  const [outer, inner] = [["gp_two", "messages", "parent"], ["gp_two|p_two", "messages", "child"]];

  assert.deepEqual(await subgraphs(), [outer]);
  assert.deepEqual(await subgraphs({ recurse: true }), [outer, inner]);
  assert.deepEqual(await subgraphs({ namespace: "gp_two" }), [outer]);
  assert.deepEqual(await subgraphs({ namespace: "gp_two", recurse: true }), [outer, inner]);
  assert.deepEqual(await subgraphs({ namespace: "gp_two|p_two" }), [inner]);
  assert.deepEqual(await subgraphs({ namespace: "nobody" }), []);
  assert.deepEqual(await client.assistants.getSubgraphs("agent", { recurse: true }), {});
});

test("an assistant that is not there is not found, and a depth that is none is refused", limit, async () => {
  for (const ask of ["getGraph", "getSchemas", "getSubgraphs"]) {
    await assert.rejects(client.assistants[ask]("nobody"), (error) => error.status === 404);
  }

  await assert.rejects(client.assistants.getGraph("nested", { xray: "deep" }), (error) => error.status === 422);
});

test("the components of a graph are loaded", limit, async () => {
  const component = await client["~ui"].getComponent("agent", "weather");

  const [, address] = /<script src="([^"]+)"/.exec(component);
  assert.match(component, /__LGUI_agent\.render\("weather", "\{\{shadowRootId\}\}"\)/);
  assert.match(await (await fetch(new URL(address, url))).text(), /^globalThis\.__LGUI_agent = /);
});

test("assistants are created, changed, searched and deleted", limit, async () => {
  const { assistants, threads, runs } = client;
  const name = `planner ${crypto.randomUUID()}`;
  const created = await assistants.create({ graphId: "agent", name, config: { configurable: { model_name: "small" } }, metadata: { team: "travel" }, description: "plans" });
  assert.equal(created.version, 1);
  assert.deepEqual(await assistants.get(created.assistant_id), created);
  await assert.rejects(assistants.create({ graphId: "agent", assistantId: created.assistant_id }), (error) => error.status === 409);
  assert.deepEqual(await assistants.create({ graphId: "agent", assistantId: created.assistant_id, ifExists: "do_nothing" }), created);

  const changed = await assistants.update(created.assistant_id, { metadata: { city: "Rome" }, config: { configurable: { model_name: "large" } } });
  assert.equal(changed.version, 2);
  assert.deepEqual(changed.metadata, { team: "travel", city: "Rome" });
  assert.deepEqual((await assistants.getVersions(created.assistant_id)).map(({ version }) => version), [2, 1]);
  assert.deepEqual((await assistants.getVersions(created.assistant_id, { metadata: { city: "Rome" } })).map(({ version }) => version), [2]);
  assert.deepEqual((await assistants.setLatest(created.assistant_id, 1)).config, created.config);

  assert.deepEqual((await assistants.search({ name, metadata: { team: "travel" } })).map(({ assistant_id }) => assistant_id), [created.assistant_id]);
  assert.equal(await assistants.count({ name }), 1);
  const page = await assistants.search({ name, includePagination: true });
  assert.equal(page.assistants.length, 1);
  assert.equal(page.next, null);

  const thread = await threads.create();
  await runs.wait(thread.thread_id, created.assistant_id, { input: { messages: [{ role: "user", content: "hi", id: "m" }] } });
  assert.equal((await threads.get(thread.thread_id)).metadata.assistant_id, created.assistant_id);
  await assistants.delete(created.assistant_id, { deleteThreads: true });
  await assert.rejects(assistants.get(created.assistant_id), (error) => error.status === 404);
  await assert.rejects(threads.get(thread.thread_id), (error) => error.status === 404);
});
