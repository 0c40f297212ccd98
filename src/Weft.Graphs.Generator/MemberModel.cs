namespace Weft.Graphs.Generator;

/// <summary>A member of a state that is a channel.</summary>
internal sealed record MemberModel
{
    /// <summary>The name in C#, with <c>@</c> if it is a keyword.</summary>
    public string Name { get; init; } = "";

    /// <summary>The name of the channel.</summary>
    public string Channel { get; init; } = "";

    public MemberKind Kind { get; init; }

    /// <summary>The type of the member.</summary>
    public string Type { get; init; } = "";

    /// <summary>The type of the items of a list; else that of the member.</summary>
    public string ItemType { get; init; } = "";

    /// <summary>Whether the type of the items, or of the member, includes null.</summary>
    public bool TakesNull { get; init; }

    /// <summary>Whether the member must be set: by an object initializer or a parameter.</summary>
    public bool MustBeSet { get; init; }

    /// <summary>Whether the state can't be read without a value.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether the declaration gives a value.</summary>
    public bool HasInitial { get; init; }

    /// <summary>Whether a parameter of the constructor sets it.</summary>
    public bool IsParameter { get; init; }

    /// <summary>The method that reduces.</summary>
    public string? Reducer { get; init; }

    public string? Description { get; init; }

    /// <summary>Whether an ephemeral or untracked channel takes several writes, or a topic keeps all items.</summary>
    public bool Option { get; init; }

    public bool IsList => Kind is MemberKind.Append or MemberKind.Topic or MemberKind.Messages;

    /// <summary>Whether writes are combined with the value.</summary>
    public bool IsReduced => IsList || Kind == MemberKind.Reducer;

    /// <summary>The type of a write.</summary>
    public string WriteType => IsList ? $"global::System.Collections.Generic.IReadOnlyList<{ItemType}>" : Type;

    public string ChannelType => Kind == MemberKind.Messages
        ? "global::Weft.Graphs.MessagesChannel"
        : $"global::Weft.Graphs.{(Kind == MemberKind.Append ? "List" : Kind.ToString())}Channel<{ItemType}>";
}
