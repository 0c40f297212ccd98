// AG-UI as its own client speaks it: HttpAgent of @ag-ui/client, which checks each event and the order of all of them.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { HttpAgent } from "@ag-ui/client";
import { client, texts, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const user = (content, id = randomUUID()) => ({ id, role: "user", content });
const agentFor = (assistant, options = {}) => new HttpAgent({ url: `${url}/agui/${assistant}`, threadId: randomUUID(), ...options });

/** Runs the agent once. A warning of the client is a mistake of the server. */
async function run(agent, parameters = {}, subscriber = {}) {
  const events = [];
  const warnings = [];
  const warn = console.warn;
  console.warn = (...texts) => { warnings.push(texts.join(" ")); };
  try {
    const result = await agent.runAgent(parameters, { ...subscriber, onEvent: ({ event }) => { events.push(event); } });
    return { ...result, events, types: events.map((event) => event.type) };
  } finally {
    console.warn = warn;
    assert.deepEqual(warnings, []);
  }
}

const deltas = (events, type) => events.filter((event) => event.type === type).map((event) => event.delta);
const said = (agent) => agent.messages.map((message) => [message.role, message.content]);
const stateOf = async (agent) => (await client.threads.getState(agent.threadId)).values;

test("a conversation is streamed, and its second turn goes on", limit, async () => {
  const agent = agentFor("echo", { initialMessages: [user("one two")] });

  const first = await run(agent, { runId: "first" });

  assert.deepEqual(deltas(first.events, "TEXT_MESSAGE_CONTENT"), ["You ", "said: ", "one ", "two "]);
  assert.deepEqual(
    [...new Set(first.types)],
    ["RUN_STARTED", "STATE_SNAPSHOT", "STEP_STARTED", "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "STEP_FINISHED", "MESSAGES_SNAPSHOT", "RUN_FINISHED"]);
  assert.equal(first.events[0].runId, "first");
  assert.deepEqual(first.newMessages.map((message) => message.content), ["You said: one two "]);
  assert.deepEqual(first.result, {});

  agent.addMessage(user("three"));
  const second = await run(agent);

  assert.deepEqual(said(agent), [["user", "one two"], ["assistant", "You said: one two "], ["user", "three"], ["assistant", "You said: three "]]);
  assert.equal(second.newMessages.length, 1);
  const { messages } = await stateOf(agent);
  assert.deepEqual(messages.map((message) => message.id), agent.messages.map((message) => message.id));
  assert.equal((await client.runs.list(agent.threadId)).length, 2);
});

test("a thread may have any id, and another client continues it", limit, async () => {
  const threadId = `a thread of ${randomUUID()}/ü`;
  const agent = agentFor("echo", { threadId, initialMessages: [user("one")] });
  await run(agent);

  const other = agentFor("echo", { threadId, initialMessages: [...agent.messages, user("two")] });
  const { events } = await run(other);

  assert.equal(events[0].threadId, threadId);
  assert.equal(other.messages.length, 4);
});

test("an agent calls its tool", limit, async () => {
  const agent = agentFor("agent_with_tools", { initialMessages: [user("weather?")] });

  const { events, newMessages, types } = await run(agent);

  const started = events.find((event) => event.type === "TOOL_CALL_START");
  assert.equal(started.toolCallName, "weather");
  assert.deepEqual(JSON.parse(deltas(events, "TOOL_CALL_ARGS").join("")), { query: "SF" });
  const result = events.find((event) => event.type === "TOOL_CALL_RESULT");
  assert.deepEqual([result.toolCallId, result.content], [started.toolCallId, "It's 60 degrees and foggy."]);
  assert.ok(types.indexOf("TOOL_CALL_END") < types.indexOf("TOOL_CALL_RESULT"));
  assert.deepEqual(newMessages.map((message) => message.role), ["assistant", "tool", "assistant"]);
  assert.equal(newMessages[0].toolCalls[0].id, started.toolCallId);
  assert.equal(newMessages[1].toolCallId, started.toolCallId);
});

test("reasoning is streamed before the answer, and stays there", limit, async () => {
  const agent = agentFor("thinking", { initialMessages: [user("what is it?")] });

  const { events } = await run(agent);

  assert.deepEqual(deltas(events, "REASONING_MESSAGE_CONTENT"), ["Let me ", "see."]);
  assert.deepEqual(deltas(events, "TEXT_MESSAGE_CONTENT"), ["It is ", "42."]);
  assert.deepEqual(said(agent), [["user", "what is it?"], ["reasoning", "Let me see."], ["assistant", "It is 42."]]);

  agent.addMessage(user("sure?"));
  await run(agent);

  assert.deepEqual(said(agent).map(([role]) => role), ["user", "reasoning", "assistant", "user", "reasoning", "assistant"]);
  assert.deepEqual((await stateOf(agent)).messages.map((message) => message.type), ["human", "ai", "human", "ai"]);
});

for (const [how, resumeWith] of [
  ["by the list of the protocol", (id, payload) => ({ resume: [{ interruptId: id, status: "resolved", payload }] })],
  ["by a command", (id, payload) => ({ forwardedProps: { command: { resume: payload } } })],
]) {
  test(`an agent asks before it acts, and is answered ${how}`, limit, async () => {
    const agent = agentFor("mail", { initialMessages: [user("Write.")] });

    const asked = await run(agent);

    const [interrupt] = agent.pendingInterrupts;
    assert.equal(agent.pendingInterrupts.length, 1);
    const { action_requests: requests } = interrupt.metadata.langgraph.raw;
    assert.deepEqual(requests.map((request) => request.args.to), ["ann@example.org", "bob@example.org"]);
    const { value } = asked.events.find((event) => event.type === "CUSTOM" && event.name === "on_interrupt");
    assert.deepEqual(JSON.parse(value), interrupt.metadata.langgraph.raw);
    assert.deepEqual(asked.events.at(-1).usage, [{ inputTokens: 9, outputTokens: 3, totalTokens: 12 }]);

    if (how.endsWith("command")) {
      // Such clients do not know of the list.
      agent.pendingInterrupts = [];
    }

    const answered = await run(agent, resumeWith(interrupt.id, { decisions: [{ type: "approve" }, { type: "approve" }] }));

    assert.deepEqual(
      // Both tools run at once.
      answered.events.filter((event) => event.type === "TOOL_CALL_RESULT").map((event) => event.content).sort(),
      ["Sent Hello to ann@example.org.", "Sent Hello to bob@example.org."]);
    assert.deepEqual(agent.messages.map((message) => message.role), ["user", "assistant", "tool", "tool", "assistant"]);
    assert.deepEqual(agent.pendingInterrupts, []);
    assert.equal((await client.threads.get(agent.threadId)).status, "idle");
  });
}

test("several questions are answered at once, and a client that was reloaded gets them again", limit, async () => {
  const agent = agentFor("asking");
  await run(agent);
  const reloaded = agentFor("asking", { threadId: agent.threadId });

  const again = await run(reloaded);

  assert.deepEqual(reloaded.pendingInterrupts, agent.pendingInterrupts);
  assert.deepEqual(again.types, ["RUN_STARTED", "STATE_SNAPSHOT", "CUSTOM", "CUSTOM", "RUN_FINISHED"]);

  await run(reloaded, {
    resume: reloaded.pendingInterrupts.map((interrupt) => ({ interruptId: interrupt.id, status: "resolved", payload: `answer to ${interrupt.message}` })),
  });

  assert.deepEqual(reloaded.state, { answers: ["answer to which colour?", "answer to which size?"] });
});

test("client and graph share the state", limit, async () => {
  const agent = agentFor("echo", { initialMessages: [user("one")], initialState: { note: "first", ignored: true } });

  const first = await run(agent);

  assert.deepEqual(agent.state, { note: "first" });
  assert.deepEqual(first.events.filter((event) => event.type === "CUSTOM").map(({ name, value }) => [name, value]), [["notes", { text: "first" }]]);

  agent.state = { ...agent.state, note: "second" };
  agent.addMessage(user("two"));
  const { result } = await run(agent);

  assert.deepEqual(result, { note: "second" });
  assert.equal((await stateOf(agent)).note, "second");
});

test("deltas change the state while a graph runs, and the next run continues after a breakpoint", limit, async () => {
  const agent = agentFor("weather", { initialMessages: [user("hello")] });

  const first = await run(agent);

  assert.deepEqual(first.events.filter((event) => event.type === "STATE_DELTA").map((event) => event.delta), [[{ op: "add", path: "/route", value: "weather" }]]);
  assert.deepEqual(agent.state, { route: "weather" });
  assert.equal(agent.messages.length, 1);

  await run(agent);

  assert.deepEqual(said(agent).at(-1), ["assistant", "It's sunny in San Francisco!"]);
});

test("a client that goes away cancels the run", limit, async () => {
  const agent = agentFor("echo", { initialMessages: [user("a b c d e f g h")], initialState: { pace_ms: 300 } });

  await run(agent, {}, { onTextMessageContentEvent: () => { agent.abortRun(); } });

  assert.equal(agent.messages.at(-1).role, "assistant");
  let [last] = await client.runs.list(agent.threadId);
  while (last.status === "running") {
    [last] = await client.runs.list(agent.threadId);
  }

  assert.equal(last.status, "interrupted");
  agent.state = { pace_ms: 0 };
  agent.addMessage(user("again"));
  await run(agent);
  assert.equal(texts(await stateOf(agent)).at(-1), "You said: again ");
});

test("a failing run is an error of the run", limit, async () => {
  const agent = agentFor("error", { initialMessages: [user("one")] });
  let error;

  const { types } = await run(agent, {}, { onRunErrorEvent: ({ event }) => { error = event; } });

  assert.equal(types.at(-1), "RUN_ERROR");
  assert.match(error.message, /Boo!/);
  assert.equal(error.code, "CustomError");
});

for (const [assistant, threadId, status] of [["nobody", randomUUID(), 404], ["echo", "", 422]]) {
  test(`a refused request has the status ${status}`, limit, async () => {
    const agent = agentFor(assistant, { initialMessages: [user("one")] });
    agent.threadId = threadId;
    let failure;

    await run(agent, {}, {
      onRunFailed: ({ error }) => {
        failure = error;
        return { stopPropagation: true };
      },
    });

    assert.equal(failure.status, status);
    assert.ok(failure.payload.detail);
  });
}

test("two runs of one thread at once conflict", limit, async () => {
  const agent = agentFor("echo", { initialMessages: [user("a b c d")], initialState: { pace_ms: 200 } });
  let refused;

  await run(agent, {}, {
    onTextMessageStartEvent: async () => {
      const other = agentFor("echo", { threadId: agent.threadId, initialMessages: [user("me too")] });
      await other.runAgent({}, {
        onRunFailed: ({ error }) => {
          refused = error;
          return { stopPropagation: true };
        },
      });
    },
  });

  assert.equal(refused.status, 409);
  assert.equal(agent.messages.length, 2);
});

test("a message that was edited starts its turn again", limit, async () => {
  const agent = agentFor("echo", { initialMessages: [user("one")] });
  await run(agent);
  agent.addMessage(user("two", "edited"));
  await run(agent);

  agent.setMessages([...agent.messages.slice(0, 2), user("three", "edited")]);
  await run(agent);

  assert.deepEqual(said(agent).map(([, content]) => content), ["one", "You said: one ", "three", "You said: three "]);
});

test("files reach the model", limit, async () => {
  const content = [{ type: "text", text: "look" }, { type: "image", source: { type: "data", value: "AAAA", mimeType: "image/png" } }];
  const agent = agentFor("echo", { initialMessages: [user(content)] });

  await run(agent);

  assert.equal(agent.messages.at(-1).content, "You said: look and image/png of 3 bytes ");
  assert.deepEqual(agent.messages[0].content, content);
});
