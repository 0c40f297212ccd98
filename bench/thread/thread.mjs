// Does a turn's cost grow with its thread? A thread of 1,000 turns, two messages of 500 bytes each, whose answers carry only
// what the turn wrote. Usage: node thread.mjs <conformance host dll> <port> [turns]. The server is pinned to core 0.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [dll, port, turns = "1000"] = process.argv.slice(2);
const data = mkdtempSync(join(tmpdir(), "weft-thread-"));
const url = `http://127.0.0.1:${port}`;
const post = (path, body) => fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

const start = async () => {
  const server = spawn("taskset", ["-c", "0", "dotnet", dll, "--urls", url, "--data", data], { stdio: "ignore" });
  for (let i = 0; i < 200; i++) {
    try {
      if ((await fetch(url + "/ok")).ok) return server;
    } catch { /* not there yet */ }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("The server did not start.");
};
const stop = async (server) => {
  const ended = new Promise((resolve) => server.on("exit", resolve));
  server.kill("SIGTERM");
  await ended;
};
// Clock ticks of 10 ms, and bytes handed to write calls.
const cost = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const written = /wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))[1];
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, written: Number(written) };
};
const turn = async (thread, size) => {
  const body = { assistant_id: "bench", input: { messages: [{ role: "human", content: "h".repeat(size) }], size }, stream_mode: ["updates"] };
  await (await post(`/threads/${thread}/runs/stream`, body)).text();
};
const newThread = async () => (await (await post("/threads", {})).json()).thread_id;

let server = await start();
const warm = await newThread();
for (let i = 0; i < 500; i++) await turn(warm, 500);
const size = 500;
const thread = await newThread();
const bytes = () => readdirSync(data).reduce((sum, file) => sum + statSync(join(data, file)).size, 0);
const baseline = bytes();
const marks = [];
const window = Number(turns) / 10;
for (let i = 0; i < Number(turns); i++) {
  if (i % window === 0) marks.push(cost(server.pid));
  await turn(thread, size);
}
marks.push(cost(server.pid));
const windows = marks.slice(1).map((mark, i) => ({
  turns: `${i * window + 1}-${(i + 1) * window}`,
  cpuUsPerTurn: Math.round(((mark.cpuMs - marks[i].cpuMs) * 1000) / window),
  bytesPerTurn: Math.round((mark.written - marks[i].written) / window),
}));
console.table(windows);
await stop(server);
const raw = Number(turns) * 2 * size;
console.log(`database: ${((bytes() - baseline) / 1e6).toFixed(2)} MB for ${(raw / 1e6).toFixed(2)} MB of messages (with what the warm-up left taken off)`);

// Cold reads: the first of a fresh process pays for compiling too, so other threads of a few turns come first.
server = await start();
const others = await newThread();
for (let i = 0; i < 200; i++) await turn(others, 10);
for (let i = 0; i < 50; i++) await (await fetch(`${url}/threads/${others}/state`)).text();
const began = performance.now();
const text = await (await fetch(`${url}/threads/${thread}/state`)).text();
const cold = performance.now() - began;
const again = performance.now();
await (await fetch(`${url}/threads/${thread}/state`)).text();
const hot = performance.now() - again;
console.log(`state of ${text.length} bytes: cold ${cold.toFixed(1)} ms, from memory ${hot.toFixed(1)} ms`);
await stop(server);
