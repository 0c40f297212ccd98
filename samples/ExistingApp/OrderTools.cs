using System.ComponentModel;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>The tools of the agent.</summary>
internal static class OrderTools
{
    // The services are those of a scope of this call, so the DbContext is not shared. The actor is the customer who is logged in:
    // neither the model nor the client can choose another.
    [Description("Lists what the customer has ordered.")]
    public static async Task<string> MyOrdersAsync(IServiceProvider services, NodeContext context, CancellationToken cancellationToken)
    {
        var db = services.GetRequiredService<ShopDb>();
        return string.Join(", ", await db.OrdersOf(context.Actor, cancellationToken));
    }
}
