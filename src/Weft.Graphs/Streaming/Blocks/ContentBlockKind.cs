namespace Weft.Graphs;

/// <summary>The kinds of content blocks that arrive in pieces.</summary>
internal enum ContentBlockKind
{
    Text,
    Reasoning,
    Call,
}
