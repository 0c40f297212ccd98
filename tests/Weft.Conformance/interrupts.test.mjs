import assert from "node:assert/strict";
import { test } from "node:test";
import { client, collect, human, sleepingRun, texts, threadAt } from "./lib/client.mjs";

const limit = { timeout: 30_000 };
const whole = ["hi", "begin", "tool_call__begin", "end"];

test("a run that asks is resumed with the answer", limit, async () => {
  const { thread_id } = await client.threads.create();

  const asked = await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")], interrupt: true } });
  assert.equal(asked.__interrupt__[0].value, "i want to interrupt");
  const thread = await client.threads.get(thread_id);
  assert.equal(thread.status, "interrupted");
  assert.equal(Object.values(thread.interrupts)[0][0].value, "i want to interrupt");
  const state = await client.threads.getState(thread_id);
  assert.deepEqual(state.next, ["agent"]);
  assert.equal(state.tasks[0].interrupts[0].id, asked.__interrupt__[0].id);

  assert.deepEqual(texts(await client.runs.wait(thread_id, "agent", { command: { resume: "go on" } })), whole);
  assert.equal((await client.threads.get(thread_id)).status, "idle");
});

test("a question is streamed", limit, async () => {
  const { thread_id } = await client.threads.create();

  const events = await collect(client.runs.stream(thread_id, "agent", { input: { messages: [human("hi")], interrupt: true }, streamMode: ["values", "updates"] }));

  assert.equal(events.findLast((event) => event.event === "updates").data.__interrupt__[0].value, "i want to interrupt");
  assert.equal(events.findLast((event) => event.event === "values").data.__interrupt__[0].value, "i want to interrupt");
});

test("breakpoints pause before and after nodes", limit, async () => {
  const { thread_id } = await client.threads.create();

  await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")] }, interruptBefore: ["tool"] });
  assert.deepEqual((await client.threads.getState(thread_id)).next, ["tool"]);
  await client.runs.wait(thread_id, "agent", { input: null, interruptAfter: ["tool"] });
  assert.deepEqual((await client.threads.getState(thread_id)).next, ["agent"]);

  assert.deepEqual(texts(await client.runs.wait(thread_id, "agent", { input: null })), whole);
});

/** A thread on which two nodes ask, and the ids of their questions. */
async function twoQuestions() {
  const { thread_id } = await client.threads.create();
  const { __interrupt__ } = await client.runs.wait(thread_id, "asking", { input: {} });
  assert.deepEqual(__interrupt__.map(({ value }) => value), ["which colour?", "which size?"]);
  return { threadId: thread_id, ids: __interrupt__.map(({ id }) => id) };
}

/** What is open on the thread, as its state and its own fields tell it. */
async function open(threadId) {
  const { status, interrupts } = await client.threads.get(threadId);
  const { next, tasks } = await client.threads.getState(threadId);
  const asking = tasks.filter((task) => task.interrupts.length > 0);
  assert.deepEqual(interrupts, Object.fromEntries(asking.map((task) => [task.id, task.interrupts])));
  return { status, next, asking: asking.map(({ name }) => name) };
}

test("several questions are answered by their ids", limit, async () => {
  const { threadId, ids } = await twoQuestions();
  assert.match(ids.join(" "), /^[0-9a-f]{32} [0-9a-f]{32}$/);
  assert.deepEqual(await open(threadId), { status: "interrupted", next: ["colour", "size"], asking: ["colour", "size"] });

  const values = await client.runs.wait(threadId, "asking", { command: { resume: { [ids[1]]: "small", [ids[0]]: "red" } } });

  assert.deepEqual(values, { answers: ["red", "small"] });
  assert.deepEqual(await open(threadId), { status: "idle", next: [], asking: [] });
});

test("questions without an answer stay open, and the last one needs no id", limit, async () => {
  const { threadId, ids } = await twoQuestions();

  const between = await client.runs.wait(threadId, "asking", { command: { resume: { [ids[1]]: "small" } } });
  assert.deepEqual(between, { answers: ["small"], __interrupt__: [{ id: ids[0], value: "which colour?" }] });
  assert.deepEqual(await open(threadId), { status: "interrupted", next: ["colour", "size"], asking: ["colour"] });
  const [, answered] = (await client.threads.getState(threadId)).tasks;
  assert.deepEqual(answered.result, { answers: ["small"] });

  assert.deepEqual(await client.runs.wait(threadId, "asking", { command: { resume: "red" } }), { answers: ["red", "small"] });
});

