using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A change of a thread's metadata. It applies only if the metadata is still what it was when the caller read it.</summary>
/// <param name="From">The JSON object that was read.</param>
/// <param name="To">The JSON object that replaces it.</param>
public sealed record MetadataChange(string From, string To)
{
    /// <summary>Merges members into metadata, one by one and not recursively; null when the metadata has them already.</summary>
    /// <param name="metadata">The JSON object that was read.</param>
    /// <param name="members">A JSON object with the members to set.</param>
    internal static MetadataChange? Merge(string metadata, string members)
    {
        // The usual merge is of members that the last run of the thread has merged already.
        if (members == "{}" || members == metadata)
        {
            return null;
        }

        var (before, added) = (Parse(metadata), Parse(members));
        return added.EnumerateObject().All(
            member => before.TryGetProperty(member.Name, out var value) && JsonElement.DeepEquals(value, member.Value))
            ? null
            : new MetadataChange(metadata, Encoding.UTF8.GetString(GraphJson.Encode((before, added), Write)));
    }

    /// <summary>Merges members as <see cref="Merge(string, string)"/>, and what the actor's scope stamps on what it changes.</summary>
    internal static MetadataChange? Merge(string metadata, string members, Actor actor)
    {
        var merged = Merge(metadata, members)?.To ?? metadata;
        var stamped = actor.Stamped(merged);
        return stamped == metadata ? null : new MetadataChange(metadata, stamped);
    }

    private static JsonElement Parse(string json) => GraphJson.Parse(Encoding.UTF8.GetBytes(json));

    private static void Write(Utf8JsonWriter writer, (JsonElement Before, JsonElement Added) objects)
    {
        writer.WriteStartObject();
        foreach (var member in objects.Before.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            (objects.Added.TryGetProperty(member.Name, out var value) ? value : member.Value).WriteTo(writer);
        }

        foreach (var member in objects.Added.EnumerateObject())
        {
            if (!objects.Before.TryGetProperty(member.Name, out _))
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
