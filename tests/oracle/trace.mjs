// Plays a scenario and tells everything of it: each part of the stream in all modes, the head after each step, and what is
// left of the thread in every namespace.
import { BaseMessage, isBaseMessageChunk } from "@langchain/core/messages";
import { Command, InMemoryStore, MemorySaver, Send } from "@langchain/langgraph";

const modes = ["values", "updates", "messages", "custom", "tasks", "checkpoints", "debug", "tools"];

const message = (value) => ({
  type: isBaseMessageChunk(value) ? value.constructor.name : value.getType(),
  id: value.id,
  content: value.content,
  ...(value.name && { name: value.name }),
  ...(value.tool_calls?.length && { tool_calls: value.tool_calls }),
  ...(value.tool_call_id && { tool_call_id: value.tool_call_id }),
  ...(value.status && { status: value.status }),
});

export const plain = (value) => {
  if (value instanceof BaseMessage) {
    return message(value);
  }
  if (value instanceof Error) {
    return { name: value.name, message: value.message };
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value?.toJSON === "function") {
    return plain(value.toJSON());
  }
  return value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).filter(([, member]) => typeof member !== "function").map(([key, member]) => [key, plain(member)]))
    : value;
};

const nested = (state) => {
  if (state === undefined) {
    return undefined;
  }
  return state.configurable ? { ns: state.configurable.checkpoint_ns } : snapshot(state);
};

const task = ({ id, name, path, error, interrupts, result, state, triggers }) => ({
  id, name, path, triggers, error: plain(error), interrupts: plain(interrupts), result: plain(result), state: nested(state),
});

const metadata = (value) => value && { source: value.source, step: value.step, parents: value.parents };

const snapshot = (state) => ({
  ns: state.config.configurable.checkpoint_ns ?? "",
  checkpoint: state.config.configurable.checkpoint_id ?? null,
  parent: state.parentConfig?.configurable?.checkpoint_id ?? null,
  values: plain(state.values),
  next: state.next,
  metadata: metadata(state.metadata),
  tasks: state.tasks.map(task),
});

const checkpointPart = ({ config, parentConfig, values, metadata: about, next, tasks }) => ({
  checkpoint: config.configurable.checkpoint_id,
  parent: parentConfig?.configurable.checkpoint_id ?? null,
  map: config.configurable.checkpoint_map,
  values: plain(values),
  next,
  metadata: metadata(about),
  tasks: tasks.map(task),
});

const part = ([ns, mode, data], before) => {
  if (mode === "checkpoints") {
    return [ns, mode, checkpointPart(data)];
  }
  if (mode !== "debug") {
    return [ns, mode, plain(data)];
  }
  const payload = data.type === "checkpoint" ? checkpointPart(data.payload) : plain(data.payload);
  const twin = before.findLast(([itsNs, itsMode]) => itsMode === (data.type === "checkpoint" ? "checkpoints" : "tasks") && itsNs.join() === ns.join());
  // Nearly always the payload is what the mode of its own tells in the part before.
  return [ns, mode, { step: data.step, type: data.type, payload: twin && JSON.stringify(twin[2]) === JSON.stringify(payload) ? "same" : payload }];
};

const gather = async (items) => {
  const all = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
};

const all = async (graph, config) => (await gather(graph.getStateHistory(config))).reverse();

// `in`: the names of the nodes that lead to a graph inside. Its namespace is that of the pending tasks.
const namespaceOf = async (graph, thread, path) => {
  if (!path) {
    return "";
  }
  let state = await graph.getState(thread, { subgraphs: true });
  let ns = "";
  for (const name of path) {
    const found = state.tasks.find((pending) => pending.name === name);
    ns = `${ns && `${ns}|`}${name}:${found.id}`;
    state = found.state;
  }
  return ns;
};

// `at`: a checkpoint by its place among those of the namespace, 0 the oldest.
const configOf = async (graph, thread, op) => {
  const ns = await namespaceOf(graph, thread, op.in);
  const config = ns ? { configurable: { ...thread.configurable, checkpoint_ns: ns } } : thread;
  return op.at === undefined ? config : (await all(graph, config))[op.at].config;
};

const interruptsIn = (state) => state.tasks.flatMap((pending) => pending.interrupts);

const unknownId = "0".repeat(32);

const commandOf = async (command, graph, config) => {
  let resume = "resumeUnknown" in command ? { [unknownId]: command.resumeUnknown } : command.resume;
  if (command.resumeByIndex) {
    const interrupts = interruptsIn(await graph.getState(config));
    resume = Object.fromEntries(Object.entries(command.resumeByIndex).map(([index, answer]) => [interrupts[index].id, answer]));
  }
  return new Command({
    ...(command.update !== undefined && { update: command.update }),
    ...(command.goto && { goto: command.goto.map((to) => (typeof to === "string" ? to : new Send(to.node, to.input))) }),
    ...(resume !== undefined && { resume }),
  });
};

