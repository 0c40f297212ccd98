using System.Runtime.InteropServices;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>
/// A state as AG-UI shows it: without the conversation, which has events of its own (docs/protocol/agui.md 5). The members are
/// parts of the JSON that all readers of the stream share, and are parsed only where they differ from those before. Immutable.
/// </summary>
internal sealed class AgUiState
{
    private const string MessagesMember = "messages";

    private readonly ReadOnlyMemory<byte> _whole;
    private readonly Dictionary<string, ReadOnlyMemory<byte>>? _members;

    private AgUiState(ReadOnlyMemory<byte> whole, Dictionary<string, ReadOnlyMemory<byte>>? members, ReadOnlyMemory<byte>? messages)
    {
        _whole = whole;
        _members = members;
        Messages = messages;
    }

    /// <summary>The state of a thread that has none.</summary>
    public static AgUiState Empty { get; } = Of("{}"u8.ToArray(), hasConversation: false);

    /// <summary>The conversation, a JSON array; null if the state has none.</summary>
    public ReadOnlyMemory<byte>? Messages { get; }

    /// <summary>Whether a workflow has returned nothing.</summary>
    public bool IsNull => _members is null && _whole.Span.SequenceEqual("null"u8);

    /// <summary>About how many bytes its JSON has.</summary>
    public int Length => _whole.Length - (Messages?.Length ?? 0);

    /// <summary>
    /// Whether states with these channels have a conversation. Another channel <c>messages</c> is a value like any other.
    /// </summary>
    public static bool HasConversation(ChannelSchema schema) =>
        schema.TryFind(MessagesMember, out var channel) && channel is MessagesChannel;

    /// <summary>Reads a state.</summary>
    /// <param name="json">The JSON of a state: an object, or of a workflow any value.</param>
    /// <param name="hasConversation">Whether the member <c>messages</c> is the conversation (<see cref="HasConversation"/>).</param>
    public static AgUiState Of(ReadOnlyMemory<byte> json, bool hasConversation)
    {
        if (json.Span[0] != (byte)'{')
        {
            return new AgUiState(json, null, null);
        }

        var members = new Dictionary<string, ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = Requests.BodyDepthMax });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            members[name] = json[start..(int)reader.BytesConsumed];
        }

        ReadOnlyMemory<byte>? messages = null;
        if (hasConversation && members.TryGetValue(MessagesMember, out var list) && list.Span[0] == (byte)'[')
        {
            members.Remove(MessagesMember);
            messages = list;
        }

        return new AgUiState(json, members, messages);
    }

    /// <summary>Whether the state has a member with this value. A missing one is null.</summary>
    public bool Has(string name, JsonElement value) =>
        _members is not null && _members.TryGetValue(name, out var own)
            ? own.Span.SequenceEqual(JsonMarshal.GetRawUtf8Value(value)) || JsonElement.DeepEquals(GraphJson.Parse(own.Span), value)
            : value.ValueKind == JsonValueKind.Null;

    public void WriteTo(Utf8JsonWriter writer)
    {
        if (_members is null)
        {
            writer.WriteRawValue(_whole.Span, skipInputValidation: true);
            return;
        }

        writer.WriteStartObject();
        foreach (var (name, value) in _members)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    /// <summary>Adds the operations that turn the state before this one into this one.</summary>
    public void Compare(AgUiState before, JsonPatch patch)
    {
        if (_members is null || before._members is null)
        {
            if (!_whole.Span.SequenceEqual(before._whole.Span))
            {
                patch.Replace("", GraphJson.Parse(GraphJson.Encode(this, static (writer, state) => state.WriteTo(writer))));
            }

            return;
        }

        foreach (var name in before._members.Keys.Where(name => !_members.ContainsKey(name)))
        {
            patch.Remove(JsonPatch.Join("", name));
        }

        foreach (var (name, value) in _members)
        {
            var path = JsonPatch.Join("", name);
            if (!before._members.TryGetValue(name, out var known))
            {
                patch.Add(path, GraphJson.Parse(value.Span));
            }
            else if (!value.Span.SequenceEqual(known.Span))
            {
                patch.Compare(path, GraphJson.Parse(known.Span), GraphJson.Parse(value.Span));
            }
        }
    }
}
