// What has to agree between two servers that run the same graph: the order of events, who tells them, what they say, and
// which ids are the same. Left out is what each server chooses: the ids themselves, times, further metadata, parent ids.
const ids = /(run-|lc_run--)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b/g;
const leftOut = new Set(["parent_ids", "additional_kwargs", "response_metadata", "sharedState", "ls_integration", "timestamp"]);
const pick = (value, ...names) => (typeof value === "object" ? Object.fromEntries(names.filter((name) => name in value).map((name) => [name, value[name]])) : value);

// Tokens and events come when they come: what is told of them is in order, but not in step with the rest.
const modeOf = (event) => event.split(/[|/]/)[0];
const familyOf = ({ event }) => ["messages", "messages/", "events"].indexOf(event.startsWith("messages/") ? "messages/" : modeOf(event));

/** The shape of a list of { event, data }, one family after the other. "*" stands for what a recording left out. */
export function shapeOf(events) {
  const names = new Map();
  const nameOf = (text) => text.replace(ids, (id) => {
    if (!names.has(id)) {
      names.set(id, `id ${names.size + 1}`);
    }

    return names.get(id);
  });

  const shape = (value) => {
    if (value === "...") {
      return "*";
    }

    if (typeof value === "string") {
      return nameOf(value);
    }

    if (Array.isArray(value)) {
      return value.map(shape);
    }

    if (value === null || typeof value !== "object") {
      return value;
    }

    if ("run_attempt" in value) {
      const { langgraph_node: node, langgraph_step: step, langgraph_triggers: triggers, langgraph_path: path, ls_model_type: model } = value;
      return node ? { node, step, triggers, path, ...(model && { model }) } : "of the run";
    }

    if ("content" in value && "type" in value) {
      return message(value);
    }

    const members = Object.entries(value).filter(([name]) => !leftOut.has(name)).map(([name, member]) => [nameOf(name), shape(member)]);
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
  };

  const message = ({ type, content, id, tool_call_id, tool_calls }) => ({
    type: type.replace(/MessageChunk$/, "").toLowerCase(),
    content: shape(content),
    ...(type !== "tool" && id && { id: shape(id) }),
    ...(tool_call_id && { tool_call_id }),
    ...(tool_calls?.length > 0 && { tool_calls: shape(tool_calls) }),
  });

  return events.filter(isTold).sort((a, b) => familyOf(a) - familyOf(b)).map(({ event, data }) => {
    const shaped = shape(common(modeOf(event), data));
    // What a model is called is up to whoever wraps it.
    return { event: nameOf(event), data: data?.event?.startsWith("on_chat_model") ? { ...shaped, name: "model" } : shaped };
  });
}

/** Frames around the stream are of each server's own. */
const isTold = ({ event }) => event !== "metadata" && event !== "end";

/** What both servers say in an event: each has members of its own besides. */
function common(mode, data) {
  switch (mode) {
    case "values":
      // A pause is told with the state, or without it.
      return "__interrupt__" in data ? pick(data, "__interrupt__") : data;
    case "checkpoints":
      return checkpoint(data, []);
    case "tasks":
      return task(data);
    case "debug":
      return { ...data, payload: data.type === "checkpoint" ? checkpoint(data.payload, ["tasks", "checkpoint", "parent_checkpoint"]) : task(data.payload) };
    case "error":
      return { error: data.error, message: data.message.split(".")[0] };
    default:
      return data;
  }
}

function checkpoint(data, more) {
  const { metadata, tasks, checkpoint: at, parent_checkpoint: parent, ...rest } = data;
  return pick(
    {
      ...rest,
      metadata: pick(metadata, "source", "step", "parents"),
      ...(tasks && { tasks: tasks.map((of) => pick(of, "id", "name", "path", "interrupts")) }),
      ...(at && { checkpoint: pick(at, "checkpoint_ns", "checkpoint_id") }),
      ...(parent && { parent_checkpoint: pick(parent, "checkpoint_ns", "checkpoint_id") }),
    },
    "values", "metadata", "next", ...more);
}

/** What failed says why, or an object that does. */
const task = ({ error, ...data }) => ({ ...pick(data, "id", "name", "input", "triggers", "interrupts", "result"), ...(error !== undefined && { error: error?.message ?? error }) });

/** The shape with "*" put where the recording has it. */
export function masked(actual, recorded) {
  if (recorded === "*") {
    return "*";
  }

  if (Array.isArray(recorded) && Array.isArray(actual)) {
    return actual.map((item, index) => masked(item, recorded[index]));
  }

  if (recorded && actual && typeof recorded === "object" && typeof actual === "object") {
    return Object.fromEntries(Object.entries(actual).map(([name, member]) => [name, masked(member, recorded[name])]));
  }

  return actual;
}
