// The official client of OpenAI: models, chat completions, responses, and its typed errors.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import OpenAI, { APIError, BadRequestError, ConflictError, NotFoundError } from "openai";
import { client, collect, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
const user = (content) => ({ role: "user", content });
const chat = (model, messages, more = {}) => openai.chat.completions.create({ model, messages, ...more });
const parameters = { type: "object", properties: { query: { type: "string" } }, required: ["query"], additionalProperties: false };
const search = { type: "function", function: { name: "search", description: "Searches.", parameters } };
const texts = async (thread) => (await client.threads.getState(thread)).values.messages.map((message) => message.content);
const contentOf = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");

test("assistants are models", limit, async () => {
  const ids = [];
  for await (const model of openai.models.list()) {
    ids.push(model.id);
  }

  assert.ok(ids.includes("echo") && ids.includes("mail"), ids);
  const { assistant_id } = (await client.assistants.search({ graphId: "echo" }))[0];
  assert.equal((await openai.models.retrieve("echo")).owned_by, "weft");
  assert.equal((await openai.models.retrieve(assistant_id)).id, assistant_id);
  await assert.rejects(openai.models.retrieve("nobody"), (error) => error instanceof NotFoundError && error.code === "model_not_found");
});

test("a chat is answered and streamed", limit, async () => {
  const whole = await chat("echo", [user("hello world")]);
  const chunks = await collect(await chat("echo", [user("hello world")], { stream: true, stream_options: { include_usage: true } }));

  assert.deepEqual(whole.choices.map(({ index, finish_reason, message }) => [index, finish_reason, message.role, message.content]), [[0, "stop", "assistant", "You said: hello world "]]);
  assert.equal(chunks[0].choices[0].delta.role, "assistant");
  assert.deepEqual(chunks.slice(1, -2).map((chunk) => chunk.choices[0].delta.content), ["You ", "said: ", "hello ", "world "]);
  assert.equal(chunks.at(-2).choices[0].finish_reason, "stop");
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.equal(chunks.at(-1).usage.total_tokens, 0);
});

test("the helper that collects a stream gets the same completion", limit, async () => {
  const stream = openai.chat.completions.stream({ model: "agent_with_tools", messages: [user("weather in sf?")] });
  const completion = await stream.finalChatCompletion();
  const whole = await chat("agent_with_tools", [user("weather in sf?")]);

  assert.equal(completion.choices[0].message.content, whole.choices[0].message.content);
  assert.equal(completion.choices[0].message.tool_calls, undefined);
  assert.match(whole.choices[0].message.content, /Done\.$/);
});

test("files are content of the message", limit, async () => {
  const data = Buffer.from("pixels").toString("base64");
  const answer = await chat("echo", [user([
    { type: "text", text: "look" },
    { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } },
    { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${data}` } },
  ])]);

  assert.equal(answer.choices[0].message.content.trim(), "You said: look and image/png of 6 bytes and application/pdf of 6 bytes");
});

test("the client's tools are called, and the helper runs them", limit, async () => {
  const asked = await chat("client_tools", [user("rome")], { tools: [search] });
  assert.equal(asked.choices[0].finish_reason, "tool_calls");
  assert.deepEqual(JSON.parse(asked.choices[0].message.tool_calls[0].function.arguments), { query: "rome" });

  for (const stream of [false, true]) {
    const runner = openai.chat.completions.runTools({
      model: "client_tools",
      stream,
      messages: [user("rome")],
      tools: [{ type: "function", function: { name: "search", parameters, parse: JSON.parse, function: ({ query }) => `found ${query}` } }],
    });
    assert.equal(await runner.finalContent(), "The client answered found rome.");
  }
});

test("a thread keeps a chat, and a question is answered by the next message", limit, async () => {
  const metadata = { thread_id: randomUUID() };
  const asked = await chat("mail", [user("Write.")], { metadata });
  const question = asked.choices[0].message.content;
  assert.match(question, /two mails\.\n\n\{"action_requests"/);
  assert.equal(asked.choices[0].finish_reason, "stop");
  assert.equal(asked.weft.interrupts.length, 1);

  const messages = [user("Write."), { role: "assistant", content: question }, user("approve")];
  const answered = contentOf(await collect(await chat("mail", messages, { metadata, stream: true })));
  assert.match(answered, /Sent Hello to ann@example\.org\. Sent Hello to bob@example\.org\./);
  assert.equal((await texts(metadata.thread_id))[0], "Write.");
});

test("a chat that is aborted cancels its run", limit, async () => {
  const metadata = { thread_id: randomUUID() };
  const stream = await chat("agent", [user("go")], { metadata, stream: true });
  stream.controller.abort();
  await collect(stream);
  for (let status = ""; status !== "interrupted" && status !== "success";) {
    [{ status }] = await client.runs.list(metadata.thread_id);
  }
});

test("errors are those of the client", limit, async () => {
  const fails = (call, type, param, code) => assert.rejects(call, (error) => {
    assert.ok(error instanceof type, `${error}`);
    assert.deepEqual([error.param, error.code], [param, code]);
    return true;
  });
  await fails(chat("nobody", [user("hi")]), NotFoundError, "model", "model_not_found");
  await fails(chat("echo", []), BadRequestError, "messages", null);
  await fails(chat("echo", [user("hi")], { n: 2 }), BadRequestError, "n", null);
  await fails(chat("echo", [{ role: "robot", content: "hi" }]), BadRequestError, "messages[0].role", null);
  await fails(openai.responses.create({ model: "echo", input: "hi", previous_response_id: "resp_none" }), NotFoundError, "previous_response_id", "not_found");
  await fails(openai.responses.retrieve("resp_none"), NotFoundError, null, "not_found");
  await assert.rejects(chat("error", [user("hi")]), (error) => error instanceof APIError && error.status === 500);
  await assert.rejects(chat("error", [user("hi")], { stream: true }).then(collect), (error) => error instanceof APIError && error.code === "run_failed");
});

test("a response is created, read, continued, branched and deleted", limit, async () => {
  const one = await openai.responses.create({ model: "echo", input: "one", instructions: "Be brief.", metadata: { a: "b" } });
  const two = await openai.responses.create({ model: "echo", input: [user("two")], previous_response_id: one.id });
  const other = await openai.responses.create({ model: "echo", input: "other", previous_response_id: one.id });

  assert.equal(one.output_text, "You said: one ");
  assert.equal(one.status, "completed");
  assert.equal(two.output_text, "You said: two ");
  assert.deepEqual(await texts(other.weft.thread_id), ["one", "You said: one ", "other", "You said: other "]);
  assert.deepEqual(await openai.responses.retrieve(one.id), one);
  const items = [];
  for await (const item of openai.responses.inputItems.list(two.id)) {
    items.push(item);
  }

  assert.deepEqual(items.map((item) => [item.type, item.role, item.content]), [["message", "user", [{ type: "input_text", text: "two" }]]]);
  await openai.responses.delete(other.id);
  await assert.rejects(openai.responses.retrieve(other.id), NotFoundError);
});

test("the helper that streams a response gets each event and the response", limit, async () => {
  const stream = openai.responses.stream({ model: "echo", input: "hello world" });
  const deltas = [];
  stream.on("response.output_text.delta", (event) => { deltas.push([event.delta, event.snapshot]); });
  const response = await stream.finalResponse();

  assert.deepEqual(deltas, [["You ", "You "], ["said: ", "You said: "], ["hello ", "You said: hello "], ["world ", "You said: hello world "]]);
  assert.equal(response.output_text, "You said: hello world ");
  assert.deepEqual((await openai.responses.retrieve(response.id)).output, (({ output }) => output.map(({ ...item }) => ({ ...item, content: item.content.map(({ parsed, ...part }) => part) })))(response));
});

test("the client's tools are called in responses", limit, async () => {
  const tools = [{ type: "function", name: "search", parameters, strict: true }];
  const stream = openai.responses.stream({ model: "client_tools", input: "rome", tools });
  const args = [];
  stream.on("response.function_call_arguments.delta", (event) => { args.push(event.snapshot); });
  const asked = await stream.finalResponse();
  const [call] = asked.output;
  assert.deepEqual([call.type, call.name, JSON.parse(call.arguments)], ["function_call", "search", { query: "rome" }]);
  assert.deepEqual(args.map(JSON.parse), [{ query: "rome" }]);

  const input = [{ type: "function_call_output", call_id: call.call_id, output: "a lot" }];
  const answered = await openai.responses.create({ model: "client_tools", previous_response_id: asked.id, input, tools });
  assert.equal(answered.output_text, "The client answered a lot.");
});

test("a conversation is a thread, and responses run in the background", limit, async () => {
  const { thread_id } = await client.threads.create();
  await openai.responses.create({ model: "echo", input: "one", conversation: thread_id });
  let response = await openai.responses.create({ model: "echo", input: "two", conversation: { id: thread_id }, background: true });
  while (response.status === "queued" || response.status === "in_progress") {
    response = await openai.responses.retrieve(response.id);
  }

  assert.equal(response.output_text, "You said: two ");
  assert.deepEqual(await texts(thread_id), ["one", "You said: one ", "two", "You said: two "]);
  const events = await collect(await openai.responses.retrieve(response.id, { stream: true, starting_after: 3 }));
  assert.deepEqual([events[0].sequence_number, events.at(-1).type], [4, "response.completed"]);
});

test("a response in the background is cancelled", limit, async () => {
  const { id } = await openai.responses.create({ model: "agent", input: "go", background: true, conversation: randomUUID() });
  // The run may have ended before one of the two calls.
  const early = openai.responses.create({ model: "agent", input: "more", previous_response_id: id }).then(() => undefined, (error) => error);
  const cancelled = await openai.responses.cancel(id);

  assert.ok(["cancelled", "completed"].includes(cancelled.status), cancelled.status);
  const refused = await early;
  assert.ok(refused === undefined || refused instanceof ConflictError, `${refused}`);
});
