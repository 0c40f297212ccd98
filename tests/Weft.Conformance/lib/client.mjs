import { Client } from "@langchain/langgraph-sdk";

if (!process.env.WEFT_URL) {
  throw new Error("WEFT_URL is not set: run the tests with 'node run.mjs'.");
}

export const url = process.env.WEFT_URL;

/** A client that fails at the first problem instead of trying again. */
export const client = new Client({ apiUrl: url, apiKey: null, callerOptions: { maxRetries: 0 } });

export const human = (content, id) => ({ role: "human", content, ...(id && { id }) });

export const texts = (values) => values.messages.map((message) => message.content);

/** All events of a stream. */
export async function collect(stream) {
  const events = [];
  for await (const event of stream) {
    events.push(event);
  }

  return events;
}

/** Reads until an event passes the test; leaves the rest. */
export async function until(stream, passes) {
  for await (const event of stream) {
    if (passes(event)) {
      return event;
    }
  }

  throw new Error("The stream ended without the awaited event.");
}

/** A new thread with these runs behind it, one after the other. */
export async function threadAt(graph, ...payloads) {
  const { thread_id } = await client.threads.create();
  for (const payload of payloads) {
    await client.runs.wait(thread_id, graph, payload);
  }

  return thread_id;
}

/** A thread with a run on it that sleeps for a minute in all; the client that made it has gone away. */
export async function sleepingRun(payload = {}) {
  const thread = await client.threads.create();
  const connection = new AbortController();
  let run;
  const stream = client.runs.stream(thread.thread_id, "agent", {
    input: { messages: [human("go")], sleep: { steps: 600, ms: 100 } },
    streamMode: ["custom", "values"],
    onRunCreated: (created) => { run = created; },
    onDisconnect: "continue",
    signal: connection.signal,
    ...payload,
  });
  await until(stream, (event) => event.event === "custom");
  connection.abort();
  return { threadId: thread.thread_id, runId: run.run_id };
}
