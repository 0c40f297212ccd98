using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

internal static class ChatOptionsExtensions
{
    /// <summary>Keeps the messages of the call out of the token stream. Changes and returns the options.</summary>
    public static ChatOptions WithoutStream(this ChatOptions options)
    {
        (options.AdditionalProperties ??= [])["tags"] = StreamTags.NoStream;
        return options;
    }
}
