namespace Weft.Runs;

/// <summary>The forms of stored events (<see cref="StreamBlock.Format"/>).</summary>
internal static class BlockFormats
{
    /// <summary>
    /// One event of the first protocol, as early versions stored it: its name, a line feed, the id of the checkpoint whose state
    /// the data is a difference from or nothing, a line feed, and the data.
    /// </summary>
    public const int Event = 1;

    /// <summary>One part, as later versions stored it. It begins as the form before, with the kind of the part as its name.</summary>
    public const int Part = 2;

    /// <summary>Several parts, which name shared values only once (<see cref="BlockEncoder"/>).</summary>
    public const int Parts = 3;

    /// <summary>
    /// As <see cref="Parts"/>, but values are references to what is stored already (<see cref="ValueEncoder"/>). The checkpoints that
    /// they refer to come first.
    /// </summary>
    public const int PartsOfValues = 4;
}
