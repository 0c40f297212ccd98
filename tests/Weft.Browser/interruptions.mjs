import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./lib/eventually.mjs";

const limit = { timeout: 90_000 };
const long = Array.from({ length: 24 }, (_, index) => `word${index}`).join(" ");
const whole = [long, `You said: ${long}`];
const slow = { graph: "echo", input: { pace_ms: 250 } };

async function started(t, open) {
  const chat = await open(t, slow);
  await chat.send(long);
  await chat.answering("word1");
  return chat;
}

/** A run outlives the page that started it, and the tab. */
export function interruptions({ open }) {
  test("a page that is reloaded in the middle of an answer shows the rest of it", limit, async (t) => {
    const chat = await started(t, open);

    await chat.tab.reload();
    const answers = await chat.noteAnswers();

    await chat.shows(...whole);
    assert.ok((await answers()).length > 3);
  });

  test("two tabs show the same answer, and what each of them sends", limit, async (t) => {
    const first = await started(t, open);
    const second = await open(t, { ...slow, thread: first.thread, profile: first.tab.context() });
    const answers = await second.noteAnswers();

    await first.shows(...whole);
    await second.shows(...whole);
    assert.ok((await answers()).length > 3);

    await second.send("hello");
    await second.shows(...whole, "hello", "You said: hello");
    await first.tab.reload();
    await first.shows(...whole, "hello", "You said: hello");
  });

  test("messages that two tabs send at the same time are both answered", limit, async (t) => {
    const first = await open(t, slow);
    await first.send("one");
    await first.shows("one", "You said: one");
    const second = await open(t, { ...slow, thread: first.thread, profile: first.tab.context() });
    await second.shows("one", "You said: one");

    await first.send("two");
    await first.answering("You said: two");
    await second.send("three");

    await second.shows("one", "You said: one", "two", "You said: two", "three", "You said: three");
  });
}

/** A run outlives the server. */
export function crashes({ client, server, open }) {
  test("an answer goes on after the server was killed and started again", limit, async (t) => {
    const chat = await started(t, open);

    await server().crash();
    await server().restart();

    await chat.answering(whole[1]);
    await eventually(async () => assert.equal(await chat.status.textContent(), "Idle"));
    assert.equal(await chat.error.count(), 0);
    if (client.removesCutAnswers) {
      await chat.shows(...whole);
    }

    await chat.tab.reload();
    await chat.shows(...whole);
  });
}
