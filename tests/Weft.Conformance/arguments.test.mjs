// The host refuses arguments that it does not know, so that nobody tests against a server that does something else.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { dll } from "./lib/host.mjs";

for (const [argument, line] of [
  ["--auht", "Unknown option '--auht'."],
  ["--no-end-evnt", "Unknown option '--no-end-evnt'."],
  ["--dat", "Unknown option '--dat'. Did you mean '--data'?"],
  ["start", "Unexpected argument 'start'."],
]) {
  test(`an unknown argument is refused: ${argument}`, { timeout: 30_000 }, async () => {
    const child = spawn("dotnet", [dll, "--urls", "http://127.0.0.1:0", argument], { cwd: tmpdir(), stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => { errors += chunk; });

    const code = await new Promise((resolve) => child.once("close", resolve));

    assert.equal(code, 1);
    assert.ok(errors.startsWith(line), errors);
  });
}
