// What a cluster costs, as CPU of the servers. Usage: node cluster.mjs <conformance host dll> [options]
//   --what remote,home  remote: a request to a server that does not have the runs of its thread, beside one to the server that has;
//                       home: a run of a cluster with one server, beside one of a server on PostgreSQL alone. Default: both
//   --rounds 7          how often each is measured, in turns
//   --requests 800      how many requests a measurement has
//   --clients 16        how many of them are made at once
//   --warmup 8000       how many requests are made before, so that the code is compiled
//   --kinds wait,...    the kinds of requests of remote; default: all
// Starts PostgreSQL in a temporary folder and servers on free ports. The programs of PostgreSQL are those of PG_BIN or of Debian.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values: options, positionals: [dll] } = parseArgs({
  allowPositionals: true,
  options: {
    what: { type: "string", default: "remote,home" },
    rounds: { type: "string", default: "7" },
    requests: { type: "string", default: "800" },
    clients: { type: "string", default: "16" },
    warmup: { type: "string", default: "8000" },
    kinds: { type: "string" },
  },
});
const [rounds, requests, clients, warmup] = [options.rounds, options.requests, options.clients, options.warmup].map(Number);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1000 });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const open = (method, url, body) => new Promise((resolve, reject) => {
  const headers = body ? { "content-type": "application/json" } : {};
  http.request(url, { method, agent, headers }, resolve).on("error", reject).end(body && JSON.stringify(body));
});
const send = async (method, url, body) => {
  const response = await open(method, url, body);
  let text = "";
  for await (const piece of response.setEncoding("utf8")) text += piece;
  if (response.statusCode >= 300) throw new Error(`${method} ${url}: ${response.statusCode} ${text.slice(0, 200)}`);
  return text && JSON.parse(text);
};

const programs = [process.env.PG_BIN, ...(existsSync("/usr/lib/postgresql")
  ? readdirSync("/usr/lib/postgresql").map((version) => `/usr/lib/postgresql/${version}/bin`).reverse() : [])]
  .find((folder) => folder && existsSync(join(folder, "initdb")));
const folder = mkdtempSync(join(tmpdir(), "weft-cluster-"));
const processes = [];
const asUser = process.getuid() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
const run = (command) => execFileSync(command[0], command.slice(1), { stdio: "pipe" });
const startPostgres = async () => {
  if (asUser.length) run(["chown", "postgres", folder]);
  run([...asUser, join(programs, "initdb"), "-D", join(folder, "data"), "-U", "weft", "-A", "trust", "-E", "UTF8", "--locale=C"]);
  const command = [...asUser, join(programs, "postgres"), "-D", join(folder, "data"), "-k", folder, "-c", "listen_addresses="];
  processes.push(spawn(command[0], command.slice(1), { stdio: "ignore" }));
  while (!existsSync(join(folder, ".s.PGSQL.5432"))) await pause(50);
  await pause(500);
};
const createDatabase = (name) => run([join(programs, "psql"), "-h", folder, "-U", "weft", "-d", "postgres", "-c", `CREATE DATABASE ${name}`]);

const startServer = async (database, ...more) => {
  const port = 20000 + Math.floor(Math.random() * 10000);
  const url = `http://127.0.0.1:${port}`;
  const connection = `Host=${folder};Username=weft;Database=${database}`;
  const server = spawn("dotnet", [dll, "--urls", url, "--postgres", connection, ...more], { stdio: ["ignore", "ignore", "inherit"], cwd: folder });
  processes.push(server);
  for (let i = 0; i < 600; i++) {
    try {
      await send("GET", `${url}/ok`);
      return { url, pid: server.pid };
    } catch {
      await pause(100);
    }
  }
  throw new Error("The server did not start.");
};

// In microseconds, of all servers.
const cpuOf = (servers) => servers.reduce((sum, { pid }) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return sum + (Number(fields[11]) + Number(fields[12])) * 10_000;
}, 0);
const measure = async (servers, work, count = requests) => {
  const before = cpuOf(servers);
  let left = count;
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    while (left-- > 0) await work(client);
  }));
  return (cpuOf(servers) - before) / count;
};

const input = (more = {}) => ({ assistant_id: "bench", input: { messages: [{ type: "human", content: "hi" }], tokens: 0, delay_ms: 0, size: 0, ...more } });
const newThread = async (server) => (await send("POST", `${server.url}/threads`, {})).thread_id;
const threadsOf = (server) => Promise.all(Array.from({ length: clients }, () => newThread(server)));
// A server keeps a thread for half a minute after its last reader has left.
const hold = async (server, thread) => (await open("GET", `${server.url}/threads/${thread}/stream`)).destroy();
const runForLong = async (server, thread) =>
  (await send("POST", `${server.url}/threads/${thread}/runs`, input({ tokens: 1_000_000, delay_ms: 60_000 }))).run_id;

