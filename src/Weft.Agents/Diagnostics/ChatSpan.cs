using System.Diagnostics;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Agents;

/// <summary>
/// The span of one call of a model, for clients that have no span of their own. It has names, ids and counts of tokens,
/// but no content.
/// </summary>
internal sealed class ChatSpan : IDisposable
{
    private readonly Activity _activity;
    private string? _responseId;
    private string? _model;
    private string? _finishReason;
    private UsageDetails? _usage;

    private ChatSpan(Activity activity) => _activity = activity;

    /// <summary>
    /// Starts the span; <see langword="null"/> if nobody wants it, or if a client around this one has started one for
    /// the call.
    /// </summary>
    public static ChatSpan? Start(NodeContext context, ModelInfo model)
    {
        if (!Tracing.IsObserved || Activity.Current?.GetTagItem(Attributes.Operation) is Spans.Chat)
        {
            return null;
        }

        var activity = Tracing.Start(
            Spans.Chat,
            model.Name,
            ActivityKind.Client,
            new(Attributes.Operation, Spans.Chat),
            new(Attributes.Provider, model.Provider),
            new(Attributes.RequestModel, model.Name));
        activity?.SetTag(Attributes.Conversation, context.ThreadId.Length > 0 ? context.ThreadId : null);
        return activity is null ? null : new ChatSpan(activity);
    }

    /// <summary>
    /// Makes the span the current one again, because a stream is read on its reader's flow of execution, where it is
    /// not current.
    /// </summary>
    public void Enter() => Activity.Current = _activity;

    public void Add(ChatResponseUpdate update)
    {
        _responseId = update.ResponseId ?? _responseId;
        _model = update.ModelId ?? _model;
        _finishReason = update.FinishReason?.Value ?? _finishReason;
        foreach (var content in update.Contents)
        {
            if (content is UsageContent { Details: { } details })
            {
                (_usage ??= new UsageDetails()).Add(details);
            }
        }
    }

    public void Add(ChatResponse response)
    {
        (_responseId, _model, _finishReason, _usage) =
            (response.ResponseId, response.ModelId, response.FinishReason?.Value, response.Usage);
    }

    public void Fail(Exception error) => _activity.Fail(error);

    public void Dispose()
    {
        _activity.SetTag(Attributes.ResponseId, _responseId);
        _activity.SetTag(Attributes.ResponseModel, _model);
        _activity.SetTag(Attributes.FinishReasons, _finishReason is { } reason ? new[] { reason } : null);
        _activity.SetTag(Attributes.InputTokens, _usage?.InputTokenCount);
        _activity.SetTag(Attributes.OutputTokens, _usage?.OutputTokenCount);
        _activity.Dispose();
    }
}
