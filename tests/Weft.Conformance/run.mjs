// node run.mjs [options of node --test]: starts the host, runs every *.test.mjs against it, stops the host.
// WEFT_URL names a server that runs already; it is then neither started nor stopped.
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { startHost } from "./lib/host.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const files = (await readdir(here)).filter((file) => file.endsWith(".test.mjs")).sort();
const host = process.env.WEFT_URL ? undefined : await startHost();
try {
  const tests = spawn(process.execPath, ["--test", ...process.argv.slice(2), ...files], {
    cwd: here,
    stdio: "inherit",
    env: { ...process.env, WEFT_URL: process.env.WEFT_URL ?? host.url },
  });
  process.exitCode = await new Promise((resolve) => tests.once("exit", (code) => resolve(code ?? 1)));
} finally {
  await host?.stop();
}
