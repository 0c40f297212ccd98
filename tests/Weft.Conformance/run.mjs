// node run.mjs [options of node --test]: starts the host, runs every *.test.mjs against it, stops the host.
// WEFT_URL names a server that runs already; it is then neither started nor stopped.
// WEFT_TEST_DATABASE=postgres keeps the data of the hosts in a PostgreSQL server, which is started first, instead of SQLite files.
// WEFT_TEST_DATABASE=cluster starts three servers for each host, and hands each request to the next of them.
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { startHost } from "./lib/host.mjs";
import { startPostgres } from "./lib/postgres.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const files = (await readdir(here)).filter((file) => file.endsWith(".test.mjs")).sort();
const postgres = ["postgres", "cluster"].includes(process.env.WEFT_TEST_DATABASE) ? await startPostgres() : undefined;
Object.assign(process.env, postgres?.environment);
let host;
try {
  host = process.env.WEFT_URL ? undefined : await startHost();
  const tests = spawn(process.execPath, ["--test", ...process.argv.slice(2), ...files], {
    cwd: here,
    stdio: "inherit",
    env: { ...process.env, WEFT_URL: process.env.WEFT_URL ?? host.url },
  });
  process.exitCode = await new Promise((resolve) => tests.once("exit", (code) => resolve(code ?? 1)));
} finally {
  await host?.stop();
  await postgres?.stop();
}
