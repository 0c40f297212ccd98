using System.ComponentModel;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft_App;

/// <summary>The agent and its tools.</summary>
public static class Agent
{
    private const string SystemPrompt = "You are a helpful assistant. Be brief. Use the tools where they help.";

    /// <summary>Creates the agent.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="clock">The clock of the tool <c>time_in</c>.</param>
    public static CompiledGraph Create(IChatClient model, TimeProvider clock)
    {
        var timeIn = AIFunctionFactory.Create(
            ([Description("A time zone, such as Europe/Oslo.")] string zone) => TimeIn(clock, zone),
            "time_in",
            "Returns the time in a time zone.");
        var sendMail = AIFunctionFactory.Create(SendMail, "send_mail", "Sends an e-mail.");
        return AgentGraph.Create(
            model, [timeIn, sendMail], new AgentGraphOptions { SystemPrompt = SystemPrompt, RequireApproval = ["send_mail"] });
    }

    private static string TimeIn(TimeProvider clock, string zone) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found)
            ? $"{TimeZoneInfo.ConvertTime(clock.GetUtcNow(), found):HH:mm}"
            : $"There is no time zone '{zone}'.";

    // Only after a person has approved the call.
    private static string SendMail(string to, string text) => $"Sent {text.Length} characters to {to}.";
}