const doIt = async (op, graph, thread, subgraphs, stream) => {
  const config = await configOf(graph, thread, op);
  if (op.do === "update") {
    await graph.updateState(config, op.values ?? null, op.asNode);
  } else if (op.do === "bulk") {
    await graph.bulkUpdateState(config, op.supersteps);
  } else if (op.do === "wait") {
    await new Promise((resolve) => { setTimeout(resolve, op.seconds * 1000); });
  } else {
    const input = op.command ? await commandOf(op.command, graph, config) : op.input;
    const { interruptBefore, interruptAfter, recursionLimit, durability, context } = op;
    const options = { interruptBefore, interruptAfter, recursionLimit, durability, context };
    const given = Object.fromEntries(Object.entries(options).filter(([, option]) => option !== undefined));
    const configurable = { ...config.configurable, ...op.configurable };
    for await (const item of await graph.stream(input, { ...config, ...given, configurable, streamMode: modes, subgraphs })) {
      stream.push(part(subgraphs ? item : [[], ...item], stream));
    }
  }
};

const readHead = async (graph, thread, options) => {
  try {
    const head = await graph.getState(thread, options);
    return head.config.configurable.checkpoint_id ? snapshot(head) : null;
  } catch (error) {
    return { unreadable: plain(error) };
  }
};

// Of a graph that no node was said to be, what the checkpointer holds; else its states.
const historyOf = async (graph, saver, config, ns) => {
  const namespaced = { configurable: { ...config.configurable, checkpoint_ns: ns } };
  const names = ns.split("|").map((segment) => segment.split(":")[0]).join("|");
  const declared = ns === "" || (await gather(graph.getSubgraphsAsync(names, true))).length > 0;
  if (declared) {
    return (await gather(graph.getStateHistory(namespaced))).map(snapshot);
  }
  return (await gather(saver.list(namespaced))).map((tuple) => ({
    ns,
    checkpoint: tuple.config.configurable.checkpoint_id,
    parent: tuple.parentConfig?.configurable?.checkpoint_id ?? null,
    values: plain(Object.fromEntries(Object.entries(tuple.checkpoint.channel_values).filter(([channel]) => !/^(__|branch:)/.test(channel)))),
    metadata: metadata(tuple.metadata),
  }));
};

const play = async ({ name, build, compile, ops }, subgraphs) => {
  const saver = new MemorySaver();
  const store = new InMemoryStore();
  const graph = build({ checkpointer: saver, store, ...compile });
  const thread = { configurable: { thread_id: name } };
  const steps = [];
  for (const op of ops) {
    const step = { op, stream: [] };
    try {
      await doIt(op, graph, thread, subgraphs, step.stream);
    } catch (error) {
      step.error = plain(error);
    }
    step.head = await readHead(graph, thread);
    const deep = await readHead(graph, thread, { subgraphs: true });
    if (JSON.stringify(deep) !== JSON.stringify(step.head)) {
      step.deepHead = deep;
    }
    steps.push(step);
  }
  const histories = {};
  for (const ns of Object.keys(saver.storage[name] ?? {})) {
    try {
      histories[ns] = await historyOf(graph, saver, thread, ns);
    } catch (error) {
      histories[ns] = { unreadable: plain(error) };
    }
  }
  const items = await store.search([], { limit: 100 });
  return {
    steps,
    histories,
    ...(items.length && { items: items.map(({ namespace, key, value }) => ({ namespace, key, value })) }),
    checkpoints: Object.values(saver.storage[name] ?? {}).map((checkpoints) => Object.keys(checkpoints).sort()),
  };
};

const uuid = (version) => new RegExp(`[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`, "g");

/** Ids numbered as they appear. */
const number = (text, pattern, name) => {
  const seen = [...new Set(text.match(pattern))];
  return text.replace(pattern, (id) => `${name}-${seen.indexOf(id) + 1}`);
};

/** The recording without ids that change: checkpoints as their places in their namespaces, the rest numbered as they appear. */
export const stable = ({ checkpoints, ...recording }) => {
  const places = new Map((checkpoints ?? []).flatMap((ids) => ids.map((id, place) => [id, place])));
  let text = JSON.stringify(recording).replace(/elapsed: \d+ms/g, "elapsed: some ms");
  // A checkpoint that is kept is a number; one that was told of and not kept is a text.
  text = text.replace(new RegExp(`"(${uuid(6).source})"`, "g"), (quoted, id) => places.get(id) ?? quoted);
  text = number(text, uuid(6), "unkept");
  text = number(text, uuid(5), "task");
  text = number(text, uuid("[47]"), "id");
  return JSON.parse(number(text, /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g, "interrupt"));
};

/** Plays a scenario with what its subgraphs stream and without, on two fresh threads. */
export const trace = async (scenario) => {
  const whole = stable(await play(scenario, true));
  const outer = stable(await play(scenario, false));
  const told = (stream) => ["task", "id", "interrupt", "unkept"].reduce((text, id) => number(text, new RegExp(`\\b${id}-\\d+`, "g"), id), JSON.stringify(stream));
  const outside = (steps, i) => told(steps[i].stream.filter(([ns]) => ns.length === 0));
  return {
    name: scenario.name,
    about: scenario.about,
    ...whole,
    // By step, where it is not simply the root's parts of `stream`.
    withoutSubgraphs: Object.fromEntries(outer.steps.flatMap((step, i) =>
      (outside(outer.steps, i) === outside(whole.steps, i) ? [] : [[i, step.stream.map(([, ...rest]) => rest)]]))),
  };
};
