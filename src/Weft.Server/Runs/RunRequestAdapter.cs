using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Combines body, headers and route of a request for a run into one normalised request.</summary>
internal static class RunRequestAdapter
{
    public static RunRequest Adapt(
        Mount mount, ServerContext context, ThreadId? threadId, RunCreate body, IHeaderDictionary headers, bool isBackground) =>
        new()
        {
            ThreadId = threadId,
            Defaults = mount.Defaults,
            IsBackground = isBackground,
            AssistantId = body.AssistantId,
            Input = body.Input,
            Command = body.Command,
            Metadata = body.Metadata,
            Config = HeadersOfRun.WithoutThem(
                mount.IsContract ? ContractConfiguration.Complete(body, context.Assistants) : body.Config,
                headers,
                context.Options.ConfigurableHeaders),
            Headers = HeadersOfRun.Read(headers, context.Options.ConfigurableHeaders),
            Context = mount.IsContract ? ContractConfiguration.ContextOf(body) : body.Context,
            Webhook = body.Webhook,
            CheckpointId = body.CheckpointId,
            Checkpoint = body.Checkpoint,
            InterruptBefore = body.InterruptBefore,
            InterruptAfter = body.InterruptAfter,
            StreamMode = body.StreamMode,
            StreamSubgraphs = body.StreamSubgraphs,
            StreamResumable = body.StreamResumable,
            OnDisconnect = body.OnDisconnect,
            OnCompletion = body.OnCompletion,
            MultitaskStrategy = body.MultitaskStrategy,
            IfNotExists = body.IfNotExists,
            AfterSeconds = body.AfterSeconds,
            Durability = body.Durability,
            CheckpointDuring = body.CheckpointDuring,
            StrictResume = body.StrictResume,
            FeedbackKeys = body.FeedbackKeys,
            FollowUpToRunId = body.FollowUpToRunId,
        };
}
