using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The form of an agent's last answer: JSON of a type. The model is asked for it with each call, and the answer becomes the
/// value of a channel.
/// </summary>
public abstract class AgentAnswer
{
    /// <summary>The name of the channel, unless another one is given.</summary>
    public const string DefaultChannelName = "structured_response";

    private protected AgentAnswer()
    {
    }

    /// <summary>Makes the form of answers of a type whose JSON is an object.</summary>
    /// <param name="typeInfo">
    /// How the type becomes JSON and back; null means <see cref="GraphJson.WebTypeInfo{T}"/>, which works with reflection only.
    /// Give it in an application that is trimmed or compiled ahead of time.
    /// </param>
    /// <param name="channelName">The key of the answer in the state.</param>
    /// <exception cref="ArgumentException">The JSON of the type is not an object.</exception>
    public static AgentAnswer<T> Of<T>(JsonTypeInfo<T>? typeInfo = null, string channelName = DefaultChannelName) =>
        new(typeInfo ?? GraphJson.WebTypeInfo<T>(), channelName);

    internal abstract StateChannel StateChannel { get; }

    internal abstract ChatResponseFormat Format { get; }

    /// <summary>Reads the answer.</summary>
    /// <param name="text">The text of the model.</param>
    /// <param name="problem">Why it is not an answer.</param>
    /// <returns>The update that writes the answer; null if it is not one.</returns>
    internal abstract StateUpdate? TryRead(string text, out string problem);
}

/// <summary>The form of an agent's last answer. Made by <see cref="AgentAnswer.Of"/>.</summary>
public sealed class AgentAnswer<T> : AgentAnswer
{
    private readonly JsonTypeInfo<T> _typeInfo;

    internal AgentAnswer(JsonTypeInfo<T> typeInfo, string channelName)
    {
        _typeInfo = typeInfo;
        Channel = Graphs.Channel.LastValue(channelName, typeInfo);
        var schema = AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: typeInfo.Options);
        if (typeInfo.Kind != JsonTypeInfoKind.Object)
        {
            throw new ArgumentException(
                $"The answer of an agent must be an object in JSON, because models return nothing else, and {typeof(T).Name} is not. "
                    + "Give a record with a member of this type.",
                nameof(typeInfo));
        }

        Format = ChatResponseFormat.ForJsonSchema(schema, typeof(T).IsGenericType ? null : typeof(T).Name);
    }

    /// <summary>The channel of the answer. It is absent until the agent has answered.</summary>
    public LastValueChannel<T> Channel { get; }

    internal override StateChannel StateChannel => Channel;

    internal override ChatResponseFormat Format { get; }

    internal override StateUpdate? TryRead(string text, out string problem)
    {
        problem = "The answer is null.";
        try
        {
            return JsonSerializer.Deserialize(WithoutFence(text), _typeInfo) is { } answer ? new StateUpdate().Set(Channel, answer) : null;
        }
        catch (JsonException error)
        {
            problem = error.Message;
            return null;
        }
    }

    /// <summary>Models that do not know the format of a response put their JSON into a fenced block.</summary>
    private static ReadOnlySpan<char> WithoutFence(string text)
    {
        var json = text.AsSpan().Trim();
        if (!json.StartsWith("```", StringComparison.Ordinal) || !json.EndsWith("```", StringComparison.Ordinal) || json.Length < 6)
        {
            return json;
        }

        var inside = json[3..^3];
        var firstLine = inside.IndexOf('\n');
        return firstLine < 0 ? inside : inside[(firstLine + 1)..];
    }
}
