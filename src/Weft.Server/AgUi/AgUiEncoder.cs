using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Encodes the parts of one run as events of AG-UI (docs/protocol/agui.md 5 to 8). What begins also ends before the run does, as
/// clients require. Not safe for concurrent use.
/// </summary>
/// <param name="frames">The target.</param>
/// <param name="input">The request.</param>
/// <param name="hasConversation">Whether the graph has a conversation (<see cref="AgUiState.HasConversation"/>).</param>
internal sealed class AgUiEncoder(AgUiFrames frames, RunAgentInput input, bool hasConversation)
{
    private const string ProtocolVersion = "1.0";

    private readonly AgUiMessageEvents _messages = new(frames);
    private readonly AgUiStateEvents _states = new(frames);
    private readonly AgUiUsage _usage = new();
    private readonly AgUiSteps _steps = new(frames);
    private IReadOnlyList<Interrupt> _interrupts = [];

    /// <summary>Whether the last event was written.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the newest state may be among the events that the reader was too slow for.</summary>
    public bool MissesState { get; private set; }

    /// <summary>Clients that declare a version know all outcomes of a run.</summary>
    private bool KnowsOutcomes => input.ProtocolVersion is not null;

    /// <summary>Writes the start of the run.</summary>
    public void Start() => frames.Write("RUN_STARTED", input, static (writer, input) =>
    {
        WriteIds(writer, input);
        if (input.ParentRunId is { } parent)
        {
            writer.WriteString("parentRunId"u8, parent);
        }

        if (input.ProtocolVersion is not null)
        {
            writer.WriteString("protocolVersion"u8, ProtocolVersion);
        }
    });

    /// <summary>Writes the events of a part, if it has any. A value that is not valid JSON has none.</summary>
    public void Write(StreamPart part)
    {
        switch (part)
        {
            case MessageChunkPart { IsText: true, Message.BlockIndex: >= 0 } piece:
                _messages.Write(piece);
                break;
            case MessageChunkPart { Message.IsWhole: true } whole:
                _messages.WriteResult(whole);
                break;
            case MessageStartPart start:
                _messages.Write(start);
                break;
            case MessageBlockPart block:
                _messages.Write(block);
                break;
            case MessageFinishPart finish:
                _messages.End(finish.Message.Id);
                Count(finish);
                break;
            case MessageErrorPart error:
                _messages.End(error.Message.Id);
                break;
            case TaskStartPart { Namespace: "" } start:
                _steps.Start(start.Node);
                break;
            case TaskResultPart { Namespace: "" } result:
                _steps.End(result.Node);
                break;
            case CustomPart custom when IsJson(custom):
                frames.Write("CUSTOM", custom, static (writer, custom) =>
                {
                    writer.WriteString("name"u8, custom.Channel ?? "custom");
                    writer.WritePropertyName("value"u8);
                    writer.WriteRawValue(custom.Value.Utf8.Span, skipInputValidation: true);
                });
                break;
            case ValuesPart { Namespace: "" } values when IsJson(values):
                // The superstep is over, also for nodes that had their results before.
                _steps.EndAll();
                Show(AgUiState.Of(values.State.Utf8, hasConversation), values.Interrupts ?? []);
                break;
            case RunEndPart end:
                End(end);
                break;
        }
    }

    /// <summary>Shows a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="interrupts">The questions, if the run pauses here.</param>
    public void Show(AgUiState state, IReadOnlyList<Interrupt> interrupts)
    {
        MissesState = false;
        _states.Show(state);
        _interrupts = interrupts;
    }

    /// <summary>Ends a run that did nothing, because the thread waits for answers.</summary>
    /// <param name="state">The state of the thread.</param>
    /// <param name="interrupts">The questions.</param>
    /// <param name="withMessages">Whether the conversation replaces that of the client.</param>
    public void Ask(AgUiState state, IReadOnlyList<Interrupt> interrupts, bool withMessages)
    {
        _states.Set(state);
        _interrupts = interrupts;
        Finish(withMessages);
    }

    /// <summary>
    /// Reports that the reader was too slow for some events. Messages that had begun end, and the last snapshots complete them.
    /// </summary>
    public void Gap(long missed)
    {
        MissesState = true;
        _messages.EndAll();
        frames.Write("CUSTOM", missed, static (writer, missed) =>
        {
            writer.WriteString("name"u8, "gap"u8);
            writer.WriteStartObject("value"u8);
            writer.WriteNumber("missed"u8, missed);
            writer.WriteEndObject();
        });
    }

    /// <summary>Ends a run that failed, or that the client can't follow further.</summary>
    public void Fail(string message, string? code)
    {
        HasEnded = true;
        _messages.EndAll();
        _steps.EndAll();
        frames.Write("RUN_ERROR", (message, code), static (writer, s) =>
        {
            writer.WriteString("message"u8, s.message);
            if (s.code is not null)
            {
                writer.WriteString("code"u8, s.code);
            }
        });
    }

    private static bool IsJson(StreamPart part)
    {
        try
        {
            part.EncodeValues();
            return true;
        }
        catch (Exception)
        {
            // The code of a value's type may throw any exception.
            return false;
        }
    }

    private static void WriteIds(Utf8JsonWriter writer, RunAgentInput input)
    {
        writer.WriteString("threadId"u8, input.ThreadId);
        writer.WriteString("runId"u8, input.RunId);
    }

    private void End(RunEndPart end)
    {
        HasEnded = true;
        _messages.EndAll();
        _steps.EndAll();
        switch (end.Status)
        {
            case RunStatus.Success:
                Finish(withMessages: true);
                break;
            case RunStatus.Error or RunStatus.Timeout:
                Fail(end.Failure?.Message ?? "The run failed.", end.Failure?.Name);
                break;
            case var _ when KnowsOutcomes:
                frames.Write("RUN_FINISHED", input, static (writer, input) =>
                {
                    WriteIds(writer, input);
                    writer.WriteStartObject("outcome"u8);
                    writer.WriteString("type"u8, "cancelled"u8);
                    writer.WriteEndObject();
                });
                break;
            default:
                Fail("The run was cancelled.", "cancelled");
                break;
        }
    }

    private void Finish(bool withMessages)
    {
        _states.Finish(withMessages);
        foreach (var interrupt in _interrupts)
        {
            frames.Write("CUSTOM", interrupt, static (writer, interrupt) =>
            {
                writer.WriteString("name"u8, "on_interrupt"u8);
                writer.WriteString("value"u8, QuestionText.Of(interrupt));
            });
        }

        frames.Write("RUN_FINISHED", this, static (writer, run) => run.WriteFinished(writer));
    }

    private void WriteFinished(Utf8JsonWriter writer)
    {
        WriteIds(writer, input);
        if (_interrupts.Count == 0)
        {
            _states.WriteResult(writer);
        }
        else if (KnowsOutcomes)
        {
            writer.WriteStartObject("outcome"u8);
            writer.WriteString("type"u8, "interrupt"u8);
            writer.WriteStartArray("interrupts"u8);
            foreach (var interrupt in _interrupts)
            {
                AgUiInterrupts.Write(writer, interrupt);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        if (!_usage.IsEmpty)
        {
            writer.WritePropertyName("usage"u8);
            _usage.WriteTo(writer);
        }
    }

    private void Count(MessageFinishPart finish)
    {
        if (finish.Usage is { } usage)
        {
            _usage.Add(finish.Message.Source.Model, GraphJson.Parse(usage.Utf8.Span));
        }
    }
}
