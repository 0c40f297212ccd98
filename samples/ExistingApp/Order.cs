namespace Weft.Samples;

/// <summary>Something that a customer has ordered.</summary>
internal sealed class Order
{
    public int Id { get; init; }

    public required string Customer { get; init; }

    public required string Item { get; init; }
}
