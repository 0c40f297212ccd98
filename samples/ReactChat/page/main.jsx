import { useState } from "react";
import { createRoot } from "react-dom/client";
import { useStream } from "@langchain/react";

function Chat() {
  const [threadId, onThreadId] = useThreadInAddress();
  const stream = useStream({ apiUrl: location.origin, assistantId: "bank", threadId, onThreadId });
  const [text, setText] = useState("");

  const send = (event) => {
    event.preventDefault();
    stream.submit({ messages: [{ type: "human", content: text }] });
    setText("");
  };

  return (
    <main>
      <ol>
        {stream.messages.filter(({ type, text }) => type !== "tool" && text).map(({ id, type, text }) => (
          <li key={id} className={type}>{text}</li>))}
      </ol>
      {stream.interrupt && <Approval question={stream.interrupt.value} answer={(isApproved) => stream.respond(isApproved)} />}
      {stream.error && <p role="alert">{String(stream.error)}</p>}
      <form onSubmit={send}>
        <input aria-label="Message" value={text} onChange={(event) => setText(event.target.value)} />
        <button disabled={stream.isLoading}>Send</button>
      </form>
    </main>
  );
}

function Approval({ question, answer }) {
  const [{ name, args }] = question.actionRequests;
  return (
    <p>
      May I {name} {args.to} {args.euros} euros?
      <button onClick={() => answer(true)}>Approve</button>
      <button onClick={() => answer(false)}>Refuse</button>
    </p>
  );
}

/** Keeps the id of the thread in the address, so that the page shows the same conversation after a reload. */
function useThreadInAddress() {
  const [threadId, setThreadId] = useState(new URLSearchParams(location.search).get("thread"));
  const put = (id) => {
    history.replaceState(null, "", `?thread=${id}`);
    setThreadId(id);
  };
  return [threadId, put];
}

createRoot(document.getElementById("root")).render(<Chat />);
