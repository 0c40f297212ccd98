// Measures searches over many threads: node search.mjs <conformance host dll> <port> [threads]
// One actor has all threads. Each has three members of metadata: a common one, one of 100 values, and one of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [dll, port, count = "100000"] = process.argv.slice(2);
const total = Number(count);
const folder = mkdtempSync(join(tmpdir(), "weft-search-"));
const server = spawn("dotnet", [dll, "--urls", `http://127.0.0.1:${port}`, "--data", folder], { stdio: "ignore" });
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
// Liveness is asked on a connection of its own.
const probe = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body, via = agent) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const sent = request({ host: "127.0.0.1", port, path, method, agent: via, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject);
    sent.end(text);
  });
}

const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const quantile = (times, q) => times[Math.min(times.length - 1, Math.floor(times.length * q))];

async function measure(name, body, rounds = 200) {
  const times = [];
  let found = "";
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    const response = await call("POST", "/threads/search", body);
    times.push(performance.now() - start);
    if (response.status !== 200) {
      throw new Error(`${name}: ${response.status} ${response.text}`);
    }
    found = response.headers["x-pagination-total"];
  }
  times.sort((a, b) => a - b);
  console.log(`${name}: ${found} found, p50 ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`);
}

async function create() {
  const start = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: 32 }, async () => {
    for (let i = next++; i < total; i = next++) {
      const metadata = { graph_id: "agent", tenant: `t${i % 100}`, half: i < total / 2, number: i, part: { number: i } };
      const response = await call("POST", "/threads", { metadata });
      if (response.status !== 200) {
        throw new Error(`${response.status} ${response.text}`);
      }
    }
  }));
  console.log(`created ${total} threads, ${Math.round(total / ((performance.now() - start) / 1000))}/s`);
}

/** Asks for liveness while many searches that no index answers are under way. */
async function measureLiveness(searches) {
  const times = [];
  let isDone = false;
  const asking = (async () => {
    while (!isDone) {
      const start = performance.now();
      await call("GET", "/ok", undefined, probe);
      times.push(performance.now() - start);
      await delay(5);
    }
  })();
  const start = performance.now();
  const answers = await Promise.all(Array.from({ length: searches }, (_, i) =>
    call("POST", "/threads/search", { metadata: { part: { number: i } }, select: ["thread_id"] })));
  isDone = true;
  await asking;
  times.sort((a, b) => a - b);
  console.log(
    `${searches} searches by nested metadata: ${Math.round(performance.now() - start)} ms for all (${answers.map((a) => a.status).join(" ")}), ` +
    `/ok beside them p50 ${quantile(times, 0.5).toFixed(2)} ms, greatest ${times.at(-1).toFixed(2)} ms`);
}

try {
  for (let i = 0; ; i++) {
    try {
      await call("GET", "/ok");
      break;
    } catch (error) {
      if (i > 100) {
        throw error;
      }
      await delay(100);
    }
  }

  await create();
  const select = ["thread_id", "metadata"];
  await measure("all, first page", { select });
  await measure("one common member", { metadata: { graph_id: "agent" }, select });
  await measure("two common members", { metadata: { graph_id: "agent", half: true }, select });
  await measure("a common member and one of 100 values", { metadata: { graph_id: "agent", tenant: "t7" }, select });
  await measure("the same, by the last change", { metadata: { graph_id: "agent", tenant: "t7" }, sort_by: "updated_at", select });
  await measure("a common and a rare member", { metadata: { graph_id: "agent", number: 7 }, select });
  await measure("members that no thread has together", { metadata: { tenant: "t7", number: 8 }, select });
  await measureLiveness(16);
} finally {
  server.kill();
  await new Promise((resolve) => server.on("exit", resolve));
  rmSync(folder, { recursive: true });
}
