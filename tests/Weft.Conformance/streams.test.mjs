import assert from "node:assert/strict";
import { test } from "node:test";
import { client, collect, human, sleepingRun, texts, until, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const input = { messages: [human("hi")] };

async function streamed(streamMode, graph = "agent", given = input) {
  const { thread_id } = await client.threads.create();
  return collect(client.runs.stream(thread_id, graph, { input: given, streamMode }));
}

test("values tell the whole state after each step", limit, async () => {
  const events = await streamed("values");

  assert.equal(events[0].event, "metadata");
  assert.equal(events[0].data.attempt, 1);
  const values = events.filter((event) => event.event === "values").map((event) => texts(event.data));
  assert.deepEqual(values, [["hi"], ["hi", "begin"], ["hi", "begin", "tool_call__begin"], ["hi", "begin", "tool_call__begin", "end"]]);
  assert.equal(events.at(-1).event, "end");
  assert.equal(events.at(-1).data.status, "success");
});

test("updates tell what each node wrote", limit, async () => {
  const updates = (await streamed("updates")).filter((event) => event.event === "updates").map((event) => event.data);

  assert.deepEqual(updates.map((update) => Object.keys(update)), [["agent"], ["tool"], ["agent"]]);
  assert.deepEqual(texts(updates[1].tool), ["tool_call__begin"]);
});

test("messages-tuple tells each token with the id of its message", limit, async () => {
  const events = await streamed(["messages-tuple", "values"]);

  const byId = new Map();
  for (const { data: [message, metadata] } of events.filter((event) => event.event === "messages")) {
    if (metadata.langgraph_node === "agent") {
      byId.set(message.id, (byId.get(message.id) ?? "") + message.content);
    }
  }

  assert.deepEqual([...byId.values()], ["begin", "end"]);
  const final = events.findLast((event) => event.event === "values").data.messages;
  assert.deepEqual([...byId.keys()], final.filter((message) => message.type === "ai").map((message) => message.id));
});

test("custom tells what nodes write to the stream", limit, async () => {
  const events = await streamed("custom", "agent", { ...input, sleep: { steps: 2, ms: 1 } });

  assert.deepEqual(events.filter((event) => event.event === "custom").map((event) => event.data), [{ type: "sleep", step: 0 }, { type: "sleep", step: 1 }]);
});

test("feedback keys become URLs that take a score", limit, async () => {
  const { thread_id } = await client.threads.create();
  const events = await collect(client.runs.stream(thread_id, "agent", { input, feedbackKeys: ["user_liked", "user_disliked"] }));

  const feedback = events.filter((event) => event.event === "feedback");
  assert.equal(feedback.length, 1);
  assert.deepEqual(Object.keys(feedback[0].data), ["user_liked", "user_disliked"]);
  assert.equal(events.at(-1).event, "end");

  const posted = await fetch(feedback[0].data.user_liked, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ score: 1, comment: "thanks" }),
  });
  assert.equal(posted.status, 204);
  const given = await (await fetch(`${url}/weft/threads/${thread_id}/runs/${events[0].data.run_id}/feedback`)).json();
  assert.deepEqual(given.map(({ key, score, comment }) => ({ key, score, comment })), [{ key: "user_liked", score: 1, comment: "thanks" }]);
});

test("a broken stream goes on after the last event that was seen", limit, async () => {
  const { thread_id } = await client.threads.create();
  let run;
  const connection = new AbortController();
  const seen = [];
  const stream = client.runs.stream(thread_id, "agent", {
    input: { ...input, sleep: { steps: 20, ms: 50 } },
    streamMode: ["custom", "values"],
    streamResumable: true,
    onDisconnect: "continue",
    onRunCreated: (created) => { run = created; },
    signal: connection.signal,
  });
  for await (const event of stream) {
    seen.push(event);
    if (event.event === "custom" && event.data.step === 2) {
      break;
    }
  }

  connection.abort();
  const rest = await collect(client.runs.joinStream(thread_id, run.run_id, { lastEventId: seen.at(-1).id, streamMode: ["custom", "values"] }));

  const steps = [...seen, ...rest].filter((event) => event.event === "custom").map((event) => event.data.step);
  assert.deepEqual(steps, Array.from({ length: 20 }, (_, step) => step));
  assert.deepEqual(texts(rest.findLast((event) => event.event === "values").data), ["hi", "begin", "tool_call__begin", "end"]);
});

test("a finished run is replayed from its beginning", limit, async () => {
  const { thread_id } = await client.threads.create();
  let run;
  const first = await collect(client.runs.stream(thread_id, "agent", { input, streamMode: ["values", "updates"], onRunCreated: (created) => { run = created; } }));

  const again = await collect(client.runs.joinStream(thread_id, run.run_id, { lastEventId: "-1" }));

  assert.deepEqual(again, first);
});

