import assert from "node:assert/strict";
import { test } from "node:test";

const limit = { timeout: 90_000 };
const long = Array.from({ length: 12 }, (_, index) => `word${index}`).join(" ");
const whole = [long, `You said: ${long}`];
const slow = { graph: "echo", input: { pace_ms: 250 } };

/** A run outlives the page that started it, the tab, and the server. */
export function interruptions(open) {
  const started = async (t) => {
    const chat = await open(t, slow);
    await chat.send(long);
    await chat.answering("word1");
    return chat;
  };

  test("a page that is reloaded in the middle of an answer shows the rest of it", limit, async (t) => {
    const chat = await started(t);

    await chat.tab.reload();
    const answers = await chat.noteAnswers();

    await chat.shows(...whole);
    assert.ok((await answers()).length > 3);
  });

  test("two tabs show the same answer, and what each of them sends", limit, async (t) => {
    const first = await started(t);
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
    const first = await open(t, { graph: "echo", input: { pace_ms: 250 } });
    await first.send("one");
    await first.shows("one", "You said: one");
    const second = await open(t, { ...slow, thread: first.thread, profile: first.tab.context() });
    await second.shows("one", "You said: one");

    await first.send("two");
    await first.answering("You said: two");
    await second.send("three");

    await second.shows("one", "You said: one", "two", "You said: two", "three", "You said: three");
  });

  test("an answer goes on after the server was killed and started again", limit, async (t) => {
    const chat = await started(t);

    await open.environment.crash();
    await open.environment.restart();

    await chat.shows(...whole);
    assert.equal(await chat.error.count(), 0);
    await chat.tab.reload();
    await chat.shows(...whole);
  });
}
