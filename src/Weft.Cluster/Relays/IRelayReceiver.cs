namespace Weft.Cluster;

/// <summary>Receives the news of one subscription.</summary>
internal interface IRelayReceiver
{
    /// <summary>Returns the request by which the subscription goes on where it is.</summary>
    SubscribeRequest Request(Guid relay, long number);

    /// <summary>Receives the logs that the subscription begins with. It may be subscribed again.</summary>
    void Begin(LogMessage[] logs);

    /// <summary>Receives news, in their order, possibly before <see cref="Begin"/>.</summary>
    void Receive(RelayNews news);

    /// <summary>Whether nobody needs the news any more.</summary>
    bool IsUnused();

    /// <summary>The other server does not have the run or the thread any more. No news follows.</summary>
    void Lose();
}
