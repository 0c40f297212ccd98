using System.Buffers;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>How a run ended, with what it leaves for those who wait for it.</summary>
public sealed class RunOutcome
{
    internal RunOutcome(RunStatus status, ChannelValues? values, IReadOnlyList<Interrupt>? interrupts, RunFailure? failure)
    {
        Status = status;
        Values = values;
        Interrupts = interrupts;
        Failure = failure;
    }

    /// <summary>The final status.</summary>
    public RunStatus Status { get; }

    /// <summary>The failure, when it failed.</summary>
    public RunFailure? Failure { get; }

    /// <summary>When its last attempt began to execute; null when none did.</summary>
    public DateTimeOffset? StartedAt { get; internal init; }

    /// <summary>Where the end of the run is to be reported: a URL, or a path of this server; null when nowhere.</summary>
    public string? Webhook { get; internal init; }

    private ChannelValues? Values { get; }

    private IReadOnlyList<Interrupt>? Interrupts { get; }

    /// <summary>Writes the last state as a JSON object, with <c>__interrupt__</c> when the run paused; <c>{}</c> when there is no state.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="withInterrupts">Whether <c>__interrupt__</c> is written.</param>
    public void WriteValues(IBufferWriter<byte> output, bool withInterrupts = true)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        WriteValues(writer, withInterrupts);
    }

    /// <inheritdoc cref="WriteValues(IBufferWriter{byte}, bool)"/>
    public void WriteValues(Utf8JsonWriter writer, bool withInterrupts = true)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        Values?.WriteMembers(writer);
        if (withInterrupts && Interrupts is not null)
        {
            writer.WriteStartArray("__interrupt__"u8);
            foreach (var interrupt in Interrupts)
            {
                interrupt.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}

/// <summary>How a run failed.</summary>
/// <param name="Name">The kind of failure: the exception's name without <c>Exception</c>'s namespace, or the protocol's own.</param>
/// <param name="Message">What it says.</param>
public sealed record RunFailure(string Name, string Message)
{
    /// <summary>Describes an exception to a client. What a node threw counts, not how the engine wrapped it.</summary>
    public static RunFailure Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var cause = CauseOf(exception).Cause;
        return new(NameOf(cause), cause.Message);
    }

    /// <summary>As <see cref="Of"/>, without the text of what is not the engine's or the server's own exception.</summary>
    internal static RunFailure WithoutText(Exception exception, RunId runId)
    {
        var cause = CauseOf(exception).Cause;
        return new(NameOf(cause), cause is GraphException or WeftException ? cause.Message : $"The run failed. The server's log has the details under run {runId}.");
    }

    /// <summary>Returns what a node threw and the path of the node, such as <c>outer|inner</c>; null when no node did.</summary>
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

    private static string NameOf(Exception exception) => exception switch
    {
        GraphRecursionException => "GraphRecursionError",
        InvalidUpdateException => "InvalidUpdateError",
        EmptyInputException => "EmptyInputError",
        UnknownInterruptException => "UnknownInterruptError",
        _ => exception.GetType().Name,
    };
}
