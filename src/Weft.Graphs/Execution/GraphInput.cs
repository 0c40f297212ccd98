using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>The input of a run.</summary>
public sealed class GraphInput
{
    private GraphInput(JsonElement? json, StateUpdate? update, Command? command)
    {
        Json = json;
        Update = update;
        Command = command;
    }

    /// <summary>No input. The pending tasks continue.</summary>
    public static GraphInput Continue { get; } = new(null, null, null);

    internal JsonElement? Json { get; }

    /// <summary>The input of a workflow: one value, whose names are not those of channels.</summary>
    internal JsonElement? Whole => ToWhole?.Invoke() ?? Json;

    /// <summary>Whether the input of a workflow was checked before it was stored, maybe for another version of its type.</summary>
    internal bool IsChecked { get; private init; }

    internal StateUpdate? Update { get; }

    internal Command? Command { get; }

    /// <summary>Whether the update is for channels of a record, which need not be those of the graph.</summary>
    private bool IsRecord { get; init; }

    private Func<JsonElement>? ToWhole { get; init; }

    internal bool IsNew => Json is not null || Update is not null;

    /// <summary>New input; whatever was pending is abandoned.</summary>
    public static implicit operator GraphInput(StateUpdate update) => update?.Destinations is { Count: > 0 } destinations
        ? new(null, null, new Command { Update = update, Goto = destinations })
        : new(null, update, null);

    /// <summary>A command.</summary>
    public static implicit operator GraphInput(Command command) => new(null, null, command);

    /// <summary>New input as JSON; <c>null</c> is <see cref="Continue"/>.</summary>
    public static GraphInput FromJson(JsonElement json) =>
        json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? Continue : new(json, null, null);

    /// <summary>New input that was checked and stored.</summary>
    internal static GraphInput FromStored(JsonElement json) =>
        json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? Continue : new(json, null, null) { IsChecked = true };

    /// <summary>New input of any type that becomes JSON.</summary>
    /// <param name="value">
    /// The value: the whole input of a workflow, or an object whose members are channels of the graph by their names.
    /// </param>
    /// <param name="typeInfo">
    /// How it becomes JSON. Null means <see cref="GraphJson.WebOptions"/> for a workflow. For channels it means names as declared, or
    /// those of <see cref="GraphJson.Configure"/>, by which the channels are found too.
    /// </param>
    public static GraphInput Of<T>(T value, JsonTypeInfo<T>? typeInfo = null)
    {
        if (value is StateUpdate update)
        {
            return update;
        }

        if (value is null or JsonElement || typeInfo is not null)
        {
            return FromJson(GraphJson.ToElement(value, typeInfo));
        }

        var json = GraphJson.ToElement(value, GraphJson.PassedTypeInfo<T>());
        return json.ValueKind != JsonValueKind.Null
            ? new(json, null, null) { ToWhole = () => GraphJson.ToElement(value, GraphJson.WebTypeInfo<T>()) }
            : Continue;
    }

    /// <summary>
    /// New input: the members of a record, which are channels of the graph by their names. Members that have their
    /// default value are left out, unless they are required.
    /// </summary>
    public static GraphInput Of<TState>(TState state)
        where TState : IGraphState<TState> => new(null, TState.ToUpdate(state), null) { IsRecord = true };

    internal void WriteTo(Utf8JsonWriter writer)
    {
        if (Json is { } json)
        {
            json.WriteTo(writer);
        }
        else if (Update is not null)
        {
            StateUpdate.WriteTo(writer, Update.Writes);
        }
        else if (Command is not null)
        {
            Command.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    /// <summary>
    /// A hash of the input. Message ids are left out, because a message without one gets a new id each time the input
    /// is made.
    /// </summary>
    internal string Digest()
    {
        var hash = new XxHash128();
        if (Update is null)
        {
            hash.Append(GraphJson.Encode(this, static (writer, input) => input.WriteTo(writer)));
        }

        foreach (var write in Update?.Writes.Where(write => write.Channel.IsTracked) ?? [])
        {
            hash.Append(Encoding.UTF8.GetBytes(write.Channel.Name));
            if (write is not { Overwrites: false, Value: IReadOnlyList<Message> messages })
            {
                hash.Append(GraphJson.Encode(write, static (writer, write) => write.WriteTo(writer)));
                continue;
            }

            foreach (var message in messages)
            {
                hash.Append(Encoding.UTF8.GetBytes(message.Type));
                hash.Append(message.Body);
            }
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    internal StateUpdate Read(CompiledGraph graph) =>
        (Update is null
            ? StateUpdate.FromJson(graph.Schema, Json!.Value, isInput: true, isPassed: ToWhole is not null)
            : IsRecord ? Update.For(graph.Schema) : Update)
        .Only(graph.InputChannels);
}
