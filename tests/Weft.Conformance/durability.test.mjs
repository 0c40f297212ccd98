import assert from "node:assert/strict";
import { test } from "node:test";
import { client, collect, human, texts, threadAt } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const input = { messages: [human("hi")] };

const history = async (threadId, options) => (await client.threads.getHistory(threadId, { limit: 100, ...options })).map(({ metadata, next }) => [metadata.step, ...next]);

for (const durability of ["sync", "async", "exit"]) {
  // With exit only the last checkpoint of a run is kept.
  const kept = (...states) => (durability === "exit" ? states.slice(0, 1) : states);
  const run = { input, durability };

  test(`${durability} keeps what it promises of a run that ends`, limit, async () => {
    const threadId = await threadAt("agent", run);
    const first = kept([3], [2, "agent"], [1, "tool"], [0, "agent"], [-1, "__start__"]);
    assert.deepEqual(await history(threadId), first);

    await client.runs.wait(threadId, "agent", run);
    assert.deepEqual(await history(threadId), [...kept([8], [7, "agent"], [6, "tool"], [5, "agent"], [4, "__start__"]), ...first]);
    const [head, before] = await client.threads.getHistory(threadId, { limit: 100 });
    assert.equal(head.parent_checkpoint.checkpoint_id, before.checkpoint.checkpoint_id);
    assert.equal(texts(head.values).length, 8);
  });

  test(`${durability} keeps what it promises of a run that pauses, and goes on`, limit, async () => {
    const threadId = await threadAt("deep", { input: { trail: ["in"] }, durability });
    assert.deepEqual(await history(threadId), kept([1, "middle"], [0, "visit"], [-1, "__start__"]));
    const { tasks: [middle] } = await client.threads.getState(threadId, undefined, { subgraphs: true });
    assert.deepEqual(await history(threadId, { checkpoint: { checkpoint_ns: middle.state.checkpoint.checkpoint_ns } }), kept([1, "inner"], [0, "descend"], [-1, "__start__"]));
    assert.equal(middle.state.tasks[0].state.tasks[0].interrupts[0].value, "how deep?");

    const { trail } = await client.runs.wait(threadId, "deep", { command: { resume: "very" }, durability });
    assert.deepEqual(trail.slice(-2), ["ask: very", "leave"]);
    assert.deepEqual(await history(threadId), [...kept([3], [2, "leave"]), ...kept([1, "middle"], [0, "visit"], [-1, "__start__"])]);
  });

  test(`${durability} keeps what it promises of a run that fails`, limit, async () => {
    const threadId = await threadAt("agent", { input: { messages: [human("___check_state_value")] }, durability, raiseError: false });

    assert.deepEqual(await history(threadId), kept([1, "checkSharedState"], [0, "agent"], [-1, "__start__"]));
    const { tasks: [task] } = await client.threads.getState(threadId);
    assert.match(task.error, /has no item 'my_key'/);
  });

  test(`${durability} is no matter of the stream`, limit, async () => {
    const { thread_id } = await client.threads.create();

    const events = await collect(client.runs.stream(thread_id, "agent", { ...run, streamMode: ["checkpoints", "values"] }));

    assert.deepEqual(events.filter(({ event }) => event === "checkpoints").map(({ data }) => [data.metadata.step, ...data.next]),
      [[-1, "__start__"], [0, "agent"], [1, "tool"], [2, "agent"], [3]]);
    assert.equal(events.filter(({ event }) => event === "values").length, 4);
  });
}

test("checkpointDuring false means exit", limit, async () => {
  assert.deepEqual(await history(await threadAt("agent", { input, checkpointDuring: false })), [[3]]);
  assert.equal((await history(await threadAt("agent", { input, checkpointDuring: true }))).length, 5);
});
