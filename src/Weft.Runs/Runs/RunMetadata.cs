using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Builds JSON from a run's request, its assistant and its thread.</summary>
internal static class RunMetadata
{
    /// <summary>Checkpoints and streamed messages repeat the metadata, so longer values are shown only with the run.</summary>
    private const int ValueBytesMax = 1_024;

    /// <summary>
    /// Each run stores its metadata, and each of its tokens shows it. So what a thread has beyond this stays with the thread.
    /// </summary>
    private const int InheritedBytesMax = 8_192;

    /// <summary>
    /// Members that runs do not have from their thread. The title is about the thread, and a client may change it. The others are about
    /// one run, from which the thread has them.
    /// </summary>
    private static readonly HashSet<string> NotInherited = ["graph_id", "assistant_id", "cron_id", "cron_due", "a2a_task_id", "title"];

    private static readonly HashSet<string> NotMetadata =
    [
        "checkpoint_id", "checkpoint_ns", "checkpoint_map", "thread_id", "run_id", "graph_id", "assistant_id",
        "langgraph_step", "langgraph_node", "langgraph_triggers", "langgraph_path", "langgraph_checkpoint_ns",
    ];

    /// <summary>
    /// Returns the metadata of a run: the members of the assistant, of the thread and of the request, of which later ones replace
    /// earlier ones, and the ids of graph and assistant (docs/protocol/runs.md B5).
    /// </summary>
    /// <param name="spec">The request.</param>
    /// <param name="assistant">The assistant.</param>
    /// <param name="thread">The thread as it was before the run; null for a new one.</param>
    /// <param name="ofThread">As <see cref="OfThread"/>.</param>
    public static string OfRun(RunSpec spec, AssistantRecord assistant, ThreadRecord? thread, string ofThread)
    {
        // Most threads have only what their runs merge into them.
        var inherited = thread is null || thread.Metadata.Length <= 2 || thread.Metadata == ofThread ? [] : InheritedFrom(thread);
        return Encode(writer =>
        {
            writer.WriteStartObject();
            foreach (var member in assistant.Metadata.EnumerateObject())
            {
                if (!Has(inherited, member.Name))
                {
                    WriteMember(writer, member, except: spec.Metadata);
                }
            }

            foreach (var member in inherited)
            {
                WriteMember(writer, member, except: spec.Metadata);
            }

            WriteMembers(writer, spec.Metadata);
            WriteIds(writer, assistant);
            writer.WriteEndObject();
        });
    }

    /// <summary>Returns the metadata of a thread that a run makes: the request's members, and the ids of graph and assistant.</summary>
    public static string OfNewThread(RunSpec spec, AssistantRecord assistant) => Encode(writer =>
    {
        writer.WriteStartObject();
        WriteMembers(writer, spec.Metadata);
        WriteIds(writer, assistant);
        writer.WriteEndObject();
    });

    /// <summary>Returns the members that a run adds to its thread's metadata.</summary>
    public static string OfThread(AssistantRecord assistant) =>
        $$"""{"graph_id":{{JsonEncodedText.Encode(assistant.GraphId).Quoted()}},"assistant_id":"{{assistant.AssistantId}}"}""";

