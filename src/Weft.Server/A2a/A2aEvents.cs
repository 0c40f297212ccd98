using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Weft.Server;

/// <summary>Writes what a run does as the events of a task, each of them a response of JSON-RPC.</summary>
internal sealed class A2aEvents(PipeWriter output, JsonRpcCall call, A2aDialect dialect, A2aTask task) : IReplyWriter
{
    private readonly HashSet<string> _begun = [];

    /// <summary>Whether the run has said something.</summary>
    public bool HasText => _begun.Count > 0;

    public void WriteTask(A2aTask current) => Write(current, dialect.WriteAnswer);

    public void WriteStatus(A2aTask current) => Write(current, dialect.WriteStatusUpdate);

    /// <summary>Writes an artifact that is complete.</summary>
    public void WriteArtifact(A2aArtifact artifact) => Write(
        (dialect, task, artifact), static (writer, s) => s.dialect.WriteArtifactUpdate(writer, s.task, s.artifact, append: false, isLast: true));

    /// <summary>Writes that the rest is missing.</summary>
    public void WriteError(string message)
    {
        Begin();
        using (var writer = new Utf8JsonWriter(output, JsonResponse.WriterOptions))
        {
            JsonRpcErrors.Write(writer, call, JsonRpcErrors.InternalError, message, null);
        }

        output.Write("\n\n"u8);
    }

    /// <summary>Reasoning is not part of what a task returns.</summary>
    public void WriteReasoning(ReplyMessage message, ReadOnlySpan<byte> json)
    {
    }

    public void WriteText(ReplyMessage message, ReadOnlySpan<byte> json) =>
        WriteChunk(message, json.ToArray(), append: !_begun.Add(message.Id), isLast: false);

    public void Finish(ReplyMessage message)
    {
        if (_begun.Contains(message.Id))
        {
            WriteChunk(message, "\"\""u8.ToArray(), append: true, isLast: true);
        }
    }

    private void WriteChunk(ReplyMessage message, byte[] text, bool append, bool isLast)
    {
        var artifact = new A2aArtifact(message.Id, "message", [A2aPart.OfJson(text)]);
        Write(
            (dialect, task, artifact, append, isLast),
            static (writer, s) => s.dialect.WriteArtifactUpdate(writer, s.task, s.artifact, s.append, s.isLast));
    }

    private void Write<TState>(TState state, Action<Utf8JsonWriter, TState> writeResult)
    {
        Begin();
        using (var writer = new Utf8JsonWriter(output, JsonResponse.WriterOptions))
        {
            call.WriteResult(writer, state, writeResult);
        }

        output.Write("\n\n"u8);
    }

    private void Begin() => output.Write("data: "u8);
}
