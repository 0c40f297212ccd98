using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>The input of a workflow.</summary>
internal abstract class WorkflowInput
{
    /// <summary>Whether the input is checked before a run is admitted, as <see cref="StateChannel.ChecksInput"/>.</summary>
    public abstract bool ChecksInput { get; }

    /// <summary>Checks input that a caller sent, before it is stored.</summary>
    /// <param name="json">The input.</param>
    /// <param name="takesUnknown">
    /// Whether the input may have members that the type does not have, because it is made of the state of a graph around the workflow, or
    /// of a protocol's messages.
    /// </param>
    /// <exception cref="InvalidUpdateException">It does not fit the type.</exception>
    public abstract void Check(JsonElement json, bool takesUnknown);
}

/// <inheritdoc />
/// <param name="workflow">The name of the workflow.</param>
/// <param name="typeInfo">How the input is read; null means <see cref="GraphJson.WebOptions"/>.</param>
internal sealed class WorkflowInput<T>(string workflow, JsonTypeInfo<T>? typeInfo) : WorkflowInput
{
    public override bool ChecksInput => ChannelJson.HasMembers(typeInfo);

    public override void Check(JsonElement json, bool takesUnknown)
    {
        if (typeof(T) == typeof(JsonElement))
        {
            return;
        }

        var info = typeInfo ?? (takesUnknown ? GraphJson.WebTypeInfo<T>() : GraphJson.InputTypeInfo<T>());
        try
        {
            _ = ChannelJson.Deserialize(json, info);
        }
        catch (JsonException e)
        {
            throw e.Path is null or "$"
                ? Refused(StrictJson.MessageOf(e))
                : new InvalidUpdateException(
                    $"The input of the workflow '{workflow}' is wrong at '{e.Path[1..].TrimStart('.')}': {StrictJson.MessageOf(e)}");
        }
        catch (NotSupportedException)
        {
            // No input can be read as the type, for instance because it is an interface. That is not the caller's mistake, so the run
            // begins, and fails with what is wrong.
        }
        catch (Exception e)
        {
            // The type's own code refuses it. What it says may not be for callers.
            throw new InvalidUpdateException($"The input of the workflow '{workflow}' does not fit its type.", e);
        }
    }

    /// <summary>Reads the input, which may have been stored for another version of the type.</summary>
    /// <exception cref="InvalidUpdateException">It does not fit the type.</exception>
    public T Read(JsonElement json)
    {
        try
        {
            return ChannelJson.Deserialize(json, typeInfo ?? GraphJson.StoredTypeInfo<T>())!;
        }
        catch (JsonException e)
        {
            throw Refused(e.Message);
        }
    }

    private InvalidUpdateException Refused(string message) =>
        new($"The input of the workflow '{workflow}' is not a {typeof(T).Name}: {message}");
}
