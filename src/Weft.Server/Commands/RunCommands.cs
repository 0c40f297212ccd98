using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The commands that start runs (docs/protocol/v2.md 3).</summary>
internal sealed class RunCommands(RunSpecBuilder specs, RunsFacade runs, ThreadQuestions questions)
{
    private static readonly JsonElement StreamModes = GraphJson.Parse(
        """["values","updates","messages-tuple","tools","custom","tasks","checkpoints"]"""u8);

    public async Task<Action<Utf8JsonWriter>?> StartAsync(CommandCall call, CommandParams given)
    {
        var input = given.Any("input");
        var config = given.Object("config");
        var forks = RunConfiguration.ConfigurableOf(config) is { } configurable && configurable.TryGetProperty("checkpoint_id", out _);
        var command = IsCommand(input) ? input : null;
        // An input for a thread that waits for answers is the answer.
        var answers = input is not null && command is null && !forks && await questions.AreOpenAsync(call);
        var run = await CreateAsync(call, new RunCreate
        {
            AssistantId = given.RequiredText("assistant_id"),
            Input = answers || command is not null ? null : input,
            Command = answers ? CommandOf(writer => WriteMember(writer, "resume", input)) : command,
            Config = config,
            Metadata = given.Object("metadata"),
            MultitaskStrategy = given.Text("multitask_strategy") ?? given.Text("multitaskStrategy"),
            IfNotExists = "create",
        });
        return writer => writer.WriteString("run_id"u8, run.RunId.Value);
    }

    public async Task<Action<Utf8JsonWriter>?> RespondAsync(CommandCall call, CommandParams given)
    {
        var strict = given.Flag("strict_resume");
        var answers = ReadAnswers(given);
        var last = await LastRunAsync(call);
        if (!strict)
        {
            await questions.EnsureOpenAsync(call, answers.Keys);
        }

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
        await CreateAsync(call, new RunCreate
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
        if (await questions.AreOpenAsync(call))
        {
            throw new CommandException(
                CommandErrors.InvalidArgument, "The thread waits for answers. Send input.respond, or run.start with the answer.");
        }

        await CreateAsync(call, new RunCreate
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
        }, takesUnknown: true);
        return null;
    }

    public async Task<Action<Utf8JsonWriter>?> ForkAsync(CommandCall call, CommandParams given)
    {
        var checkpointId = given.RequiredText("checkpoint_id");
        var last = await LastRunAsync(call);
        var run = await CreateAsync(call, new RunCreate
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

    private async Task<RunRecord> CreateAsync(CommandCall call, RunCreate body, bool takesUnknown = false)
    {
        var request = body with
        {
            MultitaskStrategy = body.MultitaskStrategy ?? "enqueue",
            StreamMode = StreamModes,
            StreamSubgraphs = true,
            StreamResumable = true,
            OnDisconnect = "continue",
        };
        var spec = specs.Build(request, call.ThreadId, call.Http.Request.Headers, isBackground: true) with
        {
            RecordsThreadEvents = true,
            TakesUnknownInput = takesUnknown,
        };
        var run = await runs.CreateBackgroundAsync(call.Actor, spec, call.Cancellation);
        call.Audited?.Add("run_id", run.RunId);
        return run;
    }

    private async Task<RunRecord> LastRunAsync(CommandCall call) =>
        await runs.SearchAsync(call.Actor, call.ThreadId, null, 1, 0, call.Cancellation) is [var last, ..]
            ? last
            : throw new CommandException(CommandErrors.NoSuchRun, $"Thread {call.ThreadId} has no run.");

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
