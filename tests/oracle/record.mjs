// Runs the scenarios in LangGraph for JavaScript and writes what it did to recordings/. `npm run record` does it again.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { BaseMessage } from "@langchain/core/messages";
import { Command, MemorySaver, Send } from "@langchain/langgraph";
import { scenarios } from "./scenarios.mjs";
import { themes } from "./scenarios/index.mjs";
import { events } from "./events.mjs";
import { trace } from "./trace.mjs";

// Of a message, what is common to both engines: JS leaves out absent members, Weft keeps LangChain's full form.
const flat = (value) => {
  if (value instanceof BaseMessage) {
    return { type: value.getType(), id: value.id, content: value.content };
  }
  if (Array.isArray(value)) {
    return value.map(flat);
  }
  return value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, flat(member)]))
    : value;
};

const pending = async (graph, config) => (await graph.getState(config)).tasks.flatMap((task) => task.interrupts);

const toCommand = async (command, graph, config) => {
  const sends = (command.goto ?? []).map((to) => (typeof to === "string" ? to : new Send(to.node, to.input)));
  let resume = command.resume;
  if (command.resumeByIndex) {
    const interrupts = await pending(graph, config);
    resume = Object.fromEntries(Object.entries(command.resumeByIndex).map(([index, answer]) => [interrupts[index].id, answer]));
  }
  return new Command({
    ...(command.update !== undefined && { update: command.update }),
    ...(command.goto && { goto: sends }),
    ...(resume !== undefined && { resume }),
  });
};

const history = async (graph, config) => {
  const entries = [];
  for await (const entry of graph.getStateHistory(config)) {
    entries.push(entry);
  }
  return entries;
};

const snapshot = (state, indices) => ({
  checkpoint: indices.indexOf(state.config.configurable.checkpoint_id),
  parent: indices.indexOf(state.parentConfig?.configurable?.checkpoint_id),
  values: flat(state.values),
  next: state.next,
  metadata: { source: state.metadata.source, step: state.metadata.step },
  tasks: state.tasks.map((task) => ({
    name: task.name,
    error: task.error ? true : false,
    interrupts: task.interrupts,
    ...(task.result !== undefined && { result: flat(task.result) }),
  })),
});

const indicesOf = (entries) => entries.map((entry) => entry.config.configurable.checkpoint_id).reverse();

const readHead = async (graph, thread) => {
  try {
    const head = await graph.getState(thread);
    return head.config.configurable.checkpoint_id ? snapshot(head, indicesOf(await history(graph, thread))) : null;
  } catch {
    // Writes that the channels refuse make the library's thread unreadable.
    return "unreadable";
  }
};

const record = async ({ name, build, compile, ops }) => {
  const graph = build().compile({ checkpointer: new MemorySaver(), ...compile });
  const thread = { configurable: { thread_id: name } };
  const steps = [];
  for (const op of ops) {
    const step = { op, stream: [] };
    // `at`: the position in the history, 0 the newest.
    const config = op.at === undefined ? thread : (await history(graph, thread))[op.at].config;
    try {
      if (op.do === "update") {
        await graph.updateState(config, op.values ?? null, op.asNode);
      } else {
        const input = op.command ? await toCommand(op.command, graph, config) : op.input;
        const stream = await graph.stream(input, {
          ...config,
          streamMode: ["values", "updates", "messages", "custom"],
          ...(op.interruptBefore && { interruptBefore: op.interruptBefore }),
          ...(op.interruptAfter && { interruptAfter: op.interruptAfter }),
          ...(op.recursionLimit && { recursionLimit: op.recursionLimit }),
        });
        for await (const [mode, data] of stream) {
          step.stream.push(mode === "messages"
            ? { mode, data: [flat(data[0]), { langgraph_node: data[1].langgraph_node, langgraph_step: data[1].langgraph_step }] }
            : { mode, data: flat(data) });
        }
      }
    } catch (error) {
      step.error = error.name;
    }
    step.head = await readHead(graph, thread);
    steps.push(step);
  }
  const entries = await history(graph, thread);
  const indices = indicesOf(entries);
  return { name, steps, history: entries.map((entry) => snapshot(entry, indices)) };
};

const folder = new URL("recordings/", import.meta.url);
const only = process.argv.slice(2);
if (only.length === 0) {
  await rm(folder, { recursive: true, force: true });
}
await mkdir(folder, { recursive: true });
for (const scenario of scenarios) {
  if (only.length === 0 || only.includes(scenario.name)) {
    const recording = await record(scenario);
    const text = JSON.stringify(recording, null, 1) + "\n";
    // Ids of interrupts are new each time; numbered, a recording changes only when the library does.
    const ids = [...new Set(text.match(/[0-9a-f]{32}/g))];
    await writeFile(new URL(`${scenario.name}.json`, folder), text.replace(/[0-9a-f]{32}/g, (id) => `interrupt-${ids.indexOf(id)}`));
  }
}

// A part of the stream, or a state, is a line.
const layout = (value, indent = "") => {
  const text = JSON.stringify(value);
  if (text.length < 150 || value === null || typeof value !== "object" || indent.length >= 4 || "ns" in value) {
    return text;
  }
  const inner = `${indent} `;
  const lines = Array.isArray(value)
    ? value.map((item) => inner + layout(item, inner))
    : Object.entries(value).filter(([, member]) => member !== undefined).map(([key, member]) => `${inner}${JSON.stringify(key)}: ${layout(member, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.join(",\n")}\n${indent}${close}`;
};

for (const [theme, ofTheme] of Object.entries(themes)) {
  const themeFolder = new URL(`${theme}/`, folder);
  await mkdir(themeFolder, { recursive: true });
  for (const scenario of ofTheme) {
    if (only.length === 0 || only.includes(scenario.name) || only.includes(theme)) {
      const recording = theme === "events" ? await events(scenario) : await trace(scenario);
      await writeFile(new URL(`${scenario.name}.json`, themeFolder), `${layout(recording)}\n`);
    }
  }
}
