namespace Weft.Server;

/// <summary>The descriptions of the tags of the OpenAPI document.</summary>
internal static class OpenapiTags
{
    private static readonly Dictionary<string, string> Descriptions = new()
    {
        ["A2A"] = "Assistants as agents of the Agent2Agent protocol.",
        ["AG-UI"] = "Assistants for user interfaces that speak AG-UI.",
        ["Assistants"] = "Graphs with their configuration, in versions.",
        ["Crons"] = "Runs that start by a schedule.",
        ["Feedback"] = "Scores for runs.",
        ["MCP"] = "Assistants as tools of the Model Context Protocol.",
        ["OpenAI"] = "Assistants as models of OpenAI's API.",
        ["Overview"] = "All runs, threads and events of a server, for operators and their pages.",
        ["Stateless Runs"] = "Runs on threads of their own.",
        ["Store"] = "Long-term memory that threads share.",
        ["Suggestions"] = "Suggestions of what the user could say next.",
        ["System"] = "Health and version of the server.",
        ["Thread Events"] = "The second streaming protocol: commands to a thread and its events.",
        ["Thread Runs"] = "Runs on a thread, one at a time.",
        ["Thread State"] = "The state of a thread, its history, and edits of it.",
        ["Threads"] = "Conversations, which keep their state between runs.",
        ["UI"] = "Files of user interfaces that graphs bring along.",
        ["Webhooks"] = "Calls to receivers when runs end.",
    };

    /// <summary>Returns the description of a tag; null if it has none.</summary>
    public static string? Find(string? tag) => tag is null ? null : Descriptions.GetValueOrDefault(tag);
}
