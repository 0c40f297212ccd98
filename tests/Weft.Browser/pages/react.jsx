// useStream of @langchain/react 1.x with its hooks for parts of a thread, over SSE or (&transport=websocket) a WebSocket.
import { createRoot } from "react-dom/client";
import { useChannel, useMessages, useStream } from "@langchain/react";
import { api, graph, inputOf, transport, useThreadInAddress } from "./address.js";
import { Conversation, Message, SubAgent, Update } from "./conversation.jsx";
import { useVersions } from "./versions.js";

const customChannel = ["custom"];
const updatesChannel = ["updates"];

function Page() {
  const [threadId, onThreadId] = useThreadInAddress();
  const stream = useStream({ apiUrl: api, assistantId: graph, transport, threadId, onThreadId });
  const versions = useVersions(stream);
  const custom = useChannel(stream, customChannel);
  const { messages, ...state } = stream.values;

  const submit = (message, forkFrom) => stream.submit(inputOf(message), forkFrom && { forkFrom });

  // Until the history is there, nobody knows what an edited message continues.
  const editOf = (message) => {
    const parent = versions.parentOf(message);
    return parent && ((changed) => {
      versions.select("");
      submit(changed, parent);
    });
  };

  const chat = {
    messages: (versions.messages ?? stream.messages).map((message) => (
      <Message key={message.id} message={message} versions={versions.of(message)} edit={editOf(message)} />)),
    subagents: [...stream.subagents.values()].map((agent) => <WatchedSubAgent key={agent.id} stream={stream} agent={agent} />),
    // A subscription to a namespace gets its events and those of the graphs in it, but not those of the graphs in these.
    updates: [
      <Updates key="" stream={stream} depths={[0, 1]} />,
      ...[...stream.subgraphs.values()].map((subgraph) => (
        <Updates key={subgraph.id} stream={stream} target={subgraph} depths={[subgraph.namespace.length + 1]} />)),
    ],
    toolCalls: stream.toolCalls.map(({ callId, name, status, output }) => (
      { id: callId, name, state: status === "finished" ? "completed" : status, result: output })),
    state,
    events: custom.map((event) => event.params.data.payload),
    interrupts: stream.interrupts,
    error: stream.error,
    isLoading: stream.isLoading,
    send: (message) => submit(message, versions.head),
    answer: (responses) => stream.respondAll(responses),
    stop: () => stream.stop(),
  };
  return <Conversation chat={chat} />;
}

function WatchedSubAgent({ stream, agent }) {
  return <SubAgent name={agent.name} status={agent.status} messages={useMessages(stream, agent)} />;
}

function Updates({ stream, target, depths }) {
  const events = useChannel(stream, updatesChannel, target);
  return events.filter(({ params }) => depths.includes(params.namespace.length))
    .map(({ event_id: id, params }) => <Update key={id} node={params.node} namespace={params.namespace} />);
}

createRoot(document.getElementById("root")).render(<Page />);
