using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The commands that start runs (docs/protocol/v2.md 3).</summary>
internal sealed class RunCommands(RunSpecBuilder specs, RunsFacade runs)
{
    private static readonly JsonElement StreamModes = GraphJson.Parse(
        """["values","updates","messages-tuple","tools","custom","tasks","checkpoints"]"""u8);

    // The command does not name the assistant.
    private static readonly (string OfBody, string OfCommand) OfLastRun = ("assistant_id", "");

    public async Task<Action<Utf8JsonWriter>?> StartAsync(CommandCall call, CommandParams given)
    {
        var input = given.Any("input");
        var config = given.Object("config");
        var command = IsCommand(input) ? input : null;
        var strategy = given.Any("multitask_strategy") is null ? "multitaskStrategy" : "multitask_strategy";
        var names = new MemberNames(("command", "input"), ("multitask_strategy", strategy));
        var run = await CreateAsync(call, names, Forks(config) ? QuestionRule.None : QuestionRule.InputMayAnswer, new RunCreate
        {
            AssistantId = given.RequiredText("assistant_id"),
            Input = command is null ? input : null,
            Command = command,
            Config = config,
            Metadata = given.Object("metadata"),
            MultitaskStrategy = given.Text(strategy),
            IfNotExists = "create",
        });
        return writer => writer.WriteString("run_id"u8, run.RunId.Value);
    }

    public async Task<Action<Utf8JsonWriter>?> RespondAsync(CommandCall call, CommandParams given)
    {
        var strict = given.Flag("strict_resume");
        var answers = ReadAnswers(given);
        var last = await LastRunAsync(call);
        var command = CommandOf(writer =>
        {
            writer.WriteStartObject("resume"u8);
            foreach (var (id, answer) in answers)
            {
                writer.WritePropertyName(id);
                answer.WriteTo(writer);
            }

            writer.WriteEndObject();
            WriteMember(writer, "update", given.Any("update"));
            WriteMember(writer, "goto", given.Any("goto"));
        });
        var rule = strict ? QuestionRule.None : QuestionRule.AnswersOpen;
        await CreateAsync(call, new MemberNames(("command", ""), OfLastRun), rule, new RunCreate
        {
            AssistantId = last.AssistantId.ToString(),
            Command = command,
            Config = given.Object("config"),
            Metadata = given.Object("metadata"),
            StrictResume = strict,
        });
        return null;
    }

