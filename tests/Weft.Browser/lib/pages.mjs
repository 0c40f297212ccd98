// Bundles the pages and serves them on a loopback port of their own, so that they call the server from another origin.
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../pages");

/** Serves pages/<name>.jsx as /<name>.html, for each name. */
export async function servePages(list) {
  const names = [...new Set(list)];
  const { outputFiles } = await build({
    entryPoints: names.map((name) => join(folder, `${name}.jsx`)),
    outdir: folder,
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const html = await readFile(join(folder, "page.html"), "utf8");
  const files = new Map(outputFiles.map(({ path, contents }) => [path.slice(folder.length), contents]));
  for (const name of names) {
    files.set(`/${name}.html`, `${html}<script type="module" src="${name}.js"></script>`);
  }

  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    response.writeHead(files.has(path) ? 200 : 404, { "content-type": path.endsWith(".js") ? "text/javascript" : "text/html" });
    response.end(files.get(path));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    /** The address of a page that talks to a graph of the server at `api`. The input is sent with each message. */
    addressOf: ({ page, input = {}, ...more }) =>
      `http://127.0.0.1:${server.address().port}/${page}.html?${new URLSearchParams({ input: JSON.stringify(input), ...more })}`,

    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
