using Weft.Graphs;

namespace Weft.Server;

/// <summary>Reads the conversation in the state of a graph.</summary>
internal static class StoredMessages
{
    /// <summary>Returns the messages in the channel <c>messages</c>; none if the state has no such channel.</summary>
    public static MessageList Of(ChannelValues? values) =>
        values is not null && values.Schema.TryFind("messages", out var channel) && channel is MessagesChannel messages
            ? values.Get(messages)
            : MessageList.Empty;
}