test("one answer for several questions fails the run and leaves them open", limit, async () => {
  const { threadId, ids } = await twoQuestions();

  await assert.rejects(client.runs.wait(threadId, "asking", { command: { resume: "both" } }), /interrupt id/);
  assert.deepEqual(await open(threadId), { status: "error", next: ["colour", "size"], asking: ["colour", "size"] });

  const values = await client.runs.wait(threadId, "asking", { command: { resume: { [ids[0]]: 1, [ids[1]]: 2 } } });
  assert.deepEqual(values, { answers: [1, 2] });
});

test("an answer to a question that nobody asked is passed over, or refused when the client wants that", limit, async () => {
  const { threadId, ids } = await twoQuestions();
  const resume = { "0123456789abcdef0123456789abcdef": "nobody" };

  const values = await client.runs.wait(threadId, "asking", { command: { resume } });
  assert.deepEqual(values.__interrupt__.map(({ id }) => id), ids);

  const head = (await client.threads.getState(threadId)).checkpoint.checkpoint_id;
  const { __error__ } = await client.runs.wait(threadId, "asking", { command: { resume: { ...resume, [ids[0]]: "red" } }, strictResume: true, raiseError: false });
  assert.equal(__error__.error, "UnknownInterruptError");
  assert.equal((await client.threads.getState(threadId)).checkpoint.checkpoint_id, head);
  assert.deepEqual((await open(threadId)).asking, ["colour", "size"]);
});

for (const answer of [false, 0, "", [], {}, [null], { a: null }, null]) {
  test(`${JSON.stringify(answer)} is an answer`, limit, async () => {
    const { threadId, ids } = await twoQuestions();

    const values = await client.runs.wait(threadId, "asking", { command: { resume: Object.fromEntries(ids.map((id) => [id, answer])) } });

    assert.deepEqual(values, { answers: [answer, answer] });
  });
}

for (const answer of [false, 0, ""]) {
  test(`${JSON.stringify(answer)} alone resumes too`, limit, async () => {
    const { threadId, ids } = await twoQuestions();
    await client.runs.wait(threadId, "asking", { command: { resume: { [ids[0]]: "red" } } });

    assert.deepEqual(await client.runs.wait(threadId, "asking", { command: { resume: answer } }), { answers: ["red", answer] });
  });
}

test("null alone is no answer, and a command of nothing fails the run", limit, async () => {
  const threadId = await threadAt("agent", { input: { messages: [human("hi")], interrupt: true } });
  const before = await client.threads.getState(threadId);

  for (const command of [{ resume: null }, {}]) {
    const { __error__ } = await client.runs.wait(threadId, "agent", { command, raiseError: false });
    assert.equal(__error__.error, "EmptyInputError");
  }

  assert.deepEqual(await client.threads.getState(threadId), before);
});

test("new input takes the place of open questions", limit, async () => {
  const { threadId } = await twoQuestions();
  const [before] = await client.threads.getHistory(threadId, { limit: 1 });

  const { __interrupt__ } = await client.runs.wait(threadId, "asking", { input: { answers: ["given"] } });

  assert.equal(__interrupt__.length, 2);
  const state = await client.threads.getState(threadId);
  assert.deepEqual(state.values, { answers: ["given"] });
  assert.ok(state.checkpoint.checkpoint_id > before.checkpoint.checkpoint_id);
  assert.equal(state.metadata.step, before.metadata.step + 2);
});

test("a stream tells each question as it is asked, then all of them", limit, async () => {
  const { thread_id } = await client.threads.create();

  const events = await collect(client.runs.stream(thread_id, "asking", { input: {}, streamMode: ["updates", "values", "tasks"] }));

  const values = (mode) => events.filter(({ event, data }) => event === mode && data.__interrupt__).map(({ data }) => data.__interrupt__.map(({ value }) => value));
  assert.deepEqual(values("updates").flat().sort(), ["which colour?", "which size?"]);
  assert.deepEqual(values("values"), [["which colour?", "which size?"]]);
  const results = events.filter(({ event, data }) => event === "tasks" && "result" in data).map(({ data }) => [data.name, data.result, data.interrupts.length]);
  assert.deepEqual(results.sort(), [["colour", {}, 1], ["size", {}, 1]]);
});

