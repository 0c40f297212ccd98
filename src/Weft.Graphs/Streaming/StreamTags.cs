namespace Weft.Graphs;

/// <summary>Tags that say something about streaming.</summary>
public static class StreamTags
{
    /// <summary>
    /// On a model, a call of one, or a node: what models say there is not streamed while they say it.
    /// </summary>
    public const string NoStream = "nostream";

    /// <summary>
    /// On a node: its tasks, what they return and their events are not streamed, and a breakpoint at all nodes (<c>*</c>) does not
    /// stop at it. Its writes are in the state, tokens of models in it are streamed, and its questions are asked.
    /// </summary>
    public const string Hidden = "langsmith:hidden";

    private const string NoStreamPrefixed = "langsmith:nostream";

    /// <summary>Whether the tag is <see cref="NoStream"/>, in one of the two ways in which it is written.</summary>
    public static bool IsNoStream(string tag) => tag is NoStream or NoStreamPrefixed;
}
