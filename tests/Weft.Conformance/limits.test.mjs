// Limits: a client that waits as it is told gets through, with the SDK's own retries.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "@langchain/langgraph-sdk";
import { startHost } from "./lib/host.mjs";

let host;

before(async () => {
  host = await startHost({ switches: ["--Weft:Server:RequestsPerMinuteMax", "120", "--Weft:Server:RequestBurstMax", "3"] });
});

after(() => host.stop());

test("requests over the rate are refused with 429 and Retry-After, which pages can read", async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => fetch(`${host.url}/assistants/agent`, { headers: { origin: "http://localhost:3000" } })));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length > 0);
  assert.match(refused[0].headers.get("access-control-expose-headers"), /Retry-After/);
  assert.equal(refused[0].headers.get("retry-after"), "1");
  assert.equal((await refused[0].json()).detail, "The caller may send at most 120 requests per minute. Try again later.");
});

test("the SDK repeats what is refused until it gets through", async () => {
  let refused = 0;
  const client = new Client({
    apiUrl: host.url,
    callerOptions: {
      fetch: async (...args) => {
        const answer = await fetch(...args);
        if (answer.status === 429) refused++;
        return answer;
      },
    },
  });
  const assistants = await Promise.all(Array.from({ length: 8 }, () => client.assistants.get("agent")));
  assert.equal(assistants.length, 8);
  assert.ok(refused > 0, "nothing was refused, so nothing was shown");
});
