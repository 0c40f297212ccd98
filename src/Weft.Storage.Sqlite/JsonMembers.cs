using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Storage.Sqlite;

/// <summary>Merges JSON objects member by member, not recursively.</summary>
internal static class JsonMembers
{
    public static string Merge(string under, string over) =>
        over == "{}" ? under
        : under == "{}" ? over
        : Encoding.UTF8.GetString(Merge(Encoding.UTF8.GetBytes(under), Encoding.UTF8.GetBytes(over)));

    /// <summary>Returns <paramref name="under"/> with the members of <paramref name="over"/>; as it was when it has them already.</summary>
    public static ReadOnlySpan<byte> Merge(ReadOnlySpan<byte> under, ReadOnlySpan<byte> over)
    {
        // The usual merge is of what a thread's last run has merged already.
        if (over.SequenceEqual("{}"u8) || over.SequenceEqual(under))
        {
            return under;
        }

        var (before, added) = (GraphJson.Parse(under), GraphJson.Parse(over));
        if (before.ValueKind != JsonValueKind.Object || added.ValueKind != JsonValueKind.Object)
        {
            return over;
        }

        return added.EnumerateObject().All(member => before.TryGetProperty(member.Name, out var value) && JsonElement.DeepEquals(value, member.Value))
            ? under
            : GraphJson.Encode((before, added), Write);
    }

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
