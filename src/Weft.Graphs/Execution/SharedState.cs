namespace Weft.Graphs;

/// <summary>The state of a graph for the graph around it, which gave it its own.</summary>
internal static class SharedState
{
    /// <summary>
    /// Returns the values as an update. Messages are merged by their ids. The values of other channels with reducers replace those
    /// of the graph, because the graph began with them: added again, a list would have its items twice.
    /// </summary>
    public static StateUpdate Of(ChannelValues values, IEnumerable<StateChannel> channels)
    {
        var update = new StateUpdate();
        foreach (var write in values.ToUpdate(channels, values.Schema).Writes)
        {
            update.Add(write with { Overwrites = write.Channel.IsReduced && write.Channel is not MessagesChannel });
        }

        return update;
    }
}
