using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Brings body, headers and route of a request for a run into one normalised request.</summary>
internal static class RunRequestAdapter
{
    private static readonly HashSet<string> SecretHeaders = new(StringComparer.OrdinalIgnoreCase) { "x-api-key", "x-tenant-id", "x-service-key", "x-auth-scheme" };

    public static RunRequest Adapt(Mount mount, ThreadId? threadId, RunCreate body, HttpContext http, bool isBackground) => new()
    {
        ThreadId = threadId,
        Defaults = mount.Defaults,
        IsBackground = isBackground,
        AssistantId = body.AssistantId,
        Input = body.Input,
        Command = body.Command,
        Metadata = body.Metadata,
        Config = WithHeaders(body.Config, http),
        Context = body.Context,
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

    /// <summary>Headers <c>x-*</c> and <c>user-agent</c> become members of <c>configurable</c> that the body does not have (protocol, section A5).</summary>
    private static JsonElement? WithHeaders(JsonElement? config, HttpContext http)
    {
        List<KeyValuePair<string, string>>? headers = null;
        foreach (var (name, value) in http.Request.Headers)
        {
            if ((name.StartsWith("x-", StringComparison.OrdinalIgnoreCase) || name.Equals("user-agent", StringComparison.OrdinalIgnoreCase)) && !SecretHeaders.Contains(name))
            {
                (headers ??= []).Add(new(name.ToLowerInvariant(), value.ToString()));
            }
        }

        if (headers is null || config is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            return config;
        }

        return GraphJson.Parse(GraphJson.Encode((config, headers), static (writer, s) =>
        {
            var given = s.config is { ValueKind: JsonValueKind.Object } body ? body : GraphJson.EmptyObject;
            var configurable = given.TryGetProperty("configurable", out var own) && own.ValueKind == JsonValueKind.Object ? own : GraphJson.EmptyObject;
            writer.WriteStartObject();
            foreach (var member in given.EnumerateObject())
            {
                if (member.Name != "configurable")
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteStartObject("configurable"u8);
            foreach (var member in configurable.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            foreach (var (name, value) in s.headers)
            {
                if (!configurable.TryGetProperty(name, out _))
                {
                    writer.WriteString(name, value);
                }
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }));
    }
}
