// node serve.mjs <address of a server>: serves the pages, and prints an address to open for each.
import { servePages } from "./lib/pages.mjs";
import { clients } from "./clients.mjs";

const [api] = process.argv.slice(2);
const pages = await servePages(clients.map(({ address }) => address.page));
for (const { name, address } of clients) {
  console.log(`${name}: ${pages.addressOf({ api, graph: "echo", input: { pace_ms: 100 }, ...address })}`);
}
