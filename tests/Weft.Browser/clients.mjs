// What useStream of @langchain/react 1.1 does not do with any server: show the error of a run that it has not started itself, and
// remove the part of an answer that a crash has cut off, before the page is reloaded.
const limits = { showsOldErrors: false, removesCutAnswers: false };

/** The clients: the page that uses each with what else its address says, and the client's limits. */
export const clients = [
  { name: "useStream of @langchain/langgraph-sdk", address: { page: "legacy" }, showsOldErrors: true, removesCutAnswers: true },
  { name: "useStream of @langchain/react over SSE", address: { page: "react" }, ...limits },
  { name: "useStream of @langchain/react over a WebSocket", address: { page: "react", transport: "websocket" }, ...limits },
];
