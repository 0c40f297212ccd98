// What has to agree between two servers that run the same graph: the order of events, who tells them, what messages say,
// and which ids are the same. Left out is what each server chooses: the ids themselves, further metadata, parent ids.
const id = /^(run-|lc_run--)?[0-9a-f]{8}-[0-9a-f-]{27}/;
const leftOut = new Set(["parent_ids", "additional_kwargs", "response_metadata", "sharedState", "sharedStateFromStoreConfig", "ls_integration"]);

/** The shape of a list of { event, data }. "*" stands for what a recording left out. */
export function shapeOf(events) {
  const names = new Map();
  const nameOf = (text) => {
    if (!id.test(text)) {
      return text;
    }

    if (!names.has(text)) {
      names.set(text, `id ${names.size + 1}`);
    }

    return names.get(text);
  };

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

  return events.filter(({ event }) => event !== "metadata" && event !== "end").map(({ event, data }) => {
    const shaped = shape(data);
    // What a model is called is up to whoever wraps it.
    return { event, data: data?.event?.startsWith("on_chat_model") ? { ...shaped, name: "model" } : shaped };
  });
}

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
