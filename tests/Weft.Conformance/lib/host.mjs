// Starts the conformance host on a free loopback port with a data folder of its own, and ends it again. A heap limit (in MB)
// makes the host die when it holds more than that. A host that has crashed is started again at its address and on its folder.
// If the tests run on PostgreSQL, the host has a database with the name of the folder instead. If they run on a cluster, a host is
// three servers on that database behind one address.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startCluster } from "./cluster.mjs";
import { openDatabase } from "./postgres.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const dll = join(here, "../../Weft.ConformanceHost/bin/Release/net10.0/Weft.ConformanceHost.dll");
const startLimit = 60_000;

/** The arguments that name the data of a program. */
export const dataOf = (folder) =>
  process.env.WEFT_TEST_POSTGRES ? ["--postgres", openDatabase(basename(folder))] : ["--data", folder];

export function startHost({ address = "http://127.0.0.1:0", ...options } = {}) {
  return process.env.WEFT_TEST_DATABASE === "cluster" ? startCluster(startOne, { address, ...options }) : startOne({ address, ...options });
}

async function startOne({ program = dll, switches = [], heapMegabytes, address, folder }) {
  folder ??= await mkdtemp(join(tmpdir(), "weft-conformance-"));
  const ofCluster = process.env.WEFT_TEST_DATABASE === "cluster" ? ["--cluster", "--Weft:Runs:DrainTimeout", "00:00:05"] : [];
  const child = spawn(
    "dotnet",
    [program, "--urls", address, ...dataOf(folder), "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information", ...ofCluster, ...switches],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...(heapMegabytes && { DOTNET_GCHeapHardLimit: `0x${(heapMegabytes * 1024 * 1024).toString(16)}` }) },
    });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const url = await new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`The host did not listen within ${startLimit} ms:\n${output}`)), startLimit);
    child.once("exit", (code) => reject(new Error(`The host ended with ${code} before it listened; build it first (dotnet build -c Release):\n${output}`)));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const listening = /Now listening on: (\S+)/.exec(output);
      if (listening) {
        clearTimeout(timer);
        resolve(listening[1]);
      }
    });
  });
  return {
    url,
    folder,
    async crash() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await exited;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
