namespace Weft.Graphs;

/// <summary>
/// A record whose members are channels: a state, or a part of one. The source generator implements it for records with
/// a <see cref="GraphStateAttribute"/>.
/// </summary>
public interface IGraphState<TState>
    where TState : IGraphState<TState>
{
    /// <summary>The channels, in the order of the members.</summary>
    static abstract IReadOnlyList<StateChannel> StateChannels { get; }

    /// <summary>Makes the record of values.</summary>
    /// <exception cref="MissingStateMemberException">A required member has no value.</exception>
    static abstract TState Read(ChannelValues values);

    /// <summary>
    /// Returns the members as writes. Members that have their default value are left out, unless they are required.
    /// </summary>
    static abstract StateUpdate ToUpdate(TState state);
}

/// <summary>A state, with the type of the updates that its nodes return.</summary>
public interface IGraphState<TState, TUpdate> : IGraphState<TState>
    where TState : IGraphState<TState, TUpdate>
    where TUpdate : StateUpdate<TState>, new();
