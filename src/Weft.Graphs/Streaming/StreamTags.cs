namespace Weft.Graphs;

/// <summary>Tags that say something about streaming.</summary>
public static class StreamTags
{
    /// <summary>
    /// On a model, a call of one, or a node: what models say there is not streamed while they say it.
    /// </summary>
    public const string NoStream = "nostream";

    private const string NoStreamPrefixed = "langsmith:nostream";

    /// <summary>Whether the tag is <see cref="NoStream"/>, in one of the two ways in which it is written.</summary>
    public static bool IsNoStream(string tag) => tag is NoStream or NoStreamPrefixed;
}
