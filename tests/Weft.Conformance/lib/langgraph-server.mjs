// Starts LangGraph's own server, which keeps its data in memory, with the graphs of langgraph-graphs.mjs on a free loopback port.
// Run as a program, it is that server.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(import.meta.url);
const graphs = join(dirname(program), "langgraph-graphs.mjs");
const startLimit = 60_000;

export async function startLangGraph() {
  // It writes files into its folder.
  const folder = await mkdtemp(join(tmpdir(), "weft-langgraph-"));
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, LOG_LEVEL: "error", LANGSMITH_TRACING: "false" },
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const url = await new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`LangGraph's server did not listen within ${startLimit} ms:\n${output}`)), startLimit);
    child.once("exit", (code) => reject(new Error(`LangGraph's server ended with ${code}:\n${output}`)));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const listening = /Listening on (\S+)/.exec(output);
      if (listening) {
        clearTimeout(timer);
        resolve(listening[1]);
      }
    });
  });
  return {
    url,
    async stop() {
      child.kill("SIGKILL");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

if (process.argv[1] === program) {
  const { startServer } = await import("@langchain/langgraph-api/server");
  const ids = Object.keys(await import(graphs));
  const { host } = await startServer({
    port: 0,
    nWorkers: 10,
    host: "127.0.0.1",
    cwd: process.cwd(),
    graphs: Object.fromEntries(ids.map((id) => [id, `${graphs}:${id}`])),
  });
  console.log(`Listening on http://${host}`);
}
