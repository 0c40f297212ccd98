import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./lib/eventually.mjs";

const limit = { timeout: 60_000 };
const picture = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** What a person does without being asked: writes, changes, stops. */
export function conversation({ client, server, open }) {
  test("an answer grows word by word", limit, async (t) => {
    const chat = await open(t, { graph: "echo", input: { pace_ms: 200 } });
    const answers = await chat.noteAnswers();

    await chat.send("one two three four five six");

    await chat.shows("one two three four five six", "You said: one two three four five six");
    const seen = await answers();
    assert.ok(seen.length > 3, JSON.stringify(seen));
    assert.deepEqual(seen, seen.toSorted((a, b) => a.length - b.length));
    assert.ok(seen.every((text) => seen.at(-1).startsWith(text.trim())), JSON.stringify(seen));
  });

  test("a second message continues the conversation, and a reload shows all of it", limit, async (t) => {
    const chat = await open(t, { graph: "echo" });
    const all = ["first", "You said: first", "second", "You said: second"];

    await chat.send("first");
    await chat.shows(...all.slice(0, 2));
    await chat.send("second");
    await chat.shows(...all);

    await chat.tab.reload();
    await chat.shows(...all);
  });

  test("an edited message starts another version, and each version can be shown", limit, async (t) => {
    const chat = await open(t, { graph: "echo" });
    const versions = chat.tab.getByRole("navigation", { name: "Versions" });
    await chat.send("red");
    await chat.shows("red", "You said: red");
    await chat.send("why");
    await chat.shows("red", "You said: red", "why", "You said: why");

    await chat.edit("red", "blue");
    await chat.shows("blue", "You said: blue");
    assert.match(await versions.textContent(), /2 of 2/);

    await versions.getByRole("button", { name: "Previous" }).click();
    await chat.shows("red", "You said: red", "why", "You said: why");
    assert.match(await versions.textContent(), /1 of 2/);
    await chat.send("and then");
    await chat.shows("red", "You said: red", "why", "You said: why", "and then", "You said: and then");

    await versions.getByRole("button", { name: "Next" }).click();
    await chat.shows("blue", "You said: blue");
  });

  test("files are sent with a message, shown, and read by the model", limit, async (t) => {
    const chat = await open(t, { graph: "echo" });

    await chat.send("look", [
      { name: "dot.png", mimeType: "image/png", buffer: picture },
      { name: "notes.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4") },
    ]);

    const shown = async () => {
      await chat.shows("look", `You said: look and image/png of ${picture.length} bytes and application/pdf of 8 bytes`);
      assert.equal(await chat.sent("look").getByAltText("dot.png").evaluate((image) => image.naturalWidth), 1);
      assert.equal(await chat.sent("look").getByRole("link", { name: "notes.pdf" }).count(), 1);
    };
    await shown();
    await chat.tab.reload();
    await shown();
  });

  test("a stopped answer stays stopped, and the conversation goes on", limit, async (t) => {
    const chat = await open(t, { graph: "echo", input: { pace_ms: 200 } });
    await chat.send(`wait ${"and wait ".repeat(100)}`);
    await chat.answering("You said: wait and");

    await chat.stop();

    await eventually(async () => {
      const [run] = await server().api.runs.list(chat.thread);
      assert.equal(run.status, "interrupted");
      assert.equal(await chat.status.textContent(), "Idle");
    });
    await chat.send("short");
    await chat.answering("You said: short");
    await eventually(async () => assert.equal(await chat.status.textContent(), "Idle"));
  });

  test("errors are shown", limit, async (t) => {
    const failing = await open(t, { graph: "error" });
    await failing.send("go");
    await failing.error.filter({ hasText: "Boo!" }).waitFor();
    if (client.showsOldErrors) {
      await failing.tab.reload();
      await failing.error.filter({ hasText: "Boo!" }).waitFor();
    }

    const lost = await open(t, { graph: "no_such_graph" });
    await lost.send("go");
    await lost.error.filter({ hasText: "no_such_graph" }).waitFor();
  });
}
