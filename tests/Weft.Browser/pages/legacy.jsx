// useStream of @langchain/langgraph-sdk/react, used as chat front ends use it: the history is fetched, streams are resumable,
// and all tabs share the ids of the runs that go on, so that each tab can join them.
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { useStream } from "@langchain/langgraph-sdk/react";
import { api, graph, inputOf, useThreadInAddress } from "./address.js";
import { Conversation, Message, SubAgent, Update } from "./conversation.jsx";

const submitOptions = { streamMode: ["values"], streamSubgraphs: true };

function Page() {
  const [threadId, onThreadId] = useThreadInAddress();
  const [events, setEvents] = useState([]);
  const [updates, setUpdates] = useState([]);
  const addUpdates = (update, { namespace }) => {
    // Questions are shown apart.
    const nodes = Object.keys(update).filter((name) => name !== "__interrupt__");
    setUpdates((seen) => [...seen, ...nodes.map((node) => ({ node, namespace }))]);
  };
  const stream = useStream({
    apiUrl: api,
    assistantId: graph,
    threadId,
    onThreadId,
    fetchStateHistory: { limit: 100 },
    reconnectOnMount: () => window.localStorage,
    filterSubagentMessages: true,
    onCustomEvent: (event) => setEvents((seen) => [...seen, event]),
    onUpdateEvent: addUpdates,
  });
  const { messages, ...state } = stream.values;

  const submit = (before, message, options) => stream.submit(inputOf(message), {
    ...submitOptions,
    optimisticValues: (values) => ({ ...values, messages: [...before, message] }),
    ...options,
  });

  const edit = (message, changed) => submit(stream.messages.slice(0, stream.messages.indexOf(message)), changed, {
    checkpoint: stream.getMessagesMetadata(message).firstSeenState.parent_checkpoint,
  });

  const versionsOf = (message, index) => {
    const { branch, branchOptions } = stream.getMessagesMetadata(message, index) ?? {};
    return branchOptions && {
      index: branchOptions.indexOf(branch),
      count: branchOptions.length,
      select: (at) => stream.setBranch(branchOptions[at]),
    };
  };

  const chat = {
    messages: stream.messages.map((message, index) => (
      <Message key={message.id} message={message} versions={versionsOf(message, index)} edit={(changed) => edit(message, changed)} />)),
    subagents: [...stream.subagents.values()].map(({ id, toolCall, status, messages: said }) => (
      <SubAgent key={id} name={toolCall.args.subagent_type} status={status} messages={said} />)),
    updates: updates.map((update, index) => <Update key={index} {...update} />),
    toolCalls: stream.toolCalls.map(({ id, call, state: phase, result }) => (
      { id, name: call.name, state: phase, result: result?.content })),
    state,
    events,
    interrupts: stream.interrupts,
    error: stream.error,
    isLoading: stream.isLoading,
    // Without a checkpoint, the client would show the newest version after the run, though the run has continued another one.
    send: (message) => submit(stream.messages, message, stream.branch && { checkpoint: stream.history.at(-1).checkpoint }),
    answer: (resume) => stream.submit(null, { ...submitOptions, command: { resume } }),
    stop: () => stream.stop(),
  };
  return <Conversation chat={chat} />;
}

createRoot(document.getElementById("root")).render(<Page />);
