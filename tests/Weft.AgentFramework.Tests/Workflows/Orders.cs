using Microsoft.Agents.AI.Workflows;
using Workflow = Microsoft.Agents.AI.Workflows.Workflow;

namespace Weft.AgentFramework.Tests.Workflows;

internal sealed record Order(string Item, int Amount);

internal sealed record Quote(string Item, int Price);

internal sealed record Decision(bool IsApproved, string? Note = null);

internal sealed class PricedEvent(int price) : WorkflowEvent(price);

/// <summary>A workflow that quotes a price, asks whether it is accepted, and sends the goods. It counts what it does.</summary>
internal sealed class Orders
{
    public int Quoted { get; private set; }

    public int Sent { get; private set; }

    /// <summary>Whether sending fails.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The gate before goods are sent; null if there is none.</summary>
    public Gate? Gate { get; set; }

    /// <summary>A further step, which makes it another workflow.</summary>
    public bool HasFurtherStep { get; set; }

    public Workflow Build()
    {
        var quote = ((Func<Order, IWorkflowContext, CancellationToken, ValueTask<Quote>>)QuoteAsync).BindAsExecutor("quote");
        var accept = RequestPort.Create<Quote, Decision>("accept");
        var send = ((Func<Decision, IWorkflowContext, CancellationToken, ValueTask<string>>)SendAsync).BindAsExecutor("send");
        var builder = new WorkflowBuilder(quote).WithName("orders").AddEdge(quote, accept).AddEdge(accept, send).WithOutputFrom(send);
        if (HasFurtherStep)
        {
            builder.AddEdge(send, ((Func<string, string>)(text => text)).BindAsExecutor("file"));
        }

        return builder.Build();
    }

    private async ValueTask<Quote> QuoteAsync(Order order, IWorkflowContext context, CancellationToken cancellationToken)
    {
        Quoted++;
        var price = order.Amount * 10;
        await context.AddEventAsync(new PricedEvent(price), cancellationToken);
        return new Quote(order.Item, price);
    }

    private async ValueTask<string> SendAsync(Decision decision, IWorkflowContext context, CancellationToken cancellationToken)
    {
        if (Gate is not null)
        {
            await Gate.PassAsync(cancellationToken);
        }

        if (IsBroken)
        {
            throw new InvalidOperationException("The van broke down.");
        }

        Sent++;
        return decision.IsApproved ? $"Sent. {decision.Note}".Trim() : "Not sent.";
    }
}
