using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage;

/// <summary>Checks threads that are read later than the search that found them.</summary>
internal static class LaterThreads
{
    /// <summary>Whether the actor owns and sees a thread, and it still has the status and the metadata that were searched for.</summary>
    public static bool Matches(ThreadRecord thread, Actor actor, ThreadQuery query) =>
        thread.Owner == actor.Id
        && actor.Sees(thread)
        && (query.Status is not { } status || thread.Status == status)
        && (query.Metadata is null or "{}" || JsonContainment.Contains(Parse(thread.Metadata), Parse(query.Metadata)));

    private static JsonElement Parse(string json) => GraphJson.Parse(Encoding.UTF8.GetBytes(json));
}
