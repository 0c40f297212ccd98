using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The end of a run, with its results for callers that wait for it.</summary>
public sealed class RunOutcome
{
    private static readonly JsonWriterOptions WriterOptions =
        new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal RunOutcome(RunStatus status, ChannelValues? values, IReadOnlyList<Interrupt>? interrupts, RunFailure? failure)
    {
        Status = status;
        Values = values;
        Interrupts = interrupts;
        Failure = failure;
    }

    /// <summary>An outcome whose values are JSON already, as <see cref="WriteValues(IBufferWriter{byte}, bool)"/> writes them.</summary>
    internal RunOutcome(RunStatus status, ReadOnlyMemory<byte> values, RunFailure? failure)
    {
        Status = status;
        Written = values;
        Failure = failure;
    }

    /// <summary>The final status.</summary>
    public RunStatus Status { get; }

    /// <summary>The failure; null if the run did not fail.</summary>
    public RunFailure? Failure { get; }

    /// <summary>The time when its last attempt started to execute; null if no attempt did.</summary>
    public DateTimeOffset? StartedAt { get; internal init; }

    internal ChannelValues? Values { get; }

    private IReadOnlyList<Interrupt>? Interrupts { get; }

    private ReadOnlyMemory<byte>? Written { get; }

    internal RunOutcome WithoutValues() => new(Status, null, null, Failure) { StartedAt = StartedAt };

    /// <summary>
    /// Writes the last state as a JSON object; <c>{}</c> if there is no state. If the run paused, the object has
    /// <c>__interrupt__</c>.
    /// </summary>
    /// <param name="output">The target.</param>
    /// <param name="withInterrupts">Whether to write <c>__interrupt__</c>.</param>
    public void WriteValues(IBufferWriter<byte> output, bool withInterrupts = true)
    {
        using var writer = new Utf8JsonWriter(output, WriterOptions);
        WriteValues(writer, withInterrupts);
    }

    /// <inheritdoc cref="WriteValues(IBufferWriter{byte}, bool)"/>
    public void WriteValues(Utf8JsonWriter writer, bool withInterrupts = true)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (Written is { } written)
        {
            if (withInterrupts)
            {
                writer.WriteRawValue(written.Span, skipInputValidation: true);
            }
            else
            {
                WriteWithoutInterrupts(written, writer);
            }

            return;
        }

        writer.WriteStartObject();
        Values?.WriteMembers(writer);
        if (withInterrupts && Interrupts is not null)
        {
            writer.WritePropertyName("__interrupt__"u8);
            Interrupt.WriteAll(writer, Interrupts);
        }

        writer.WriteEndObject();
    }

    private static void WriteWithoutInterrupts(ReadOnlyMemory<byte> written, Utf8JsonWriter writer)
    {
        using var values = JsonDocument.Parse(written);
        writer.WriteStartObject();
        foreach (var member in values.RootElement.EnumerateObject())
        {
            if (!member.NameEquals("__interrupt__"u8))
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}

/// <summary>The failure of a run.</summary>
/// <param name="Name">The kind of failure: the name of the exception type, or the protocol's name for it.</param>
/// <param name="Message">The message.</param>
public sealed record RunFailure(string Name, string Message)
{
    /// <summary>The ids of interrupts that a strict resume named and that are not pending; null for other failures.</summary>
    public IReadOnlyList<string>? UnknownInterruptIds { get; init; }

    /// <summary>The ids of the interrupts that are pending, if <see cref="UnknownInterruptIds"/> is not null.</summary>
    public IReadOnlyList<string>? PendingInterruptIds { get; init; }

    /// <summary>
    /// Describes an exception for a client. The exception that a node threw is described without the exceptions that wrap it.
    /// </summary>
    public static RunFailure Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var cause = CauseOf(exception).Cause;
        return New(cause, cause.Message);
    }

    /// <summary>
    /// Describes an exception as <see cref="Of"/> does, but shows the message only of the engine's and the server's own
    /// exceptions.
    /// </summary>
    internal static RunFailure WithoutText(Exception exception, RunId runId)
    {
        var cause = CauseOf(exception).Cause;
        var message = cause is GraphException or WeftException
            ? cause.Message
            : $"The run failed. The server's log has the details under run {runId}.";
        return New(cause, message);
    }

    /// <summary>
    /// Returns the exception that a node threw and the path of the node, such as <c>outer|inner</c>. The path is null if the
    /// exception comes from no node.
    /// </summary>
    internal static (Exception Cause, string? Node) CauseOf(Exception exception)
    {
        string? node = null;
        while (exception is NodeFailedException { InnerException: { } inner } failed)
        {
            node = node is null ? failed.Node : $"{node}|{failed.Node}";
            exception = inner;
        }

        return (exception, node);
    }

    private static RunFailure New(Exception cause, string message)
    {
        var unknown = cause as UnknownInterruptException;
        return new RunFailure(ErrorNames.Of(cause), message)
        {
            UnknownInterruptIds = unknown?.InterruptIds,
            PendingInterruptIds = unknown?.PendingIds,
        };
    }
}
