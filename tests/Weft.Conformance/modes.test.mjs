// What recordings can't tell of the stream modes: members that the recorded server lacks, and modes beside one another.
import assert from "node:assert/strict";
import { test } from "node:test";
import { client, collect, human, threadAt, url } from "./lib/client.mjs";
import { shapeOf } from "./lib/shape.mjs";

const limit = { timeout: 30_000 };
const modes = ["values", "updates", "messages", "messages-tuple", "custom", "debug", "tasks", "checkpoints", "events", "tools"];
const input = { messages: [human("hi", "h1")] };

async function streamed(streamMode, graph = "agent", payload = { input }) {
  const { thread_id } = await client.threads.create();
  return collect(client.runs.stream(thread_id, graph, { ...payload, streamMode }));
}

const isOf = (mode) => ({ event }) => {
  const [name] = event.split("|");
  return mode === "messages" ? name.startsWith("messages/") : name === (mode === "messages-tuple" ? "messages" : mode);
};

for (const [graph, payload] of [
  ["agent", { input: { ...input, sleep: { steps: 2, ms: 1 } } }],
  ["agent_simple", { input }],
  ["agent_with_tools", { input }],
  ["nested", { input: { messages: ["in"] }, streamSubgraphs: true }],
  ["weather", { input, streamSubgraphs: true }],
  ["deep", { input: { trail: ["in"] }, streamSubgraphs: true }],
]) {
  test(`each mode of ${graph} tells the same alone and beside all others`, limit, async () => {
    const together = await streamed(modes, graph, payload);

    assert.deepEqual([together[0].event, together.at(-1).event], ["metadata", "end"]);
    assert.deepEqual(together.map(({ id }) => Number(id)), together.map((_, index) => index));
    assert.deepEqual(together.slice(1, -1).filter((event) => !modes.some((mode) => isOf(mode)(event))), []);
    for (const mode of modes) {
      const alone = await streamed(mode, graph, payload);
      assert.ok(alone.slice(1, -1).every(isOf(mode)), mode);
      assert.deepEqual(shapeOf(together.filter(isOf(mode))), shapeOf(alone), mode);
    }
  });
}

test("checkpoints are told whole, as the history has them", limit, async () => {
  const { thread_id } = await client.threads.create();
  const events = await collect(client.runs.stream(thread_id, "agent", { input, streamMode: "checkpoints" }));

  const told = events.filter(({ event }) => event === "checkpoints").map(({ data }) => data).reverse();
  const history = await client.threads.getHistory(thread_id);
  assert.equal(told.length, history.length);
  const reference = (checkpoint) => checkpoint && [checkpoint.thread_id, checkpoint.checkpoint_ns, checkpoint.checkpoint_id, checkpoint.checkpoint_map];
  for (const [index, { config, parent_config, checkpoint, parent_checkpoint, values, metadata, next, tasks }] of told.entries()) {
    const kept = history[index];
    assert.deepEqual([values, metadata, next], [kept.values, kept.metadata, kept.next]);
    assert.deepEqual([reference(checkpoint), reference(parent_checkpoint)], [reference(kept.checkpoint), reference(kept.parent_checkpoint)]);
    assert.deepEqual([reference(config.configurable), reference(parent_config?.configurable)], [reference(kept.checkpoint), reference(kept.parent_checkpoint) ?? undefined]);
    assert.deepEqual(tasks.map(({ id, name, interrupts }) => ({ id, name, interrupts })), kept.tasks.map(({ id, name, interrupts }) => ({ id, name, interrupts })));
  }
});

test("checkpoints inside name those around them", limit, async () => {
  const events = await streamed("checkpoints", "nested", { input: { messages: ["in"] }, streamSubgraphs: true });

  const root = events.find(({ event, data }) => event === "checkpoints" && data.next[0] === "gp_two").data;
  const [task] = root.tasks;
  assert.equal(task.checkpoint.checkpoint_ns, `gp_two:${task.id}`);
  const inside = events.filter(({ event }) => event === `checkpoints|gp_two:${task.id}`);
  assert.deepEqual(inside.map(({ data }) => data.metadata.step), [-1, 0, 1, 2]);
  for (const { data } of inside) {
    assert.deepEqual(data.metadata.parents, { "": root.checkpoint.checkpoint_id });
    assert.deepEqual(data.checkpoint.checkpoint_map, { "": root.checkpoint.checkpoint_id, [`gp_two:${task.id}`]: data.checkpoint.checkpoint_id });
  }
});

