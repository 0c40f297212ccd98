// The clients of the ecosystem in a real browser: one page for each, and for all pages the same tests.
import { after, before, describe } from "node:test";
import { Chat } from "./lib/chat.mjs";
import { startEnvironment } from "./lib/environment.mjs";
import { clients } from "./clients.mjs";
import { conversation } from "./conversation.mjs";
import { events } from "./events.mjs";
import { interruptions } from "./interruptions.mjs";
import { interrupts } from "./interrupts.mjs";

let environment;
before(async () => { environment = await startEnvironment(clients.map(({ page }) => page)); });
after(() => environment?.stop());

for (const { name, ...address } of clients) {
  /** Opens the page in a new tab, of a new profile unless one is given, for the length of the test. */
  const open = async (t, { profile, ...more }) => {
    const context = profile ?? await environment.newProfile();
    const tab = await context.newPage();
    t.after(() => (profile ? tab : context).close());
    await tab.goto(environment.addressOf({ ...address, ...more }));
    return new Chat(tab);
  };

  Object.defineProperties(open, { environment: { get: () => environment }, client: { get: () => environment.client } });
  describe(name, () => [conversation, events, interrupts, interruptions].forEach((tests) => tests(open)));
}
