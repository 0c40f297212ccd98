/** The clients: the page that uses each, and what else its address says. */
export const clients = [{ name: "useStream of @langchain/langgraph-sdk", page: "legacy" }];
