// What the graphs of scenarios/ are made of.
import { SimpleChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { Annotation, END, START, StateGraph, interrupt, messagesStateReducer } from "@langchain/langgraph";

// `name` holds what was written last, `count` adds up, `trail` collects.
export const State = Annotation.Root({
  name: Annotation(),
  count: Annotation({ reducer: (sum, more) => sum + more, default: () => 0 }),
  trail: Annotation({ reducer: (list, more) => list.concat(more), default: () => [] }),
});
export const Chat = Annotation.Root({ messages: Annotation({ reducer: messagesStateReducer, default: () => [] }) });

export const visit = (name) => () => ({ trail: [name] });

export const ask = (name, ...questions) => () => {
  const answers = questions.map((question) => interrupt(question));
  return { trail: [`${name}:${answers.join(",")}`] };
};

export const fail = (message) => { throw new Error(message); };

// A graph of these nodes, one after the other: a name alone visits.
export const line = (nodes, state = State) => {
  const graph = new StateGraph(state);
  const steps = nodes.map((node) => (typeof node === "string" ? [node, visit(node)] : node));
  steps.forEach(([name, run, options]) => graph.addNode(name, run, options));
  [START, ...steps.map(([name]) => name)].forEach((name, i) => graph.addEdge(name, i < steps.length ? steps[i][0] : END));
  return graph;
};

// Nodes side by side, then `join` when there is one.
export const side = (nodes, join) => {
  const graph = new StateGraph(State);
  nodes.forEach(([name, run, options]) => graph.addNode(name, run, options).addEdge(START, name));
  if (join) {
    graph.addNode(join, visit(join)).addEdge(nodes.map(([name]) => name), join);
  }
  return graph;
};

// Says its words one by one, under one id.
export class Words extends SimpleChatModel {
  constructor(id, ...words) {
    super({});
    this.id = id;
    this.words = words;
  }

  _llmType() {
    return "words";
  }

  async _call() {
    return this.words.join("");
  }

  async *_streamResponseChunks(_messages, _options, runManager) {
    for (const word of this.words) {
      const chunk = new ChatGenerationChunk({ text: word, message: new AIMessageChunk({ id: this.id, content: word }) });
      yield chunk;
      await runManager?.handleLLMNewToken(word, undefined, undefined, undefined, undefined, { chunk });
    }
  }
}

export const say = (id, ...words) => async (state, config) => {
  const chunk = await new Words(id, ...words).invoke("go", config);
  return { messages: [new AIMessage({ id, content: chunk.content })] };
};
