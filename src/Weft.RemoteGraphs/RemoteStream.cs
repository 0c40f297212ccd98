using System.Text.Json;
using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>Passes the events of remote runs on to the stream of this run.</summary>
internal sealed class RemoteStream
{
    private const char Separator = '|';

    private readonly ForeignStream _stream;
    private bool _hasBegun;

    public RemoteStream(ForeignStream stream)
    {
        _stream = stream;
        Modes =
        [
            // One at least, whose events are few: the stream shows when the run ends.
            "updates",
            .. stream.Wants(StreamMode.Values) ? ["values"] : (string[])[],
            .. stream.Wants(StreamMode.MessagesTuple | StreamMode.Messages) ? ["messages-tuple"] : (string[])[],
            .. stream.Wants(StreamMode.Custom) ? ["custom"] : (string[])[],
        ];
    }

    /// <summary>The modes to ask the server for.</summary>
    public IReadOnlyList<string> Modes { get; }

    /// <summary>The name and the text of the last error; null if there was none.</summary>
    public (string? Name, string? Message) Error { get; private set; }

    public void Begin()
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            _stream.EmitPhase(SubgraphPhase.Started);
        }
    }

    public void End(SubgraphPhase phase, Exception? error = null)
    {
        _stream.EndMessages();
        _stream.EmitPhase(phase, error);
    }

    public void Pass(RemoteEvent read)
    {
        var parts = read.Name.Split(Separator, 2);
        var inside = parts.Length > 1 ? parts[1] : "";
        try
        {
            switch (parts[0])
            {
                case "values":
                    _stream.EmitValues(inside, GraphJson.Parse(System.Text.Encoding.UTF8.GetBytes(read.Data)));
                    break;
                case "updates":
                    _stream.EmitUpdates(inside, GraphJson.Parse(System.Text.Encoding.UTF8.GetBytes(read.Data)));
                    break;
                case "messages":
                    _stream.EmitMessage(inside, GraphJson.Parse(System.Text.Encoding.UTF8.GetBytes(read.Data)));
                    break;
                case "custom":
                    _stream.EmitCustom(inside, GraphJson.Parse(System.Text.Encoding.UTF8.GetBytes(read.Data)));
                    break;
                case "error":
                    Error = ReadError(GraphJson.Parse(System.Text.Encoding.UTF8.GetBytes(read.Data)));
                    break;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RemoteGraphException(RemoteGraphFailure.InvalidAnswer, $"An event '{parts[0]}' of the server can't be read.", e);
        }
    }

    private static (string?, string?) ReadError(JsonElement error) => error.ValueKind == JsonValueKind.Object
        ? (TextOf(error, "error") ?? TextOf(error, "name"), TextOf(error, "message"))
        : (null, error.ToString());

    private static string? TextOf(JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
