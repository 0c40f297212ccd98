import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./lib/eventually.mjs";

const limit = { timeout: 60_000 };

/**
 * What a graph shows besides its messages, and what happens inside of it. The SDK of the second protocol holds back what a subscription
 * replays if the run ends or pauses before the replay comes. So the graphs and agents inside work for seconds, which a busy browser
 * needs to subscribe to them.
 */
export function events({ open }) {
  test("custom events are shown while the run goes on", limit, async (t) => {
    const chat = await open(t, { graph: "echo", input: { pace_ms: 500, note: "looking it up" } });

    await chat.send("one two three four");

    await chat.list("Custom events").filter({ hasText: '{"text":"looking it up"}' }).waitFor();
    assert.equal(await chat.status.textContent(), "Working");
    await chat.shows("one two three four", "You said: one two three four");
  });

  test("calls of tools are shown with their results", limit, async (t) => {
    const chat = await open(t, { graph: "team" });

    await chat.send("make a scarf");

    // The tools run at the same time.
    await eventually(async () => assert.deepEqual(
      (await chat.list("Tool calls").allTextContents()).toSorted(),
      ["task is completed: You said: Spin some wool. ", "task is completed: You said: Weave a scarf. "]));
  });

  test("updates of graphs within graphs are shown with their paths, and a question from within is answered", limit, async (t) => {
    const chat = await open(t, { graph: "deep", input: { pace_ms: 4000 } });
    const updates = (...paths) =>
      eventually(async () => assert.deepEqual((await chat.list("Updates").allTextContents()).toSorted(), paths.toSorted()));

    await chat.send("go");
    await chat.questions.getByLabel("how deep?").fill("very");
    const before = ["visit/count", "visit", "middle/descend", "middle/inner/look"];
    await updates(...before);
    await chat.questions.getByRole("button").click();

    await updates(...before, "middle/inner/ask", "middle/inner", "middle", "leave");
    await eventually(async () => assert.deepEqual(JSON.parse(await chat.state.textContent()).trail.slice(-2), ["ask: very", "leave"]));
  });

  test("sub-agents are shown with their tasks and answers, apart from the conversation", limit, async (t) => {
    const chat = await open(t, { graph: "team" });
    const finished = ["weaver is complete: You said: Weave a scarf. ", "spinner is complete: You said: Spin some wool. "];
    const shown = async () => {
      await eventually(async () => assert.deepEqual(await chat.list("Sub-agents").allTextContents(), finished));
      await chat.shows("make a scarf", "", "You said: Weave a scarf.", "You said: Spin some wool.", "The team is done.");
    };

    await chat.send("make a scarf");
    await shown();
    await chat.tab.reload();
    await shown();
  });
}