for (const [option, stops] of [["interruptBefore", [["agent"], ["tool"], ["agent"], []]], ["interruptAfter", [["tool"], ["agent"], []]]]) {
  test(`${option} "*" pauses at every node`, limit, async () => {
    const { thread_id } = await client.threads.create();
    const seen = [];
    for (let input = { messages: [human("hi")] }; seen.length < stops.length; input = null) {
      const values = await client.runs.wait(thread_id, "agent", { input, [option]: "*" });
      const { next, tasks } = await client.threads.getState(thread_id);
      const { status, interrupts } = await client.threads.get(thread_id);
      seen.push(next);
      assert.deepEqual(tasks.flatMap((task) => task.interrupts), []);
      assert.deepEqual(interrupts, {});
      assert.deepEqual(values.__interrupt__, next.length > 0 || option === "interruptAfter" ? [] : undefined);
      assert.equal(status, next.length > 0 ? "interrupted" : "idle");
    }

    assert.deepEqual(seen, stops);
  });
}

test("a breakpoint may name several nodes, and one that is not there", limit, async () => {
  const threadId = await threadAt("agent", { input: { messages: [human("hi")] }, interruptBefore: ["tool", "nobody"], interruptAfter: ["tool"] });
  assert.deepEqual((await client.threads.getState(threadId)).next, ["tool"]);

  await client.runs.wait(threadId, "agent", { input: null, interruptBefore: ["nobody"], interruptAfter: ["tool"] });
  assert.deepEqual((await client.threads.getState(threadId)).next, ["agent"]);
});

test("a run forks from an earlier checkpoint", limit, async () => {
  const { thread_id } = await client.threads.create();
  await client.runs.wait(thread_id, "agent", { input: { messages: [human("hi")] } });
  const history = await client.threads.getHistory(thread_id);
  const fork = history.find((entry) => entry.next[0] === "tool");

  assert.deepEqual(texts(await client.runs.wait(thread_id, "agent", { input: null, checkpoint: fork.checkpoint })).slice(0, 3), whole.slice(0, 3));

  assert.ok((await client.threads.getHistory(thread_id, { limit: 20 })).length > history.length);
});

const quick = { input: { messages: [human("second")] } };

test("reject refuses a second run", limit, async () => {
  const { threadId, runId } = await sleepingRun();

  await assert.rejects(client.runs.create(threadId, "agent", { ...quick, multitaskStrategy: "reject" }), (error) => error.status === 409);

  assert.equal((await client.runs.get(threadId, runId)).status, "running");
  await client.runs.cancel(threadId, runId, true);
});

test("interrupt goes on from what the first run did", limit, async () => {
  const { threadId, runId } = await sleepingRun();

  const values = await client.runs.wait(threadId, "agent", { input: { messages: [human("second")], sleep: null }, multitaskStrategy: "interrupt" });

  assert.deepEqual(texts(values).slice(0, 2), ["go", "second"]);
  assert.equal((await client.runs.get(threadId, runId)).status, "interrupted");
});

test("rollback goes on from before the first run", limit, async () => {
  const { threadId, runId } = await sleepingRun();

  const values = await client.runs.wait(threadId, "agent", { ...quick, multitaskStrategy: "rollback" });

  assert.equal(texts(values)[0], "second");
  await assert.rejects(client.runs.get(threadId, runId), (error) => error.status === 404);
});

test("enqueue runs one after the other", limit, async () => {
  const { thread_id } = await client.threads.create();
  const first = await client.runs.create(thread_id, "delay", { input: { messages: [human("first")], delay: 200 } });
  const second = await client.runs.create(thread_id, "delay", { input: { messages: [human("second")], delay: 1 }, multitaskStrategy: "enqueue" });

  const values = await client.runs.join(thread_id, second.run_id);

  assert.deepEqual(texts(values), ["first", "finished after 200ms", "second", "finished after 1ms"]);
  assert.equal((await client.runs.get(thread_id, first.run_id)).status, "success");
});
