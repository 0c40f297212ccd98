// A page as its user sees and handles it.
import assert from "node:assert/strict";
import { eventually } from "./eventually.mjs";

export class Chat {
  constructor(tab) {
    this.tab = tab;
    this.messages = tab.getByRole("list", { name: "Messages" }).getByRole("listitem");
    this.answer = tab.locator("li[data-type=ai] > span").last();
    this.status = tab.getByRole("status");
    this.error = tab.getByRole("alert");
    this.state = tab.getByLabel("State");
    this.approval = tab.getByRole("form", { name: "Approval" });
    this.questions = tab.getByRole("form", { name: "Questions" });
  }

  /** The items of the list of this name. */
  list = (name) => this.tab.getByRole("list", { name }).getByRole("listitem");

  /** The message that the user has sent with this text. */
  sent = (text) => this.tab.locator("li[data-type=human]").filter({ hasText: text });

  /** The thread that the page shows. */
  get thread() {
    return new URL(this.tab.url()).searchParams.get("thread");
  }

  async send(text, files = []) {
    await this.tab.getByLabel("Message", { exact: true }).fill(text);
    await this.tab.getByLabel("Files").setInputFiles(files);
    await this.tab.getByRole("button", { name: "Send" }).click();
  }

  async edit(text, changed) {
    await this.sent(text).getByRole("button", { name: "Edit" }).click();
    await this.tab.getByLabel("New text").fill(changed);
    await this.tab.getByRole("button", { name: "Save" }).click();
  }

  stop = () => this.tab.getByRole("button", { name: "Stop" }).click();

  /** Waits until an answer has begun with this text. */
  answering = (text) => this.tab.locator("li[data-type=ai]").filter({ hasText: text }).first().waitFor();

  /** Waits until these are all messages and no run goes on. */
  shows = (...texts) => eventually(async () => {
    assert.deepEqual([await this.#texts(), await this.status.textContent()], [texts, "Idle"]);
  });

  #texts = async () => (await this.messages.locator("> span").allTextContents()).map((text) => text.trim());

  /** Notes each text that an answer shows from now on, and returns how to get them. */
  async noteAnswers() {
    await this.tab.evaluate(() => {
      globalThis.answers = [];
      new MutationObserver(() => {
        const text = [...document.querySelectorAll("li[data-type=ai] > span")].at(-1)?.textContent;
        if (text && text !== globalThis.answers.at(-1)) {
          globalThis.answers.push(text);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    return () => this.tab.evaluate(() => globalThis.answers);
  }
}
