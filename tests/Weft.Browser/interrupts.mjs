import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./lib/eventually.mjs";

const limit = { timeout: 60_000 };

/** What a person is asked. */
export function interrupts({ open }) {
  const asked = async (t) => {
    const chat = await open(t, { graph: "mail" });
    await chat.send("write");
    await chat.approval.waitFor();
    return chat;
  };

  const decide = async (chat, index, decision, fields = {}) => {
    const request = chat.approval.getByRole("group").nth(index);
    await request.getByLabel("Decision").selectOption(decision);
    for (const [name, text] of Object.entries(fields)) {
      await request.getByLabel(name).fill(text);
    }
  };

  const finish = (chat) => chat.approval.getByRole("button", { name: "Decide" }).click();

  test("calls of a tool are approved", limit, async (t) => {
    const chat = await asked(t);
    const requests = chat.approval.getByRole("group").locator("legend");
    assert.deepEqual(await requests.allTextContents(), ["send_email ann@example.org", "send_email bob@example.org"]);

    await finish(chat);

    const sent = ["Sent Hello to ann@example.org.", "Sent Hello to bob@example.org."];
    await chat.shows("write", "I write two mails.", ...sent, sent.join(" "));
    assert.equal(await chat.approval.count(), 0);
  });

  test("one call is edited and the other is rejected, after a reload", limit, async (t) => {
    const chat = await asked(t);
    await chat.tab.reload();
    await chat.approval.waitFor();

    await decide(chat, 0, "edit", { To: "eve@example.org" });
    await decide(chat, 1, "reject", { Reason: "Not Bob." });
    await finish(chat);

    const refused = "The user did not approve this call of send_email, so it was not made. They say: Not Bob.";
    const results = ["Sent Hello to eve@example.org.", refused];
    await chat.shows("write", "I write two mails.", ...results, results.join(" "));
  });

  test("several questions are answered at once", limit, async (t) => {
    const chat = await open(t, { graph: "asking" });
    await chat.send("go");

    await chat.questions.getByLabel("which colour?").fill("red");
    await chat.questions.getByLabel("which size?").fill("small");
    await chat.questions.getByRole("button").click();

    await eventually(async () => assert.deepEqual(JSON.parse(await chat.state.textContent()), { answers: ["red", "small"] }));
    assert.equal(await chat.questions.count(), 0);
  });
}
