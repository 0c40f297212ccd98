// What every page shows. `chat` is what a client makes of a thread, in one form for all clients: its lists of messages,
// sub-agents and updates consist of the elements below.
import { useState } from "react";
import { Interrupts } from "./interrupts.jsx";
import { answersIn, blocksOf, textOf, toBlock } from "./content.js";

export function Conversation({ chat }) {
  return (
    <main>
      <ol aria-label="Messages">{chat.messages}</ol>
      <ul aria-label="Sub-agents">{chat.subagents}</ul>
      <ul aria-label="Tool calls">{chat.toolCalls.map((call) => <li key={call.id}>{call.name} is {call.state}: {call.result}</li>)}</ul>
      <ul aria-label="Updates">{chat.updates}</ul>
      <ul aria-label="Custom events">{chat.events.map((event, index) => <li key={index}>{JSON.stringify(event)}</li>)}</ul>
      <pre aria-label="State">{JSON.stringify(chat.state)}</pre>
      <Interrupts interrupts={chat.interrupts} answer={chat.answer} />
      {chat.error && <p role="alert">{chat.error.message ?? String(chat.error)}</p>}
      <p role="status">{chat.isLoading ? "Working" : "Idle"}</p>
      <button onClick={chat.stop} disabled={!chat.isLoading}>Stop</button>
      <Composer send={chat.send} />
    </main>
  );
}

export function SubAgent({ name, status, messages }) {
  return <li>{name} is {status}: {answersIn(messages)}</li>;
}

/** The update of a node, with the path of graphs that leads to it. */
export function Update({ namespace = [], node }) {
  return <li>{[...namespace.map((segment) => segment.split(":")[0]), node].join("/")}</li>;
}

/** A message of a list. It can be edited once `edit` is given. */
export function Message({ message, edit, versions }) {
  const [draft, setDraft] = useState();
  const save = () => {
    edit({ type: "human", content: draft });
    setDraft(undefined);
  };
  return (
    <li data-type={message.type}>
      {draft === undefined
        ? <span>{textOf(message.content)}</span>
        : <input aria-label="New text" value={draft} onChange={(event) => setDraft(event.target.value)} />}
      {blocksOf(message.content).map((block, index) => <Block key={index} block={block} />)}
      {message.type === "human" && (draft === undefined
        ? <button disabled={!edit} onClick={() => setDraft(textOf(message.content))}>Edit</button>
        : <button onClick={save}>Save</button>)}
      {versions && <Versions {...versions} />}
    </li>
  );
}

function Versions({ index, count, select }) {
  return (
    <nav aria-label="Versions">
      <button disabled={index === 0} onClick={() => select(index - 1)}>Previous</button>
      <span>{index + 1} of {count}</span>
      <button disabled={index === count - 1} onClick={() => select(index + 1)}>Next</button>
    </nav>
  );
}

function Block({ block }) {
  const address = `data:${block.mimeType ?? block.mime_type};base64,${block.data}`;
  return block.type === "image"
    ? <img alt={block.metadata.name} src={address} />
    : <a download={block.metadata.name} href={address}>{block.metadata.name}</a>;
}

function Composer({ send }) {
  const [text, setText] = useState("");
  const [files, setFiles] = useState([]);
  const submit = async (event) => {
    event.preventDefault();
    setText("");
    const blocks = await Promise.all(files.map(toBlock));
    send({ id: crypto.randomUUID(), type: "human", content: blocks.length ? [{ type: "text", text }, ...blocks] : text });
  };
  return (
    <form onSubmit={submit}>
      <input aria-label="Message" value={text} onChange={(event) => setText(event.target.value)} />
      <input aria-label="Files" type="file" multiple onChange={(event) => setFiles([...event.target.files])} />
      <button>Send</button>
    </form>
  );
}
