// node balancer.mjs <port> <address>...: one address in front of several servers. Each request goes to the next server that accepts a
// connection. A host name that stands for several IP addresses is several servers. It is meant for trials and tests: it has no HTTPS,
// and does not ask servers whether they are ready.
import { lookup } from "node:dns/promises";
import { createServer, request as send } from "node:http";
import { connect } from "node:net";
import { pathToFileURL } from "node:url";

/** Starts a balancer. Returns its address and a function that stops it. */
export async function startBalancer(addresses, { port = 0, host = "127.0.0.1" } = {}) {
  const targets = addresses.map((address) => new URL(address));
  let last = 0;

  /** All servers, beginning with the one whose turn it is. */
  async function inTurn() {
    const found = await Promise.all(targets.map(async ({ hostname, port }) =>
      (await lookup(hostname, { all: true, family: 4 })).map(({ address }) => ({ host: address, port: Number(port || 80) }))));
    const all = found.flat();
    const first = last++ % all.length;
    return [...all.slice(first), ...all.slice(0, first)];
  }

  /** Connects to the next server that accepts the connection, so that a request is never sent twice. */
  async function connectNext() {
    let problem;
    for (const server of await inTurn()) {
      const socket = connect({ ...server, noDelay: true });
      try {
        await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
        socket.removeAllListeners("error");
        return socket;
      } catch (error) {
        problem = error;
      }
    }

    throw problem ?? new Error("There is no server.");
  }

  async function pass(request, response) {
    const socket = await connectNext();
    const forwarded = send({
      createConnection: () => socket,
      method: request.method,
      path: request.url,
      headers: [...withoutConnection(request.rawHeaders), "Connection", "close"],
    });
    // Who leaves is seen by the server, and a server that ends is seen by the client.
    response.once("close", () => socket.destroy());
    forwarded.on("error", () => (response.headersSent ? response.destroy() : refuse(response, 502, "The server has disconnected.")));
    forwarded.once("response", (answer) => {
      response.writeHead(answer.statusCode, answer.statusMessage, withoutConnection(answer.rawHeaders));
      response.flushHeaders();
      answer.pipe(response);
      answer.once("close", () => !answer.complete && response.destroy());
    });
    request.pipe(forwarded);
  }

  async function passSocket(request, socket, head) {
    const server = await connectNext();
    socket.once("close", () => server.destroy()).on("error", () => server.destroy());
    server.once("close", () => socket.destroy()).on("error", () => socket.destroy());
    const lines = [`${request.method} ${request.url} HTTP/1.1`];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
    }

    server.write(`${lines.join("\r\n")}\r\n\r\n`);
    server.write(head);
    server.pipe(socket).pipe(server);
  }

  const server = createServer((request, response) => pass(request, response).catch(() =>
    refuse(response, 503, "No server accepts a connection.")));
  server.on("upgrade", (request, socket, head) => passSocket(request, socket, head).catch(() => socket.destroy()));
  server.requestTimeout = 0;
  await new Promise((resolve, reject) => server.listen(port, host, resolve).once("error", reject));
  return {
    url: `http://${host}:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The headers without those that belong to one connection. */
function withoutConnection(headers) {
  const own = new Set(["connection", "keep-alive", "proxy-connection"]);
  return headers.filter((_, i) => !own.has(headers[i - (i % 2)].toLowerCase()));
}

function refuse(response, status, detail) {
  response.writeHead(status, { "Content-Type": "application/json", "Retry-After": "1" });
  response.end(JSON.stringify({ detail }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [port, ...addresses] = process.argv.slice(2);
  if (addresses.length === 0) {
    console.error("Usage: node balancer.mjs <port> <address>...");
    process.exit(1);
  }

  const balancer = await startBalancer(addresses, { port: Number(port), host: process.env.HOST ?? "127.0.0.1" });
  console.log(`Listening on ${balancer.url}`);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => balancer.stop().then(() => process.exit(0)));
  }
}
