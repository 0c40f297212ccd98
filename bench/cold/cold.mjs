// What a fresh process costs: the time until it answers, its memory at rest, and the CPU of its first runs beside that of later
// ones. Usage: node cold.mjs <rounds> <name>=<server>[,<variable>=<value>...] ..., where a server is a .dll or a program that
// serves the graph "bench" or, with "-" before its path, only starts. Servers take turns, each pinned to core 0. Other work on the
// machine only adds to a figure, so the least of all rounds is printed.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [rounds, ...targets] = process.argv.slice(2);
const loadgen = join(dirname(fileURLToPath(import.meta.url)), "../load/loadgen/bin/Release/net10.0/loadgen.dll");
const port = 8127;
const url = `http://127.0.0.1:${port}`;
const bursts = 8;
const restMs = 4000;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const answers = () => new Promise((done) => {
  const request = get(`${url}/ok`, { agent: false }, (response) => {
    response.resume();
    done(response.statusCode === 200);
  });
  request.on("error", () => done(false));
});
const residentMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
// Clock ticks of 10 ms.
const cpuMs = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
// The server's CPU for 1,000 runs, in microseconds a run.
const burst = (pid, folder) => {
  const out = join(folder, "burst.jsonl");
  const options = ["--warmup", "0", "--url", url, "--server-pid", `${pid}`, "--out", out];
  execFileSync("taskset", ["-c", "1", "dotnet", loadgen, "burst", ...options]);
  const { cpu_us_per_run, errors } = JSON.parse(readFileSync(out, "utf8"));
  rmSync(out);
  if (errors > 0) throw new Error(`${errors} runs of a burst failed.`);
  return cpu_us_per_run;
};

const measure = async ({ program, variables, startsOnly }) => {
  const folder = mkdtempSync(join(tmpdir(), "weft-cold-"));
  const command = program.endsWith(".dll") ? ["dotnet", program] : [program];
  const settings = ["--urls", url, "--Weft:Sqlite:Path", join(folder, "weft.db")];
  const began = performance.now();
  const options = { stdio: "ignore", cwd: folder, env: { ...process.env, ...variables } };
  const server = spawn("taskset", ["-c", "0", ...command, ...settings], options);
  const ended = new Promise((done) => server.on("exit", done));
  try {
    while (!(await answers())) {
      if (performance.now() - began > 60_000) throw new Error(`${program} did not start.`);
      await sleep(2);
    }
    const figures = { okMs: performance.now() - began, startCpuMs: cpuMs(server.pid) };
    await sleep(restMs);
    figures.restMb = residentMb(server.pid);
    if (startsOnly) return figures;
    const costs = [];
    for (let i = 0; i < bursts; i++) costs.push(burst(server.pid, folder));
    const [first, second, third] = costs;
    return { ...figures, first, second, third, later: median(costs.slice(-3)), afterMb: residentMb(server.pid) };
  } finally {
    server.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  }
};

const servers = targets.map((target) => {
  const [name, rest] = target.split(/=(.*)/s);
  const [path, ...pairs] = rest.split(",");
  const variables = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  return { name, program: resolve(path.replace(/^-/, "")), startsOnly: path.startsWith("-"), variables, rounds: [] };
});
for (let round = 0; round < Number(rounds); round++) {
  for (const server of servers) server.rounds.push(await measure(server));
}
console.table(Object.fromEntries(servers.map(({ name, rounds }) => [
  name,
  Object.fromEntries(Object.keys(rounds[0]).map((figure) => [figure, Math.round(Math.min(...rounds.map((round) => round[figure])))])),
])));
