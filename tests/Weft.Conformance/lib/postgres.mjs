// Starts a PostgreSQL server of its own in a temporary folder, reached by a socket in that folder, and ends it again.
// Its programs are searched in PG_BIN, in the path, and in the folders of Debian.
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const startLimit = 60_000;
const debian = "/usr/lib/postgresql";
const user = "weft";
const needed = ["initdb", "postgres", "psql"];

async function findPrograms() {
  const versions = existsSync(debian) ? (await readdir(debian)).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [process.env.PG_BIN, ...process.env.PATH.split(delimiter), ...versions.map((version) => join(debian, version, "bin"))];
  const found = folders.find((folder) => folder && needed.every((program) => existsSync(join(folder, program))));
  if (!found) {
    throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  }

  return found;
}

/** PostgreSQL does not run as root. Then its programs run as nobody. */
function account() {
  if (process.getuid() !== 0) {
    return {};
  }

  const id = (kind) => Number(execFileSync("id", [kind, "nobody"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

export async function startPostgres() {
  const programs = await findPrograms();
  const folder = await mkdtemp(join(tmpdir(), "weft-postgres-"));
  const owner = account();
  if (owner.uid) {
    chownSync(folder, owner.uid, owner.gid);
    await chmod(folder, 0o755);
  }

  const run = (program, ...args) =>
    execFileSync(join(programs, program), args, { ...owner, cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const data = join(folder, "data");
  run("initdb", "-D", data, "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
  const server = spawn(
    join(programs, "postgres"),
    ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=500"],
    { ...owner, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const exited = new Promise((resolve) => server.once("exit", resolve));
  await new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`PostgreSQL did not start within ${startLimit} ms:\n${output}`)), startLimit);
    server.once("exit", (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${output}`)));
    server.stderr.on("data", (chunk) => {
      output = `${output}${chunk}`.slice(-10_000);
      if (output.includes("ready to accept connections")) {
        clearTimeout(timer);
        resolve();
      }
    });
  });
  return {
    /** Names the server to startHost. */
    environment: { WEFT_TEST_POSTGRES: `Host=${folder};Username=${user}`, WEFT_TEST_PG_BIN: programs },
    async stop() {
      server.kill("SIGINT");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a database on the server, unless it has one of this name. Returns how to connect to it. */
export function openDatabase(name) {
  const server = process.env.WEFT_TEST_POSTGRES;
  const [, folder, owner] = /^Host=([^;]+);Username=([^;]+)$/.exec(server);
  const psql = (database, sql) => execFileSync(
    join(process.env.WEFT_TEST_PG_BIN, "psql"),
    ["-h", folder, "-U", owner, "-d", database, "-tAc", sql],
    { encoding: "utf8" });
  if (psql("postgres", `SELECT 1 FROM pg_database WHERE datname = '${name}'`).trim() !== "1") {
    psql("postgres", `CREATE DATABASE "${name}"`);
  }

  return `${server};Database=${name}`;
}
