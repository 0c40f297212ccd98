using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>
/// The members of an answer's objects that a client asks for with <c>select</c> (docs/protocol/assistants.md B2,
/// docs/protocol/threads.md B3, docs/protocol/state.md B4, docs/protocol/runs.md B6).
/// </summary>
internal sealed class Selection
{
    private const string KeyPrefix = "values.";

    private readonly HashSet<string> _members;

    // Of the values only these, unless they are wanted whole.
    private readonly HashSet<string> _keys;

    private Selection(IReadOnlyList<string> select)
    {
        _members = [.. select.Where(member => !IsKey(member))];
        _keys = _members.Contains("values") ? [] : [.. select.Where(IsKey).Select(member => member[KeyPrefix.Length..])];
    }

    /// <summary>Reads the selection; null means all members.</summary>
    /// <param name="select">The names, of which <c>values.KEY</c> names one of the values.</param>
    /// <param name="field">Where they were given.</param>
    /// <param name="members">The members that may be selected.</param>
    /// <param name="kept">The members that are returned in any case.</param>
    public static Selection? Read(
        IReadOnlyList<string>? select, string field, ReadOnlySpan<string> members, params IReadOnlyList<string> kept)
    {
        foreach (var member in select ?? [])
        {
            if (!members.Contains(member) && !(IsKey(member) && members.Contains("values")))
            {
                throw Requests.Invalid(field, $"'{member}' is none of {string.Join(", ", members)}.");
            }
        }

        return select is null ? null : new Selection([.. select, .. kept]);
    }

    /// <summary>Returns a function that writes the selected part of what <paramref name="write"/> writes.</summary>
    public static Action<Utf8JsonWriter, T> Of<T>(Selection? selection, Action<Utf8JsonWriter, T> write) => selection is null
        ? write
        : (writer, item) => selection.Write(writer, GraphJson.Parse(GraphJson.Encode(item, write)));

    /// <summary>Whether the member is asked for, or a part of it.</summary>
    public bool Wants(string member) => _members.Contains(member) || (member == "values" && _keys.Count > 0);

    private static bool IsKey(string member) => member.StartsWith(KeyPrefix, StringComparison.Ordinal);

    private void Write(Utf8JsonWriter writer, JsonElement whole)
    {
        writer.WriteStartObject();
        foreach (var member in whole.EnumerateObject())
        {
            if (_members.Contains(member.Name) || (Wants(member.Name) && member.Value.ValueKind != JsonValueKind.Object))
            {
                member.WriteTo(writer);
            }
            else if (Wants(member.Name))
            {
                writer.WriteStartObject(member.Name);
                foreach (var value in member.Value.EnumerateObject().Where(value => _keys.Contains(value.Name)))
                {
                    value.WriteTo(writer);
                }

                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
    }
}
