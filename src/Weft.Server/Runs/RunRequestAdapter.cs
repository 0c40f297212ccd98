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

        if (headers is null || !TryReadObject(config, out var given) || !TryReadObject(given.TryGetProperty("configurable", out var own) ? own : null, out var configurable))
        {
            // What is no object is refused as it is.
            return config;
        }

        return GraphJson.Parse(GraphJson.Encode((given, configurable, headers), static (writer, s) =>
        {
            var (given, configurable, headers) = s;
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

            foreach (var (name, value) in headers)
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

    /// <summary>Nothing is read as an empty object.</summary>
    private static bool TryReadObject(JsonElement? json, out JsonElement read)
    {
        read = json is { ValueKind: not JsonValueKind.Null } given ? given : GraphJson.EmptyObject;
        return read.ValueKind == JsonValueKind.Object;
    }
}
