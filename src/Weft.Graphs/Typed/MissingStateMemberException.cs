namespace Weft.Graphs;

/// <summary>A state was read of which a required member has no value yet.</summary>
public sealed class MissingStateMemberException : GraphException
{
    internal MissingStateMemberException(string member)
        : base(
            $"The state has no value for '{member}', which is required: give it in the input, write it in an earlier node, or give "
                + "the member an initial value.") => Member = member;

    /// <summary>The name of the channel.</summary>
    public string Member { get; }
}
