namespace Weft.Graphs;

/// <summary>What happened to a content block of a message.</summary>
public enum MessageBlockPhase
{
    /// <summary>It began. The content is the block without what follows in pieces.</summary>
    Start,

    /// <summary>
    /// It goes on: <c>{"type":"text-delta","text":…}</c>, <c>{"type":"reasoning-delta","reasoning":…}</c> or
    /// <c>{"type":"tool-call-delta","args":…}</c>, or <c>{"type":"data-delta","encoding":"base64"}</c> with
    /// <see cref="MessageBlockPart.Data"/>. Text of a model that comes alone is a <see cref="MessageChunkPart"/> instead.
    /// </summary>
    Delta,

    /// <summary>It is done. The content is the whole block.</summary>
    Finish,
}
