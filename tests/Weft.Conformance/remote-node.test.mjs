// Graphs of LangGraph's own server as nodes of graphs of the host.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "@langchain/langgraph-sdk";
import { startHost } from "./lib/host.mjs";
import { startLangGraph } from "./lib/langgraph-server.mjs";

const limit = { timeout: 60_000 };
const human = (content) => ({ role: "human", content });
let langGraph;
let host;
let client;
let other;

before(async () => {
  langGraph = await startLangGraph();
  process.env.WEFT_TEST_REMOTE = langGraph.url;
  host = await startHost();
  client = new Client({ apiUrl: host.url, apiKey: null, callerOptions: { maxRetries: 0 } });
  other = new Client({ apiUrl: langGraph.url, apiKey: null });
});

after(async () => {
  await host?.stop();
  await langGraph?.stop();
});

const newThread = async () => (await client.threads.create()).thread_id;
const texts = ({ messages }) => messages.map(({ content }) => content);

/** The thread of the other server on which the node of a thread runs its graph. */
async function remoteThread(threadId) {
  const threads = await other.threads.search({ limit: 1000 });
  const runs = await Promise.all(threads.map(({ thread_id }) => other.runs.list(thread_id)));
  const found = runs.flat().find(({ metadata }) => metadata.parent_thread_id === threadId);
  assert.ok(found, `No thread was made for ${threadId}.`);
  return found.thread_id;
}

/** The statuses of the runs of the other server for a thread, the oldest first. */
async function remoteRuns(threadId) {
  const runs = await other.runs.list(await remoteThread(threadId));
  return runs.sort((one, two) => one.created_at.localeCompare(two.created_at)).map(({ status }) => status);
}

test("values come back, and the remote thread remembers", limit, async () => {
  const threadId = await newThread();

  const first = await client.runs.wait(threadId, "remote_speaks", { input: { messages: [human("hi")] } });
  assert.deepEqual([texts(first), first.rounds], [["hi", "You said: hi"], 1]);

  const second = await client.runs.wait(threadId, "remote_speaks", { input: { messages: [human("again")] } });
  assert.deepEqual([texts(second), second.rounds], [["hi", "You said: hi", "again", "You said: again"], 2]);

  const { values } = await other.threads.getState(await remoteThread(threadId));
  assert.deepEqual(values.messages.map(({ id, content }) => [id, content]), second.messages.map(({ id, content }) => [id, content]));
  assert.deepEqual(await remoteRuns(threadId), ["success", "success"]);
});

test("messages, updates, values and what nodes write are streamed", limit, async () => {
  const seen = { messages: [], custom: [], updates: [], values: [] };
  const stream = client.runs.stream(await newThread(), "remote_speaks", {
    input: { messages: [human("one two")] },
    streamMode: ["values", "updates", "messages-tuple", "custom"],
    streamSubgraphs: true,
  });
  for await (const { event, data } of stream) {
    const [mode, place] = event.split("|");
    seen[mode]?.push({ place: place?.split(":")[0], data });
  }

  const pieces = seen.messages.filter(({ data: [{ type }] }) => type === "AIMessageChunk").map(({ data: [{ content }] }) => content);
  assert.equal(pieces.join(""), "You said: one two");
  assert.ok(pieces.length >= 4, `The message came in ${pieces.length} pieces.`);
  assert.equal(new Set(seen.messages.filter(({ data: [{ type }] }) => type !== "human").map(({ data: [{ id }] }) => id)).size, 1);
  assert.deepEqual(seen.custom.map(({ data }) => data), [{ round: 1 }]);
  assert.deepEqual(seen.updates.map(({ place, data }) => [place, Object.keys(data)]), [["remote", ["model"]], [undefined, ["remote"]]]);
  assert.deepEqual(seen.values.filter(({ place }) => place === "remote").map(({ data }) => data.messages.length), [1, 2]);
  assert.deepEqual(texts(seen.values.at(-1).data), ["one two", "You said: one two"]);
});

test("messages are streamed as they grow", limit, async () => {
  const stream = client.runs.stream(await newThread(), "remote_speaks", {
    input: { messages: [human("one two")] },
    streamMode: "messages",
    streamSubgraphs: true,
  });

  const grown = [];
  for await (const { event, data } of stream) {
    if (event.startsWith("messages/partial")) {
      grown.push(data[0].content);
    }
  }

  assert.deepEqual(grown, ["You ", "You said: ", "You said: one ", "You said: one two"]);
});

test("a question of the remote graph pauses the run, and its answer goes back", limit, async () => {
  const threadId = await newThread();

  const paused = await client.runs.wait(threadId, "remote_asks", { input: { messages: [] } });
  assert.deepEqual(paused.__interrupt__.map(({ value }) => value), [{ question: "which colour?" }]);
  const state = await client.threads.getState(threadId);
  assert.deepEqual([state.next, state.tasks[0].interrupts.map(({ value }) => value.question)], [["remote"], ["which colour?"]]);
  assert.equal((await client.threads.get(threadId)).status, "interrupted");
  assert.equal((await other.threads.get(await remoteThread(threadId))).status, "interrupted");

  const done = await client.runs.wait(threadId, "remote_asks", { command: { resume: "red" } });
  assert.deepEqual(done.answers, ["colour: red"]);
  assert.equal((await remoteRuns(threadId)).length, 2);
});

test("questions that are open at once are answered at once or one by one", limit, async () => {
  for (const atOnce of [true, false]) {
    const threadId = await newThread();
    const { __interrupt__: open } = await client.runs.wait(threadId, "remote_asks_twice", { input: { messages: [] } });
    assert.deepEqual(open.map(({ value }) => value.question).sort(), ["which colour?", "which size?"]);
    const idOf = (name) => open.find(({ value }) => value.question === `which ${name}?`).id;
    const answers = [{ [idOf("colour")]: "red" }, { [idOf("size")]: "small" }];

    let done;
    for (const resume of atOnce ? [Object.assign({}, ...answers)] : answers) {
      done = await client.runs.wait(threadId, "remote_asks_twice", { command: { resume } });
    }

    assert.deepEqual(done.answers.sort(), ["colour: red", "size: small"]);
  }
});

test("the error of a remote run is the error of the run", limit, async () => {
  const threadId = await newThread();

  const { __error__: error } = await client.runs.wait(threadId, "remote_fails", { input: { messages: [] }, raiseError: false });

  assert.match(error.message, /The tray is empty\./);
  const [run] = await client.runs.list(threadId);
  assert.equal(run.status, "error");
  assert.deepEqual(await remoteRuns(threadId), ["error"]);
});

test("a cancel cancels the remote run", limit, async () => {
  const threadId = await newThread();
  let run;
  const stream = client.runs.stream(threadId, "remote_sleeps", {
    input: { messages: [] },
    streamMode: ["custom"],
    onRunCreated: (created) => { run = created; },
  });
  for await (const { event, data } of stream) {
    if (event.startsWith("custom")) {
      assert.equal(data, "asleep");
      await client.runs.cancel(threadId, run.run_id, true);
    }
  }

  assert.equal((await client.runs.get(threadId, run.run_id)).status, "interrupted");
  const remote = await remoteThread(threadId);
  const [cancelled] = await other.runs.list(remote);
  await other.runs.join(remote, cancelled.run_id).catch(() => {});
  assert.deepEqual(await remoteRuns(threadId), ["interrupted"]);
});
