// The official client of the Agent2Agent protocol for JavaScript: that of version 1.0, and the last one of version 0.3.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { ClientFactory } from "@a2a-js/sdk/client";
import { A2AClient } from "a2a-0.3/client";
import { client as weft, collect, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const cardOf = (assistant) => `/a2a/${assistant}/.well-known/agent-card.json`;
const connect = (assistant) => new ClientFactory().createFromUrl(url, cardOf(assistant));
const connectOld = (assistant) => A2AClient.fromCardUrl(url + cardOf(assistant));

// Version 1.0 names the kind of a part by a case; version 0.3 by a member.
const say = (text, more = {}) => ({
  message: {
    messageId: randomUUID(), role: 1, parts: [{ content: { $case: "text", value: text }, metadata: undefined, filename: "", mediaType: "" }],
    contextId: "", taskId: "", metadata: undefined, extensions: [], referenceTaskIds: [], ...more,
  },
  configuration: undefined, metadata: undefined, tenant: "",
});
const sayOld = (text, more = {}) => ({ message: { kind: "message", messageId: randomUUID(), role: "user", parts: [{ kind: "text", text }], ...more } });
const textOf = (artifact) => artifact.parts.map((part) => part.content?.value ?? part.text).join("");
const states = { completed: 3, inputRequired: 6, canceled: 5 };

test("version 1.0: a message is answered, and the context goes on", limit, async () => {
  const client = await connect("echo");
  const first = await client.sendMessage(say("hello world"));
  const second = await client.sendMessage(say("again", { contextId: first.contextId }));

  assert.equal(first.status.state, states.completed);
  assert.equal(textOf(first.artifacts[0]).trim(), "You said: hello world");
  assert.equal(second.contextId, first.contextId);
  assert.notEqual(second.id, first.id);
  const state = await weft.threads.getState(first.contextId);
  assert.equal(state.values.messages.length, 4);
  assert.equal((await client.getTask({ id: first.id, tenant: "", historyLength: undefined })).id, first.id);
});

test("version 1.0: a stream has the task, pieces of text, and the status", limit, async () => {
  const client = await connect("echo");
  const events = (await collect(client.sendMessageStream(say("hello world")))).map(({ payload }) => payload);

  assert.equal(events[0].$case, "task");
  const pieces = events.filter(({ $case }) => $case === "artifactUpdate").map(({ value }) => value);
  assert.equal(pieces.map(({ artifact }) => textOf(artifact)).join("").trim(), "You said: hello world");
  assert.ok(pieces.length > 2);
  assert.equal(events.at(-1).$case, "statusUpdate");
  assert.equal(events.at(-1).value.status.state, states.completed);
});

test("version 1.0: a question is answered by the next message of the task", limit, async () => {
  const client = await connect("asking");
  const data = { content: { $case: "data", value: { answers: [] } }, metadata: undefined, filename: "", mediaType: "" };
  const asked = await client.sendMessage(say("", { parts: [data] }));
  assert.equal(asked.status.state, states.inputRequired, JSON.stringify(asked));
  const done = await client.sendMessage(say("yes", { contextId: asked.contextId, taskId: asked.id }));

  assert.equal(done.id, asked.id);
  assert.equal(done.status.state, states.completed);
  assert.deepEqual(done.artifacts[0].parts[0].content.value.answers, ["yes", "yes"]);
  await assert.rejects(client.getTask({ id: randomUUID(), tenant: "", historyLength: undefined }), /does not exist/);
});

test("version 1.0: a task is canceled", limit, async () => {
  const client = await connect("agent");
  const sleep = { content: { $case: "data", value: { sleep: { steps: 600, ms: 100 } } }, metadata: undefined, filename: "", mediaType: "" };
  const message = say("go").message;
  const task = await client.sendMessage({
    ...say("go"),
    message: { ...message, parts: [...message.parts, sleep] },
    configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, historyLength: undefined, returnImmediately: true },
  });
  const cancel = { id: task.id, tenant: "", metadata: undefined };

  assert.equal((await client.cancelTask(cancel)).status.state, states.canceled);
  await assert.rejects(client.cancelTask(cancel), /cancel/i);
});

test("version 0.3: messages, streams and tasks", limit, async () => {
  const client = await connectOld("echo");
  const { result: task } = await client.sendMessage(sayOld("hello world"));
  const events = await collect(client.sendMessageStream(sayOld("again", { contextId: task.contextId })));
  const { result: found } = await client.getTask({ id: task.id });

  assert.equal(task.status.state, "completed");
  assert.equal(textOf(task.artifacts[0]).trim(), "You said: hello world");
  assert.deepEqual(found, task);
  assert.equal(events[0].kind, "task");
  assert.equal(events.at(-1).kind, "status-update");
  assert.equal(events.at(-1).final, true);
  assert.equal(events.filter(({ kind }) => kind === "artifact-update").map(({ artifact }) => textOf(artifact)).join("").trim(), "You said: again");
});

test("version 0.3: a task is canceled, and errors have the codes of the protocol", limit, async () => {
  const client = await connectOld("agent");
  const message = { kind: "message", messageId: randomUUID(), role: "user", parts: [{ kind: "text", text: "go" }, { kind: "data", data: { sleep: { steps: 600, ms: 100 } } }] };
  const { result: task } = await client.sendMessage({ message, configuration: { blocking: false } });
  const { result: canceled } = await client.cancelTask({ id: task.id });

  assert.equal(canceled.status.state, "canceled");
  assert.equal((await client.cancelTask({ id: task.id })).error.code, -32002);
  assert.equal((await client.getTask({ id: randomUUID() })).error.code, -32001);
});
