import assert from "node:assert/strict";
import { test } from "node:test";
import { coerceMessageLikeToMessage } from "@langchain/core/messages";
import { MessageTupleManager } from "@langchain/langgraph-sdk/ui";
import { client, collect, url } from "./lib/client.mjs";

const limit = { timeout: 30_000 };

/** What the SDK makes of the pieces of the model's message, and the message of the final state, both as the SDK has messages. */
async function answered(text) {
  const { thread_id } = await client.threads.create();
  const events = await collect(client.runs.stream(thread_id, "contents", {
    input: { messages: [{ role: "user", content: text }] },
    streamMode: ["messages-tuple", "values"],
  }));
  const manager = new MessageTupleManager();
  for (const { data: [message, metadata] } of events.filter(({ event }) => event === "messages")) {
    manager.add(message, metadata);
  }

  const state = await client.threads.getState(thread_id);
  const final = state.values.messages.at(-1);
  return { streamed: manager.get(final.id).chunk, final: coerceMessageLikeToMessage(final), json: final };
}

/** The blocks without the index that joins their pieces. A stored block has none. */
const blocks = (content) => typeof content === "string" ? content : content.map(({ index, ...block }) => block);

test("the pieces of a message of each kind of content make the message of the state", limit, async () => {
  const { streamed, final, json } = await answered("all");

  assert.deepEqual(blocks(streamed.content), blocks(final.content));
  assert.deepEqual(blocks(final.content).map(({ type }) => type), [
    "reasoning", "reasoning", "text", "server_tool_call", "server_tool_result", "file", "text"]);
  assert.deepEqual(json.content[0], { type: "reasoning", reasoning: "Let me see.", extras: { signature: "signature" } });
  assert.deepEqual(json.content[2], {
    type: "text", text: "Wool is warm.", annotations: [{ type: "citation", url: "https://wool.example/a", title: "Wool" }] });
  assert.equal(json.content[6].text, "Prices follow.");
  assert.deepEqual(streamed.tool_calls, final.tool_calls);
  assert.deepEqual(final.tool_calls, [{ name: "price", args: { item: "wool", more: [1, 2] }, id: "c1", type: "tool_call" }]);
  assert.deepEqual(streamed.invalid_tool_calls.map(({ id, name }) => [id, name]), [["c2", "price"]]);
  assert.deepEqual(final.invalid_tool_calls.map(({ id, name }) => [id, name]), [["c2", "price"]]);
  assert.deepEqual(streamed.usage_metadata, final.usage_metadata);
  assert.deepEqual(final.usage_metadata, {
    input_tokens: 100, output_tokens: 21, total_tokens: 121, input_token_details: { cache_read: 40 }, output_token_details: { reasoning: 8 } });
  assert.deepEqual(streamed.response_metadata, final.response_metadata);
  assert.deepEqual(final.response_metadata, { finish_reason: "tool_calls", model_name: "contents-1" });
  assert.deepEqual(streamed.additional_kwargs, final.additional_kwargs);
});

test("the pieces of text and calls make the message of the state", limit, async () => {
  const { streamed, final } = await answered("plain");

  assert.equal(streamed.content, "I will look.");
  assert.equal(final.content, "I will look.");
  assert.deepEqual(streamed.tool_calls, final.tool_calls);
  assert.deepEqual(final.tool_calls.map(({ args }) => args.item), ["wool", "silk"]);
  assert.deepEqual(streamed.usage_metadata, final.usage_metadata);
  assert.deepEqual(streamed.response_metadata, final.response_metadata);
});

test("content of each kind comes back from streams, states, history and copies as it was sent", limit, async () => {
  const sent = [
    {
      type: "human", id: "h1", name: "ann", additional_kwargs: { mood: { happy: true } }, content: [
        { type: "text", text: "look", cache_control: { type: "ephemeral" } },
        { type: "image_url", image_url: { url: "https://x.example/a.png", detail: "low" } },
        { type: "image", source_type: "base64", mime_type: "image/png", data: "AAAA", metadata: { a: 1 } },
        { type: "audio", base64: "AAAA", mimeType: "audio/wav" },
        { type: "video", file_id: "f1", extras: { fps: 30 } },
        { type: "file", source_type: "id", id: "f2" },
        { type: "text-plain", text: "a,b", mime_type: "text/csv" },
        { type: "hologram", depth: [1, { unit: "m" }] },
        { type: "non_standard", value: { x: null } },
      ],
    },
    {
      type: "ai", id: "a1", response_metadata: { model_name: "m" }, usage_metadata: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      tool_calls: [{ name: "price", args: { item: "wool" }, id: "c1", type: "tool_call" }],
      invalid_tool_calls: [{ name: "price", args: "{", id: "c2", error: "cut off", type: "invalid_tool_call" }],
      content: [
        { type: "thinking", thinking: "hm", signature: "s" },
        { type: "redacted_thinking", data: "x" },
        { type: "text", text: "so", annotations: [{ type: "citation", url: "https://x.example", start_index: 0 }] },
        { type: "tool_use", id: "c1", name: "price", input: { item: "wool" } },
        { type: "server_tool_call", id: "s1", name: "search", args: {} },
        { type: "server_tool_result", tool_call_id: "s1", status: "success", output: 1 },
      ],
    },
    { type: "tool", id: "t1", tool_call_id: "c1", status: "error", artifact: { rows: [1] }, content: [{ type: "text", text: "20" }] },
    { type: "tool", id: "t2", tool_call_id: "c2", content: "no" },
    { type: "function", id: "f1", name: "price", content: "20" },
    { type: "chat", id: "x1", role: "whisperer", content: "psst" },
    { type: "system", id: "y1", content: "be brief", additional_kwargs: { __openai_role__: "developer" } },
  ];
  const has = (messages) => sent.forEach((message, i) => {
    for (const [name, value] of Object.entries(message)) {
      assert.deepEqual(messages[i][name], value, `${message.id} ${name}`);
    }
  });

  const { thread_id } = await client.threads.create();
  const events = await collect(client.runs.stream(thread_id, "contents", { input: { messages: sent }, streamMode: "values" }));
  has(events.find(({ event }) => event === "values").data.messages);
  await client.runs.wait(thread_id, "contents", { input: { messages: "again" } });

  has((await client.threads.getState(thread_id)).values.messages);
  const history = await client.threads.getHistory(thread_id);
  has(history[0].values.messages);
  has(history.at(-2).values.messages);
  has((await client.threads.getState((await client.threads.copy(thread_id)).thread_id)).values.messages);
  const page = await (await fetch(`${url}/weft/threads/${thread_id}/messages?limit=100`)).json();
  has(page.messages.map(({ message }) => message));
});
