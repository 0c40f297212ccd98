// The clients of the ecosystem in a real browser: one page for each, and for all pages the same tests.
import { after, before, describe } from "node:test";
import { Chat } from "./lib/chat.mjs";
import { startEnvironment } from "./lib/environment.mjs";
import { clients } from "./clients.mjs";
import { conversation } from "./conversation.mjs";
import { events } from "./events.mjs";
import { crashes, interruptions } from "./interruptions.mjs";
import { interrupts } from "./interrupts.mjs";

let environment;
before(async () => { environment = await startEnvironment(clients.map(({ address }) => address.page)); });
after(() => environment?.stop());

const suites = clients.map((client) => ({
  client,

  server: () => environment,

  /** Opens the page in a new tab, of a new profile unless one is given, for the length of the test. */
  open: async (t, { profile, ...address }) => {
    const context = profile ?? await environment.newProfile();
    const tab = await context.newPage();
    t.after(() => (profile ? tab : context).close());
    await tab.goto(environment.addressOf({ ...client.address, ...address }));
    return new Chat(tab);
  },
}));

// The clients take their tests at the same time, because these wait more than they work; but a crash of the server hits all.
describe("while the server runs", { concurrency: true }, () => {
  for (const suite of suites) {
    describe(suite.client.name, { concurrency: 1 }, () => {
      [conversation, events, interrupts, interruptions].forEach((tests) => tests(suite));
    });
  }
});

describe("when the server crashes", { concurrency: 1 }, () => {
  for (const suite of suites) {
    describe(suite.client.name, () => crashes(suite));
  }
});
