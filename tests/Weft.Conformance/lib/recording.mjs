// Sends a recorded series of exchanges to a server and compares its answers with the recorded ones. In a recording "<id n>",
// "<seq n>" and "<event n>" stand for what the server or the client chose: the first time that one appears it is bound to the
// actual value, from then on it stands for that. "<time>" stands for any time, "<number>" for any number.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import WebSocket from "ws";
import { RecordedStream } from "./recorded-stream.mjs";

const symbols = /<(?:id|seq|event) \d+>/g;
const id = "(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})";
const times = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/;

export class Replay {
  #url;
  #bound = new Map();
  #open = [];

  constructor(url) {
    this.#url = url;
  }

  /** Sends the exchanges in their order; a stream stays open as long as it was. */
  async run(exchanges) {
    try {
      for (const [index, exchange] of exchanges.entries()) {
        await this.#ready(index, exchange);
        this.#open.push(exchange.events ? await this.#stream(index, exchange) : await this.#answer(index, exchange));
      }

      await Promise.all(this.#open.map((stream) => stream.end()));
    } finally {
      this.#open.forEach((stream) => stream.abort());
    }
  }

  /** Waits for the ends of the streams that had ended, and for the events that the others had told. */
  async #ready(index, exchange) {
    for (const stream of this.#open.filter((open) => open.until < index)) {
      await stream.end();
    }

    for (const [other, told] of Object.entries(exchange.after ?? {})) {
      await this.#open[other].tells(told);
    }
  }

  async #answer(index, exchange) {
    const response = await fetch(this.#address(exchange), this.#request(exchange));
    const text = await response.text();
    this.#compare(exchange, response, `exchange ${index}`);
    this.#same(exchange.answer ?? null, text ? JSON.parse(text) : null, `${exchange.method} ${exchange.path} (exchange ${index})`);
    return { until: index, end: async () => {}, abort: () => {} };
  }

  async #stream(index, exchange) {
    const stream = new RecordedStream(index, exchange, (recorded, actual) => this.#matches(recorded, actual));
    await (exchange.method === "SOCKET" ? this.#socket(exchange, stream) : this.#events(index, exchange, stream));
    return stream;
  }

  async #events(index, exchange, stream) {
    const response = await fetch(this.#address(exchange), { ...this.#request(exchange), signal: stream.signal });
    this.#compare(exchange, response, `exchange ${index}`);
    void stream.read(response.body);
  }

  async #socket(exchange, stream) {
    const socket = new WebSocket(this.#address(exchange).href.replace(/^http/, "ws"));
    socket.on("message", (frame) => stream.told(JSON.parse(frame)));
    socket.on("error", () => stream.ended());
    socket.on("close", () => stream.ended());
    stream.signal.addEventListener("abort", () => socket.terminate());
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    for (const frame of exchange.sent) {
      socket.send(JSON.stringify(this.#actual(frame)));
    }
  }

  #address({ path, query = [] }) {
    const address = new URL(this.#url + this.#actual(path));
    query.forEach(([name, value]) => address.searchParams.append(name, this.#actual(value)));
    return address;
  }

  #request({ method, headers, body }) {
    return {
      method,
      headers: this.#actual(headers ?? {}),
      // A body of a GET is left out: fetch sends none.
      body: body === undefined || method === "GET" ? undefined : JSON.stringify(this.#actual(body)),
    };
  }

  #compare({ status, answered }, response, place) {
    assert.equal(response.status, status, `${place}: status`);
    for (const [name, value] of Object.entries(answered)) {
      this.#same(value, response.headers.get(name)?.split(";")[0], `${place}: ${name}`);
    }
  }

  #same(recorded, actual, place) {
    if (!this.#matches(recorded, actual)) {
      assert.deepEqual(this.#named(recorded, actual), recorded, place);
      assert.fail(place);
    }
  }

  /** The recorded value with what its symbols stand for; one that no answer has named yet was chosen by the client. */
  #actual(recorded) {
    if (typeof recorded === "string") {
      const valueOf = (symbol) => this.#bound.get(symbol) ?? this.#bound.set(symbol, randomUUID()).get(symbol);
      return this.#bound.get(recorded) ?? recorded.replace(symbols, valueOf);
    }

    return mapped(recorded, (item) => this.#actual(item));
  }

  /** Whether the value is what was recorded; if so, the symbols in it are bound. */
  #matches(recorded, actual) {
    const before = new Map(this.#bound);
    const matches = this.#binds(recorded, actual);
    if (!matches) {
      this.#bound = before;
    }

    return matches;
  }

  #binds(recorded, actual) {
    if (typeof recorded === "string") {
      return this.#bindsText(recorded, actual);
    }

    if (recorded === null || typeof recorded !== "object") {
      return recorded === actual;
    }

    if (actual === null || typeof actual !== "object" || Array.isArray(recorded) !== Array.isArray(actual)) {
      return false;
    }

    const names = Object.keys(recorded);
    const actuals = Object.keys(actual);
    // The name of a member can be an id too.
    return names.length === actuals.length && names.every((name, position) => {
      const found = Object.hasOwn(actual, name) ? name : actuals[position];
      return this.#bindsText(name, found) && this.#binds(recorded[name], actual[found]);
    });
  }

  #bindsText(recorded, actual) {
    if (recorded === "<time>") {
      return typeof actual === "number" || times.test(actual);
    }

    if (recorded === "<number>") {
      return typeof actual === "number";
    }

    if (/^<(seq|event) \d+>$/.test(recorded)) {
      return this.#bind(recorded, actual);
    }

    const named = recorded.match(symbols);
    if (!named) {
      return recorded === actual;
    }

    const parts = recorded.split(symbols).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const found = new RegExp(`^${parts.join(`(${id})`)}$`).exec(actual);
    return found !== null && named.every((symbol, position) => this.#bind(symbol, found[position + 1]));
  }

  #bind(symbol, actual) {
    if (!this.#bound.has(symbol)) {
      this.#bound.set(symbol, actual);
    }

    return this.#bound.get(symbol) === actual;
  }

  /** The actual value with symbols in the place of what they stand for. */
  #named(recorded, actual) {
    if (typeof actual === "string") {
      return recorded === "<time>" && times.test(actual)
        ? recorded
        : [...this.#bound].reduce((text, [symbol, value]) => (typeof value === "string" ? text.replaceAll(value, symbol) : text), actual);
    }

    return typeof actual === "number" && (recorded === "<time>" || recorded === "<number>")
      ? recorded
      : mapped(actual, (item, name) => this.#named(recorded?.[name], item));
  }
}

/** The value with its members or items replaced; the names of members as well, because ids can be names. */
function mapped(value, map) {
  if (Array.isArray(value)) {
    return value.map(map);
  }

  return value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [map(name, ""), map(item, name)]))
    : value;
}
