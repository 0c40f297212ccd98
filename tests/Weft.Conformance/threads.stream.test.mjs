import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import WebSocket from "ws";
import { client, human, texts, url } from "./lib/client.mjs";

// Node has had its own only since version 22.
globalThis.WebSocket ??= WebSocket;

const limit = { timeout: 60_000 };
const ends = new Set(["completed", "failed", "interrupted"]);
const whole = ["hi", "begin", "tool_call__begin", "end"];

/** Opens a thread over one of the transports, and closes it after the test. */
async function withThread(transport, assistantId, use, threadId) {
  // A stream of a thread that does not exist is refused, so the tests that subscribe before the first run create it.
  threadId ??= (await client.threads.create()).thread_id;
  const thread = client.threads.stream(threadId, { assistantId, transport });
  try {
    return await use(thread, threadId);
  } finally {
    await thread.close();
  }
}

/** Reads a subscription until the root graph has ended that many times. */
async function untilEnd(subscription, runs = 1) {
  const events = [];
  // Not with "for await", which would end the subscription.
  const iterator = subscription[Symbol.asyncIterator]();
  while (true) {
    const { done, value: event } = await iterator.next();
    assert.ok(!done, "The subscription ended before the run.");
    events.push(event);
    const { namespace, data } = event.params;
    if (event.method === "lifecycle" && namespace.length === 0 && ends.has(data.event) && --runs === 0) {
      return events;
    }
  }
}