test("a stream is joined behind a state that is shown already", limit, async () => {
  const { thread_id } = await client.threads.create();
  const { run_id } = await client.runs.create(thread_id, "agent", { input: { messages: [human("hi")] }, streamMode: ["values", "updates"], streamResumable: true });
  await client.runs.join(thread_id, run_id);
  const joined = async (options) => await collect(client.runs.joinStream(thread_id, run_id, { lastEventId: "-1", ...options }));
  const whole = await joined({});
  const history = await client.threads.getHistory(thread_id);

  for (const { checkpoint: { checkpoint_id }, values } of history.slice(0, -1)) {
    const rest = await joined({ checkpointId: checkpoint_id });
    assert.deepEqual(rest, whole.slice(whole.length - rest.length));
    assert.deepEqual(whole.at(-rest.length - 1).data, values);
  }

  assert.deepEqual(await joined({ checkpointId: crypto.randomUUID() }), whole);
});

test("a joined stream can be of fewer modes", limit, async () => {
  const { thread_id } = await client.threads.create();
  const run = await client.runs.create(thread_id, "agent", { input, streamMode: ["values", "updates"] });

  const events = await collect(client.runs.joinStream(thread_id, run.run_id, { lastEventId: "-1", streamMode: "updates" }));

  assert.deepEqual([...new Set(events.map((event) => event.event))], ["metadata", "updates", "end"]);
});

test("a run is cancelled when its client goes away and had asked for it", limit, async () => {
  const { threadId, runId } = await sleepingRun({ onDisconnect: "cancel" });

  await client.runs.join(threadId, runId);

  assert.equal((await client.runs.get(threadId, runId)).status, "interrupted");
});

test("a cancelled run ends its stream with its status", limit, async () => {
  const { threadId, runId } = await sleepingRun();
  const ending = until(client.runs.joinStream(threadId, runId, { lastEventId: "-1" }), (event) => event.event === "end");

  await client.runs.cancel(threadId, runId);

  assert.deepEqual((await ending).data, { run_id: runId, status: "interrupted" });
});

test("the stream of a thread goes on from run to run", limit, async () => {
  const { thread_id } = await client.threads.create();
  const connection = new AbortController();
  const runs = [];
  const ended = (async () => {
    for await (const { event, data } of client.threads.joinStream(thread_id, { lastEventId: "-", signal: connection.signal })) {
      if (event === "end" && runs.push(data.run_id) === 2) {
        return;
      }
    }
  })();

  const expected = [];
  for (const text of ["one", "two"]) {
    const run = await client.runs.create(thread_id, "agent", { input: { messages: [human(text)] } });
    await client.runs.join(thread_id, run.run_id);
    expected.push(run.run_id);
  }

  await ended;
  connection.abort();
  assert.deepEqual(runs, expected);
});

test("the stream of a thread tells of edits of its state", limit, async () => {
  const { thread_id } = await client.threads.create();
  await client.runs.wait(thread_id, "agent", { input });
  const connection = new AbortController();
  const stream = client.threads.joinStream(thread_id, { streamMode: "state_update", signal: connection.signal });
  const first = stream.next();
  // The stream is connected some time after it is asked for, and shows the edits from then on.
  let done = false;
  first.then(() => { done = true; });
  while (!done) {
    await client.threads.updateState(thread_id, { values: { messages: [human("edited", "e1")] }, asNode: "agent" });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  const { value: event } = await first;
  connection.abort();
  assert.equal(event.event, "state_update");
  assert.equal(event.data.thread_id, thread_id);
  assert.equal(texts(event.data.state.values).at(-1), "edited");
});

test("messages tells each message as it grows, and once it is complete", limit, async () => {
  const events = await streamed("messages", "agent", { messages: [human("hi", "h1")] });

  const told = (name) => events.filter((event) => event.event === `messages/${name}`);
  assert.deepEqual(told("partial").map((event) => event.data[0].content), ["b", "be", "beg", "begi", "begin", "e", "en", "end"]);
  assert.deepEqual(told("complete").map((event) => event.data[0].content), ["hi", "begin", "tool_call__begin", "end"]);
  assert.deepEqual(
    told("metadata").map((event) => Object.entries(event.data)[0]).map(([id, { metadata }]) => [id, metadata.langgraph_node]),
    told("complete").filter((event) => event.data[0].type === "ai").map((event) => [event.data[0].id, "agent"]));
});

test("tools tells what each tool is given and what it answers", limit, async () => {
  const events = (await streamed("tools", "agent_with_tools")).filter((event) => event.event === "tools").map((event) => event.data);

  assert.deepEqual(events.map(({ event, toolCallId, name }) => [event, toolCallId, name]), [["on_tool_start", "call_embed_1", "weather"], ["on_tool_end", "call_embed_1", "weather"]]);
  assert.equal(events[0].input, '{"query":"SF"}');
  assert.equal(events[1].output.content, "It's 60 degrees and foggy.");
  assert.equal(events[1].output.type, "tool");
});
