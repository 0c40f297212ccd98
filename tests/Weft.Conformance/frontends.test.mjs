// Front ends as people use them: the AG-UI adapter (CopilotKit), and the requests of Agent Chat UI and Agent Inbox.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { LangGraphAgent } from "@ag-ui/langgraph";
import { client, collect, human, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const requests = [
  { name: "send_email", args: { to: "ann@example.org", body: "Hello" }, description: "Sends an e-mail." },
  { name: "send_email", args: { to: "bob@example.org", body: "Hello" }, description: "Sends an e-mail." },
];
const decisions = [{ type: "approve" }, { type: "reject", message: "Not Bob." }];
const refused = "The user did not approve this call of send_email, so it was not made. They say: Not Bob.";

/** Runs the agent once and returns its events. */
async function run(agent, parameters = {}) {
  const events = [];
  await agent.runAgent(parameters, { onEvent: ({ event }) => { events.push(event); } });
  assert.equal(events.at(-1).type, "RUN_FINISHED", JSON.stringify(events.at(-1)));
  return events;
}

const deltas = (events, type) => events.filter((event) => event.type === type).map((event) => event.delta);

for (const [how, resumeWith] of [
  ["as a command", (answer) => ({ forwardedProps: { command: { resume: answer } } })],
  ["as a list", (answer, id) => ({ resume: [{ interruptId: id, status: "resolved", payload: answer }] })],
]) {
  test(`the AG-UI adapter streams each token and call once, and resumes ${how}`, limit, async () => {
    const agent = new LangGraphAgent({ deploymentUrl: url, graphId: "mail", threadId: randomUUID(), initialMessages: [{ id: randomUUID(), role: "user", content: "Write." }] });

    const asked = await run(agent);

    assert.deepEqual(deltas(asked, "TEXT_MESSAGE_CONTENT"), ["I ", "write ", "two mails."]);
    assert.equal(asked.filter((event) => event.type === "TEXT_MESSAGE_START").length, 1);
    assert.deepEqual(
      asked.filter((event) => event.type.startsWith("TOOL_CALL_")).map((event) => [event.type.slice("TOOL_CALL_".length), event.toolCallId, event.delta && JSON.parse(event.delta).to]),
      ["call_1", "call_2"].flatMap((id, index) => [["START", id, undefined], ["ARGS", id, requests[index].args.to], ["END", id, undefined]]));
    const { value, rawEvent } = asked.find((event) => event.type === "CUSTOM" && event.name === "on_interrupt");
    assert.deepEqual((typeof value === "string" ? JSON.parse(value) : value).action_requests, requests, JSON.stringify(rawEvent));
    const [interrupt] = Object.values((await client.threads.get(agent.threadId)).interrupts).flat();

    const answered = await run(agent, resumeWith({ decisions }, interrupt.id));

    assert.deepEqual(deltas(answered, "TEXT_MESSAGE_CONTENT"), ["Sent Hello to ann@example.org. ", `${refused} `]);
    // The adapter shows the call that was made in the run that made it.
    assert.deepEqual(answered.filter((event) => event.type === "TOOL_CALL_START").map((event) => event.toolCallId), ["call_1"]);
    assert.deepEqual(answered.filter((event) => event.type === "TOOL_CALL_RESULT").map((event) => event.content), ["Sent Hello to ann@example.org."]);
    const { messages } = (await client.threads.getState(agent.threadId)).values;
    assert.deepEqual(messages.map((message) => message.type), ["human", "ai", "tool", "tool", "ai"]);
    assert.deepEqual(messages.slice(2, 4).map((message) => message.content), ["Sent Hello to ann@example.org.", refused]);
    assert.equal((await client.threads.get(agent.threadId)).status, "idle");
  });
}

/** What Agent Chat UI sends by useStream. */
const submit = (thread, input, options) => collect(client.runs.stream(thread, "mail", {
  input,
  streamMode: ["values", "messages-tuple", "custom"],
  streamSubgraphs: true,
  streamResumable: true,
  onDisconnect: "continue",
  ...options,
}));

const chat = (text) => ({ messages: [{ id: randomUUID(), type: "human", content: [{ type: "text", text }] }] });

/** As Agent Chat UI does it before each message: a result for each call that no tool message follows. */
function withResults(messages, input) {
  const results = messages.flatMap((message, index) => (message.type === "ai" && messages[index + 1]?.type !== "tool" ? message.tool_calls : []))
    .map((call) => ({ type: "tool", tool_call_id: call.id, id: `do-not-render-${randomUUID()}`, name: call.name, content: "Successfully handled tool call." }));
  return { ...input, messages: [...results, ...input.messages] };
}

const valuesOf = async (thread) => (await client.threads.getState(thread)).values;

test("Agent Chat UI shows an approval and answers it", limit, async () => {
  const { thread_id } = await client.threads.create();

  const asked = await submit(thread_id, chat("Write."));

  const [interrupt] = asked.findLast((event) => event.event === "values").data.__interrupt__;
  assert.deepEqual(interrupt.value, {
    action_requests: requests,
    review_configs: requests.map(({ name }) => ({ action_name: name, allowed_decisions: ["approve", "edit", "reject"] })),
  });

  const edited = { type: "edit", edited_action: { name: "send_email", args: { to: "eve@example.org", body: "Hi" } } };
  const events = await submit(thread_id, {}, { command: { resume: { decisions: [edited, decisions[1]] } } });

  assert.equal(events.filter((event) => event.event === "error").length, 0);
  const { messages } = await valuesOf(thread_id);
  assert.deepEqual(messages[1].tool_calls.map((call) => call.args.to), ["eve@example.org", "bob@example.org"]);
  assert.deepEqual(messages.slice(2, 4).map((message) => message.content), ["Sent Hi to eve@example.org.", refused]);
});

test("Agent Chat UI goes on with a message in place of an answer", limit, async () => {
  const { thread_id } = await client.threads.create();
  await submit(thread_id, chat("Write."));

  await submit(thread_id, withResults((await valuesOf(thread_id)).messages, chat("Never mind.")));

  const { messages } = await valuesOf(thread_id);
  assert.deepEqual(messages.map((message) => message.type), ["human", "ai", "tool", "tool", "human", "ai"]);
});

test("Agent Chat UI marks a thread as resolved, and it goes on", limit, async () => {
  const { thread_id } = await client.threads.create();
  await submit(thread_id, chat("Write."));

  const resolved = await submit(thread_id, {}, { command: { goto: "__end__" } });
  assert.equal(resolved.filter((event) => event.event === "error").length, 0);
  await submit(thread_id, chat("And now?"));

  const { messages } = await valuesOf(thread_id);
  assert.deepEqual(messages.slice(0, 5).map((message) => message.type), ["human", "ai", "tool", "tool", "human"]);
  assert.equal(messages[2].status, "error");
});

test("Agent Chat UI asks again from a checkpoint", limit, async () => {
  const { thread_id } = await client.threads.create();
  await submit(thread_id, chat("Write."));
  const history = await client.threads.getHistory(thread_id, { limit: 10 });
  const first = history.find((state) => state.next[0] === "agent");

  const again = await submit(thread_id, undefined, { checkpoint: first.checkpoint });

  const { messages, __interrupt__ } = again.findLast((event) => event.event === "values").data;
  assert.deepEqual(messages.map((message) => message.type), ["human", "ai"]);
  assert.equal(__interrupt__[0].value.action_requests.length, 2);
});

test("Agent Inbox lists the thread, answers with a list, and ignores", limit, async () => {
  const { thread_id } = await client.threads.create({ metadata: { inbox: "mail" } });
  await submit(thread_id, { messages: [human("Write.")] });
  const [waiting] = await client.threads.search({ status: "interrupted", metadata: { inbox: "mail" }, limit: 1 });
  assert.equal(waiting.thread_id, thread_id);

  await submit(thread_id, undefined, { command: { resume: [{ type: "accept", args: null }, { type: "response", args: "Not Bob." }] } });
  assert.deepEqual((await valuesOf(thread_id)).messages.slice(2, 4).map((message) => message.content), ["Sent Hello to ann@example.org.", refused]);

  const other = await client.threads.create();
  await submit(other.thread_id, { messages: [human("Write.")] });
  await client.threads.updateState(other.thread_id, { values: null, asNode: "__end__" });
  assert.deepEqual((await client.threads.getState(other.thread_id)).next, []);
  await submit(other.thread_id, { messages: [human("And now?")] });
  const { messages } = await valuesOf(other.thread_id);
  assert.deepEqual(messages.slice(0, 5).map((message) => message.type), ["human", "ai", "tool", "tool", "human"]);
});
