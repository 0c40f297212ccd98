// Does a turn's cost grow with its thread? A thread of 1,000 turns, two messages of 500 bytes each, whose answers carry only
// what the turn wrote. Usage: node thread.mjs <conformance host dll> <port> [turns]. The server is pinned to core 0.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [dll, port, turns = "1000"] = process.argv.slice(2);
const size = 500;
const copies = 5;
const url = `http://127.0.0.1:${port}`;
const post = (path, body) => fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const newFolder = () => mkdtempSync(join(tmpdir(), "weft-thread-"));

const start = async (data) => {
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
const turn = async (thread, bytes) => {
  const body = { assistant_id: "bench", input: { messages: [{ role: "human", content: "h".repeat(bytes) }], size: bytes }, stream_mode: ["updates"] };
  await (await post(`/threads/${thread}/runs/stream`, body)).text();
};
const newThread = async () => (await (await post("/threads", {})).json()).thread_id;
const read = async (thread) => {
  const began = performance.now();
  const text = await (await fetch(`${url}/threads/${thread}/state`)).text();
  return { text, ms: performance.now() - began };
};
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

// What a turn costs, in a process that has had others before.
let server = await start(newFolder());
const warm = await newThread();
for (let i = 0; i < 500; i++) await turn(warm, size);
const measured = await newThread();
const marks = [];
const window = Number(turns) / 10;
for (let i = 0; i < Number(turns); i++) {
  if (i % window === 0) marks.push(cost(server.pid));
  await turn(measured, size);
}
marks.push(cost(server.pid));
console.table(marks.slice(1).map((mark, i) => ({
  turns: `${i * window + 1}-${(i + 1) * window}`,
  cpuUsPerTurn: Math.round(((mark.cpuMs - marks[i].cpuMs) * 1000) / window),
  bytesPerTurn: Math.round((mark.written - marks[i].written) / window),
})));
await stop(server);

// What the thread takes on the disk: a database with it alone, closed.
const data = newFolder();
server = await start(data);
const thread = await newThread();
for (let i = 0; i < Number(turns); i++) await turn(thread, size);
await stop(server);
const bytes = readdirSync(data).reduce((sum, file) => sum + statSync(join(data, file)).size, 0);
const raw = Number(turns) * 2 * size;
console.log(`database: ${(bytes / 1e6).toFixed(2)} MB for ${(raw / 1e6).toFixed(2)} MB of messages (${(bytes / raw).toFixed(2)} times)`);

// Cold reads: copies of the thread, each read for the first time by a server that has read others since it started.
server = await start(data);
const cold = [];
for (let i = 0; i < 2 * copies; i++) cold.push((await (await post(`/threads/${thread}/copy`, {})).json()).thread_id);
await stop(server);
server = await start(data);
for (const other of cold.slice(0, copies)) await read(other);
const times = [];
const parses = [];
for (const other of cold.slice(copies)) {
  const { text, ms } = await read(other);
  times.push(ms);
  const began = performance.now();
  JSON.parse(text);
  parses.push(performance.now() - began);
}
const again = [];
for (let i = 0; i < 10; i++) again.push((await read(cold.at(-1))).ms);
console.log(`state: cold ${median(times).toFixed(1)} ms, from memory ${median(again).toFixed(1)} ms; to parse it ${median(parses).toFixed(1)} ms in JavaScript`);
await stop(server);
console.log(data);
