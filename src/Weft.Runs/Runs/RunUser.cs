using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The members of <c>configurable</c> that say who started a run, as graphs that were written for the platform expect them
/// (docs/protocol/README.md A11). Names and permissions are stored with the headers of the run, which clients are not shown.
/// </summary>
internal static class RunUser
{
    private const string User = "langgraph_auth_user";

    private static readonly JsonElement NoPermissions = GraphJson.Parse("[]"u8);

    /// <summary>Returns the headers of a run with the name and the permissions of the actor.</summary>
    public static JsonElement AddTo(JsonElement? headers, Actor actor) =>
        GraphJson.Parse(GraphJson.Encode((headers, actor), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var header in s.headers?.EnumerateObject() ?? default)
            {
                header.WriteTo(writer);
            }

            writer.WriteStartObject(User);
            if (s.actor.DisplayName is { } name)
            {
                writer.WriteString("display_name"u8, name);
            }

            writer.WriteStartArray("permissions"u8);
            foreach (var permission in s.actor.Permissions)
            {
                writer.WriteStringValue(permission);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }));

    /// <summary>Whether a member of a run's headers is not a header, but says who started the run.</summary>
    public static bool IsOfUser(JsonProperty member) => member.NameEquals(User);

    /// <summary>Writes the members of a run.</summary>
    public static void Write(Utf8JsonWriter writer, string owner, JsonElement? headers)
    {
        var stored = headers is { } given && given.TryGetProperty(User, out var user) ? user : default;
        var permissions = stored.ValueKind == JsonValueKind.Object ? stored.GetProperty("permissions") : NoPermissions;
        writer.WriteStartObject(User);
        writer.WriteString("identity"u8, owner);
        writer.WriteString(
            "display_name"u8,
            stored.ValueKind == JsonValueKind.Object && stored.TryGetProperty("display_name", out var name) ? name.GetString() : owner);
        writer.WriteBoolean("is_authenticated"u8, true);
        writer.WritePropertyName("permissions"u8);
        permissions.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteString("langgraph_auth_user_id"u8, owner);
        writer.WritePropertyName("langgraph_auth_permissions"u8);
        permissions.WriteTo(writer);
    }
}
