using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Makes specifications of runs from requests of OpenAI's API (docs/protocol/openai.md 3).</summary>
internal sealed class OpenAiSpecs(RunSpecBuilder specs, ChatModels models)
{
    /// <summary>The member of a run's <c>config</c> that has what the response repeats of its request.</summary>
    public const string EchoMember = "openai";

    // The text of messages, their blocks, and questions.
    private static readonly string[] StreamModes = ["messages-tuple", "message-blocks", "updates"];

    /// <exception cref="WeftException">The model does not exist, or a member is wrong.</exception>
    public async Task<RunSpec> SpecOfAsync(HttpContext http, OpenAiTurn turn)
    {
        var model = turn.Model ?? throw Requests.Invalid("model", "It is required, the id of an assistant.");
        var assistant = await models.GetAsync(Requests.ActorOf(http), model, http.RequestAborted);
        SettingsCheck.Check(turn.Settings);
        var body = new RunCreate
        {
            AssistantId = assistant.AssistantId.ToString(),
            Input = turn.Command is null ? InputOf(turn.Messages) : null,
            Command = turn.Command,
            CheckpointId = turn.CheckpointId,
            Metadata = MetadataOf(turn),
            Config = ConfigOf(turn),
            IfNotExists = "create",
            StreamResumable = turn.IsBackground,
            OnDisconnect = turn.IsBackground ? "continue" : "cancel",
            OnCompletion = turn.KeepsThread ? "keep" : "delete",
        };
        try
        {
            return specs.Build(body, turn.ThreadId, http.Request.Headers, turn.IsBackground) with
            {
                StreamModes = StreamModes,
                RecordsAllModes = false,
            };
        }
        catch (WeftException e) when (e.Field == "config")
        {
            throw Requests.Invalid("tools", $"With the other settings of the model: {e.Message}");
        }
    }

    /// <summary>Returns what the response of a run repeats of its request; null if the run was not made by this API.</summary>
    public static JsonElement? EchoOf(RunRecord run) =>
        GraphJson.Parse(run.Kwargs.Span).TryGetProperty("config"u8, out var config) && config.ValueKind == JsonValueKind.Object
        && config.TryGetProperty(EchoMember, out var echo) && ResponseEcho.IsValid(echo) ? echo : null;

    private static JsonElement InputOf(IReadOnlyList<InputMessage> messages) =>
        GraphJson.Parse(GraphJson.Encode(messages, static (writer, messages) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("messages"u8);
            foreach (var message in messages)
            {
                message.Json.WriteTo(writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }));

    private static JsonElement? MetadataOf(OpenAiTurn turn)
    {
        if (turn.Metadata is { ValueKind: not JsonValueKind.Object })
        {
            throw Requests.Invalid("metadata", "It must be an object.");
        }

        return turn.User is null ? turn.Metadata : GraphJson.Parse(GraphJson.Encode(turn, static (writer, turn) =>
        {
            writer.WriteStartObject();
            foreach (var member in turn.Metadata?.EnumerateObject() ?? default)
            {
                if (member.Name != "user")
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteString("user"u8, turn.User);
            writer.WriteEndObject();
        }));
    }

    private static JsonElement ConfigOf(OpenAiTurn turn) => GraphJson.Parse(GraphJson.Encode(turn, static (writer, turn) =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("configurable"u8);
        JsonSerializer.Serialize(writer, turn.Settings, OpenAiJsonContext.Default.ModelSettings);
        if (turn.Echo is { } echo)
        {
            writer.WritePropertyName(EchoMember);
            echo.WriteTo(writer);
        }

        writer.WriteEndObject();
    }));
}
