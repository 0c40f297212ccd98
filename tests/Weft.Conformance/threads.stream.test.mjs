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

const first = async (items) => (await items[Symbol.asyncIterator]().next()).value;

/** Reads all items, each of which is given to a function as soon as it comes, because what it offers must be asked for by then. */
async function all(items, read = (item) => item) {
  const found = [];
  for await (const item of items) {
    found.push(read(item));
  }

  return Promise.all(found);
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

  test(`${transport}: the bytes of media are streamed, and they say where they come from`, limit, async () => {
    await withThread(transport, "contents", async (thread) => {
      const images = all(thread.images, async (image) => ({
        from: [image.messageId, image.namespace, image.node, image.url, image.error],
        bytes: Buffer.concat(await all(image.stream)).toString(),
        partial: Buffer.from(image.partialBytes).toString(),
        objectUrl: (await image.objectURL).slice(0, 5),
      }));
      const transcripts = all(thread.audio, (audio) => audio.transcript);
      await thread.run.start({ input: { messages: [human("media")] } });

      assert.deepEqual(await images, [
        { from: ["given", [], "model", undefined, undefined], bytes: "image bytes", partial: "image bytes", objectUrl: "blob:" },
      ]);
      assert.deepEqual(await transcripts, [undefined]);
    });
  });

  test(`${transport}: states, messages, events and the tree of a run are offered by the thread`, limit, async () => {
    await withThread(transport, "agent", async (thread, threadId) => {
      const [events, errors] = [[], []];
      const stop = thread.onEvent((event) => events.push(event.event_id));
      thread.onError((error) => errors.push(error));
      const states = all(thread.values, (values) => values.messages.length);
      const messages = all(thread.messages, async (message) => [await message.text, message.node, message.namespace]);
      const { run_id } = await thread.run.start({ input: { messages: [human("hi")] } });

      assert.deepEqual(await states, [1, 2, 3, 4]);
      assert.deepEqual(await messages, [["begin", "agent", []], ["end", "agent", []]]);
      assert.deepEqual(texts(await thread.values), whole);
      const tree = { namespace: [], status: "completed", graph_name: "agent" };
      assert.deepEqual(await thread.agent.getTree(), { tree });
      assert.deepEqual(await thread.agent.getTree({ run_id }), { tree });
      await assert.rejects(thread.agent.getTree({ run_id: randomUUID() }), /no such run/);
      assert.equal(thread.ordering.lastEventId, `synth:${run_id}:completed`);
      assert.ok(thread.ordering.lastAppliedThroughSeq >= thread.ordering.lastSeenSeq);
      assert.equal(new Set(events).size, events.length);
      assert.ok(events.includes(`synth:${run_id}:running`));
      assert.deepEqual([errors, thread.interrupted, thread.interrupts], [[], false, []]);

      stop();
      const heard = events.length;
      const completed = new Promise((resolve) => thread.onEvent((event) => event.event_id.endsWith(":completed") && resolve()));
      await thread.input.inject({ namespace: [], message: { role: "user", content: "more" } });
      await completed;
      const { values } = await client.threads.getState(threadId);
      assert.deepEqual(texts(values), [...whole, "more", ...whole.slice(1)]);
      assert.equal(events.length, heard);
    });
  });

  test(`${transport}: a question is offered by the thread until it is answered`, limit, async () => {
    await withThread(transport, "agent", async (thread, threadId) => {
      await thread.submitRun({ input: { messages: [human("hi")], interrupt: true } });
      assert.equal((await thread.output).messages.length, 1);
      assert.equal(thread.interrupted, true);
      const [{ interruptId, namespace, payload }] = thread.interrupts;
      assert.deepEqual([thread.interrupts.length, namespace, payload], [1, [], "i want to interrupt"]);

      const lifecycle = await thread.subscribe(["lifecycle"]);
      await thread.respondInput({ namespace, interrupt_id: interruptId, response: "go on" });

      assert.deepEqual([thread.interrupted, thread.interrupts], [false, []]);
      const events = await untilEnd(lifecycle, 2);
      assert.equal(events.at(-1).params.data.event, "completed");
      assert.deepEqual(texts((await client.threads.getState(threadId)).values), whole);
    });
  });

  test(`${transport}: graphs inside offer what happens in them, and the tree has them`, limit, async () => {
    await withThread(transport, "nested", async (thread) => {
      const inside = all(thread.subgraphs, async (graph) => {
        const [states, output, children] = await Promise.all([
          all(graph.values, ({ messages }) => messages.at(-1)),
          graph.output,
          all(graph.subgraphs, async ({ name, namespace, output }) => [name, namespace, (await output).messages.at(-1)]),
        ]);
        return { name: graph.name, namespace: graph.namespace, states, last: output.messages.at(-1), children };
      });
      const shallow = await thread.subscribe(["lifecycle"], { namespaces: [[]], depth: 1 });
      // A subscription to a graph inside that is made after the run has ended does not end. So the client has seconds to subscribe.
      await thread.run.start({ input: { messages: ["input"] }, config: { configurable: { pace_ms: 4000 } } });

      assert.deepEqual([...new Set((await untilEnd(shallow)).map(({ params }) => params.namespace.length))], [0, 1]);
      const [{ name, namespace, states, last, children }, ...more] = await inside;
      assert.deepEqual([name, last, more], ["gp_two", "Entered c_two node", []]);
      assert.ok(states.includes("Entered p_one node"));
      const { tree } = await thread.agent.getTree();
      const [parent] = tree.children;
      assert.deepEqual(parent.namespace, namespace);
      assert.deepEqual(children, [["p_two", parent.children[0].namespace, "Entered c_two node"]]);
      assert.deepEqual([tree, parent, parent.children[0]].map(({ graph_name, status }) => `${graph_name} ${status}`),
        ["nested completed", "gp_two completed", "p_two completed"]);
    });
  });

  test(`${transport}: sub-agents offer their tasks and answers`, limit, async () => {
    await withThread(transport, "team", async (thread) => {
      const agents = all(thread.subagents, async ({ name, callId, taskInput, output }) =>
        [name, callId, await taskInput, (await output).content]);
      const causes = all(thread.subgraphs, ({ graphName, cause }) => `${graphName} ${cause.tool_call_id}`);
      await thread.run.start({ input: { messages: [human("hi")] } });

      assert.deepEqual((await agents).sort(), [
        ["spinner", "call_spinner", "Spin some wool.", "You said: Spin some wool. "],
        ["weaver", "call_weaver", "Weave a scarf.", "You said: Weave a scarf. "],
      ]);
      assert.deepEqual((await causes).sort(), ["member call_spinner", "member call_weaver"]);
      const { tree } = await thread.agent.getTree();
      assert.deepEqual(tree.children.map(({ graph_name, status }) => `${graph_name} ${status}`), ["member completed", "member completed"]);
    });
  });

  test(`${transport}: every channel is subscribed to, and left again`, limit, async () => {
    await withThread(transport, "agent_with_stats", async (thread) => {
      const left = await thread.subscribe("values");
      await left.unsubscribe();
      const counts = (await thread.subscribe("custom:toolCallCount"))[Symbol.asyncIterator]();
      const channels = ["values", "updates", "messages", "tools", "custom", "lifecycle", "checkpoints", "tasks"];
      const subscription = await thread.subscribe(channels);
      await thread.submitRun({ input: { messages: [human("hi")] }, metadata: { kind: "channels" } });

      const methods = new Set((await untilEnd(subscription)).map(({ method }) => method));
      assert.deepEqual(channels.filter((channel) => !methods.has(channel)), []);
      assert.equal((await counts.next()).value, 1);
      assert.deepEqual(await all(left), []);
    });
  });

  test(`${transport}: a run is forked from a checkpoint behind one that executes`, limit, async () => {
    await withThread(transport, "echo", async (thread, threadId) => {
      const first = await thread.submitRun({ input: { messages: [human("hi")] }, metadata: { kind: "fork" } });
      await client.runs.join(threadId, first.run_id);
      assert.equal((await client.runs.get(threadId, first.run_id)).metadata.kind, "fork");
      const past = (await client.threads.getHistory(threadId)).find(({ values }) => values.messages?.length === 1).checkpoint;

      const slow = await thread.submitRun({ input: { messages: [human("again")], pace_ms: 60_000 } });
      await assert.rejects(thread.submitRun({ input: { messages: [] }, multitaskStrategy: "reject" }));
      const forked = await thread.submitRun({ input: null, forkFrom: past.checkpoint_id, multitaskStrategy: "enqueue" });
      await client.runs.cancel(threadId, slow.run_id, true);
      await client.runs.join(threadId, forked.run_id);

      const states = await client.threads.getHistory(threadId);
      assert.deepEqual(texts(states[0].values), ["hi", "You said: hi "]);
      assert.ok(states.some(({ parent_checkpoint, metadata }) =>
        parent_checkpoint?.checkpoint_id === past.checkpoint_id && metadata.run_id === forked.run_id));
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
