namespace Weft.Graphs;

/// <summary>What does something, in the stream mode <c>events</c>.</summary>
public enum EventKind
{
    /// <summary>A graph, a node, or any other piece of code: <c>on_chain_start</c>, …</summary>
    Chain,

    /// <summary>A chat model: <c>on_chat_model_start</c>, …</summary>
    ChatModel,

    /// <summary>A tool: <c>on_tool_start</c>, …</summary>
    Tool,

    /// <summary>What finds documents: <c>on_retriever_start</c>, …</summary>
    Retriever,

    /// <summary>What makes a prompt: <c>on_prompt_start</c>, …</summary>
    Prompt,
}