    public async Task<Action<Utf8JsonWriter>?> InjectAsync(CommandCall call, CommandParams given)
    {
        if (given.Namespace().Length > 0)
        {
            throw new CommandException(CommandErrors.NotSupported, "params.namespace: A message can be added to the root graph only.");
        }

        var message = new CommandParams(given.Object("message") ?? throw given.Wrong("message", "an object"), "params.message");
        var role = message.RequiredText("role");
        if (role is not ("user" or "system"))
        {
            throw message.Wrong("role", "'user' or 'system'");
        }

        if (message.Any("content") is not { ValueKind: JsonValueKind.String or JsonValueKind.Array })
        {
            throw message.Wrong("content", "a string or a list of content blocks");
        }

        _ = message.Text("name");
        var last = await LastRunAsync(call);
        await CreateAsync(call, new MemberNames(("input", "message"), OfLastRun), QuestionRule.NeedsNone, new RunCreate
        {
            AssistantId = last.AssistantId.ToString(),
            Input = GraphJson.Parse(GraphJson.Encode(message.Json, static (writer, message) =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("messages"u8);
                message.WriteTo(writer);
                writer.WriteEndArray();
                writer.WriteEndObject();
            })),
        });
        return null;
    }

    public async Task<Action<Utf8JsonWriter>?> ForkAsync(CommandCall call, CommandParams given)
    {
        var checkpointId = given.RequiredText("checkpoint_id");
        var last = await LastRunAsync(call);
        var run = await CreateAsync(call, new MemberNames(OfLastRun), QuestionRule.None, new RunCreate
        {
            AssistantId = last.AssistantId.ToString(),
            Input = given.Any("input"),
            Config = given.Object("config"),
            CheckpointId = checkpointId,
        });
        return writer =>
        {
            writer.WriteString("run_id"u8, run.RunId.Value);
            writer.WriteString("thread_id"u8, run.ThreadId.Value);
        };
    }

    private async Task<RunRecord> CreateAsync(CommandCall call, MemberNames names, QuestionRule questions, RunCreate body)
    {
        var request = body with
        {
            MultitaskStrategy = body.MultitaskStrategy ?? "enqueue",
            StreamMode = StreamModes,
            StreamSubgraphs = true,
            StreamResumable = true,
            OnDisconnect = "continue",
        };
        try
        {
            var headers = call.Http.Request.Headers;
            var spec = specs.Build(request, call.ThreadId, headers, isBackground: true) with
            {
                RecordsThreadEvents = true,
                // The message that is added is made by the server.
                TakesUnknownInput = questions == QuestionRule.NeedsNone,
                Questions = questions,
                RunsSeen = call.RunsSeen,
                Request = call.HasOwnRequest ? RequestKeys.Read(headers, call.ThreadId, request) : null,
            };
            var run = await runs.CreateBackgroundAsync(call.Actor, spec, call.Cancellation);
            call.Audited?.Add("run_id", run.RunId);
            call.Run = run;
            return run;
        }
        catch (WeftException e) when (names.Rename(e) is { } named)
        {
            throw named;
        }
    }

    private async Task<RunRecord> LastRunAsync(CommandCall call) =>
        await runs.SearchAsync(call.Actor, call.ThreadId, null, 1, 0, call.Cancellation) is [var last, ..]
            ? last
            : throw new CommandException(CommandErrors.NoSuchRun, $"Thread {call.ThreadId} has no run.");

    /// <summary>Whether the run starts from a checkpoint that the client names.</summary>
    private static bool Forks(JsonElement? config) =>
        RunConfiguration.ConfigurableOf(config) is { } configurable
        && configurable.TryGetProperty("checkpoint_id"u8, out var id) && id.ValueKind != JsonValueKind.Null;

    /// <summary>Whether the input is a command, which RemoteGraph sends in its place as <c>{"lg_name":"Command",…}</c>.</summary>
    private static bool IsCommand(JsonElement? input) =>
        input is { ValueKind: JsonValueKind.Object } given
        && given.TryGetProperty("lg_name", out var name)
        && name.ValueKind == JsonValueKind.String
        && name.ValueEquals("Command"u8);

    /// <summary>Reads one answer, or a list of them.</summary>
    private static Dictionary<string, JsonElement> ReadAnswers(CommandParams given)
    {
        var list = given.Items("responses");
        if (list is [])
        {
            throw given.Wrong("responses", "a list that is not empty");
        }

        if (list is not null && (given.Any("interrupt_id") ?? given.Any("response")) is not null)
        {
            throw CommandException.Invalid(
                "params.responses", "A command has either a list of responses, or one interrupt_id and response.");
        }

        var answers = new Dictionary<string, JsonElement>();
        foreach (var item in list ?? [given])
        {
            _ = item.Texts("namespace");
            var id = item.RequiredText("interrupt_id");
            if (id.Length != 32 || !id.All(char.IsAsciiHexDigit))
            {
                throw item.Wrong("interrupt_id", "the id of an interrupt, 32 hexadecimal digits");
            }

            if (!item.Has("response"))
            {
                throw item.Wrong("response", "present");
            }

            if (!answers.TryAdd(id, item.Any("response") ?? GraphJson.Null))
            {
                throw item.Wrong("interrupt_id", $"in the list once, but {id} is there twice");
            }
        }

        return answers;
    }

    private static JsonElement CommandOf(Action<Utf8JsonWriter> writeMembers) =>
        GraphJson.Parse(GraphJson.Encode(writeMembers, static (writer, writeMembers) =>
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }));

    private static void WriteMember(Utf8JsonWriter writer, string name, JsonElement? value)
    {
        if (value is { } given)
        {
            writer.WritePropertyName(name);
            given.WriteTo(writer);
        }
    }
}