test("debug is tasks and checkpoints, with step and time", limit, async () => {
  const events = await streamed(["debug", "tasks", "checkpoints"], "agent_simple");

  const debug = events.filter(({ event }) => event === "debug").map(({ data }) => data);
  assert.deepEqual(debug.map(({ payload }) => payload), events.filter(({ event }) => event === "tasks" || event === "checkpoints").map(({ data }) => data));
  assert.deepEqual(debug.map(({ step, type }) => `${step} ${type}`), [
    "-1 checkpoint", "0 checkpoint",
    "1 task", "1 task_result", "1 checkpoint", "2 task", "2 task_result", "2 checkpoint", "3 task", "3 task_result", "3 checkpoint",
  ]);
  const times = debug.map(({ timestamp }) => Date.parse(timestamp));
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
});

test("tasks tell what each is given and what it wrote", limit, async () => {
  const tasks = (await streamed("tasks", "agent_simple")).filter(({ event }) => event === "tasks").map(({ data }) => data);

  assert.deepEqual(tasks.map(({ name, triggers, result }) => [name, triggers ?? Object.keys(result)]), [
    ["agent", ["branch:to:agent"]], ["agent", ["messages"]], ["tool", ["__pregel_push"]], ["tool", ["messages"]], ["agent", ["branch:to:agent"]], ["agent", ["messages"]],
  ]);
  assert.deepEqual(tasks.map(({ id }) => id).filter((id, index, all) => all.indexOf(id) === index).length, 3);
  assert.equal(tasks[2].input.content, "begin");
  assert.deepEqual(tasks.filter((task) => "result" in task).map(({ error, interrupts }) => [error, interrupts]), [[null, []], [null, []], [null, []]]);
});

test("a message of a graph inside is told at that graph's place, by the task that made it", limit, async () => {
  const threadId = await threadAt("weather", { input });
  const [task] = (await client.threads.getState(threadId)).tasks;

  const events = await collect(client.runs.stream(threadId, "weather", { input: null, streamMode: "messages-tuple", streamSubgraphs: true }));

  const [{ event, data: [message, metadata] }, ...more] = events.slice(1, -1);
  assert.equal(event, `messages|weather_graph:${task.id}`);
  assert.deepEqual([message.type, message.content, metadata.langgraph_node], ["ai", "It's sunny in San Francisco!", "weather_node"]);
  assert.match(metadata.langgraph_checkpoint_ns, new RegExp(`^weather_graph:${task.id}\\|weather_node:[0-9a-f-]{36}$`));
  assert.deepEqual(more, []);
});

test("a run of several modes can be joined in each of them", limit, async () => {
  const { thread_id } = await client.threads.create();
  const run = await client.runs.create(thread_id, "agent_with_tools", { input, streamMode: modes });
  const all = await collect(client.runs.joinStream(thread_id, run.run_id, { lastEventId: "-1" }));

  for (const mode of modes) {
    const joined = await collect(client.runs.joinStream(thread_id, run.run_id, { lastEventId: "-1", streamMode: mode }));
    assert.deepEqual(joined, [all[0], ...all.filter(isOf(mode)), all.at(-1)], mode);
  }
});

test("a resumable run keeps its model calls, its tool calls and their messages, in one order over all runs of the thread", limit, async () => {
  const { thread_id } = await client.threads.create();
  const kept = [];
  for (const turn of ["h1", "h2"]) {
    const run = await client.runs.create(thread_id, "agent_with_tools", {
      input: { messages: [human("hi", turn)] }, streamMode: ["events", "tools", "messages-tuple"], streamResumable: true,
    });
    await client.runs.join(thread_id, run.run_id);
    const { events } = await (await fetch(`${url}/weft/threads/${thread_id}/runs/${run.run_id}/events?limit=1000`)).json();
    const named = (event) => events.filter((kept) => kept.event === event).map(({ data }) => data);
    assert.deepEqual(named("tools").map(({ event, name }) => `${event} ${name}`), ["on_tool_start weather", "on_tool_end weather"]);
    const models = named("events").filter(({ event }) => event.startsWith("on_chat_model_")).map(({ event }) => event);
    assert.equal(models.filter((event) => event === "on_chat_model_start").length, 2);
    assert.equal(models.filter((event) => event === "on_chat_model_end").length, 2);
    assert.ok(named("messages").some(([message]) => message.type === "tool" && message.tool_call_id));
    kept.push(...events);
  }

  const numbers = kept.map(({ seq }) => seq);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
  assert.equal(new Set(numbers).size, numbers.length);
});

test("a mode that there is not is refused", limit, async () => {
  await assert.rejects(streamed(["values", "colours"]), (error) => error.status === 422 && /colours/.test(error.message));
});