    /// <summary>Returns the graph that the metadata of a run names; null if it names none or can't be read.</summary>
    public static string? FindGraphId(RunRecord run)
    {
        try
        {
            var metadata = GraphJson.Parse(Encoding.UTF8.GetBytes(run.Metadata));
            return metadata.TryGetProperty("graph_id"u8, out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A run must end even if its data is damaged.
            return null;
        }
    }

    /// <summary>Returns the metadata of a run's checkpoints and streamed messages (docs/protocol/state.md E3).</summary>
    public static string OfCheckpoints(RunRecord run, int attempt, JsonElement config, AssistantRecord assistant) => Encode(writer =>
    {
        var own = GraphJson.Parse(Encoding.UTF8.GetBytes(run.Metadata));
        var written = new HashSet<string>();
        writer.WriteStartObject();
        foreach (var member in own.EnumerateObject())
        {
            if (member.Name is var name && !NotMetadata.Contains(name) && written.Add(name))
            {
                member.WriteTo(writer);
            }
        }

        foreach (var part in (ReadOnlySpan<string>)["metadata", "configurable"])
        {
            if (!config.TryGetProperty(part, out var members) || members.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            foreach (var member in members.EnumerateObject())
            {
                if (member.Name is var name
                    && !ReservedNames.IsReserved(name)
                    && member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
                    && JsonMarshal.GetRawUtf8Value(member.Value).Length <= ValueBytesMax
                    && !NotMetadata.Contains(name)
                    && written.Add(name))
                {
                    member.WriteTo(writer);
                }
            }
        }

        writer.WriteString("graph_id"u8, assistant.GraphId);
        writer.WriteString("assistant_id"u8, assistant.AssistantId.Value);
        writer.WriteString("thread_id"u8, run.ThreadId.Value);
        writer.WriteString("run_id"u8, run.RunId.Value);
        writer.WriteNumber("run_attempt"u8, attempt);
        writer.WriteEndObject();
    });

    /// <summary>Returns the strings in <c>config.tags</c>.</summary>
    public static IReadOnlyList<string> Tags(JsonElement config) =>
        config.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
            ? [.. tags.EnumerateArray().Where(tag => tag.ValueKind == JsonValueKind.String).Select(tag => tag.GetString()!)]
            : [];

    /// <summary>
    /// Returns <c>configurable</c> for the factory of a graph: the run's own members, then those headers of its request that the factory
    /// reads, then the actor and the assistant. Later members replace earlier ones, so a request body can't set those of the server.
    /// </summary>
    /// <param name="assistant">The assistant.</param>
    /// <param name="config">The merged configuration.</param>
    /// <param name="headers">The headers of the request; null if there are none.</param>
    /// <param name="owner">The actor.</param>
    /// <param name="read">
    /// The names of the headers that the factory reads; null for all. A graph is cached by all that its factory is given, so a header
    /// that is different in each request, such as the id of the request, would make a graph for each request.
    /// </param>
    public static JsonElement ConfigurableOfGraph(
        AssistantRecord assistant, JsonElement config, JsonElement? headers, string owner, IReadOnlyCollection<string>? read = null) =>
        Configurable(assistant, config, headers, owner, null, read);

    /// <summary>
    /// Returns <c>configurable</c> for nodes: as <see cref="ConfigurableOfGraph"/>, with the ids of run and thread.
    /// </summary>
    public static JsonElement Configurable(AssistantRecord assistant, RunSpec spec, RunRecord run) =>
        Configurable(assistant, spec.Config, spec.Headers, run.Owner, run, null);

    private static JsonElement Configurable(
        AssistantRecord assistant,
        JsonElement config,
        JsonElement? headers,
        string owner,
        RunRecord? run,
        IReadOnlyCollection<string>? read)
    {
        var encoded = GraphJson.Encode((assistant, config, headers, owner, run, read), static (writer, s) =>
        {
            writer.WriteStartObject();
            if (s.config.TryGetProperty("configurable", out var configurable) && configurable.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in configurable.EnumerateObject())
                {
                    if (member.Name is not ("thread_id" or "run_id" or "graph_id" or "assistant_id")
                        && !(s.headers?.TryGetProperty(member.Name, out _) is true && IsRead(member.Name, s.read)))
                    {
                        member.WriteTo(writer);
                    }
                }
            }

            foreach (var header in s.headers?.EnumerateObject() ?? default)
            {
                if (!RunUser.IsOfUser(header) && IsRead(header.Name, s.read))
                {
                    header.WriteTo(writer);
                }
            }

            if (s.owner.Length > 0)
            {
                RunUser.Write(writer, s.owner, s.headers);
            }

            if (s.run is { } run)
            {
                writer.WriteString("thread_id"u8, run.ThreadId.Value);
                writer.WriteString("run_id"u8, run.RunId.Value);
            }

            WriteIds(writer, s.assistant);
            writer.WriteEndObject();
        });
        return GraphJson.Parse(encoded);
    }

    private static bool IsRead(string header, IReadOnlyCollection<string>? read) =>
        read is null || read.Contains(header, StringComparer.OrdinalIgnoreCase);

    private static void WriteIds(Utf8JsonWriter writer, AssistantRecord assistant)
    {
        writer.WriteString("graph_id"u8, assistant.GraphId);
        writer.WriteString("assistant_id"u8, assistant.AssistantId.Value);
    }

    /// <summary>Returns the members of a thread's metadata that its runs have too.</summary>
    private static JsonProperty[] InheritedFrom(ThreadRecord thread)
    {
        var inherited = new List<JsonProperty>();
        var bytes = 0;
        foreach (var member in GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Metadata)).EnumerateObject())
        {
            var length = JsonMarshal.GetRawUtf8Value(member.Value).Length;
            if (length <= ValueBytesMax && bytes + length + member.Name.Length <= InheritedBytesMax && !NotInherited.Contains(member.Name))
            {
                inherited.Add(member);
                bytes += length + member.Name.Length;
            }
        }

        return [.. inherited];
    }

    private static bool Has(JsonProperty[] members, string name)
    {
        foreach (var member in members)
        {
            if (member.NameEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteMembers(Utf8JsonWriter writer, JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            WriteMember(writer, member, except: default);
        }
    }

    private static void WriteMember(Utf8JsonWriter writer, JsonProperty member, JsonElement except)
    {
        if (member.Name is not ("graph_id" or "assistant_id")
            && !(except.ValueKind == JsonValueKind.Object && except.TryGetProperty(member.Name, out _)))
        {
            member.WriteTo(writer);
        }
    }

    private static string Quoted(this JsonEncodedText text) => $"\"{text}\"";

    private static string Encode(Action<Utf8JsonWriter> write) =>
        Encoding.UTF8.GetString(GraphJson.Encode(write, static (writer, write) => write(writer)));
}
