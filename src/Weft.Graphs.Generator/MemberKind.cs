namespace Weft.Graphs.Generator;

/// <summary>The kind of channel that a member is.</summary>
internal enum MemberKind
{
    LastValue,
    Reducer,
    Append,
    Messages,
    Topic,
    Ephemeral,
    AnyValue,
    Untracked,
}
