using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// An actor as JSON, without its id: what the runs of a cron may see, and the permissions that they know of. A filter is a
/// list of alternatives, each a list of conditions such as <c>{"owner":{"$eq":"ada"}}</c>.
/// </summary>
internal static class ActorJson
{
    /// <summary>Returns the JSON of an actor for the runs that a cron creates; null if it may see all that it owns.</summary>
    public static string? OfRuns(Actor actor)
    {
        var scope = actor.Scope?.OfRuns;
        return scope is null && actor is { DisplayName: null, Permissions.Count: 0 }
            ? null
            : GraphJson.Parse(GraphJson.Encode((actor, scope), static (writer, s) => Write(writer, s.actor, s.scope))).GetRawText();
    }

    /// <summary>Returns the JSON of an actor, as far as it matters to the creation of a run; null if it may see all that it owns.</summary>
    public static string? Of(Actor actor) => actor is { Scope: null, DisplayName: null, Permissions.Count: 0 }
        ? null
        : GraphJson.Parse(GraphJson.Encode(actor, static (writer, actor) => Write(writer, actor, actor.Scope))).GetRawText();

    /// <summary>Returns the actor with this id.</summary>
    public static Actor Read(string id, string? json)
    {
        if (json is null)
        {
            return new Actor(id);
        }

        var given = JsonElement.Parse(json);
        return new Actor(id)
        {
            DisplayName = given.TryGetProperty("name", out var name) ? name.GetString() : null,
            Permissions = [.. given.GetProperty("permissions").EnumerateArray().Select(static permission => permission.GetString()!)],
            Scope = given.TryGetProperty("scope", out var scope) ? ReadScope(scope) : null,
        };
    }

    private static void Write(Utf8JsonWriter writer, Actor actor, ActorScope? scope)
    {
        writer.WriteStartObject();
        if (actor.DisplayName is { } name)
        {
            writer.WriteString("name"u8, name);
        }

        writer.WriteStartArray("permissions"u8);
        foreach (var permission in actor.Permissions)
        {
            writer.WriteStringValue(permission);
        }

        writer.WriteEndArray();
        if (scope is not null)
        {
            writer.WriteStartObject("scope"u8);
            Write(writer, "threads", scope.Threads);
            Write(writer, "assistants", scope.Assistants);
            writer.WriteBoolean("graphs"u8, scope.SeesGraphs);
            writer.WritePropertyName("members"u8);
            scope.Stamp.Members.WriteTo(writer);
            Write(writer, "stamp", scope.Stamp.Filter);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static ActorScope ReadScope(JsonElement json) => new()
    {
        Threads = ReadFilter(json.GetProperty("threads")),
        Assistants = ReadFilter(json.GetProperty("assistants")),
        SeesGraphs = json.GetProperty("graphs").GetBoolean(),
        Stamp = new MetadataStamp(json.GetProperty("members"), ReadFilter(json.GetProperty("stamp"))),
    };

    private static void Write(Utf8JsonWriter writer, string name, MetadataFilter filter)
    {
        writer.WriteStartArray(name);
        foreach (var conditions in filter.Alternatives)
        {
            // A member may have several conditions, so each is an object.
            writer.WriteStartArray();
            foreach (var condition in conditions)
            {
                writer.WriteStartObject();
                writer.WriteStartObject(condition.Member);
                writer.WriteString(condition.IsInList ? "$contains"u8 : "$eq"u8, condition.Value);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static MetadataFilter ReadFilter(JsonElement json) => MetadataFilter.AnyOf(
        json.EnumerateArray().Select(static all => all.EnumerateArray().Select(static one =>
        {
            var member = one.EnumerateObject().First();
            var test = member.Value.EnumerateObject().First();
            return new MetadataCondition(member.Name, test.Value.GetString()!, IsInList: test.NameEquals("$contains"u8));
        })));
}
