// What tools make of the server's OpenAPI document: its rules hold, and generated clients compile and hold a conversation.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { url } from "./lib/client.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const limit = { timeout: 300_000 };
const quiet = {
  REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", KIOTA_OFFLINE_ENABLED: "true", KIOTA_TUTORIAL_ENABLED: "false",
};
let folder;
let document;

/** Runs a program and returns what it prints. If it fails, that is the error. */
const run = (program, args, options) => new Promise((resolve, reject) => {
  execFile(program, args, { ...options, env: { ...process.env, ...quiet }, maxBuffer: 64 * 1024 * 1024 }, (error, out, errors) =>
    error ? reject(new Error(`${program} ${args.join(" ")}\n${out}\n${errors}`)) : resolve(out));
});
const node = (script, ...args) => run(process.execPath, [join(packages, script), ...args]);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-generated-"));
  document = join(folder, "openapi.json");
  await writeFile(document, await (await fetch(`${url}/openapi.json`)).text());
});

after(() => rm(folder, { recursive: true, force: true }));

test("the document keeps the rules that redocly recommends", limit, async () => {
  await node("@redocly/cli/bin/cli.js", "lint", "--extends=recommended", document);
});

test("the types of openapi-typescript compile, and a client with them holds a conversation", limit, async () => {
  const client = join(folder, "typescript");
  await cp(join(here, "generated/conversation.ts"), join(client, "conversation.ts"));
  await writeFile(join(client, "package.json"), JSON.stringify({ type: "module" }));
  await symlink(packages, join(client, "node_modules"));
  await node("openapi-typescript/bin/cli.js", document, "-o", join(client, "schema.d.ts"));

  await node(
    "typescript/bin/tsc", join(client, "conversation.ts"),
    "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--typeRoots", join(packages, "@types"), "--types", "node");

  assert.equal(await run(process.execPath, [join(client, "conversation.js"), url]), "ok\n");
});

test("the client of Kiota compiles and holds a conversation", limit, async () => {
  const root = join(here, "../..");
  const client = join(folder, "client");
  await run("dotnet", ["tool", "restore"], { cwd: root });
  await run(
    "dotnet",
    ["tool", "run", "kiota", "generate", "-l", "CSharp", "-d", document, "-o", client, "-c", "WeftClient", "-n", "Weft.Generated"],
    { cwd: root });

  const said = await run(
    "dotnet", ["run", "--project", "generated/csharp", `-p:GeneratedClient=${client}`, "-v", "quiet", "--", url], { cwd: here });

  assert.equal(said.trim().split("\n").at(-1), "ok");
});
