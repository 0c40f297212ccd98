using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage;

/// <summary>Checks crons that are read later than the search that found them.</summary>
internal static class LaterCrons
{
    /// <summary>Whether the actor owns and sees a cron, and it still meets the conditions that were searched for.</summary>
    public static bool Matches(CronRecord cron, Actor actor, CronQuery query) =>
        cron.Owner == actor.Id
        && actor.Sees(cron)
        && (query.AssistantId is not { } assistantId || cron.AssistantId == assistantId)
        && (query.ThreadId is not { } threadId || cron.ThreadId == threadId)
        && (query.IsEnabled is not { } isEnabled || cron.IsEnabled == isEnabled)
        && (query.Metadata is null or "{}" || JsonContainment.Contains(Parse(cron.Metadata), Parse(query.Metadata)));

    private static JsonElement Parse(string json) => GraphJson.Parse(Encoding.UTF8.GetBytes(json));
}