// Each kind prepares threads whose home is a server, and returns one request to another or the same.
const kinds = {
  // A run is created, executed and awaited.
  wait: async (home) => {
    const threads = await threadsOf(home);
    await Promise.all(threads.map((thread) => hold(home, thread)));
    return {
      request: (server, client) => send("POST", `${server.url}/threads/${threads[client]}/runs/wait`, input()),
    };
  },
  // A run is created that waits behind another, and cancelled: two requests.
  "create and cancel": async (home) => {
    const threads = await threadsOf(home);
    const running = await Promise.all(threads.map((thread) => runForLong(home, thread)));
    return {
      request: async (server, client) => {
        const path = `${server.url}/threads/${threads[client]}/runs`;
        const { run_id: id } = await send("POST", path, { ...input(), multitask_strategy: "enqueue" });
        await send("POST", `${path}/${id}/cancel`, {});
      },
      end: () => Promise.all(threads.map((thread, i) => send("POST", `${home.url}/threads/${thread}/runs/${running[i]}/cancel?wait=true`, {}))),
      count: 2,
    };
  },
  state: async (home) => {
    const threads = await threadsOf(home);
    await Promise.all(threads.map((thread) => send("POST", `${home.url}/threads/${thread}/runs/wait`, input())));
    await Promise.all(threads.map((thread) => hold(home, thread)));
    return { request: (server, client) => send("GET", `${server.url}/threads/${threads[client]}/state`) };
  },
  thread: async (home) => {
    const threads = await threadsOf(home);
    await Promise.all(threads.map((thread) => hold(home, thread)));
    return { request: (server, client) => send("GET", `${server.url}/threads/${threads[client]}`) };
  },
  "run that runs": async (home) => {
    const threads = await threadsOf(home);
    const running = await Promise.all(threads.map((thread) => runForLong(home, thread)));
    return {
      request: (server, client) => send("GET", `${server.url}/threads/${threads[client]}/runs/${running[client]}`),
      end: () => Promise.all(threads.map((thread, i) => send("POST", `${home.url}/threads/${thread}/runs/${running[i]}/cancel?wait=true`, {}))),
    };
  },
};

const measureRemote = async () => {
  createDatabase("remote");
  const servers = [];
  for (let i = 0; i < 2; i++) servers.push(await startServer("remote", "--cluster"));
  const rows = {};
  for (const [name, prepare] of Object.entries(kinds)) {
    if (options.kinds && !options.kinds.split(",").includes(name)) continue;
    const results = { right: [], wrong: [] };
    for (let round = -Math.ceil(warmup / 2 / requests); round < rounds; round++) {
      // Both servers are the home in turns, and each order comes as often as the other.
      const home = servers[Math.abs(round) % 2];
      const other = servers[1 - Math.abs(round) % 2];
      for (const [where, server] of Math.abs(round) % 4 < 2 ? [["right", home], ["wrong", other]] : [["wrong", other], ["right", home]]) {
        const { request, end, count = 1 } = await prepare(home);
        const cpu = await measure(servers, (client) => request(server, client)) / count;
        await end?.();
        if (round >= 0) results[where].push(cpu);
      }
    }
    const more = results.wrong.map((wrong, i) => wrong - results.right[i]);
    rows[name] = { right: median(results.right), wrong: median(results.wrong), more: median(more), all: more.map(Math.round).join(" ") };
    console.log(name, JSON.stringify(rows[name]));
  }
  console.log("CPU of both servers a request, in µs:");
  console.table(rows);
};

const measureHome = async () => {
  createDatabase("single");
  createDatabase("cluster");
  const single = await startServer("single");
  const cluster = await startServer("cluster", "--cluster");
  const ratios = [];
  const costs = { single: [], cluster: [] };
  for (let round = -Math.ceil(warmup / requests); round < rounds; round++) {
    for (const [name, server] of round % 2 ? [["single", single], ["cluster", cluster]] : [["cluster", cluster], ["single", single]]) {
      const threads = await threadsOf(server);
      const turns = threads.map(() => 0);
      const cpu = await measure([server], async (client) => {
        if (turns[client]++ % 20 === 19) threads[client] = await newThread(server);
        await send("POST", `${server.url}/threads/${threads[client]}/runs/wait`, input());
      });
      if (round >= 0) costs[name].push(cpu);
    }
    if (round >= 0) ratios.push(costs.cluster.at(-1) / costs.single.at(-1));
  }
  const idle = [cpuOf([single]), cpuOf([cluster])];
  await pause(10_000);
  console.log(`CPU of a run in µs: single ${median(costs.single)}, cluster ${median(costs.cluster)}; ratio ${median(ratios).toFixed(3)}`);
  console.log(`all ratios: ${ratios.map((ratio) => ratio.toFixed(2)).join(" ")}`);
  console.log(`CPU at rest: single ${(cpuOf([single]) - idle[0]) / 1e5} %, cluster ${(cpuOf([cluster]) - idle[1]) / 1e5} % of a core`);
};

try {
  await startPostgres();
  const what = options.what.split(",");
  if (what.includes("remote")) await measureRemote();
  if (what.includes("home")) await measureHome();
} finally {
  agent.destroy();
  for (const child of processes.reverse()) {
    const ended = new Promise((resolve) => child.on("exit", resolve));
    if (child.exitCode === null) child.kill(child.spawnfile === "dotnet" ? "SIGKILL" : "SIGINT");
    await Promise.race([ended, pause(5000)]);
  }
  rmSync(folder, { recursive: true, force: true });
}