for (const transport of ["sse", "websocket"]) {
  test(`${transport}: a run is started and its output read`, limit, async () => {
    await withThread(transport, "agent", async (thread, threadId) => {
      assert.equal((await fetch(`${url}/threads/${threadId}`)).status, 404);
      const started = await thread.run.start({ input: { messages: [human("hi")] } });

      assert.match(started.run_id, /^[0-9a-f-]{36}$/);
      assert.deepEqual(texts(await thread.output), whole);
      assert.equal((await client.runs.get(threadId, started.run_id)).status, "success");
    }, randomUUID());
  });

  test(`${transport}: messages are streamed token by token`, limit, async () => {
    await withThread(transport, "agent", async (thread) => {
      const subscription = await thread.subscribe(["messages", "lifecycle"]);
      await thread.run.start({ input: { messages: [human("hi")] } });

      const events = await untilEnd(subscription);
      const messages = events.filter(({ method }) => method === "messages").map(({ params }) => params.data);
      const kinds = messages.map(({ event }) => event);
      assert.equal(kinds[0], "message-start");
      assert.equal(kinds.at(-1), "message-finish");
      const deltas = messages.filter(({ event }) => event === "content-block-delta").map(({ delta }) => delta.text ?? "");
      assert.ok(deltas.length > 3);
      assert.match(deltas.join(""), /begin.*end/s);
    });
  });

  test(`${transport}: a question is answered on the same thread`, limit, async () => {
    await withThread(transport, "agent", async (thread, threadId) => {
      const subscription = await thread.subscribe(["lifecycle", "input"]);
      await thread.run.start({ input: { messages: [human("hi")], interrupt: true } });
      const asked = (await untilEnd(subscription)).find(({ method }) => method === "input.requested");
      assert.equal(asked.params.data.payload, "i want to interrupt");

      await thread.input.respond({ namespace: asked.params.namespace, interrupt_id: asked.params.data.interrupt_id, response: "go on" });

      const events = await untilEnd(subscription);
      assert.equal(events.at(-1).params.data.event, "completed");
      assert.ok(events.some(({ method }) => method === "input.answered"));
      assert.deepEqual(texts((await client.threads.getState(threadId)).values), whole);
    });
  });

  test(`${transport}: several questions are answered together`, limit, async () => {
    await withThread(transport, "asking", async (thread, threadId) => {
      const subscription = await thread.subscribe(["lifecycle", "input"]);
      await thread.run.start({ input: {} });
      const asked = (await untilEnd(subscription)).filter(({ method }) => method === "input.requested");
      assert.deepEqual(asked.map(({ params }) => params.data.payload).sort(), ["which colour?", "which size?"]);

      await thread.input.respond({
        responses: asked.map(({ params }) => ({ namespace: params.namespace, interrupt_id: params.data.interrupt_id, response: "any" })),
      });

      await untilEnd(subscription);
      assert.equal((await client.threads.get(threadId)).status, "idle");
    });
  });

  test(`${transport}: two runs follow one another on one subscription, and a second client gets the same`, limit, async () => {
    await withThread(transport, "agent", async (thread, threadId) => {
      const subscription = await thread.subscribe(["values", "lifecycle"]);
      await thread.run.start({ input: { messages: [human("hi")] } });
      const first = await untilEnd(subscription);
      await thread.run.start({ input: { messages: [human("again")] } });
      const second = await untilEnd(subscription);

      assert.ok(second[0].seq > first.at(-1).seq);
      await withThread(transport, "agent", async (late) => {
        const replayed = await untilEnd(await late.subscribe(["values", "lifecycle"]), 2);
        assert.deepEqual(replayed.map(({ event_id }) => event_id), [...first, ...second].map(({ event_id }) => event_id));
      }, threadId);
    });
  });

  test(`${transport}: the state, its checkpoints and forks`, limit, async () => {
    await withThread(transport, "agent", async (thread, threadId) => {
      const subscription = await thread.subscribe(["lifecycle"]);
      await thread.run.start({ input: { messages: [human("hi")] } });
      await untilEnd(subscription);

      const { values, checkpoint } = await thread.state.get({ namespace: [] });
      assert.deepEqual(texts(values), whole);
      const { checkpoints } = await thread.state.listCheckpoints({});
      assert.equal(checkpoints[0].id, checkpoint.id);
      const forked = await thread.state.fork({ checkpoint_id: checkpoints.find(({ step }) => step === 0).id });
      assert.equal(forked.thread_id, threadId);
      await client.runs.join(threadId, forked.run_id);
      assert.equal((await client.runs.get(threadId, forked.run_id)).status, "success");
    });
  });

  test(`${transport}: subgraphs are found`, limit, async () => {
    await withThread(transport, "nested", async (thread) => {
      const subscription = await thread.subscribe(["lifecycle", "values"]);
      await thread.run.start({ input: { messages: ["input"] } });

      const events = await untilEnd(subscription);
      const inside = events.filter(({ params }) => params.namespace.length > 0);
      assert.ok(inside.length > 0);
      assert.equal(inside[0].params.data.event, "started");
      const places = new Set(inside.filter(({ method }) => method === "lifecycle").map(({ params }) => params.namespace.join("|")));
      for (const place of places) {
        const told = inside.filter(({ method, params }) => method === "lifecycle" && params.namespace.join("|") === place);
        assert.deepEqual(told.map(({ params }) => params.data.event), ["started", "completed"]);
      }
    });
  });

  test(`${transport}: calls of tools and the last values of custom channels are projections`, limit, async () => {
    await withThread(transport, "agent_with_stats", async (thread) => {
      const { toolCallCount, totalTokens } = thread.extensions;
      const call = thread.toolCalls[Symbol.asyncIterator]().next().then(({ value }) => value);
      await thread.run.start({ input: { messages: [human("hi")] } });

      assert.deepEqual([await toolCallCount, await totalTokens], [1, 1]);
      const { name, output } = await call;
      assert.equal(name, "weather");
      assert.match(JSON.stringify(await output), /60 degrees and foggy/);
    });
  });

  test(`${transport}: images, audio, videos and files of a model have their bytes`, limit, async () => {
    await withThread(transport, "contents", async (thread) => {
      const first = async (items) => (await items[Symbol.asyncIterator]().next()).value;
      const media = [thread.images, thread.audio, thread.video, thread.files].map(async (handles) => {
        const handle = await first(handles);
        return { type: handle.type, mimeType: handle.mimeType, name: handle.filename, text: await (await handle.blob).text() };
      });
      const message = first(thread.messages).then((handle) => handle.output);
      await thread.run.start({ input: { messages: [human("media")] } });

      assert.deepEqual(await Promise.all(media), [
        { type: "image", mimeType: "image/png", name: undefined, text: "image bytes" },
        { type: "audio", mimeType: "audio/wav", name: undefined, text: "audio bytes" },
        { type: "video", mimeType: "video/mp4", name: undefined, text: "video bytes" },
        { type: "file", mimeType: "application/pdf", name: "prices.pdf", text: "file bytes" },
      ]);
      const blocks = (await message).content;
      assert.deepEqual(blocks.map(({ type }) => type), ["text", "image", "audio", "video", "file"]);
      assert.deepEqual(blocks.slice(1).map(({ data }) => atob(data)), ["image bytes", "audio bytes", "video bytes", "file bytes"]);
    });
  });

  test(`${transport}: an unknown assistant is refused`, limit, async () => {
    await withThread(transport, "nobody", async (thread) => {
      await assert.rejects(thread.run.start({ input: {} }), /nobody/);
    });
  });
}

test("a stream of an unknown thread is refused", limit, async () => {
  const answer = await fetch(`${url}/threads/${randomUUID()}/stream/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ channels: ["values"] }),
  });
  assert.equal(answer.status, 404);
});
