// What a stream told when it was recorded, compared with what it tells now.
import assert from "node:assert/strict";

// How long a stream may take to tell what was recorded.
const patience = 20_000;

/** An open stream: what was recorded of it and has not been told yet. */
export class RecordedStream {
  #index;
  #missing;
  #surplus = [];
  #matches;
  #told = 0;
  #ended = false;
  #connection = new AbortController();
  #wake = () => {};

  constructor(index, { events, during }, matches) {
    this.#index = index;
    this.until = during ?? index;
    this.#missing = [...events];
    this.#matches = matches;
  }

  get signal() {
    return this.#connection.signal;
  }

  /** Takes an event, which has to be the next one of its channel; questions that are asked at the same time come in any order. */
  told(event) {
    this.#told++;
    const channel = channelOf(event);
    const missing = this.#missing.filter((recorded) => channelOf(recorded) === channel);
    const expected = channel === "input.requested" ? missing : missing.slice(0, 1);
    const found = expected.find((recorded) => this.#matches(recorded, event));
    if (found) {
      this.#missing.splice(this.#missing.indexOf(found), 1);
    } else {
      this.#surplus.push(event);
    }

    this.#wake();
  }

  ended() {
    this.#ended = true;
    this.#wake();
  }

  async read(body) {
    let rest = "";
    try {
      for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
        const frames = (rest + chunk).split("\n\n");
        rest = frames.pop();
        frames.map(eventOf).filter((event) => event).forEach((event) => this.told(event));
      }
    } catch {
      // The connection was ended from here.
    }

    this.ended();
  }

  tells(count) {
    return this.#until(() => this.#told >= count);
  }

  /** Waits until all that was recorded has been told. */
  async end() {
    await this.#until(() => this.#missing.length === 0);
    this.abort();
  }

  abort() {
    this.#connection.abort();
  }

  async #until(holds) {
    const deadline = Date.now() + patience;
    while (!holds()) {
      if (this.#ended || Date.now() > deadline) {
        assert.deepEqual(this.#surplus, this.#missing, `The stream of exchange ${this.#index} did not tell what was recorded.`);
      }

      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

const channelOf = ({ event, method, type }) => event ?? method ?? type;

/** The fields of a frame; nothing for a comment. */
function eventOf(frame) {
  const lines = frame.split("\n").filter((line) => line && !line.startsWith(":"));
  const fields = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
  return lines.length === 0 ? undefined : { ...fields, ...("data" in fields && { data: JSON.parse(fields.data) }) };
}
