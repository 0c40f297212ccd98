using System.ComponentModel;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>The tools of the agent. Each call has an object of its own, with services of its own scope.</summary>
internal sealed class OrderTools(ShopDb db)
{
    // The actor is the customer who is logged in: neither the model nor the client can choose another.
    [DisplayName("my_orders")]
    [Description("Lists what the customer has ordered.")]
    public async Task<string> MyOrdersAsync(NodeContext context, CancellationToken cancellationToken) =>
        string.Join(", ", await db.OrdersOf(context.Actor, cancellationToken));
}
